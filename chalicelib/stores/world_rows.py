"""Rows of worlds in `main`, and the way between rows and models.

    world   pk owner            sk world#{id}            in the trash: index2 trashed-worlds by time
    entry   pk owner#world#id   sk entry#{uid:09d}       SillyTavern's JSON; a content above 300 KB lies in S3
    file    pk owner#world#id   sk file                  what the world's file said besides its entries, gzipped
    pack    pk owner#world#id   sk pack                  all entries at a revision, gzipped: what a reply reads

File and pack lie in S3 above 300 KB. An entry that was deleted goes for good after a day.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pynamodb.attributes import BinaryAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.models.kept_worlds import StoredEntry, WorldRecord
from chalicelib.stores.tables import MainMeta, MainRow
from chalicelib.stores.times import moment, stamp

TRASHED = "trashed-worlds"
PREFIX = "world#"
ENTRY = "entry#"
FILE, PACK = "file", "pack"

# Half of a letter, as broken files have them, is no UTF-8.
_BROKEN = re.compile("[\ud800-\udfff]")

Item = Mapping[str, Mapping[str, Any]]
"""A row as DynamoDB sends it: row classes take 0.1 ms each, and a world has 10,000 entries."""


class WorldRow(MainRow):
    class Meta(MainMeta):
        pass

    name = UnicodeAttribute()
    entry_count = NumberAttribute(default=0)
    next_uid = NumberAttribute(default=0)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    deleted_at = UnicodeAttribute(null=True)
    revision = NumberAttribute(default=1)
    packed_at = NumberAttribute(default=0)
    recent = JSONAttribute(null=True)
    stored_bytes = NumberAttribute(null=True)


class EntryRow(MainRow):
    class Meta(MainMeta):
        pass

    fields = UnicodeAttribute()
    """JSON without `content`."""
    content = UnicodeAttribute(default="")
    content_key = UnicodeAttribute(null=True)
    content_length = NumberAttribute(default=0)
    deleted_at = UnicodeAttribute(null=True)
    revision = NumberAttribute(default=1)


class PackRow(MainRow):
    """A file or a pack."""

    class Meta(MainMeta):
        pass

    body = BinaryAttribute(null=True, legacy_encoding=False)
    body_key = UnicodeAttribute(null=True)
    revision = NumberAttribute(default=0)


def world_place(owner_id: str, world_id: str) -> tuple[str, str]:
    return owner_id, PREFIX + world_id


def inside(owner_id: str, world_id: str) -> str:
    """The partition of all that lies in a world."""
    return f"{owner_id}#world#{world_id}"


def entry_sort_key(uid: int) -> str:
    return f"{ENTRY}{uid:09d}"


def folder_of(owner_id: str, world_id: str) -> str:
    """Where a world's files are, with the slash at its end."""
    return f"{owner_id}/worlds/{world_id}/"


def record_of(row: WorldRow) -> WorldRecord:
    recent: dict[str, int] | None = row.recent
    return WorldRecord(
        id=row.sk.removeprefix(PREFIX),
        name=row.name,
        entry_count=int(row.entry_count),
        next_uid=int(row.next_uid),
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
        deleted_at=moment(row.deleted_at) if row.deleted_at else None,
        revision=int(row.revision),
        packed_at=int(row.packed_at),
        recent=None if recent is None else {int(uid): at for uid, at in recent.items()},
        stored_bytes=None if row.stored_bytes is None else int(row.stored_bytes),
    )


def world_row(owner_id: str, world: WorldRecord) -> WorldRow:
    row = WorldRow(
        *world_place(owner_id, world.id),
        name=world.name,
        entry_count=world.entry_count,
        next_uid=world.next_uid,
        created_at=stamp(world.created_at),
        updated_at=stamp(world.updated_at),
        deleted_at=stamp(world.deleted_at) if world.deleted_at else None,
        revision=world.revision,
        packed_at=world.packed_at,
        recent=None if world.recent is None else {str(uid): at for uid, at in world.recent.items()},
        stored_bytes=world.stored_bytes,
    )
    if world.deleted_at:
        row.i2pk, row.i2sk = TRASHED, f"{stamp(world.deleted_at)}#{owner_id}#{world.id}"
    return row


def entry_row(owner_id: str, world_id: str, stored: StoredEntry, content_key: str | None) -> EntryRow:
    """`content_key` is where the content was put when it is too long for an item."""
    content = content_of(stored.entry)
    apart = stored.entry.get("content") == content
    return EntryRow(
        inside(owner_id, world_id),
        entry_sort_key(stored.uid),
        fields=json.dumps({key: value for key, value in stored.entry.items() if key != "content" or not apart}),
        content="" if content_key else content,
        content_key=content_key,
        content_length=len(content),
        revision=stored.revision,
    )


def entry_of_item(item: Item, content: str | None = None) -> StoredEntry:
    """`content` is what lay apart under `content_key`."""
    if content is None:
        content = item.get("content", {}).get("S", "")
    return StoredEntry.model_construct(
        uid=uid_of(item),
        entry={"content": content, **json.loads(item["fields"]["S"])},
        content_length=int(item["content_length"]["N"]),
        revision=int(item["revision"]["N"]),
    )


def uid_of(item: Item) -> int:
    return int(item["sk"]["S"].removeprefix(ENTRY))


def content_of(entry: Mapping[str, Any]) -> str:
    """What is kept as text; anything odd stays among the fields."""
    content = entry.get("content")
    return content if isinstance(content, str) and not _BROKEN.search(content) else ""


def deleted_at(item: Item) -> datetime | None:
    when = item.get("deleted_at", {}).get("S")
    return moment(when) if when else None
