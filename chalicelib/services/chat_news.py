"""After a write in a chat: its entry in the list says what was said last, the person's other devices hear of it, and
the search index is told."""

from typing import TYPE_CHECKING

from chalicelib.models.jobs import IndexOrder
from chalicelib.stores.chat_updates import preview_of

if TYPE_CHECKING:
    from chalicelib.clients.queue import Queue
    from chalicelib.services.announcements import Announcements, What
    from chalicelib.stores.chats import ChatStore

_TRIES = 5


class ChatNews:
    def __init__(self, *, store: "ChatStore", announcements: "Announcements", queue: "Queue") -> None:
        self._store, self._announcements, self._queue = store, announcements, queue

    def tell_index(self, owner_id: str, chat_id: str, *message_ids: str) -> None:
        """The search index alone: a chat came, went for good or goes on; and which messages read otherwise."""
        self._queue.send_index(IndexOrder(owner_id=owner_id, chat_id=chat_id, message_ids=list(message_ids)))

    def tell(self, owner_id: str, chat_id: str, what: "What", message_id: str | None = None) -> None:
        """Call it when the write is committed."""
        revision = self._store.get_head(owner_id, chat_id).revision
        self._announcements.changed(owner_id, chat_id, what, revision, message_id)
        self.tell_index(owner_id, chat_id)

    def tell_of_text(self, owner_id: str, chat_id: str, what: "What", message_id: str) -> None:
        """The same where the newest message may be another one now, or read otherwise."""
        revision = self.show_newest(owner_id, chat_id)
        self._announcements.changed(owner_id, chat_id, what, revision, message_id)
        self.tell_index(owner_id, chat_id, message_id)

    def show_newest(self, owner_id: str, chat_id: str) -> int:
        """Lets the list of chats show the newest message; the chat's revision. Raises NotFound."""
        for _ in range(_TRIES):
            chat = self._store.get_head(owner_id, chat_id)
            branch = self._store.get_branch(owner_id, chat_id, chat.branch_id)
            newest = next(self._store.newest_first(owner_id, chat_id, branch.spans), None)
            preview = preview_of(newest.text) if newest else ""
            # A write that came between would be older than what is shown already: then it is looked up again.
            if preview == chat.preview or self._store.set_preview(owner_id, chat_id, preview, chat.revision):
                break
        return chat.revision
