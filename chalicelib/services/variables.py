"""Variables of chats and of everywhere: the editor's doors, and what replies have changed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.errors import Conflict, Invalid, TooLarge, Unavailable
from chalicelib.models.chats import Chat
from chalicelib.models.variables import NAME_CHARACTERS_MOST, VariableChange, VariableSet
from chalicelib.presetfiles.metadata import read_variables
from chalicelib.services.revisions import check_revision, stale

if TYPE_CHECKING:
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.variables import VariableStore

VALUE_CHARACTERS_MOST = 100_000
_TRIES = 5


class VariableSets:
    """Everywhere `chat` is None stands for the variables of everywhere."""

    def __init__(self, *, store: "VariableStore", chat_store: "ChatStore") -> None:
        self._store, self._chats = store, chat_store

    def of(self, owner_id: str, chat: Chat | None) -> VariableSet:
        """Those of a chat: what was put down here, else what its file brought along."""
        found = self._store.find(owner_id, chat.id if chat else None)
        if found is not None:
            return found
        return VariableSet(values=read_variables(chat.metadata) if chat else {})

    def get(self, owner_id: str, chat_id: str | None) -> VariableSet:
        return self.of(owner_id, self._chats.get(owner_id, chat_id) if chat_id else None)

    def change(self, owner_id: str, chat_id: str | None, change: VariableChange) -> VariableSet:
        """Raises Conflict with both versions when `revision` is not the stored one, Invalid, TooLarge."""
        _check(change)
        theirs = self.get(owner_id, chat_id)
        yours = change.model_dump()
        check_revision(theirs, yours)
        values = {name: value for name, value in (theirs.values | change.put).items() if name not in change.drop}
        try:
            return self._store.put(owner_id, chat_id, values, seen=theirs.revision)
        except Conflict:
            raise stale(self.get(owner_id, chat_id), yours) from None

    def keep(self, owner_id: str, chat: Chat | None, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Puts down what a prompt's macros have changed, onto what is there by now; whether anything was.

        What does not fit any more is left as it was: a reply is not lost for its variables.
        """
        put = {name: value for name, value in after.items() if name not in before or before[name] != value}
        drop = [name for name in before if name not in after]
        if not put and not drop:
            return False
        for _ in range(_TRIES):
            theirs = self.of(owner_id, chat)
            values = {name: value for name, value in (theirs.values | put).items() if name not in drop}
            try:
                self._store.put(owner_id, chat.id if chat else None, values, seen=theirs.revision)
                return True
            except Conflict:
                continue
            except TooLarge:
                return False
        raise Unavailable("The variables are being written from several places at once. Try again.")


def _check(change: VariableChange) -> None:
    for name, value in change.put.items():
        if not name.strip() or len(name) > NAME_CHARACTERS_MOST:
            raise Invalid(
                f"A variable's name has 1 to {NAME_CHARACTERS_MOST} characters.", fields={"put": "a name does not do"}
            )
        if isinstance(value, str) and len(value) > VALUE_CHARACTERS_MOST:
            raise TooLarge(f"A variable holds at most {VALUE_CHARACTERS_MOST:,} characters.")
