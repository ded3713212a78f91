"""Search: what is asked, what is found, and how far the index is."""

from typing import Literal, NamedTuple

from pydantic import Field

from chalicelib.models.shapes import Asked, Held, Id, Instant, MessageRole

IndexState = Literal["building", "ready"]


class SearchQuery(Asked):
    q: str = Field(min_length=1, max_length=200)
    """Words that a message must hold, all of them; what stands in quotation marks is found as it stands."""
    chat_id: Id | None = None
    character_id: Id | None = None
    """Messages of this character, and what was said in its chats."""
    since: Instant | None = None
    until: Instant | None = None
    """Messages said before this moment."""
    cursor: str | None = Field(default=None, max_length=300)
    limit: int = Field(default=20, ge=1, le=50)


class TitleQuery(Asked):
    q: str = Field(min_length=1, max_length=200)


class FoundChat(Held):
    """A chat by its title."""

    id: str
    title: str
    character_id: str


class FoundMessage(Held):
    chat_id: str
    chat_title: str
    character_id: str
    """The chat's character."""
    branch_id: str
    """A branch that leads through the message: the one the chat opens with, where it does."""
    message_id: str
    role: MessageRole
    name: str
    created_at: Instant
    snippet: str
    matches: list[tuple[int, int]]
    """Where the words stand in `snippet`: begin and end, counted in characters (code points)."""


class SearchIndex(Held):
    """How far the index is. While it is being built, only a part of what was ever said is found."""

    state: IndexState
    done: int = 0
    total: int = 0
    """Messages."""


class Found(Held):
    """Messages, the newest first. `next` goes back as `cursor`; None means there is no more."""

    items: list[FoundMessage]
    next: str | None = None
    index: SearchIndex


# --- what an index is made of


class Spot(NamedTuple):
    """Where a message lies."""

    chat_id: str
    segment: str
    position: int


class Entry(NamedTuple):
    """A message as the index has it."""

    spot: Spot
    at: int
    """When it was said, in milliseconds."""
    character_id: str
    text: str
    """Folded."""


class Hit(NamedTuple):
    """Where the words were found. Hits sort by time."""

    at: int
    spot: Spot


class Filter(NamedTuple):
    """Which messages are looked at; None where it does not matter. Times in milliseconds."""

    chat_id: str | None = None
    character_id: str | None = None
    since: int | None = None
    until: int | None = None
