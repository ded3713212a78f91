"""Author's notes that belong to no chat: the one new chats begin with, and those of characters."""

from typing import Literal

from pydantic import Field

from chalicelib.models.chats import NotePlace
from chalicelib.models.shapes import Asked, Held, MessageRole

NoteMerge = Literal["replace", "before", "after"]


class DefaultNote(Held):
    """The author's note that new chats begin with."""

    text: str = ""
    interval: int = 1
    place: NotePlace = "in_chat"
    depth: int = 4
    role: MessageRole = "system"
    scanned: bool = False
    revision: int = 0
    """0: nobody has written it yet."""


class DefaultNoteChange(Asked):
    """Fields left out stay."""

    revision: int
    text: str | None = Field(default=None, max_length=50_000)
    interval: int | None = Field(default=None, ge=0, le=1000)
    place: NotePlace | None = None
    depth: int | None = Field(default=None, ge=0, le=1000)
    role: MessageRole | None = None
    scanned: bool | None = None


class NoteOfCharacter(Held):
    """A note that stands in all chats in which the character speaks: in the chat's place, or above or below it."""

    text: str = ""
    merge: NoteMerge = "replace"
    enabled: bool = False
    revision: int = 0


class NoteOfCharacterChange(Asked):
    """Fields left out stay."""

    revision: int
    text: str | None = Field(default=None, max_length=50_000)
    merge: NoteMerge | None = None
    enabled: bool | None = None
