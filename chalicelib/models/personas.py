"""Personas: who the person is in the story."""

from pydantic import Field

from chalicelib.models.characters import Picture
from chalicelib.models.media import StoredPicture
from chalicelib.models.shapes import Asked, Held, Instant


class Persona(Held):
    id: str
    name: str
    description: str = ""
    picture: Picture | None = None
    created_at: Instant
    updated_at: Instant
    revision: int = 1


class StoredPersona(Persona):
    """A persona as it is kept: its picture by the keys of its files."""

    stored_picture: StoredPicture | None = None


class NewPersona(Asked):
    name: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=50_000)


class PersonaChange(Asked):
    revision: int
    name: str | None = Field(default=None, min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=50_000)
