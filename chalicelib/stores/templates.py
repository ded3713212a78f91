"""Templates of text completion in `main`.

template   pk owner   sk template#{id}     the file it came in, gzipped; above 300 KB in S3
"""

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.errors import NotFound
from chalicelib.models.kept_templates import TemplateKind
from chalicelib.models.shapes import Instant, Page
from chalicelib.stores.owned import add_with, put_if_revision, read_owned
from chalicelib.stores.packed import PackedRow, Packing
from chalicelib.stores.tables import MainMeta
from chalicelib.stores.times import moment, stamp
from chalicelib.stores.transactions import Join

if TYPE_CHECKING:
    from chalicelib.stores.files import Files

_PREFIX = "template#"


class TemplateRow(PackedRow):
    class Meta(MainMeta):
        pass

    kind = UnicodeAttribute()
    name = UnicodeAttribute()
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    revision = NumberAttribute(default=1)


class KeptTemplate(NamedTuple):
    """A template as it is stored: the file's JSON, and what we note about it."""

    id: str
    kind: TemplateKind
    name: str
    file: dict[str, Any]
    created_at: Instant
    updated_at: Instant
    revision: int


class TemplateStore:
    def __init__(self, *, files: "Files") -> None:
        self._packing = Packing(files, "templates/")

    def list(self, owner_id: str, *, cursor: str | None, limit: int) -> Page[KeptTemplate]:
        """The oldest first."""
        return read_owned(TemplateRow, owner_id, _PREFIX, self._template_of, cursor=cursor, limit=limit)

    def find(self, owner_id: str, template_id: str) -> KeptTemplate | None:
        try:
            return self._template_of(TemplateRow.get(owner_id, _PREFIX + template_id, consistent_read=True))
        except TemplateRow.DoesNotExist:
            return None

    def get(self, owner_id: str, template_id: str) -> KeptTemplate:
        found = self.find(owner_id, template_id)
        if found is None:
            raise NotFound("There is no such template.")
        return found

    def add(self, owner_id: str, template: KeptTemplate, join: Join | None = None) -> None:
        """A new one; `join` adds rows of others. Raises Conflict when what `join` adds is there already."""
        add_with(self._row(owner_id, template), join)

    def replace(self, owner_id: str, template: KeptTemplate, *, seen: int) -> None:
        """Writes it over revision `seen`. Raises Conflict."""
        put_if_revision(self._row(owner_id, template), seen)

    def delete(self, owner_id: str, template_id: str) -> None:
        TemplateRow(owner_id, _PREFIX + template_id).delete()

    def _row(self, owner_id: str, template: KeptTemplate) -> TemplateRow:
        row = TemplateRow(
            owner_id,
            _PREFIX + template.id,
            kind=template.kind,
            name=template.name,
            created_at=stamp(template.created_at),
            updated_at=stamp(template.updated_at),
            revision=template.revision,
        )
        self._packing.pack(row, owner_id, json.dumps(template.file, ensure_ascii=False))
        return row

    def _template_of(self, row: TemplateRow) -> KeptTemplate:
        kind: Any = row.kind
        return KeptTemplate(
            id=row.sk.removeprefix(_PREFIX),
            kind=kind,
            name=row.name,
            file=json.loads(self._packing.unpack(row)),
            created_at=moment(row.created_at),
            updated_at=moment(row.updated_at),
            revision=int(row.revision),
        )
