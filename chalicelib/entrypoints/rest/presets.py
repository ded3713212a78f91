"""Doors of presets."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Request, Routes
from chalicelib.models.presets import NewPreset, Preset, PresetChange
from chalicelib.models.shapes import Page, PageQuery
from chalicelib.models.users import User

routes = Routes("presets", prefix="/presets")


@routes.get()
def list_presets(user: User, query: PageQuery) -> "Page[Preset]":
    return container().presets.list(user, query)


@routes.post(status=201)
def create_preset(user: User, body: NewPreset, request: Request) -> Preset:
    return container().presets.add(user, body, request.idempotency_key)


@routes.get("/{preset_id}")
def get_preset(user: User, preset_id: str) -> Preset:
    return container().presets.get(user.id, preset_id)


@routes.patch("/{preset_id}")
def change_preset(user: User, preset_id: str, body: PresetChange) -> Preset:
    return container().presets.change(user, preset_id, body)


@routes.delete("/{preset_id}")
def delete_preset(user: User, preset_id: str) -> None:
    container().presets.delete(user, preset_id)
