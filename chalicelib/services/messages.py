"""Messages: edit, hide, delete and restore, and choosing among swipes. A stale change is a Conflict that shows both.

What stands there already as it was asked for is no conflict: so a request that a bad network sends twice is answered
alike.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.errors import Conflict, NotFound, ReplyInProgress
from chalicelib.models.chats import BranchEnd, DeleteQuery, Message, MessageChange, RestoreQuery, Swipe, SwipeChoice
from chalicelib.models.users import User
from chalicelib.services.revisions import check_revision, stale
from chalicelib.stores.chat_updates import chosen_swipe, lies_on, with_swipe

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.branches import Branches
    from chalicelib.services.chat_news import ChatNews
    from chalicelib.services.typed_words import TypedWords
    from chalicelib.stores.branches import BranchStore
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.messages import MessageStore

DELETED_KEPT = timedelta(days=30)
END_MESSAGES = 20
"""How much of a branch's end is shown to who would have deleted more than they had seen."""


class Messages:
    def __init__(
        self,
        *,
        store: "ChatStore",
        messages: "MessageStore",
        branch_store: "BranchStore",
        branches: "Branches",
        words: "TypedWords",
        news: "ChatNews",
        clock: "Clock",
    ) -> None:
        self._store, self._messages = store, messages
        self._branch_store, self._branches = branch_store, branches
        self._words, self._news, self._clock = words, news, clock

    def change(self, user: User, chat_id: str, message_id: str, change: MessageChange) -> Message:
        """Edits the text, which is that of the chosen swipe, or hides the message from prompts.

        What is stored is the text after scripts and macros: who sends the same once more finds it there.
        """
        theirs = self._live(user.id, chat_id, message_id)
        changed, text = theirs, change.text
        if text is not None and text != theirs.text:
            text = self._words.edited(user.id, theirs, text)
            changed = changed.model_copy(update={"text": text, "tokens": None, "edited_at": self._clock.now()})
        if change.hidden is not None:
            changed = changed.model_copy(update={"hidden": change.hidden})

        def done(message: Message) -> bool:
            as_wanted = text is None or message.text in (text, change.text)
            return as_wanted and change.hidden in (None, message.hidden)

        return self._write(user.id, theirs, changed, change.model_dump(exclude_none=True), done=done)

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
            user.id,
            theirs,
            with_swipe(theirs, swipe),
            choice.model_dump(),
            done=lambda message: message.swipe_index == choice.index,
            beside=chosen_swipe(theirs),
            what="swipe",
        )

    def delete(self, user: User, chat_id: str, message_id: str, query: DeleteQuery) -> None:
        """Takes the message away, or with `below` all that follows it on the branch too; `restore` brings it back."""
        theirs = self._store.get_message(user.id, chat_id, message_id)
        if theirs.deleted_at:
            return
        yours = query.model_dump(exclude_none=True)
        if query.below:
            self._cut(user, theirs, query)
            return
        now = self._clock.now()
        gone = self._write(
            user.id,
            theirs,
            theirs.model_copy(update={"deleted_at": now}),
            yours,
            done=lambda message: message.deleted_at is not None,
            what="delete",
        )
        self._messages.settle_swipes(user.id, gone, kept=DELETED_KEPT)

    def restore(self, user: User, chat_id: str, message_id: str, query: RestoreQuery) -> Message:
        """Takes back the deletion of a message, or of it and all below.

        Several branches may have lost it with all below: without the one that is asked for, the last comes back.
        When the branch went on since, what was below comes back as a branch of its own.
        """
        message = self._store.get_message(user.id, chat_id, message_id)
        if not message.deleted_at:
            self._undo_cut(user, chat_id, message_id, query.branch_id)
            return message
        back = message.model_copy(update={"deleted_at": None})
        # First: should this be broken off, nothing goes that could still be wanted.
        self._messages.expire_swipes(user.id, message, None)
        restored = self._write(
            user.id, message, back, {"revision": message.revision}, done=lambda message: message.deleted_at is None
        )
        self._messages.settle_swipes(user.id, restored, kept=DELETED_KEPT)
        return restored

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
        done: Callable[[Message], bool],
        beside: Swipe | None = None,
        what: Any = "message",
    ) -> Message:
        """Stores `changed`, made from `theirs`, if that is the revision `yours` was made on.

        `done` says whether a message is as `yours` wants it: then nothing is written.
        """
        if done(theirs):
            return theirs
        check_revision(theirs, yours)
        expires_at = changed.deleted_at + DELETED_KEPT if changed.deleted_at else None
        try:
            stored = self._messages.replace(owner_id, changed, swipe=beside, expires_at=expires_at)
        except Conflict:
            faster = self._store.get_message(owner_id, theirs.chat_id, theirs.id)
            if done(faster):
                return faster
            raise stale(faster, yours) from None
        self._news.tell_of_text(owner_id, theirs.chat_id, what, theirs.id)
        return stored

    def _cut(self, user: User, theirs: Message, query: DeleteQuery) -> None:
        """Raises Conflict with what is there when the person has not seen all that would go."""
        chat_id, message_id = theirs.chat_id, theirs.id
        branch_id = query.branch_id or self._store.get_head(user.id, chat_id).branch_id
        branch = self._store.get_branch(user.id, chat_id, branch_id)
        if not lies_on(branch.spans, message_id) and self._was_cut(user.id, branch_id, theirs):
            return
        yours = query.model_dump(exclude_none=True)
        check_revision(theirs, yours)
        try:
            self._branch_store.cut(
                user.id,
                branch,
                theirs,
                chat_revision=query.chat_revision,
                new_segment=self._clock.new_id(),
                now=self._clock.now(),
            )
        except Conflict:
            if self._was_cut(user.id, branch_id, theirs):
                return
            raise self._unseen(user.id, branch_id, theirs, yours) from None
        self._news.tell_of_text(user.id, chat_id, "delete", message_id)

    def _was_cut(self, owner_id: str, branch_id: str, message: Message) -> bool:
        """Whether the message and all below it are off the branch already."""
        return self._branch_store.find_cut(owner_id, message.chat_id, message.id, branch_id) is not None

    def _unseen(self, owner_id: str, branch_id: str, before: Message, yours: dict[str, Any]) -> Conflict:
        """Why a cut did not go through: a reply is being written, the message is another now, or others are."""
        branch = self._store.get_branch(owner_id, before.chat_id, branch_id)
        if branch.active_turn_id:
            return ReplyInProgress("A reply is being written here. Stop it first.", turn_id=branch.active_turn_id)
        message = self._store.get_message(owner_id, before.chat_id, before.id)
        if message.revision != before.revision:
            return stale(message, yours)
        revision = self._store.get_head(owner_id, before.chat_id).revision
        page = self._store.read_page(owner_id, before.chat_id, branch.spans, before=None, limit=END_MESSAGES)
        return stale(BranchEnd(chat_revision=revision, messages=page.messages), yours)

    def _undo_cut(self, user: User, chat_id: str, message_id: str, branch_id: str | None) -> None:
        cut = self._branch_store.find_cut(user.id, chat_id, message_id, branch_id)
        if cut is None:
            return
        if not self._branch_store.undo_cut(user.id, chat_id, message_id, cut, self._clock.now()):
            try:
                self._branches.keep(user, chat_id, cut, message_id)
            except Conflict:
                # Another device has brought it back at this moment.
                return
        self._news.tell_of_text(user.id, chat_id, "branch", message_id)
