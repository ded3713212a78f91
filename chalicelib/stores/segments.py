"""The durable text of a running reply in `live`, in segments of about a kilobyte, at most 1.5 s behind its log.

    segment   pk owner#text#{generation}   sk {epoch:04d}#{upto:08d}

A segment is written once. Those of an epoch, joined in order, are the text up to the last one's piece.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError

from chalicelib.stores.streams import Entry, Place
from chalicelib.stores.tables import LiveMeta, LiveRow, ask

SEGMENT_CHARACTERS_MOST = 60_000
"""An item holds 400 KB, and a character takes up to four bytes."""
KEPT_SECONDS = 86_400
_ITEMS_MOST = 25
_TRIES = 6
_PAUSE_SECONDS = 0.02


class SegmentRow(LiveRow):
    class Meta(LiveMeta):
        pass

    since = NumberAttribute()
    """Number of the first piece in it."""
    text = UnicodeAttribute(default="")
    reasoning = UnicodeAttribute(default="")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive pieces of one reply."""

    place: Place
    pieces: tuple[Entry, ...]

    @property
    def upto(self) -> int:
        return self.pieces[-1].seq if self.pieces else 0


class HasNow(Protocol):
    def now(self) -> datetime: ...


class Segments:
    def __init__(self, *, clock: HasNow) -> None:
        self._clock = clock

    def append(self, place: Place, pieces: Sequence[Entry]) -> None:
        """Stores consecutive pieces. Raises PynamoDBException."""
        self.append_all([Stretch(place, tuple(pieces))])

    def append_all(self, stretches: Iterable[Stretch]) -> None:
        """As `append`, for any number of replies in few requests."""
        expires_at = str(int(self._clock.now().timestamp()) + KEPT_SECONDS)
        items = [_item(stretch.place, group, expires_at) for stretch in stretches for group in _groups(stretch.pieces)]
        table = SegmentRow.Meta.table_name
        tries = 0
        while items:
            # Written out: a row class would take as long for each as all the rest. The same item twice is refused.
            asked = [{"PutRequest": {"Item": item}} for item in items[:_ITEMS_MOST]]
            answer = ask("BatchWriteItem", {"RequestItems": {table: asked}})
            left = [one["PutRequest"]["Item"] for one in answer.get("UnprocessedItems", {}).get(table, ())]
            items = items[_ITEMS_MOST:] + left
            tries = tries + 1 if left else 0
            if tries > _TRIES:
                raise PutError("DynamoDB does not take the durable text.")
            if left:
                time.sleep(_PAUSE_SECONDS * 2**tries)

    def read(self, place: Place) -> Entry:
        """All that is stored without a hole, as one `whole` entry; its number is 0 when there is nothing."""
        prefix = SegmentRow.sk.startswith(f"{place.epoch:04d}#")
        # In the order of their ends: of two that begin alike, the second try of a write that failed is the longer one.
        begins = {int(row.since): row for row in SegmentRow.query(_key(place), prefix, consistent_read=True)}
        upto, texts, reasonings = 0, [], []
        while (row := begins.get(upto + 1)) is not None:
            upto = int(row.sk.rpartition("#")[2])
            texts.append(row.text)
            reasonings.append(row.reasoning)
        return Entry(upto, "".join(texts), "".join(reasonings), "whole")


def _item(place: Place, pieces: Sequence[Entry], expires_at: str) -> dict[str, dict[str, str]]:
    """A SegmentRow as DynamoDB has it."""
    return {
        "pk": {"S": _key(place)},
        "sk": {"S": f"{place.epoch:04d}#{pieces[-1].seq:08d}"},
        "since": {"N": str(pieces[0].seq)},
        "text": {"S": "".join(piece.text for piece in pieces)},
        "reasoning": {"S": "".join(piece.reasoning for piece in pieces)},
        "expires_at": {"N": expires_at},
    }


def _groups(pieces: Sequence[Entry]) -> list[list[Entry]]:
    groups: list[list[Entry]] = []
    size = SEGMENT_CHARACTERS_MOST + 1
    for piece in pieces:
        own = len(piece.text) + len(piece.reasoning)
        if size + own > SEGMENT_CHARACTERS_MOST:
            groups.append([])
            size = 0
        groups[-1].append(piece)
        size += own
    return groups


def _key(place: Place) -> str:
    return f"{place.owner_id}#text#{place.generation_id}"
