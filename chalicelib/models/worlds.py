"""Worlds (lorebooks): their entries, the settings of a scan, and what time does to an entry.

`World` and `WorldEntry` are what the engine reads. What is kept is SillyTavern's JSON of each entry, whole:
`StoredEntry` in kept_worlds.py. Facts about the fields: docs/prompting-lore.md.
"""

from typing import Any, Literal

from pydantic import Field

from chalicelib.models.shapes import Held, MessageRole

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
