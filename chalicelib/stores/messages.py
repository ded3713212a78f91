"""Writing messages and swipes. A message's revision is the condition of every change of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.errors import Conflict, NotFound
from chalicelib.models.chats import Branch, Message, Swipe
from chalicelib.stores import chat_keys as keys
from chalicelib.stores.chat_rows import ChatRow, MessageRow, SwipeRow
from chalicelib.stores.chat_updates import bump_chat, chat_lives, chosen_swipe
from chalicelib.stores.chats import ChatStore
from chalicelib.stores.transactions import commit


class MessageStore:
    def __init__(self, *, chats: ChatStore) -> None:
        self._chats = chats

    def put_all(self, owner_id: str, messages: Iterable[tuple[Message, list[Swipe]]]) -> None:
        """Writes messages with their swipes, without a chat yet: 25 rows a request, not one transaction."""
        with MessageRow.batch_write() as batch:
            for message, swipes in messages:
                batch.save(self._chats.message_row(owner_id, message))
                for swipe in swipes:
                    batch.save(self._chats.swipe_row(owner_id, message, swipe))

    def replace(
        self, owner_id: str, message: Message, *, swipe: Swipe | None = None, expires_at: datetime | None = None
    ) -> Message:
        """Puts `message`, whose revision is the one seen; the message with its new revision.

        `swipe` is written beside it. `expires_at` is when a deleted one really goes. Raises Conflict when the stored
        message has another revision, NotFound when the chat is gone.
        """
        before = self._chats.get_message_row(owner_id, message.chat_id, message.id)
        changed = message.model_copy(update={"revision": message.revision + 1})
        row = self._chats.message_row(owner_id, changed)
        row.expires_at = int(expires_at.timestamp()) if expires_at else None
        beside = self._chats.swipe_row(owner_id, message, swipe) if swipe else None
        count = int(message.deleted_at is None) - int(before.deleted_at is None)
        actions = [*bump_chat(), *([ChatRow.message_count.add(count)] if count else [])]

        def fill(transaction: TransactWrite) -> None:
            transaction.save(row, condition=MessageRow.revision == message.revision)
            transaction.update(ChatRow(*keys.chat_key(owner_id, message.chat_id)), actions, condition=chat_lives())
            if beside:
                transaction.save(beside)

        failed = commit(fill)
        if failed == [1]:
            raise NotFound("There is no such chat.")
        if failed:
            raise Conflict("Somebody changed this message meanwhile.")
        if before.body_key != row.body_key:
            self._chats.bodies.drop(before.body_key)
        return changed

    def list_swipes(self, owner_id: str, message: Message) -> list[Swipe]:
        """All alternatives of a message in order; the chosen one as the message shows it."""
        chosen = chosen_swipe(message)
        if message.swipe_count < 2:
            return [chosen]
        others = SwipeRow.query(keys.inside(owner_id, message.chat_id), self._of(message), consistent_read=True)
        found = {row_swipe.index: row_swipe for row_swipe in map(self._chats.swipe_of, others)}
        return sorted(({**found, chosen.index: chosen}).values(), key=lambda swipe: swipe.index)

    def swipes_along(self, owner_id: str, branch: Branch) -> dict[str, dict[int, Swipe]]:
        """Swipes by message id and index for a whole branch: a query for each span, for exports."""
        found: dict[str, dict[int, Swipe]] = {}
        pk = keys.inside(owner_id, branch.chat_id)
        for span in branch.spans:
            reach = SwipeRow.sk.between(
                f"swipe#{span.segment}#{0:09d}", f"swipe#{span.segment}#{max(span.upto, 0):09d}#99999"
            )
            for row in SwipeRow.query(pk, reach, consistent_read=True):
                _, segment, position, index = row.sk.split("#")
                found.setdefault(f"{segment}.{int(position)}", {})[int(index)] = self._chats.swipe_of(row)
        return found

    def get_swipe(self, owner_id: str, message: Message, index: int) -> Swipe:
        try:
            row = SwipeRow.get(*keys.swipe_key(owner_id, message.chat_id, message.id, index), consistent_read=True)
        except SwipeRow.DoesNotExist:
            raise NotFound("There is no such swipe.") from None
        return self._chats.swipe_of(row)

    def expire_swipes(self, owner_id: str, message: Message, when: datetime | None) -> None:
        """Lets a deleted message's swipes go with it; with None they stay."""
        if message.swipe_count < 2:
            return
        expiry = SwipeRow.expires_at.set(int(when.timestamp())) if when else SwipeRow.expires_at.remove()
        inside = keys.inside(owner_id, message.chat_id)
        for row in SwipeRow.query(inside, self._of(message), consistent_read=True):
            row.update([expiry])

    def settle_swipes(self, owner_id: str, message: Message, *, kept: timedelta) -> None:
        """Has the swipes of `message`, as just written, go or stay with it.

        Another device may delete and restore at the same time: what counts is how the message is when all is written.
        """
        while message.swipe_count > 1:
            gone = message.deleted_at
            self.expire_swipes(owner_id, message, gone + kept if gone else None)
            message = self._chats.get_message(owner_id, message.chat_id, message.id)
            if message.deleted_at == gone:
                return

    @staticmethod
    def _of(message: Message) -> Condition:
        segment, position = keys.split_message_id(message.id)
        condition: Condition = SwipeRow.sk.startswith(f"swipe#{segment}#{position:09d}#")
        return condition
