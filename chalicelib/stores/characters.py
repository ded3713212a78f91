"""Characters: what the library lists, the cards themselves, and how often each tag is there.

Rows and keys: chalicelib/stores/character_rows.py. A write and its tag counts are one transaction.
"""

import gzip
import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pynamodb.exceptions import DoesNotExist, UpdateError
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.errors import Conflict, NotFound
from chalicelib.models.characters import CardBody, CharacterRecord, TagCount
from chalicelib.stores.character_rows import (
    TRASHED,
    CardRow,
    CharacterRow,
    FileRow,
    TagRow,
    record_of,
    row_of,
    tag_key,
)
from chalicelib.stores.kept import Kept
from chalicelib.stores.leftovers import without_leftovers
from chalicelib.stores.tables import time_text
from chalicelib.stores.transactions import Join, commit

if TYPE_CHECKING:
    from chalicelib.stores.files import Files

ITEM_BYTES_MOST = 300_000
KEPT_BYTES_MOST = 24_000_000
"""JSON of the cards that a process keeps read; in memory they are several times as large."""
TOUCHED_AGAIN = timedelta(minutes=1)
"""A write of the row writes both lists too: often enough for an order by use."""
_TAGS_LISTED_MOST = 500


class CharacterStore:
    def __init__(self, *, files: "Files") -> None:
        self._files = files
        self._bodies: Kept[CardBody] = Kept(sizes_most=KEPT_BYTES_MOST)

    def get(self, owner_id: str, character_id: str) -> CharacterRecord:
        """Raises NotFound."""
        try:
            return record_of(CharacterRow.get(owner_id, f"character#{character_id}", consistent_read=True))
        except DoesNotExist:
            raise NotFound("There is no such character. It may have been deleted for good.") from None

    def get_body(self, owner_id: str, character_id: str) -> CardBody:
        """Raises NotFound."""
        try:
            row = CardRow.get(owner_id, f"card#{character_id}", consistent_read=True)
        except DoesNotExist:
            raise NotFound("There is no such character. It may have been deleted for good.") from None
        # A key in the bucket holds the hash of what lies there.
        key = f"{owner_id}/{row.body_key or hashlib.sha256(row.body).hexdigest()}"

        def read() -> tuple[CardBody, int]:
            text = gzip.decompress(self._files.get(row.body_key) if row.body_key else row.body)
            return CardBody.model_validate_json(text), len(text)

        return self._bodies.get(key, read)

    def find(self, owner_id: str, character_id: str) -> CharacterRecord | None:
        try:
            return self.get(owner_id, character_id)
        except NotFound:
            return None

    def list_by_ids(self, owner_id: str, character_ids: Sequence[str]) -> list[CharacterRecord]:
        """Those that are there, in the order asked for; at most a hundred, which is what DynamoDB reads at once."""
        wanted = dict.fromkeys(character_ids)
        rows = CharacterRow.batch_get([(owner_id, f"character#{character_id}") for character_id in wanted])
        found = {record.id: record for record in map(record_of, rows)}
        return [found[character_id] for character_id in wanted if character_id in found]

    def find_by_file(self, owner_id: str, file_hash: str) -> str | None:
        """The id of the character this very file became, if it is still as it came."""
        try:
            return FileRow.get(owner_id, f"file#{file_hash}", consistent_read=True).character_id
        except DoesNotExist:
            return None

    def add(self, owner_id: str, held: CharacterRecord, body: CardBody, *, join: Join | None = None) -> None:
        """Raises Conflict (`duplicate`) when the id, the file, or what `join` adds is there already."""

        def write(transaction: TransactWrite) -> None:
            transaction.save(row_of(owner_id, held), condition=CharacterRow.sk.does_not_exist())
            transaction.save(card_row)
            if held.file_hash:
                file_row = FileRow(owner_id, f"file#{held.file_hash}", character_id=held.id)
                transaction.save(file_row, condition=FileRow.sk.does_not_exist())
            _count(transaction, owner_id, _counted(held).values(), 1)
            if join:
                join(transaction)

        card_row = self._card_row(owner_id, held.id, body)
        if commit(write):
            raise Conflict("This character is already here.", code="duplicate")

    def change(
        self, owner_id: str, before: CharacterRecord, after: CharacterRecord, body: CardBody | None = None
    ) -> None:
        """Puts `after` in the place of `before`, with a new body if one is given.

        Raises Conflict when the row is no longer at `before`'s revision.
        """

        def write(transaction: TransactWrite) -> None:
            transaction.save(row_of(owner_id, after), condition=CharacterRow.revision == before.revision)
            if card_row:
                transaction.save(card_row)
            if before.file_hash and not after.file_hash:
                transaction.delete(FileRow(owner_id, f"file#{before.file_hash}"))
            old, new = _counted(before), _counted(after)
            _count(transaction, owner_id, [tag for key, tag in new.items() if key not in old], 1)
            _count(transaction, owner_id, [tag for key, tag in old.items() if key not in new], -1)

        card_row = self._card_row(owner_id, after.id, body) if body else None
        if commit(write):
            raise Conflict("This character was changed somewhere else in the meantime.")

    def touch(self, owner_id: str, character_id: str, at: datetime) -> None:
        """Notes when a character was last used, to the minute; quiet when it is gone or in the trash."""
        row = CharacterRow(owner_id, f"character#{character_id}")
        actions: list[Action] = [
            CharacterRow.last_used_at.set(time_text(at)),
            CharacterRow.i1sk.set(f"{time_text(at)}#{character_id}"),
        ]
        try:
            row.update(
                actions=actions,
                condition=CharacterRow.sk.exists()
                & CharacterRow.deleted_at.does_not_exist()
                & (
                    CharacterRow.last_used_at.does_not_exist()
                    | (CharacterRow.last_used_at <= time_text(at - TOUCHED_AGAIN))
                ),
            )
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise

    def delete(self, owner_id: str, held: CharacterRecord) -> None:
        """Deletes the character for good, with its card, its files and all rows that are about it.

        Raises Conflict when it was changed meanwhile.
        """

        def write(transaction: TransactWrite) -> None:
            condition = CharacterRow.revision == held.revision
            transaction.delete(CharacterRow(owner_id, f"character#{held.id}"), condition=condition)
            transaction.delete(CardRow(owner_id, f"card#{held.id}"))
            if held.file_hash:
                transaction.delete(FileRow(owner_id, f"file#{held.file_hash}"))
            _count(transaction, owner_id, _counted(held).values(), -1)
            without_leftovers(owner_id, "character", held.id)(transaction)

        if commit(write):
            raise Conflict("This character was changed somewhere else in the meantime.")
        self._files.delete_prefix(folder_of(owner_id, held.id))

    def list_tags(self, owner_id: str) -> list[TagCount]:
        """The tags of all characters outside the trash, the commonest first."""
        found = [
            TagCount(tag=row.label, count=int(row.uses)) for row in TagRow.query(owner_id, TagRow.sk.startswith("tag#"))
        ]
        used = [tag for tag in found if tag.count > 0]
        return sorted(used, key=lambda tag: (-tag.count, tag.tag.casefold()))[:_TAGS_LISTED_MOST]

    def list_trashed(self, *, before: datetime, limit: int) -> Iterable[tuple[str, CharacterRecord]]:
        """Owner and character of what has been in anybody's trash since before that time."""
        for row in CharacterRow.index2.query(TRASHED, CharacterRow.i2sk < time_text(before), limit=limit):
            yield row.pk, record_of(row)

    def _card_row(self, owner_id: str, character_id: str, body: CardBody) -> CardRow:
        text = body.model_dump_json(exclude_unset=True).encode()
        packed = gzip.compress(text, 5, mtime=0)
        row = CardRow(owner_id, f"card#{character_id}")
        if len(packed) <= ITEM_BYTES_MOST:
            row.body = packed
        else:
            row.body_key = f"{folder_of(owner_id, character_id)}card-{hashlib.sha256(text).hexdigest()[:24]}.json.gz"
            self._files.put(row.body_key, packed, "application/gzip")
        return row


def folder_of(owner_id: str, character_id: str) -> str:
    """Where a character's files are, with the slash at its end."""
    return f"{owner_id}/characters/{character_id}/"


def _counted(held: CharacterRecord) -> dict[str, str]:
    """The tags that count, by their keys: none in the trash."""
    return {} if held.deleted_at else {tag_key(tag): tag for tag in held.tags}


def _count(transaction: TransactWrite, owner_id: str, tags: Iterable[str], by: int) -> None:
    for tag in tags:
        actions: list[Action] = [TagRow.uses.add(by), *([TagRow.label.set(tag)] if by > 0 else [])]
        transaction.update(TagRow(owner_id, f"tag#{tag_key(tag)}"), actions=actions)
