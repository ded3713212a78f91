"""Variables of branches and of everywhere: the editor's doors, and what replies have changed.

A branch begins with a copy of what the one it came from had, as in SillyTavern, where it is a chat of its own. One that
never wrote any reads those the chat had before branches had their own, or that its file brought along.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from chalicelib.errors import Conflict, Invalid, TooLarge, Unavailable
from chalicelib.models.chats import Chat
from chalicelib.models.variables import NAME_CHARACTERS_MOST, VariableChange, VariableSet
from chalicelib.presetfiles.metadata import read_variables
from chalicelib.services.revisions import check_revision, stale
from chalicelib.stores.transactions import Join

if TYPE_CHECKING:
    from pynamodb.transactions import TransactWrite

    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.variables import VariableStore

VALUE_CHARACTERS_MOST = 100_000
_TRIES = 5


class VariableSets:
    """Everywhere None as the chat, with None as the branch, stands for the variables of everywhere."""

    def __init__(self, *, store: "VariableStore", chat_store: "ChatStore") -> None:
        self._store, self._chats = store, chat_store

    def of(self, owner_id: str, chat: Chat | None, branch_id: str | None) -> VariableSet:
        """Those of a branch: its own, else those the chat had, else what its file brought along."""
        if chat is None:
            return self._store.find(owner_id, None) or VariableSet()
        if own := self._store.find(owner_id, chat.id, branch_id):
            return own
        before = self._store.find(owner_id, chat.id)
        return VariableSet(values=before.values if before else read_variables(chat.metadata))

    def everywhere(self, owner_id: str) -> VariableSet:
        return self.of(owner_id, None, None)

    def get(self, owner_id: str, chat_id: str, branch_id: str | None) -> VariableSet:
        """Those of a branch, without one those of the branch the chat opens with. Raises NotFound."""
        return self.of(owner_id, *self._place(owner_id, chat_id, branch_id))

    def change(self, owner_id: str, chat_id: str | None, branch_id: str | None, change: VariableChange) -> VariableSet:
        """Raises Conflict with both versions when `revision` is not the stored one, Invalid, TooLarge, NotFound."""
        _check(change)
        chat, branch_id = self._place(owner_id, chat_id, branch_id) if chat_id else (None, None)
        theirs = self.of(owner_id, chat, branch_id)
        yours = change.model_dump()
        check_revision(theirs, yours)
        values = {name: value for name, value in (theirs.values | change.put).items() if name not in change.drop}
        try:
            return self._store.put(owner_id, chat_id, branch_id, values, seen=theirs.revision)
        except Conflict:
            raise stale(self.of(owner_id, chat, branch_id), yours) from None

    def copied(self, owner_id: str, chat_id: str, source_id: str, branch_id: str) -> Join:
        """Adds to the transaction that makes a branch a copy of what another one has by now."""
        found = self._store.find(owner_id, chat_id, source_id)

        def join(write: "TransactWrite") -> None:
            # Without its own the source reads what is never written again: the new branch reads the same.
            if found is not None:
                self._store.give(write, owner_id, chat_id, branch_id, found.values)

        return join

    def dropped(self, owner_id: str, chat_id: str, branch_id: str) -> Join:
        """Adds to the transaction that deletes a branch what it had."""
        return lambda write: self._store.drop(write, owner_id, chat_id, branch_id)

    def changing(
        self, owner_id: str, chat: Chat | None, branch_id: str | None, seen: VariableSet, after: Mapping[str, Any]
    ) -> Join | None:
        """Adds to a transaction what macros have changed since `seen`; None where they changed nothing.

        What does not fit any more is left as it was.
        """
        values = dict(after)
        if values == seen.values:
            return None

        def join(write: "TransactWrite") -> None:
            with suppress(TooLarge):
                self._store.change(write, owner_id, chat.id if chat else None, branch_id, values, seen=seen.revision)

        return join

    def given(self, owner_id: str, chat_id: str, branch_id: str, values: Mapping[str, Any]) -> Join | None:
        """Adds to the transaction that makes a chat what its first branch begins with."""
        if not values:
            return None

        def join(write: "TransactWrite") -> None:
            with suppress(TooLarge):
                self._store.give(write, owner_id, chat_id, branch_id, dict(values))

        return join

    def keep(
        self,
        owner_id: str,
        chat: Chat | None,
        branch_id: str | None,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
    ) -> bool:
        """Puts down what a prompt's macros have changed, onto what is there by now; whether anything was.

        What does not fit any more is left as it was: a reply is not lost for its variables.
        """
        put = {name: value for name, value in after.items() if name not in before or before[name] != value}
        drop = [name for name in before if name not in after]
        if not put and not drop:
            return False
        for _ in range(_TRIES):
            theirs = self.of(owner_id, chat, branch_id)
            values = {name: value for name, value in (theirs.values | put).items() if name not in drop}
            try:
                self._store.put(owner_id, chat.id if chat else None, branch_id, values, seen=theirs.revision)
                return True
            except Conflict:
                continue
            except TooLarge:
                return False
        raise Unavailable("The variables are being written from several places at once. Try again.")

    def _place(self, owner_id: str, chat_id: str, branch_id: str | None) -> tuple[Chat, str]:
        chat = self._chats.get(owner_id, chat_id)
        return chat, self._chats.get_branch(owner_id, chat_id, branch_id or chat.branch_id).id


def _check(change: VariableChange) -> None:
    for name, value in change.put.items():
        if not name.strip() or len(name) > NAME_CHARACTERS_MOST:
            raise Invalid(
                f"A variable's name has 1 to {NAME_CHARACTERS_MOST} characters.", fields={"put": "a name does not do"}
            )
        if isinstance(value, str) and len(value) > VALUE_CHARACTERS_MOST:
            raise TooLarge(f"A variable holds at most {VALUE_CHARACTERS_MOST:,} characters.")
