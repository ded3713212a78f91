"""Messages: edit, hide, delete and restore, and choosing among swipes. A stale change is a Conflict that shows both."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.errors import Conflict, NotFound
from chalicelib.models.chats import DeleteQuery, Message, MessageChange, Swipe, SwipeChoice
from chalicelib.models.users import User
from chalicelib.services.revisions import check_revision, stale
from chalicelib.stores.chat_updates import chosen_swipe, with_swipe

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.branches import Branches
    from chalicelib.services.chat_news import ChatNews
    from chalicelib.stores.branches import BranchStore
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.messages import MessageStore

DELETED_KEPT = timedelta(days=30)


class Messages:
    def __init__(
        self,
        *,
        store: "ChatStore",
        messages: "MessageStore",
        branch_store: "BranchStore",
        branches: "Branches",
        news: "ChatNews",
        clock: "Clock",
    ) -> None:
        self._store, self._messages = store, messages
        self._branch_store, self._branches = branch_store, branches
        self._news, self._clock = news, clock

    def change(self, user: User, chat_id: str, message_id: str, change: MessageChange) -> Message:
        """Edits the text, which is that of the chosen swipe, or hides the message from prompts."""
        theirs = self._live(user.id, chat_id, message_id)
        changed = theirs
        if change.text is not None and change.text != theirs.text:
            changed = changed.model_copy(update={"text": change.text, "tokens": None, "edited_at": self._clock.now()})
        if change.hidden is not None:
            changed = changed.model_copy(update={"hidden": change.hidden})
        return self._write(user.id, theirs, changed, change.model_dump(exclude_none=True))

    def list_swipes(self, user: User, chat_id: str, message_id: str) -> list[Swipe]:
        """All alternatives in order."""
        return self._messages.list_swipes(user.id, self._live(user.id, chat_id, message_id))

    def choose_swipe(self, user: User, chat_id: str, message_id: str, choice: SwipeChoice) -> Message:
        """Shows another alternative; what the present one says, edits included, is kept in its place."""
        theirs = self._live(user.id, chat_id, message_id)
        if choice.index == theirs.swipe_index:
            return theirs
        if choice.index >= theirs.swipe_count:
            raise NotFound("There is no such swipe.")
        swipe = self._messages.get_swipe(user.id, theirs, choice.index)
        return self._write(
            user.id, theirs, with_swipe(theirs, swipe), choice.model_dump(), beside=chosen_swipe(theirs), what="swipe"
        )

    def delete(self, user: User, chat_id: str, message_id: str, query: DeleteQuery) -> None:
        """Takes the message away, or with `below` all that follows it on the branch too; `restore` brings it back."""
        theirs = self._store.get_message(user.id, chat_id, message_id)
        if theirs.deleted_at:
            return
        yours = query.model_dump(exclude_none=True)
        if query.below:
            check_revision(theirs, yours)
            self._cut(user, chat_id, message_id, query.branch_id)
            return
        now = self._clock.now()
        gone = self._write(user.id, theirs, theirs.model_copy(update={"deleted_at": now}), yours, what="delete")
        self._messages.expire_swipes(user.id, gone, now + DELETED_KEPT)

    def restore(self, user: User, chat_id: str, message_id: str) -> Message:
        """Takes back the deletion of a message, or of it and all below.

        When the branch went on since, what was below comes back as a branch of its own.
        """
        message = self._store.get_message(user.id, chat_id, message_id)
        if not message.deleted_at:
            self._undo_cut(user, chat_id, message_id)
            return message
        back = message.model_copy(update={"deleted_at": None})
        self._messages.expire_swipes(user.id, message, None)
        return self._write(user.id, message, back, {"revision": message.revision})

    def _live(self, owner_id: str, chat_id: str, message_id: str) -> Message:
        message = self._store.get_message(owner_id, chat_id, message_id)
        if message.deleted_at:
            raise NotFound("This message was deleted. Restore it first.")
        return message

    def _write(
        self,
        owner_id: str,
        theirs: Message,
        changed: Message,
        yours: dict[str, Any],
        *,
        beside: Swipe | None = None,
        what: Any = "message",
    ) -> Message:
        """Stores `changed`, made from `theirs`, if that is the revision `yours` was made on."""
        check_revision(theirs, yours)
        if changed == theirs:
            return theirs
        expires_at = changed.deleted_at + DELETED_KEPT if changed.deleted_at else None
        try:
            stored = self._messages.replace(owner_id, changed, swipe=beside, expires_at=expires_at)
        except Conflict:
            raise stale(self._store.get_message(owner_id, theirs.chat_id, theirs.id), yours) from None
        self._news.tell_of_text(owner_id, theirs.chat_id, what, theirs.id)
        return stored

    def _cut(self, user: User, chat_id: str, message_id: str, branch_id: str | None) -> None:
        branch_id = branch_id or self._store.get_head(user.id, chat_id).branch_id
        branch = self._store.get_branch(user.id, chat_id, branch_id)
        now = self._clock.now()
        self._branch_store.cut(user.id, branch, message_id, new_segment=self._clock.new_id(), now=now)
        self._news.tell_of_text(user.id, chat_id, "delete", message_id)

    def _undo_cut(self, user: User, chat_id: str, message_id: str) -> None:
        cut = self._branch_store.find_cut(user.id, chat_id, message_id)
        if cut is None:
            return
        if not self._branch_store.undo_cut(user.id, chat_id, message_id, cut, self._clock.now()):
            self._branches.keep(user, chat_id, cut.spans, message_id)
            self._branch_store.delete_cut(user.id, chat_id, message_id)
        self._news.tell_of_text(user.id, chat_id, "branch", message_id)
