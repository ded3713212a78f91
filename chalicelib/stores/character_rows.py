"""Rows of characters in `main`, and their models.

    character  pk owner   sk character#{id}    index1 owner#characters by last use, index2 owner#names by name
               in the trash                    index1 owner#trash by time, index2 trashed-characters by time
    card       pk owner   sk card#{id}         gzipped JSON; above 300 KB in S3
    file       pk owner   sk file#{sha256}     which character a file became, as long as it is unchanged
    tag        pk owner   sk tag#{folded}      how many characters outside the trash carry it

A character's row is copied into both indexes and read a hundred at a time: it holds what the library shows, no more.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
)

from chalicelib.models.characters import CharacterRecord
from chalicelib.models.folding import folded
from chalicelib.models.media import StoredPicture
from chalicelib.stores.tables import MainMeta, MainRow, time_text

TRASHED = "trashed-characters"
_NAME_CHARACTERS = 200
_HAYSTACK_CHARACTERS = 1_500
# Sorts before every letter and space, so that "Ann" stands before "Ann Lee".
_NAME_END = "\t"

Item = Mapping[str, Mapping[str, Any]]
"""A row as DynamoDB sends it."""


class CharacterRow(MainRow):
    class Meta(MainMeta):
        pass

    name = UnicodeAttribute()
    tagline = UnicodeAttribute(default="")
    creator = UnicodeAttribute(default="")
    tags = JSONAttribute(default=list)
    tag_line = UnicodeAttribute(default="")
    """Folded tags between bars: what a filter looks through."""
    haystack = UnicodeAttribute(default="")
    """Folded text of everything a search looks through."""
    favourite = BooleanAttribute(default=False)
    allow_outside_media = BooleanAttribute(default=False)
    picture = JSONAttribute(null=True)
    file_hash = UnicodeAttribute(null=True)
    file_bytes = NumberAttribute(default=0)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    last_used_at = UnicodeAttribute(null=True)
    deleted_at = UnicodeAttribute(null=True)
    revision = NumberAttribute(default=1)


class CardRow(MainRow):
    class Meta(MainMeta):
        pass

    body = BinaryAttribute(null=True, legacy_encoding=False)
    body_key = UnicodeAttribute(null=True)


class FileRow(MainRow):
    class Meta(MainMeta):
        pass

    character_id = UnicodeAttribute()


class TagRow(MainRow):
    class Meta(MainMeta):
        pass

    label = UnicodeAttribute(default="")
    uses = NumberAttribute(default=0)


def row_of(owner_id: str, held: CharacterRecord) -> CharacterRow:
    row = CharacterRow(
        pk=owner_id,
        sk=f"character#{held.id}",
        name=held.name,
        tagline=held.tagline,
        creator=held.creator,
        tags=held.tags,
        tag_line=tag_line(held.tags),
        haystack=folded("\n".join((held.name, held.tagline, held.creator, *held.tags)))[:_HAYSTACK_CHARACTERS],
        favourite=held.favourite,
        allow_outside_media=held.allow_outside_media,
        picture=held.picture.model_dump() if held.picture else None,
        file_hash=held.file_hash,
        file_bytes=held.file_bytes,
        created_at=time_text(held.created_at),
        updated_at=time_text(held.updated_at),
        last_used_at=time_text(held.last_used_at) if held.last_used_at else None,
        deleted_at=time_text(held.deleted_at) if held.deleted_at else None,
        revision=held.revision,
    )
    if held.deleted_at:
        row.i1pk, row.i1sk = f"{owner_id}#trash", f"{time_text(held.deleted_at)}#{held.id}"
        row.i2pk, row.i2sk = TRASHED, f"{time_text(held.deleted_at)}#{owner_id}#{held.id}"
    else:
        row.i1pk, row.i1sk = f"{owner_id}#characters", f"{time_text(held.last_used_at or held.created_at)}#{held.id}"
        row.i2pk, row.i2sk = f"{owner_id}#names", f"{folded(held.name)[:_NAME_CHARACTERS]}{_NAME_END}{held.id}"
    return row


def record_of(row: CharacterRow) -> CharacterRecord:
    return CharacterRecord.model_construct(  # trusted: a page of a hundred would pay 5 ms for checks
        id=row.sk.removeprefix("character#"),
        name=row.name,
        tagline=row.tagline,
        creator=row.creator,
        tags=row.tags,
        favourite=row.favourite,
        allow_outside_media=row.allow_outside_media,
        picture=StoredPicture.model_construct(**row.picture) if row.picture else None,
        file_hash=row.file_hash,
        file_bytes=int(row.file_bytes),
        created_at=datetime.fromisoformat(row.created_at),
        updated_at=datetime.fromisoformat(row.updated_at),
        last_used_at=datetime.fromisoformat(row.last_used_at) if row.last_used_at else None,
        deleted_at=datetime.fromisoformat(row.deleted_at) if row.deleted_at else None,
        revision=int(row.revision),
    )


def record_of_item(item: Item) -> CharacterRecord:
    """The same from an item as DynamoDB sends it: pynamodb takes 0.1 ms a row, and a page has a hundred."""

    def text(name: str) -> str | None:
        return item[name].get("S") if name in item else None

    def time(name: str) -> datetime | None:
        held = text(name)
        return datetime.fromisoformat(held) if held else None

    picture = text("picture")
    return CharacterRecord.model_construct(
        id=item["sk"]["S"].removeprefix("character#"),
        name=item["name"]["S"],
        tagline=text("tagline") or "",
        creator=text("creator") or "",
        tags=json.loads(text("tags") or "[]"),
        favourite=item["favourite"]["BOOL"],
        allow_outside_media=item["allow_outside_media"]["BOOL"],
        picture=StoredPicture.model_construct(**json.loads(picture)) if picture else None,
        file_hash=text("file_hash"),
        file_bytes=int(item["file_bytes"]["N"]),
        created_at=datetime.fromisoformat(item["created_at"]["S"]),
        updated_at=datetime.fromisoformat(item["updated_at"]["S"]),
        last_used_at=time("last_used_at"),
        deleted_at=time("deleted_at"),
        revision=int(item["revision"]["N"]),
    )


def tag_line(tags: list[str]) -> str:
    return "|".join(("", *(tag_key(tag) for tag in tags), ""))


def tag_key(tag: str) -> str:
    """A tag as it is counted. Folding can make 18 letters of one, and a key holds 1,024 bytes."""
    return folded(tag).replace("|", "/")[:200]
