"""The durable text of a running reply in `live`, in segments of about a kilobyte, at most 1.5 s behind its log.

    segment   pk owner#text#{generation}   sk {epoch:04d}#{upto:08d}

A segment is written once. Those of an epoch, joined in order, are the text up to the last one's piece.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.stores.streams import Entry, Place
from chalicelib.stores.tables import LiveMeta, LiveRow

SEGMENT_CHARACTERS_MOST = 60_000
"""An item holds 400 KB, and a character takes up to four bytes."""
KEPT_SECONDS = 86_400


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
        expires_at = int(self._clock.now().timestamp()) + KEPT_SECONDS
        with SegmentRow.batch_write() as batch:
            for stretch in stretches:
                for group in _groups(stretch.pieces):
                    row = SegmentRow(
                        _key(stretch.place),
                        f"{stretch.place.epoch:04d}#{group[-1].seq:08d}",
                        since=group[0].seq,
                        text="".join(piece.text for piece in group),
                        reasoning="".join(piece.reasoning for piece in group),
                        expires_at=expires_at,
                    )
                    batch.save(row)

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
