"""Personas in `main`.

persona   pk owner   sk persona#{id}
"""

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.errors import NotFound
from chalicelib.models.media import StoredPicture
from chalicelib.models.personas import StoredPersona
from chalicelib.models.shapes import Page
from chalicelib.stores.chat_rows import moment, stamp
from chalicelib.stores.chat_updates import Join
from chalicelib.stores.owned import add_with, put_if_revision, read_owned
from chalicelib.stores.tables import MainMeta, MainRow

_PREFIX = "persona#"


class PersonaRow(MainRow):
    class Meta(MainMeta):
        pass

    name = UnicodeAttribute()
    description = UnicodeAttribute(default="")
    picture = JSONAttribute(null=True)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    revision = NumberAttribute(default=1)


class PersonaStore:
    def list(self, owner_id: str, *, cursor: str | None, limit: int) -> Page[StoredPersona]:
        """The oldest first."""
        return read_owned(PersonaRow, owner_id, _PREFIX, _persona_of, cursor=cursor, limit=limit)

    def find(self, owner_id: str, persona_id: str) -> StoredPersona | None:
        try:
            return _persona_of(PersonaRow.get(owner_id, _PREFIX + persona_id, consistent_read=True))
        except PersonaRow.DoesNotExist:
            return None

    def get(self, owner_id: str, persona_id: str) -> StoredPersona:
        found = self.find(owner_id, persona_id)
        if found is None:
            raise NotFound("There is no such persona.")
        return found

    def add(self, owner_id: str, persona: StoredPersona, join: Join | None = None) -> None:
        """A new one; `join` adds rows of others. Raises Conflict when what `join` adds is there already."""
        add_with(_row(owner_id, persona), join)

    def replace(self, owner_id: str, persona: StoredPersona, *, seen: int) -> None:
        """Writes it over revision `seen`. Raises Conflict."""
        put_if_revision(_row(owner_id, persona), seen)

    def delete(self, owner_id: str, persona_id: str) -> None:
        PersonaRow(owner_id, _PREFIX + persona_id).delete()


def _row(owner_id: str, persona: StoredPersona) -> PersonaRow:
    return PersonaRow(
        owner_id,
        _PREFIX + persona.id,
        name=persona.name,
        description=persona.description,
        picture=persona.stored_picture.model_dump() if persona.stored_picture else None,
        created_at=stamp(persona.created_at),
        updated_at=stamp(persona.updated_at),
        revision=persona.revision,
    )


def _persona_of(row: PersonaRow) -> StoredPersona:
    return StoredPersona(
        id=row.sk.removeprefix(_PREFIX),
        name=row.name,
        description=row.description,
        stored_picture=StoredPicture.model_validate(row.picture) if row.picture else None,
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
        revision=int(row.revision),
    )
