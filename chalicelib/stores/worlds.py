"""Worlds: their rows, and their entries one by one. A change of entries and of their world is one transaction.

Rows and keys: world_rows.py. What a reply reads instead of 10,000 entries: world_packs.py.
"""

import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pynamodb.transactions import TransactWrite

from chalicelib.errors import Conflict, NotFound
from chalicelib.models.kept_worlds import StoredEntry, WorldRecord
from chalicelib.models.shapes import Page
from chalicelib.stores.cursors import after_id, next_id
from chalicelib.stores.owned import put_if_revision
from chalicelib.stores.tables import MainRow, rows_ahead
from chalicelib.stores.transactions import Join, commit
from chalicelib.stores.world_packs import ITEM_BYTES_MOST, WorldPacks
from chalicelib.stores.world_rows import (
    ENTRY,
    FILE,
    PREFIX,
    TRASHED,
    EntryRow,
    Item,
    WorldRow,
    content_of,
    deleted_at,
    entry_of_item,
    entry_row,
    entry_sort_key,
    folder_of,
    inside,
    record_of,
    world_place,
    world_row,
)

if TYPE_CHECKING:
    pass

AT_ONCE_MOST = 90
"""Entries that one transaction writes; it takes a hundred rows."""
AT_ONCE_BYTES_MOST = 2_000_000
KEPT_SECONDS = 86_400
"""How long an entry that was deleted can be brought back."""
_READ_MOST = 100
PAGE_CHARACTERS_MOST = 2_000_000


class WorldStore(WorldPacks):
    # --- worlds

    def list_page(self, owner_id: str, *, trash: bool, cursor: str | None, limit: int) -> Page[WorldRecord]:
        """The oldest first."""
        gone = WorldRow.deleted_at.exists() if trash else WorldRow.deleted_at.does_not_exist()
        found = WorldRow.query(
            owner_id,
            WorldRow.sk.startswith(PREFIX),
            filter_condition=gone,
            limit=limit,
            consistent_read=True,
            last_evaluated_key=after_id(cursor, pk=owner_id, sk_prefix=PREFIX),
        )
        items = [record_of(row) for row in found]
        return Page(items=items, next=next_id(found.last_evaluated_key, sk_prefix=PREFIX))

    def list_by_ids(self, owner_id: str, world_ids: Sequence[str]) -> list[WorldRecord]:
        """Those that are there, also in the trash, in the order asked for; at most a hundred."""
        wanted = list(dict.fromkeys(world_ids))[:_READ_MOST]
        rows = WorldRow.batch_get([world_place(owner_id, one) for one in wanted], consistent_read=True)
        found = {record.id: record for record in map(record_of, rows)}
        return [found[world_id] for world_id in wanted if world_id in found]

    def find_many(self, owner_id: str, world_ids: Sequence[str]) -> list[WorldRecord]:
        """The same, but those that were read ahead are not read again, and the others all at once."""
        wanted = list(dict.fromkeys(world_ids))[:_READ_MOST]
        ahead = rows_ahead.get() or {}
        missing = [world_id for world_id in wanted if world_place(owner_id, world_id) not in ahead]
        found = [self.find(owner_id, world_id) for world_id in wanted if world_id not in missing]
        read = self.list_by_ids(owner_id, missing) if missing else []
        return [*(record for record in found if record), *read]

    def find(self, owner_id: str, world_id: str) -> WorldRecord | None:
        """The world, also when it is in the trash."""
        try:
            return record_of(WorldRow.get(*world_place(owner_id, world_id), consistent_read=True))
        except WorldRow.DoesNotExist:
            return None

    def get(self, owner_id: str, world_id: str) -> WorldRecord:
        found = self.find(owner_id, world_id)
        if found is None:
            raise NotFound("There is no such world.")
        return found

    def add(
        self,
        owner_id: str,
        world: WorldRecord,
        entries: Iterable[StoredEntry] = (),
        rest: dict[str, Any] | None = None,
        *,
        join: Join | None = None,
    ) -> None:
        """Makes a world visible; its entries and what else its file said are written before.

        Raises Conflict when it, or what `join` adds, is there already.
        """
        held = list(entries)
        with EntryRow.batch_write() as batch:
            for stored in held:
                batch.save(self._entry_row(owner_id, world.id, stored))
        if rest:
            self._pack_row(owner_id, world.id, FILE, rest, revision=1).save()
        if held:
            self.put_pack(owner_id, world.id, held, revision=world.revision)
            world = world.model_copy(update={"packed_at": world.revision})

        def fill(transaction: TransactWrite) -> None:
            transaction.save(world_row(owner_id, world), condition=WorldRow.pk.does_not_exist())
            if join:
                join(transaction)

        if commit(fill):
            raise Conflict("This world is already here.", code="duplicate")

    def change(self, owner_id: str, before: WorldRecord, after: WorldRecord) -> None:
        """Puts `after` in the place of `before`. Raises Conflict when that was changed meanwhile."""
        put_if_revision(world_row(owner_id, after), before.revision)

    def wipe(self, owner_id: str, world_id: str) -> None:
        """Deletes a world with all in it. Its own row goes last, so that what is interrupted is found again."""
        partition = inside(owner_id, world_id)
        with MainRow.batch_write() as batch:
            for one in MainRow.query(partition, attributes_to_get=["pk", "sk"], consistent_read=True):
                batch.delete(one)
        self._files.delete_prefix(folder_of(owner_id, world_id))
        WorldRow(*world_place(owner_id, world_id)).delete()

    def list_trashed(self, *, before: str, limit: int) -> Iterator[tuple[str, str]]:
        """Owner and id of what has been in anybody's trash since before that time."""
        for row in WorldRow.index2.query(TRASHED, WorldRow.i2sk < before, limit=limit):
            yield row.pk, row.sk.removeprefix(PREFIX)

    # --- entries

    def read_entries(self, owner_id: str, world_id: str, *, cursor: str | None, limit: int) -> Page[StoredEntry]:
        """In the order of their numbers; a page of long ones ends early."""
        start = after_id(cursor, pk=inside(owner_id, world_id), sk_prefix=ENTRY)
        found: list[StoredEntry] = []
        size = 0
        for items, following in self._pages(owner_id, world_id, start, limit):
            for item in items:
                if deleted_at(item):
                    continue
                found.append(self._entry_of(item))
                size += int(item["content_length"]["N"]) + len(item["fields"]["S"])
                if len(found) == limit or size > PAGE_CHARACTERS_MOST:
                    return Page(items=found, next=f"{found[-1].uid:09d}")
            if following is None:
                break
        return Page(items=found)

    def all_entries(self, owner_id: str, world_id: str) -> list[StoredEntry]:
        pages = self._pages(owner_id, world_id, None, None)
        return [self._entry_of(item) for items, _ in pages for item in items if not deleted_at(item)]

    def get_entry(self, owner_id: str, world_id: str, uid: int) -> StoredEntry:
        """Raises NotFound, also for one that was deleted."""
        for stored in self.get_entries(owner_id, world_id, [uid]):
            return stored
        raise NotFound("There is no such entry.")

    def get_entries(
        self, owner_id: str, world_id: str, uids: Sequence[int], *, gone: bool = False
    ) -> list[StoredEntry]:
        """Those that are there, or with `gone` those that were deleted, in the order of their numbers."""
        found: list[StoredEntry] = []
        wanted = sorted({uid for uid in uids if uid >= 0})
        for start in range(0, len(wanted), _READ_MOST):
            keys: list[Any] = [
                {"pk": inside(owner_id, world_id), "sk": entry_sort_key(uid)}
                for uid in wanted[start : start + _READ_MOST]
            ]
            while keys:
                answer = MainRow._get_connection().batch_get_item(keys, consistent_read=True)
                items = answer["Responses"].get(MainRow.Meta.table_name, ())
                found += [self._entry_of(item) for item in items if (deleted_at(item) is not None) is gone]
                left = answer.get("UnprocessedKeys", {}).get(MainRow.Meta.table_name, {}).get("Keys", [])
                keys = [{"pk": key["pk"]["S"], "sk": key["sk"]["S"]} for key in left]
        return sorted(found, key=lambda stored: stored.uid)

    def write(
        self,
        owner_id: str,
        before: WorldRecord,
        after: WorldRecord,
        puts: Sequence[StoredEntry],
        *,
        deleted: datetime | None = None,
    ) -> None:
        """Entries as they shall be (revision 1: new ones), with their world, in one transaction of AT_ONCE_MOST.

        With `deleted` they are put as deleted ones. Raises Conflict when the world or an entry was changed meanwhile.
        """
        rows = [self._entry_row(owner_id, before.id, stored) for stored in puts]
        for row in rows:
            if deleted:
                row.deleted_at, row.expires_at = deleted.isoformat(), int(deleted.timestamp()) + KEPT_SECONDS

        def fill(transaction: TransactWrite) -> None:
            transaction.save(world_row(owner_id, after), condition=WorldRow.revision == before.revision)
            for row in rows:
                fresh = row.revision == 1
                seen = EntryRow.pk.does_not_exist() if fresh else EntryRow.revision == row.revision - 1
                transaction.save(row, condition=seen)

        if commit(fill):
            raise Conflict("This world was changed elsewhere meanwhile.")

    # --- rows

    def _pages(
        self, owner_id: str, world_id: str, start: Any, limit: int | None
    ) -> Iterator[tuple[list[Item], dict[str, Any] | None]]:
        """Raw rows, a query at a time, and where the next one goes on."""
        while True:
            asked = EntryRow.query(
                inside(owner_id, world_id),
                EntryRow.sk.startswith(ENTRY),
                page_size=limit,
                last_evaluated_key=start,
                consistent_read=True,
            )
            answer = next(asked.page_iter, None)
            if answer is None:
                return
            start = answer.get("LastEvaluatedKey")
            yield answer["Items"], start
            if start is None:
                return

    def _entry_of(self, item: Item) -> StoredEntry:
        key = item.get("content_key", {}).get("S")
        return entry_of_item(item, self._files.get(key).decode() if key else None)

    def _entry_row(self, owner_id: str, world_id: str, stored: StoredEntry) -> EntryRow:
        content, key = content_of(stored.entry).encode(), None
        if len(content) > ITEM_BYTES_MOST:
            key = f"{folder_of(owner_id, world_id)}{stored.uid}-{secrets.token_hex(12)}.txt"
            self._files.put(key, content, "text/plain")
        return entry_row(owner_id, world_id, stored, key)


def sized(entries: Sequence[StoredEntry], most: int = AT_ONCE_MOST) -> Iterator[Sequence[StoredEntry]]:
    """The entries in stretches that a transaction can take."""
    stretch: list[StoredEntry] = []
    size = 0
    for stored in entries:
        length = len(json.dumps(stored.entry))
        if stretch and (len(stretch) == most or size + length > AT_ONCE_BYTES_MOST):
            yield stretch
            stretch, size = [], 0
        stretch.append(stored)
        size += length
    if stretch:
        yield stretch
