"""Sets of quick replies in `main`.

quick set   pk owner   sk quickset#{id}     the file it came in, gzipped; above 300 KB in S3
"""

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.errors import NotFound
from chalicelib.models.shapes import Instant, Page
from chalicelib.stores.owned import add_with, put_if_revision, read_owned
from chalicelib.stores.packed import PackedRow, Packing
from chalicelib.stores.tables import MainMeta
from chalicelib.stores.times import moment, stamp
from chalicelib.stores.transactions import Join

if TYPE_CHECKING:
    from chalicelib.stores.files import Files

_PREFIX = "quickset#"


class QuickSetRow(PackedRow):
    class Meta(MainMeta):
        pass

    name = UnicodeAttribute()
    shown = BooleanAttribute(default=True)
    allowed = BooleanAttribute(null=True)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    revision = NumberAttribute(default=1)


class KeptQuickSet(NamedTuple):
    """A set as it is stored: the file's JSON, and what we note about it."""

    id: str
    name: str
    file: dict[str, Any]
    shown: bool
    allowed: bool | None
    created_at: Instant
    updated_at: Instant
    revision: int


class QuickReplyStore:
    def __init__(self, *, files: "Files") -> None:
        self._packing = Packing(files, "quick-replies/")

    def list(self, owner_id: str, *, cursor: str | None, limit: int) -> Page[KeptQuickSet]:
        """The oldest first."""
        return read_owned(QuickSetRow, owner_id, _PREFIX, self._set_of, cursor=cursor, limit=limit)

    def get(self, owner_id: str, set_id: str) -> KeptQuickSet:
        try:
            return self._set_of(QuickSetRow.get(owner_id, _PREFIX + set_id, consistent_read=True))
        except QuickSetRow.DoesNotExist:
            raise NotFound("There is no such set of quick replies.") from None

    def add(self, owner_id: str, kept: KeptQuickSet, join: Join | None = None) -> None:
        """A new one; `join` adds rows of others. Raises Conflict when what `join` adds is there already."""
        add_with(self._row(owner_id, kept), join)

    def replace(self, owner_id: str, kept: KeptQuickSet, *, seen: int) -> None:
        """Writes it over revision `seen`. Raises Conflict."""
        put_if_revision(self._row(owner_id, kept), seen)

    def delete(self, owner_id: str, set_id: str) -> None:
        QuickSetRow(owner_id, _PREFIX + set_id).delete()

    def _row(self, owner_id: str, kept: KeptQuickSet) -> QuickSetRow:
        row = QuickSetRow(
            owner_id,
            _PREFIX + kept.id,
            name=kept.name,
            shown=kept.shown,
            allowed=kept.allowed,
            created_at=stamp(kept.created_at),
            updated_at=stamp(kept.updated_at),
            revision=kept.revision,
        )
        self._packing.pack(row, owner_id, json.dumps(kept.file, ensure_ascii=False))
        return row

    def _set_of(self, row: QuickSetRow) -> KeptQuickSet:
        return KeptQuickSet(
            id=row.sk.removeprefix(_PREFIX),
            name=row.name,
            file=json.loads(self._packing.unpack(row)),
            shown=row.shown,
            allowed=row.allowed,
            created_at=moment(row.created_at),
            updated_at=moment(row.updated_at),
            revision=int(row.revision),
        )
