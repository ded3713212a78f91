"""Which worlds are where, how they are scanned, and what a trial of them finds."""

from typing import Literal

from pydantic import Field

from chalicelib.models.kept_worlds import LINKS_MOST
from chalicelib.models.shapes import Asked, Held, Id
from chalicelib.models.worlds import Strategy


class WorldLinks(Held):
    """Which worlds belong to a thing, in their order. A character's first is the one that travels with its card."""

    world_ids: list[str] = []


class WorldUse(WorldLinks):
    """A character, a chat or a persona that has worlds."""

    thing_id: str


class WorldLinksChange(Asked):
    world_ids: list[Id] = Field(max_length=LINKS_MOST)


class WorldSettingsChange(Asked):
    """Fields that are not sent stay. docs/prompting-lore.md says what they do."""

    depth: int | None = Field(default=None, ge=0, le=1000)
    min_activations: int | None = Field(default=None, ge=0, le=1000)
    min_activations_depth: int | None = Field(default=None, ge=0, le=1000)
    budget_percent: float | None = Field(default=None, ge=0, le=100)
    budget_cap: int | None = Field(default=None, ge=0, le=2_000_000)
    include_names: bool | None = None
    recursive: bool | None = None
    case_sensitive: bool | None = None
    whole_words: bool | None = None
    group_scoring: bool | None = None
    strategy: Strategy | None = None
    recursion_most: int | None = Field(default=None, ge=0, le=1000)


class WorldInPlay(Held):
    """A world of a chat, and why it is there."""

    source: Literal["global", "character", "chat", "persona"]
    world_id: str | None = None
    """None: the book inside the character's card."""
    name: str
    entry_count: int = 0
    character_id: str | None = None
    """Whose it is, of a character's. In a group it counts while that member speaks."""
    character_name: str = ""
    """In a group the member's name."""


class WorldsOfChat(WorldLinks):
    """A chat's own worlds, and all that count in it."""

    in_play: list[WorldInPlay]


class WorldTrial(Asked):
    """Which entries would wake now. Nothing is sent and nothing is kept."""

    chat_id: Id | None = None
    """None: only `text` is looked at, as a message alone."""
    branch_id: Id | None = None
    character_id: Id | None = None
    """In a group: who is to speak; None: the first who can."""
    text: str = Field(default="", max_length=400_000)
    """What the person says next."""
    world_ids: list[Id] = Field(default=[], max_length=LINKS_MOST)
    """These worlds, with every entry listed; none: all that are in play, and of them what was looked at."""


class TriedEntry(Held):
    source: Literal["global", "character", "chat", "persona"]
    world_id: str
    """A character's id stands for the book inside its card."""
    world: str
    uid: int
    title: str = ""
    wakes: bool
    reason: str
    """As in a manifest: `key`, `constant`, `sticky`, or `no_key`, `secondary`, `chance`, `budget` …"""
    detail: str = ""
    """The key that was found, the group that was lost …"""
    tokens: int = 0
    """Of one that wakes."""


class WorldTried(Held):
    entries: list[TriedEntry]
    """Those that wake first, in the order they woke; then the others in the order they are tried."""
    silent: int = 0
    """Entries that are not listed: none of their keys was said."""
    tokens: int = 0
    budget: int = 0
    """Tokens entries may have together."""
    overflowed: bool = False
    """Whether one found no room."""
