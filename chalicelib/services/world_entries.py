"""The entries of worlds, one by one and many at once.

What is kept of an entry is SillyTavern's JSON, whole. Of two devices that change different entries of a world both
succeed; of two that change the same entry the second gets a Conflict with both versions.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.errors import Conflict, Invalid, NotFound, TooLarge, Unavailable
from chalicelib.models.kept_worlds import (
    ENTRIES_MOST,
    UID_MOST,
    UIDS_MOST,
    BulkChange,
    BulkChanged,
    EntryChange,
    EntryJson,
    EntryQuery,
    EntryRevision,
    NewEntry,
    StoredEntry,
    WorldRecord,
    WorldSummary,
)
from chalicelib.models.shapes import Page
from chalicelib.models.users import User
from chalicelib.presetfiles.lorebooks import light, new_entry
from chalicelib.services.revisions import stale
from chalicelib.services.world_space import Edit, WorldSpace, growth
from chalicelib.stores.worlds import AT_ONCE_MOST, sized

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.stores.worlds import WorldStore

LIGHT_CHARACTERS = 160
RECENT_MOST = 100
"""Changed entries after which a world is packed anew."""
FIELDS_BYTES_MOST = 90_000
"""Of an entry besides its content, of which up to 300 KB lie in the same item."""
BULK_BYTES_MOST = 10_000_000
"""What one request writes in all: without this, a megabyte in it would become half a gigabyte of ours."""
_TRIES = 12


class WorldEntries:
    def __init__(self, *, store: "WorldStore", space: WorldSpace, clock: "Clock") -> None:
        self._store, self._space, self._clock = store, space, clock

    def list_page(self, user: User, world_id: str, query: EntryQuery) -> Page[StoredEntry]:
        """In the order of their numbers."""
        self._store.get(user.id, world_id)
        page = self._store.read_entries(user.id, world_id, cursor=query.cursor, limit=query.limit)
        if not query.light:
            return page
        short = [one.model_copy(update={"entry": light(one.entry, LIGHT_CHARACTERS)}) for one in page.items]
        return Page(items=short, next=page.next)

    def get(self, user: User, world_id: str, entry_id: str) -> StoredEntry:
        self._store.get(user.id, world_id)
        return self._store.get_entry(user.id, world_id, _uid(entry_id))

    def add(self, user: User, world_id: str, asked: NewEntry) -> StoredEntry:
        def add(world: WorldRecord) -> list[Edit]:
            if world.entry_count >= ENTRIES_MOST or world.next_uid > UID_MOST:
                raise Invalid(f"A world holds at most {ENTRIES_MOST:,} entries.", code="world_full")
            return [(None, stored_entry(world.next_uid, new_entry(asked.entry)))]

        return self._write_one(user.id, world_id, add, count=1)

    def change(self, user: User, world_id: str, entry_id: str, change: EntryChange) -> StoredEntry:
        """Fields that were not sent stay. Raises Conflict with both versions when `revision` is not the stored one."""

        def edit(world: WorldRecord) -> list[Edit]:
            before = self._store.get_entry(user.id, world_id, _uid(entry_id))
            if before.revision != change.revision:
                raise stale(before, change.model_dump(mode="json"))
            return [(before, _next(before, change.entry, change.remove))]

        return self._write_one(user.id, world_id, edit)

    def delete(self, user: User, world_id: str, entry_id: str) -> None:
        """Quiet when it is gone. It can be brought back for a day."""
        self.change_many(user, world_id, BulkChange(uids=[_uid(entry_id)], action="delete"))

    def change_many(self, user: User, world_id: str, asked: BulkChange) -> BulkChanged:
        """The same done to many entries, each stretch of them at once."""
        uids = list(dict.fromkeys(asked.uids))
        if len(uids) * len(json.dumps(asked.entry)) > BULK_BYTES_MOST:
            raise TooLarge("This is too much to write into so many entries at once. Choose fewer, or write less.")
        world = self._lively(user.id, world_id)
        changed: list[EntryRevision] = []
        numbers = {uid: asked.first + place * asked.step for place, uid in enumerate(uids)}
        for start in range(0, len(uids), AT_ONCE_MOST):
            some = uids[start : start + AT_ONCE_MOST]

            def edit(_: WorldRecord, some: Sequence[int] = some) -> list[Edit]:
                found = self._store.get_entries(user.id, world_id, some, gone=asked.action == "restore")
                return [(one, _next(one, _fields(asked, numbers, one.uid))) for one in found]

            count = {"delete": -1, "restore": 1}.get(asked.action, 0)
            written, world = self._write(user.id, world_id, edit, count=count, gone=asked.action == "delete")
            changed += [EntryRevision(uid=one.uid, revision=one.revision) for one in written]
        if not asked.more:
            self._pack_soon(user.id, world)
        return BulkChanged(changed=changed, world=summary_of(world))

    # --- writing

    def _write_one(
        self, owner_id: str, world_id: str, edit: Callable[[WorldRecord], list[Edit]], *, count: int = 0
    ) -> StoredEntry:
        written, world = self._write(owner_id, world_id, edit, count=count)
        self._pack_soon(owner_id, world)
        return written[0]

    def _write(
        self,
        owner_id: str,
        world_id: str,
        edit: Callable[[WorldRecord], list[Edit]],
        *,
        count: int = 0,
        gone: bool = False,
    ) -> tuple[list[StoredEntry], WorldRecord]:
        """Writes what `edit` makes of the world as it is; again, when somebody else was faster.

        `count` is by how much each of them changes the number of entries. Raises QuotaExceeded.
        """
        for _ in range(_TRIES):
            world = self._lively(owner_id, world_id)
            written: list[StoredEntry] = []
            edits = edit(world)
            if not edits:
                return [], world
            after = world
            try:
                for some in sized([put for _, put in edits]):
                    edits, these = edits[len(some) :], edits[: len(some)]
                    after = self._write_some(owner_id, after, these, count, gone=gone)
                    written += some
            except Conflict:
                continue
            return written, after
        raise Unavailable("This world is being written by several devices at once. Try again.")

    def _write_some(
        self, owner_id: str, before: WorldRecord, edits: Sequence[Edit], count: int, *, gone: bool
    ) -> WorldRecord:
        """Raises Conflict, QuotaExceeded."""
        now, puts, more = self._clock.now(), [put for _, put in edits], growth(edits, count)
        with self._space.counted(owner_id, before) as counted, self._space.taken(owner_id, more):
            after = _after(before, puts, count * len(puts), now).model_copy(update={"stored_bytes": counted + more})
            self._store.write(owner_id, before, after, puts, deleted=now if gone else None)
        return after

    def _pack_soon(self, owner_id: str, world: WorldRecord) -> None:
        """Packs a world of which much was changed, so that no reply has to."""
        if world.recent is None or len(world.recent) > RECENT_MOST:
            entries = self._store.all_entries(owner_id, world.id)
            self._store.put_pack(owner_id, world.id, entries, revision=world.revision)
            self._store.note_pack(owner_id, world, world.revision)

    def _lively(self, owner_id: str, world_id: str) -> WorldRecord:
        world = self._store.get(owner_id, world_id)
        if world.deleted_at:
            raise NotFound("This world is in the trash. Restore it first.")
        return world


def summary_of(world: WorldRecord) -> WorldSummary:
    return WorldSummary.model_construct(**{name: getattr(world, name) for name in WorldSummary.model_fields})


def _after(world: WorldRecord, some: Iterable[StoredEntry], count: int, now: datetime) -> WorldRecord:
    """The world after these entries were written."""
    revision = world.revision + 1
    uids = [one.uid for one in some]
    recent = None if world.recent is None else world.recent | dict.fromkeys(uids, revision)
    return world.model_copy(
        update={
            "revision": revision,
            "updated_at": now,
            "entry_count": max(0, world.entry_count + count),
            "next_uid": max(world.next_uid, max(uids, default=-1) + 1),
            "recent": recent if recent is None or len(recent) <= RECENT_MOST + UIDS_MOST else None,
        }
    )


def stored_entry(uid: int, entry: EntryJson) -> StoredEntry:
    """Raises TooLarge: the content may be long, all else lies in one item with it."""
    content = entry.get("content")
    rest = {key: value for key, value in entry.items() if key != "content" or not isinstance(content, str)}
    if len(json.dumps(rest)) > FIELDS_BYTES_MOST:
        raise TooLarge(f"The title, keys and settings of entry {uid} are too long together. Shorten them.")
    length = len(content) if isinstance(content, str) else 0
    return StoredEntry(uid=uid, entry={**entry, "uid": uid}, content_length=length)


def _next(before: StoredEntry, fields: EntryJson, remove: Iterable[str] = ()) -> StoredEntry:
    gone = set(remove)
    entry = {key: value for key, value in {**before.entry, **fields}.items() if key not in gone}
    return stored_entry(before.uid, entry).model_copy(update={"revision": before.revision + 1})


def _fields(asked: BulkChange, numbers: dict[int, int], uid: int) -> EntryJson:
    match asked.action:
        case "set":
            return asked.entry
        case "number":
            return {asked.field: numbers[uid]}
        case _:
            return {}


def _uid(entry_id: str) -> int:
    if not entry_id.isascii() or not entry_id.isdigit() or int(entry_id) > UID_MOST:
        raise NotFound("There is no such entry.")
    return int(entry_id)
