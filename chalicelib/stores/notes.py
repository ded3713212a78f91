"""Author's notes in `main` that belong to no chat.

note   pk owner   sk note#default          what new chats begin with
note   pk owner   sk note#{character}      a character's
"""

from typing import Any

from pynamodb.attributes import JSONAttribute, NumberAttribute
from pynamodb.exceptions import PutError

from chalicelib.errors import Conflict
from chalicelib.models.notes import DefaultNote, NoteOfCharacter
from chalicelib.stores.tables import MainMeta, MainRow

_PREFIX = "note#"
_DEFAULT = "default"


class NoteRow(MainRow):
    class Meta(MainMeta):
        pass

    body = JSONAttribute(default=dict)
    revision = NumberAttribute(default=1)


class NoteStore:
    def default(self, owner_id: str) -> DefaultNote:
        row = _find(owner_id, _DEFAULT)
        return DefaultNote(**row.body, revision=int(row.revision)) if row else DefaultNote()

    def put_default(self, owner_id: str, note: DefaultNote) -> None:
        """Writes it over the revision before its own. Raises Conflict."""
        _put(owner_id, _DEFAULT, note.model_dump(exclude={"revision"}), note.revision)

    def of_character(self, owner_id: str, character_id: str) -> NoteOfCharacter:
        row = _find(owner_id, character_id)
        return NoteOfCharacter(**row.body, revision=int(row.revision)) if row else NoteOfCharacter()

    def put_of_character(self, owner_id: str, character_id: str, note: NoteOfCharacter) -> None:
        """Writes it over the revision before its own. Raises Conflict."""
        _put(owner_id, character_id, note.model_dump(exclude={"revision"}), note.revision)

    def list_of_characters(self, owner_id: str) -> dict[str, NoteOfCharacter]:
        """All notes of characters, by their ids."""
        found = {}
        for row in NoteRow.query(owner_id, NoteRow.sk.startswith(_PREFIX), consistent_read=True):
            name = row.sk.removeprefix(_PREFIX)
            if name != _DEFAULT:
                found[name] = NoteOfCharacter(**row.body, revision=int(row.revision))
        return found


def note_place(owner_id: str, character_id: str) -> tuple[str, str]:
    """Partition and sort key of a character's note."""
    return owner_id, _PREFIX + character_id


def _find(owner_id: str, name: str) -> NoteRow | None:
    try:
        return NoteRow.get(owner_id, _PREFIX + name, consistent_read=True)
    except NoteRow.DoesNotExist:
        return None


def _put(owner_id: str, name: str, body: dict[str, Any], revision: int) -> None:
    new = NoteRow.pk.does_not_exist() if revision == 1 else NoteRow.revision == revision - 1
    try:
        NoteRow(owner_id, _PREFIX + name, body=body, revision=revision).save(condition=new)
    except PutError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise
        raise Conflict("This note was changed elsewhere meanwhile.") from None
