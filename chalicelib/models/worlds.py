"""Worlds (lorebooks): their entries, the settings of a scan, and what time does to an entry.

`World` and `WorldEntry` are what the engine reads. What is kept is SillyTavern's JSON of each entry, whole:
`StoredEntry`. Facts about the fields: docs/prompting-lore.md.
"""

from typing import Any, Literal

from pydantic import Field

from chalicelib.models.jobs import ReportLine
from chalicelib.models.shapes import Asked, Held, Id, Instant, MessageRole

EntryPlace = Literal[
    "before", "after", "note_top", "note_bottom", "in_chat", "examples_top", "examples_bottom", "outlet", "nowhere"
]
"""SillyTavern's positions 0 to 7; `nowhere` is an entry without one."""
Strategy = Literal["evenly", "character_first", "global_first"]
Logic = Literal["and_any", "not_all", "not_any", "and_all"]


class EntryFilter(Held):
    excludes: bool = False
    names: list[str] = []
    """Ids of actors: in SillyTavern the name of the picture's file without its ending."""
    tags: list[str] = []


class WorldEntry(Held):
    uid: int = 0
    title: str = ""
    content: str = ""
    keys: list[str] = []
    secondary_keys: list[str] = []
    selective: bool = True
    logic: Logic = "and_any"
    constant: bool = False
    disabled: bool = False
    order: float = 100
    place: EntryPlace = "before"
    depth: int = 4
    role: MessageRole = "system"
    outlet: str = ""
    ignore_budget: bool = False
    exclude_recursion: bool = False
    prevent_recursion: bool = False
    delay_until_recursion: int = 0
    """0: no delay; 1 and more: the level at which it may run first."""
    probability: float = 100
    use_probability: bool = True
    groups: list[str] = []
    group_text: str = ""
    """The groups as written: SillyTavern compares the whole text when a group was won before."""
    group_override: bool = False
    group_weight: float = 100
    group_scoring: bool | None = None
    scan_depth: int | None = None
    case_sensitive: bool | None = None
    whole_words: bool | None = None
    sticky: int | None = None
    cooldown: int | None = None
    delay: int | None = None
    triggers: list[str] = []
    filter: EntryFilter | None = None
    matches: list[Literal["persona", "description", "personality", "card_note", "scenario", "creator_notes"]] = []
    """Further texts it looks for its keys in."""
    vectorized: bool = False
    automation_id: str = ""
    extra: dict[str, Any] = {}
    """What else the file said, kept for the way back."""


class World(Held):
    id: str = ""
    name: str
    entries: list[WorldEntry] = []
    extra: dict[str, Any] = {}


class WorldSettings(Held):
    """How worlds are scanned."""

    depth: int = 2
    min_activations: int = 0
    min_activations_depth: int = 0
    budget_percent: float = 25
    budget_cap: int = 0
    include_names: bool = True
    recursive: bool = True
    case_sensitive: bool = False
    whole_words: bool = True
    group_scoring: bool = False
    strategy: Strategy = "character_first"
    recursion_most: int = 0


class TimedEffect(Held):
    hash: int | None = None
    start: int
    end: int
    protected: bool = False
    above: int | None = None
    """Of one that is kept: how many of the few messages right above its start were seen when it began."""


class Timed(Held):
    """Running effects by `world.uid`."""

    sticky: dict[str, TimedEffect] = Field(default={})
    cooldown: dict[str, TimedEffect] = Field(default={})
    matched: list[str] = Field(default=[])
    """Entries that have matched before, where a decorator asks."""


# --- as they are kept

UIDS_MOST = 500
"""How many entries one request changes."""
ENTRIES_MOST = 20_000
LINKS_MOST = 50
"""Worlds that a thing may have, or that are there everywhere."""
UID_MOST = 999_999_999
EntryJson = dict[str, Any]
"""An entry as SillyTavern's files have it: `key`, `keysecondary`, `comment`, `content`, `order`, `position` ..., and
whatever else came with it. `folder` is ours: a path with slashes."""


class StoredEntry(Held):
    uid: int
    """Its number in the world, as in the file; never used twice."""
    entry: EntryJson
    """In a light list without the fields that say what they say anyway, and with the beginning of `content`.

    There `selective`, `position`, `probability` and `useProbability` are null where the entry leaves them out: that
    means something else than their usual value."""
    content_length: int = 0
    """Characters of the whole content."""
    revision: int = 1


class WorldSummary(Held):
    id: str
    name: str
    entry_count: int = 0
    created_at: Instant
    updated_at: Instant
    deleted_at: Instant | None = None
    revision: int = 1
    """Counts the changes of the world and of all its entries."""


class WorldRecord(WorldSummary):
    """A world with what only the server knows of it."""

    next_uid: int = 0
    packed_at: int = 0
    """The revision that its pack shows, at least; 0: there is none."""
    recent: dict[int, int] | None = Field(default={})
    """Entries that were changed since, and at which revision; None: too many to tell."""
    stored_bytes: int | None = None
    """What it counts in its owner's storage; None: never counted."""


class WorldQuery(Asked):
    cursor: str | None = Field(default=None, max_length=2000)
    limit: int = Field(default=100, ge=1, le=100)
    trash: bool = False


class NewWorld(Asked):
    name: str = Field(min_length=1, max_length=200)


class WorldChange(Asked):
    name: str = Field(min_length=1, max_length=200)


class EntryQuery(Asked):
    cursor: str | None = Field(default=None, max_length=20)
    limit: int = Field(default=500, ge=1, le=1000)
    light: bool = False
    """Without fields that have their usual value, and the content cut: enough to filter and sort."""


class NewEntry(Asked):
    entry: EntryJson = {}
    """Fields that are not the usual ones. A `uid` in it is passed over."""


class EntryChange(Asked):
    """Fields that are not named stay; null is a value like others."""

    revision: int
    entry: EntryJson
    remove: list[str] = Field(default=[], max_length=50)
    """Fields that go."""


class BulkChange(Asked):
    """The same done to many entries. Entries that are gone meanwhile are passed over."""

    uids: list[int] = Field(min_length=1, max_length=UIDS_MOST)
    action: Literal["set", "number", "delete", "restore"] = "set"
    """`number` gives them rising numbers in the order of `uids`; `restore` brings back what was deleted."""
    entry: EntryJson = {}
    """Of `set`: the fields, as of a change of one."""
    field: Literal["displayIndex", "order"] = "displayIndex"
    """Of `number`: which field, from where, in which steps."""
    first: int = 0
    step: int = 1
    more: bool = False
    """More requests of the same deed follow: what replies read is packed anew after the last, not after each."""


class EntryRevision(Held):
    uid: int
    revision: int


class BulkChanged(Held):
    """What was done: the entries with their revisions now, and the world."""

    changed: list[EntryRevision]
    world: WorldSummary


class WorldImportQuery(Asked):
    filename: str = Field(default="", max_length=255)


class ImportedWorld(Held):
    line: ReportLine
    world: WorldSummary


class WorldFile(Held):
    """A world's file that was read: its entries as SillyTavern writes them, and what else it says."""

    name: str = ""
    entries: list[EntryJson]
    rest: dict[str, Any] = {}
    format: Literal["sillytavern", "card", "novelai", "agnai", "risu"] = "sillytavern"


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
