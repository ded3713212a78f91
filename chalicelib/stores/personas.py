"""Personas in `main`.

persona   pk owner   sk persona#{id}
locks     pk owner   sk personalocks     which persona belongs to which character or group: one item, bounded
"""

from collections.abc import Callable

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError

from chalicelib.errors import NotFound, Unavailable
from chalicelib.models.media import StoredPicture
from chalicelib.models.personas import StoredPersona
from chalicelib.models.shapes import Page
from chalicelib.stores.leftovers import drop_leftovers
from chalicelib.stores.owned import add_with, put_if_revision, read_owned
from chalicelib.stores.tables import MainMeta, MainRow
from chalicelib.stores.times import moment, stamp
from chalicelib.stores.transactions import Join

_PREFIX = "persona#"
_LOCKS = "personalocks"
_TRIES = 10


class PersonaRow(MainRow):
    class Meta(MainMeta):
        pass

    name = UnicodeAttribute()
    title = UnicodeAttribute(default="")
    description = UnicodeAttribute(default="")
    place = UnicodeAttribute(default="in_prompt")
    depth = NumberAttribute(default=2)
    role = UnicodeAttribute(default="system")
    file = JSONAttribute(default=dict)
    picture = JSONAttribute(null=True)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    revision = NumberAttribute(default=1)


class LocksRow(MainRow):
    class Meta(MainMeta):
        pass

    locks = JSONAttribute(default=dict)
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
        drop_leftovers(owner_id, "persona", persona_id)
        PersonaRow(owner_id, _PREFIX + persona_id).delete()

    def locks(self, owner_id: str) -> dict[str, str]:
        """Ids of personas by the ids of what they are locked to."""
        row = self._locks_row(owner_id)
        return dict(row.locks) if row else {}

    def unlock(self, owner_id: str, target_id: str) -> None:
        """Nobody is locked any more to what was deleted for good."""
        self.change_locks(owner_id, lambda locks: {one: held for one, held in locks.items() if one != target_id})

    def change_locks(self, owner_id: str, change: Callable[[dict[str, str]], dict[str, str]]) -> dict[str, str]:
        """Writes what `change` makes of them; the locks as they are then."""
        for _ in range(_TRIES):
            row = self._locks_row(owner_id)
            before = dict(row.locks) if row else {}
            after = change(before)
            if after == before:
                return before
            seen = int(row.revision) if row else 0
            new = LocksRow.pk.does_not_exist() if row is None else LocksRow.revision == seen
            try:
                LocksRow(*locks_place(owner_id), locks=after, revision=seen + 1).save(condition=new)
                return after
            except PutError as error:
                if error.cause_response_code != "ConditionalCheckFailedException":
                    raise
        raise Unavailable("Your personas are being changed by several devices at once. Try again.")

    @staticmethod
    def _locks_row(owner_id: str) -> LocksRow | None:
        try:
            return LocksRow.get(*locks_place(owner_id), consistent_read=True)
        except LocksRow.DoesNotExist:
            return None


def locks_place(owner_id: str) -> tuple[str, str]:
    """Partition and sort key of the locks."""
    return owner_id, _LOCKS


def _row(owner_id: str, persona: StoredPersona) -> PersonaRow:
    return PersonaRow(
        owner_id,
        _PREFIX + persona.id,
        name=persona.name,
        title=persona.title,
        description=persona.description,
        place=persona.place,
        depth=persona.depth,
        role=persona.role,
        file=persona.file,
        picture=persona.stored_picture.model_dump() if persona.stored_picture else None,
        created_at=stamp(persona.created_at),
        updated_at=stamp(persona.updated_at),
        revision=persona.revision,
    )


def _persona_of(row: PersonaRow) -> StoredPersona:
    return StoredPersona(
        id=row.sk.removeprefix(_PREFIX),
        name=row.name,
        title=row.title,
        description=row.description,
        place=row.place,  # type: ignore[arg-type]  # only PersonaPlace is ever written
        depth=int(row.depth),
        role=row.role,  # type: ignore[arg-type]  # only MessageRole
        file=row.file,
        stored_picture=StoredPicture.model_validate(row.picture) if row.picture else None,
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
        revision=int(row.revision),
    )
