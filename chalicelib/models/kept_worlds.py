"""Worlds as they are kept, with their entries, and how they are changed.

What is kept of an entry is SillyTavern's JSON, whole. What the engine reads of it is in worlds.py.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.models.jobs import ReportLine
from chalicelib.models.shapes import Asked, Held, Instant

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

    uids: list[Annotated[int, Field(ge=0, le=UID_MOST)]] = Field(min_length=1, max_length=UIDS_MOST)
    action: Literal["set", "number", "delete", "restore"] = "set"
    """`number` gives them rising numbers in the order of `uids`; `restore` brings back what was deleted."""
    entry: EntryJson = {}
    """Of `set`: the fields, as of a change of one."""
    field: Literal["displayIndex", "order"] = "displayIndex"
    """Of `number`: which field, from where, in which steps."""
    first: int = Field(default=0, ge=-UID_MOST, le=UID_MOST)
    step: int = Field(default=1, ge=-UID_MOST, le=UID_MOST)
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
