"""Doors of worlds (lorebooks), their entries and their files."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Request, Routes
from chalicelib.models.characters import Download
from chalicelib.models.kept_worlds import (
    BulkChange,
    BulkChanged,
    EntryChange,
    EntryQuery,
    ImportedWorld,
    NewEntry,
    NewWorld,
    StoredEntry,
    WorldChange,
    WorldImportQuery,
    WorldQuery,
    WorldSummary,
)
from chalicelib.models.shapes import Page
from chalicelib.models.users import User
from chalicelib.models.world_links import WorldTrial, WorldTried

WORLD_TYPES = ("application/json", "application/octet-stream")

routes = Routes("worlds", prefix="/worlds")


@routes.get()
def list_worlds(user: User, query: WorldQuery) -> "Page[WorldSummary]":
    return container().worlds.list_page(user, query)


@routes.post(status=201)
def create_world(user: User, body: NewWorld, request: Request) -> WorldSummary:
    return container().worlds.add(user, body, request.idempotency_key)


@routes.post("/import", status=201, raw=WORLD_TYPES)
def import_world(user: User, body: bytes, query: WorldImportQuery) -> ImportedWorld:
    return container().world_files.take(user.id, body, query.filename)


@routes.post("/try")
def try_worlds(user: User, body: WorldTrial) -> WorldTried:
    return container().world_trials.run(user, body)


@routes.get("/{world_id}")
def get_world(user: User, world_id: str) -> WorldSummary:
    return container().worlds.get(user.id, world_id)


@routes.patch("/{world_id}")
def change_world(user: User, world_id: str, body: WorldChange) -> WorldSummary:
    return container().worlds.rename(user, world_id, body)


@routes.delete("/{world_id}")
def trash_world(user: User, world_id: str) -> None:
    container().worlds.trash(user, world_id)


@routes.post("/{world_id}/restore")
def restore_world(user: User, world_id: str) -> WorldSummary:
    return container().worlds.restore(user, world_id)


@routes.delete("/{world_id}/forever")
def delete_world(user: User, world_id: str) -> None:
    container().worlds.delete(user.id, world_id)


@routes.post("/{world_id}/copy", status=201)
def copy_world(user: User, world_id: str, body: NewWorld) -> WorldSummary:
    return container().worlds.copy(user, world_id, body)


@routes.post("/{world_id}/export")
def export_world(user: User, world_id: str) -> Download:
    return container().world_files.export(user, world_id)


@routes.get("/{world_id}/entries")
def list_entries(user: User, world_id: str, query: EntryQuery) -> "Page[StoredEntry]":
    return container().world_entries.list_page(user, world_id, query)


@routes.post("/{world_id}/entries", status=201)
def create_entry(user: User, world_id: str, body: NewEntry) -> StoredEntry:
    return container().world_entries.add(user, world_id, body)


@routes.post("/{world_id}/entries/bulk")
def change_entries(user: User, world_id: str, body: BulkChange) -> BulkChanged:
    return container().world_entries.change_many(user, world_id, body)


@routes.get("/{world_id}/entries/{entry_id}")
def get_entry(user: User, world_id: str, entry_id: str) -> StoredEntry:
    return container().world_entries.get(user, world_id, entry_id)


@routes.patch("/{world_id}/entries/{entry_id}")
def change_entry(user: User, world_id: str, entry_id: str, body: EntryChange) -> StoredEntry:
    return container().world_entries.change(user, world_id, entry_id, body)


@routes.delete("/{world_id}/entries/{entry_id}")
def delete_entry(user: User, world_id: str, entry_id: str) -> None:
    container().world_entries.delete(user, world_id, entry_id)
