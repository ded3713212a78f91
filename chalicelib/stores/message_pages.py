"""Stretches of a segment's messages, from a position downwards: one query, or what was read ahead."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.stores.chat_keys import message_sort_key
from chalicelib.stores.chat_rows import MessageRow
from chalicelib.stores.tables import pages_ahead


@dataclass(frozen=True, slots=True)
class ReadAhead:
    """The answer of a query for `asked` messages: fewer rows only where there are no more."""

    asked: int
    rows: tuple[MessageRow, ...]


def messages_down(partition: str, segment: str, upto: int, count: int) -> Iterator[MessageRow]:
    """The rows of a segment from a position downwards, deleted ones too: those read ahead, else by one query."""
    ahead = pages_ahead.get()
    known = ahead.pop((partition, segment, upto), None) if ahead else None
    asked = min(count, upto + 1)
    if known is not None and asked <= known.asked:
        return iter(known.rows)
    reach = MessageRow.sk.between(message_sort_key(segment, 0), message_sort_key(segment, upto))
    found: Iterator[MessageRow] = MessageRow.query(
        partition, reach, scan_index_forward=False, limit=asked, page_size=asked, consistent_read=True
    )
    return found
