"""What of a world is read as one piece: the pack that a reply reads instead of 10,000 entries, and the rest of a file.

The pack is written now and then; the world's row names what was changed since.
"""

import gzip
import json
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pynamodb.exceptions import PutError

from chalicelib.errors import Conflict, NotFound
from chalicelib.models.kept_worlds import EntryJson, StoredEntry, WorldRecord
from chalicelib.stores.owned import put_if_revision
from chalicelib.stores.world_rows import FILE, PACK, PackRow, folder_of, inside, world_row

if TYPE_CHECKING:
    from chalicelib.stores.files import Files

ITEM_BYTES_MOST = 300_000


class WorldPacks:
    def __init__(self, *, files: "Files") -> None:
        self._files = files

    def rest(self, owner_id: str, world_id: str) -> dict[str, Any]:
        """What the world's file said besides its entries."""
        found: dict[str, Any] | None = self._unpacked(owner_id, world_id, FILE)[0]
        return found or {}

    def read_pack(self, owner_id: str, world_id: str) -> tuple[list[EntryJson], int] | None:
        """Entries as they were, in the order of their numbers, and at which revision; None when there is no pack."""
        found, revision = self._unpacked(owner_id, world_id, PACK)
        return None if found is None else (found, revision)

    def put_pack(self, owner_id: str, world_id: str, entries: Iterable[StoredEntry], *, revision: int) -> None:
        """Keeps what the entries are at a revision; quiet when a newer pack is there."""
        before = self._pack(owner_id, world_id, PACK)
        row = self._pack_row(owner_id, world_id, PACK, [packed(stored) for stored in entries], revision=revision)
        try:
            row.save(condition=PackRow.pk.does_not_exist() | (PackRow.revision < revision))
        except PutError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            before = row
        if before is not None and before.body_key:
            self._files.delete(before.body_key)

    def note_pack(self, owner_id: str, world: WorldRecord, revision: int) -> None:
        """Notes in the world's row that its pack shows a revision; quiet when the world was changed meanwhile."""
        later = {uid: at for uid, at in (world.recent or {}).items() if at > revision}
        after = world.model_copy(update={"packed_at": revision, "recent": later})
        try:
            put_if_revision(world_row(owner_id, after), world.revision)
        except Conflict:
            return

    def _pack_row(self, owner_id: str, world_id: str, kind: str, value: Any, *, revision: int) -> PackRow:
        body = gzip.compress(json.dumps(value).encode(), 5, mtime=0)
        row = PackRow(inside(owner_id, world_id), kind, revision=revision)
        if len(body) <= ITEM_BYTES_MOST:
            row.body = body
        else:
            row.body_key = f"{folder_of(owner_id, world_id)}{kind}-{secrets.token_hex(12)}.json.gz"
            self._files.put(row.body_key, body, "application/gzip")
        return row

    def _pack(self, owner_id: str, world_id: str, kind: str) -> PackRow | None:
        try:
            return PackRow.get(inside(owner_id, world_id), kind, consistent_read=True)
        except PackRow.DoesNotExist:
            return None

    def _unpacked(self, owner_id: str, world_id: str, kind: str) -> tuple[Any, int]:
        for last in (False, True):
            row = self._pack(owner_id, world_id, kind)
            if row is None:
                return None, 0
            try:
                body = self._files.get(row.body_key) if row.body_key else row.body
            except NotFound:
                # A newer pack took its place between the two reads.
                if last:
                    raise
                continue
            return json.loads(gzip.decompress(body)), int(row.revision)
        raise AssertionError("unreachable")


def packed(stored: StoredEntry) -> EntryJson:
    """An entry with its number in it, as files have it."""
    return {**stored.entry, "uid": stored.uid}
