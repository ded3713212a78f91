"""Doors of the library: characters, their portraits, their files."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Request, Routes
from chalicelib.models.characters import (
    Character,
    CharacterChange,
    CharacterQuery,
    CharacterSummary,
    Download,
    ExportQuery,
    ImportedCharacter,
    ImportQuery,
    NewCharacter,
    TagCount,
)
from chalicelib.models.jobs import Job
from chalicelib.models.shapes import Page
from chalicelib.models.users import User

CARD_TYPES = (
    "application/octet-stream",
    "application/json",
    "application/zip",
    "application/yaml",
    "image/png",
    "image/apng",
)
PICTURE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif", "application/octet-stream")
_CARD_JSON_BYTES_MOST = 4_194_304

routes = Routes("characters", prefix="/characters")


@routes.get()
def list_characters(user: User, query: CharacterQuery) -> "Page[CharacterSummary]":
    return container().characters.list_page(user, query)


@routes.post(status=201, most_bytes=_CARD_JSON_BYTES_MOST)
def create_character(user: User, body: NewCharacter, request: Request) -> Character:
    return container().characters.create(user, body, idempotency_key=request.idempotency_key)


@routes.get("/tags")
def list_tags(user: User) -> list[TagCount]:
    return container().characters.list_tags(user)


@routes.post("/import", status=201, raw=CARD_TYPES)
def import_character(user: User, body: bytes, query: ImportQuery) -> ImportedCharacter:
    return container().card_files.take(user.id, body, query.filename)


@routes.get("/{character_id}")
def get_character(user: User, character_id: str) -> Character:
    return container().characters.get(user.id, character_id)


@routes.patch("/{character_id}", most_bytes=_CARD_JSON_BYTES_MOST)
def change_character(user: User, character_id: str, body: CharacterChange) -> Character:
    return container().characters.change(user, character_id, body)


@routes.delete("/{character_id}")
def trash_character(user: User, character_id: str) -> None:
    container().characters.trash(user, character_id)


@routes.post("/{character_id}/restore")
def restore_character(user: User, character_id: str) -> CharacterSummary:
    return container().characters.restore(user, character_id)


@routes.delete("/{character_id}/forever")
def delete_character(user: User, character_id: str) -> None:
    container().characters.delete(user.id, character_id)


@routes.put("/{character_id}/avatar", raw=PICTURE_TYPES)
def set_avatar(user: User, character_id: str, body: bytes) -> CharacterSummary:
    return container().characters.set_avatar(user, character_id, body)


@routes.post("/{character_id}/export")
def export_character(user: User, character_id: str, query: ExportQuery) -> Download | Job:
    return container().card_files.export(user, character_id, query)
