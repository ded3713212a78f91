"""Doors of personas."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Request, Routes
from chalicelib.models.personas import NewPersona, Persona, PersonaChange, PersonaLock, PersonaLocks
from chalicelib.models.shapes import Page, PageQuery
from chalicelib.models.users import User

PICTURE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif", "application/octet-stream")

routes = Routes("personas", prefix="/personas")


@routes.get()
def list_personas(user: User, query: PageQuery) -> "Page[Persona]":
    return container().personas.list(user, query)


@routes.post(status=201)
def create_persona(user: User, body: NewPersona, request: Request) -> Persona:
    return container().personas.add(user, body, request.idempotency_key)


@routes.get("/locks")
def list_persona_locks(user: User) -> PersonaLocks:
    return container().personas.locks(user.id)


@routes.put("/locks")
def lock_persona(user: User, body: PersonaLock) -> PersonaLocks:
    return container().personas.lock(user, body)


@routes.get("/{persona_id}")
def get_persona(user: User, persona_id: str) -> Persona:
    return container().personas.get(user.id, persona_id)


@routes.patch("/{persona_id}")
def change_persona(user: User, persona_id: str, body: PersonaChange) -> Persona:
    return container().personas.change(user, persona_id, body)


@routes.put("/{persona_id}/avatar", raw=PICTURE_TYPES)
def set_persona_avatar(user: User, persona_id: str, body: bytes) -> Persona:
    return container().personas.set_avatar(user, persona_id, body)


@routes.delete("/{persona_id}")
def delete_persona(user: User, persona_id: str) -> None:
    container().personas.delete(user, persona_id)
