"""Doors of presets."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Request, Routes
from chalicelib.models.presets import (
    ImportedPreset,
    NewPreset,
    OpenPreset,
    Preset,
    PresetChange,
    PresetCopy,
    PresetDownload,
    PresetImportQuery,
    TextsToCount,
    TokenCounts,
)
from chalicelib.models.shapes import Page, PageQuery
from chalicelib.models.users import User

FILE_TYPES = ("application/json", "application/octet-stream", "text/plain")
_FILE_BYTES_MOST = 4_194_304

routes = Routes("presets", prefix="/presets")


@routes.get()
def list_presets(user: User, query: PageQuery) -> "Page[Preset]":
    return container().presets.list(user, query)


@routes.post(status=201)
def create_preset(user: User, body: NewPreset, request: Request) -> Preset:
    return container().presets.add(user, body, request.idempotency_key)


@routes.post("/import", status=201, raw=FILE_TYPES)
def import_preset(user: User, body: bytes, query: PresetImportQuery) -> ImportedPreset:
    return container().preset_files.bring(user.id, body, query)


@routes.post("/tokens")
def count_tokens(user: User, body: TextsToCount) -> TokenCounts:
    return container().counting.count(body)


@routes.get("/{preset_id}")
def get_preset(user: User, preset_id: str) -> OpenPreset:
    return container().presets.get(user.id, preset_id)


@routes.patch("/{preset_id}", most_bytes=_FILE_BYTES_MOST)
def change_preset(user: User, preset_id: str, body: PresetChange) -> Preset:
    return container().presets.change(user, preset_id, body)


@routes.post("/{preset_id}/copy", status=201)
def copy_preset(user: User, preset_id: str, body: PresetCopy, request: Request) -> Preset:
    return container().presets.copy(user, preset_id, body, request.idempotency_key)


@routes.post("/{preset_id}/export")
def export_preset(user: User, preset_id: str) -> PresetDownload:
    return container().preset_files.export(user, preset_id)


@routes.delete("/{preset_id}")
def delete_preset(user: User, preset_id: str) -> None:
    container().presets.delete(user, preset_id)
