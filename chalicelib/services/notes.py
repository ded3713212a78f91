"""Author's notes that belong to no chat: the one new chats begin with, and those of characters."""

from typing import TYPE_CHECKING, Any

from chalicelib.errors import Conflict
from chalicelib.models.chats import Chat
from chalicelib.models.notes import DefaultNote, DefaultNoteChange, NoteOfCharacter, NoteOfCharacterChange
from chalicelib.models.scenes import AuthorsNote, CharacterNote
from chalicelib.services.revisions import check_revision, stale

if TYPE_CHECKING:
    from chalicelib.services.characters import Characters
    from chalicelib.stores.notes import NoteStore


class Notes:
    def __init__(self, *, store: "NoteStore", characters: "Characters") -> None:
        self._store, self._characters = store, characters

    def default(self, owner_id: str) -> DefaultNote:
        return self._store.default(owner_id)

    def change_default(self, owner_id: str, change: DefaultNoteChange) -> DefaultNote:
        """Raises Conflict with both versions when `revision` is not the stored one."""
        theirs, yours = self._store.default(owner_id), change.model_dump(exclude_none=True)
        check_revision(theirs, yours)
        changed = theirs.model_copy(update={**yours, "revision": theirs.revision + 1})
        try:
            self._store.put_default(owner_id, changed)
        except Conflict:
            raise stale(self._store.default(owner_id), yours) from None
        return changed

    def begin_with(self, owner_id: str) -> dict[str, Any]:
        """Fields of a new chat that the default note sets."""
        note = self._store.default(owner_id)
        if note.revision == 0:
            return {}
        ways = note.model_dump(exclude={"text", "revision"})
        return {"authors_note": note.text} | {f"authors_note_{name}": value for name, value in ways.items()}

    def of_character(self, owner_id: str, character_id: str) -> NoteOfCharacter:
        """Raises NotFound when there is no such character."""
        self._characters.get_record(owner_id, character_id)
        return self._store.of_character(owner_id, character_id)

    def change_of_character(self, owner_id: str, character_id: str, change: NoteOfCharacterChange) -> NoteOfCharacter:
        """Raises Conflict with both versions when `revision` is not the stored one, NotFound."""
        theirs, yours = self.of_character(owner_id, character_id), change.model_dump(exclude_none=True)
        check_revision(theirs, yours)
        changed = theirs.model_copy(update={**yours, "revision": theirs.revision + 1})
        try:
            self._store.put_of_character(owner_id, character_id, changed)
        except Conflict:
            raise stale(self._store.of_character(owner_id, character_id), yours) from None
        return changed

    def all_of_characters(self, owner_id: str) -> dict[str, NoteOfCharacter]:
        """By the characters' ids."""
        return self._store.list_of_characters(owner_id)

    def for_scene(self, owner_id: str, chat: Chat, character_id: str) -> tuple[AuthorsNote, CharacterNote | None]:
        """The chat's note, and the speaker's if it has one that is switched on."""
        note = AuthorsNote(
            text=chat.authors_note,
            interval=chat.authors_note_interval,
            place=chat.authors_note_place,
            depth=chat.authors_note_depth,
            role=chat.authors_note_role,
            scanned=chat.authors_note_scanned,
        )
        own = self._store.of_character(owner_id, character_id)
        return note, CharacterNote(text=own.text, merge=own.merge) if own.enabled else None
