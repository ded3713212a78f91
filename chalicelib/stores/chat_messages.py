"""The messages of a chat: reading them along a branch, and their rows.

Reading costs the same at any length: a page is one or two queries for each span it touches, whatever lies above it. A
page ends early when its texts get long, so that opening a chat reads little.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.errors import NotFound
from chalicelib.models.chats import Message, MessagePage, Span, Swipe
from chalicelib.stores import chat_keys as keys
from chalicelib.stores import chat_rows as rows
from chalicelib.stores import chat_shapes as shapes
from chalicelib.stores.chat_bodies import ChatBodies, text_bytes
from chalicelib.stores.chat_rows import MessageRow, SwipeRow
from chalicelib.stores.chat_updates import above
from chalicelib.stores.message_pages import messages_down

if TYPE_CHECKING:
    from chalicelib.stores.files import Files

# Texts on one page. Opening a chat may read 200 KB in all.
PAGE_BYTES_MOST = 150_000
# The first query of a page learns how long this chat's messages are; the next one is as long as fits.
_FIRST_QUERY = 8
_QUERY_MOST = 100


class ChatMessages:
    def __init__(self, *, files: "Files") -> None:
        self.bodies = ChatBodies(files=files)

    def read_page(
        self, owner_id: str, chat_id: str, spans: Sequence[Span], *, before: str | None, limit: int
    ) -> MessagePage:
        """The `limit` messages above `before` (None: the newest) along a branch, fewer when they are long.

        Deleted ones are passed over. Raises NotFound when `before` does not lie on the branch.
        """
        wanted = above(spans, before) if before else spans
        found: list[Message] = []
        size = 0
        for row in self._descend(owner_id, chat_id, wanted, limit):
            if row.deleted_at:
                continue
            size += _row_bytes(row)
            if found and size > PAGE_BYTES_MOST:
                return MessagePage(messages=found[::-1], before=found[-1].id)
            found.append(self.message_of(row))
            if len(found) == limit:
                more = any(span.upto >= 0 for span in above(spans, found[-1].id))
                return MessagePage(messages=found[::-1], before=found[-1].id if more else None)
        return MessagePage(messages=found[::-1])

    def newest_first(
        self, owner_id: str, chat_id: str, spans: Sequence[Span], *, at_first: int = _FIRST_QUERY
    ) -> Iterator[Message]:
        """All messages of a branch from its head upwards, read page by page as they are asked for.

        `at_first` is how many the first page has: more for those who are going to need many.
        """
        for row in self._descend(owner_id, chat_id, spans, None, at_first):
            if not row.deleted_at:
                yield self.message_of(row)

    def get_message(self, owner_id: str, chat_id: str, message_id: str) -> Message:
        """The message, also when it was deleted and can still be restored."""
        return self.message_of(self.get_message_row(owner_id, chat_id, message_id))

    def get_message_row(self, owner_id: str, chat_id: str, message_id: str) -> MessageRow:
        try:
            return MessageRow.get(*keys.message_key(owner_id, chat_id, message_id), consistent_read=True)
        except MessageRow.DoesNotExist:
            raise NotFound("There is no such message.") from None

    # --- for those who compose transactions

    def message_of(self, row: MessageRow) -> Message:
        """The message with its text, wherever that lies."""
        return shapes.message_of(row, self.bodies.read(row.body_key))

    def swipe_of(self, row: SwipeRow) -> Swipe:
        return shapes.swipe_of(row, self.bodies.read(row.body_key))

    def message_row(self, owner_id: str, message: Message) -> MessageRow:
        """The row to put; a body too long for an item is stored first."""
        return rows.message_row(owner_id, message, self.bodies.keep_text(owner_id, message.chat_id, message))

    def swipe_row(self, owner_id: str, message: Message, swipe: Swipe) -> SwipeRow:
        """The row of one swipe of `message`; a body too long for an item is stored first."""
        apart = self.bodies.keep_text(owner_id, message.chat_id, swipe)
        return rows.swipe_row(owner_id, message.chat_id, message.id, swipe, apart)

    def _descend(
        self,
        owner_id: str,
        chat_id: str,
        spans: Sequence[Span],
        wanted: int | None,
        at_first: int = _FIRST_QUERY,
    ) -> Iterator[MessageRow]:
        """Rows from the head upwards, deleted ones too, in queries as long as `wanted` and a page's bytes allow."""
        pk = keys.inside(owner_id, chat_id)
        count = min(at_first, wanted or at_first)
        longest, size, seen = 500, 0, 0
        for span in reversed(spans):
            upto = span.upto
            while upto >= 0:
                asked = min(count, upto + 1)
                got = 0
                for row in messages_down(pk, span.segment, upto, asked):
                    got, upto = got + 1, int(row.sk.rsplit("#", 1)[1]) - 1
                    longest, size = max(longest, _row_bytes(row)), size + _row_bytes(row)
                    yield row
                seen += got
                missing = _QUERY_MOST if wanted is None else max(wanted - seen, _FIRST_QUERY)
                room = PAGE_BYTES_MOST if wanted is None else PAGE_BYTES_MOST - size
                count = max(1, min(missing, room // longest, _QUERY_MOST))
                if got < asked:
                    break


def _row_bytes(row: MessageRow) -> int:
    extra: dict[str, Any] = row.extra
    return int(row.body_bytes) if row.body_bytes else text_bytes(row.text, row.reasoning, extra)
