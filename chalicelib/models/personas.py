"""Personas: who the person is in the story."""

from typing import Any

from pydantic import Field

from chalicelib.models.characters import Picture
from chalicelib.models.media import StoredPicture
from chalicelib.models.scenes import PersonaPlace
from chalicelib.models.shapes import Asked, Held, Id, Instant, MessageRole

LOCKS_MOST = 2_000


class Persona(Held):
    id: str
    name: str
    title: str = ""
    """What tells personas of one name apart; no model sees it."""
    description: str = ""
    place: PersonaPlace = "in_prompt"
    """Where the description stands in the prompt."""
    depth: int = 2
    role: MessageRole = "system"
    picture: Picture | None = None
    created_at: Instant
    updated_at: Instant
    revision: int = 1


class StoredPersona(Persona):
    """A persona as it is kept: its picture by the keys of its files."""

    stored_picture: StoredPicture | None = None
    file: dict[str, Any] = {}
    """What SillyTavern's `persona_descriptions` said of it, kept for the way back."""


class NewPersona(Asked):
    name: str = Field(min_length=1, max_length=200)
    title: str = Field(default="", max_length=200)
    description: str = Field(default="", max_length=50_000)
    place: PersonaPlace = "in_prompt"
    depth: int = Field(default=2, ge=0, le=1000)
    role: MessageRole = "system"


class PersonaChange(Asked):
    revision: int
    name: str | None = Field(default=None, min_length=1, max_length=200)
    title: str | None = Field(default=None, max_length=200)
    description: str | None = Field(default=None, max_length=50_000)
    place: PersonaPlace | None = None
    depth: int | None = Field(default=None, ge=0, le=1000)
    role: MessageRole | None = None


class PersonaLock(Asked):
    """Who the person is in all chats with a character or a group, save those that say otherwise."""

    target_id: Id
    """Of the character or the group."""
    persona_id: Id | None
    """None takes the lock away."""


class PersonaLocks(Held):
    """Ids of personas by the ids of the characters and groups they are locked to."""

    locks: dict[str, str] = {}
