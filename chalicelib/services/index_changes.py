"""Changes of a search index, gathered before parts are written: what comes in, and what goes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chalicelib.models.search import Entry, Spot
from chalicelib.searching.letters import folded
from chalicelib.searching.parts import Part
from chalicelib.stores.search_index import Heads, PartFacts
from chalicelib.stores.search_texts import Place, Text

PART_BYTES = 500_000
"""Texts of a part: measured in docs/decisions/0014."""
OPEN_BYTES = 400_000
"""A smaller part is written again with what comes next."""


@dataclass
class Changes:
    entries: list[Entry] = field(default_factory=list)
    bytes: int = 0
    heads: dict[str, Heads | None] = field(default_factory=dict)
    """How far chats are known when this is written; None for a chat that is gone."""
    _spots: set[Spot] = field(default_factory=set)
    _cuts: dict[tuple[str, str], int] = field(default_factory=dict)
    _chats: set[str] = field(default_factory=set)
    """Of which something goes."""

    def add(self, text: Text, place: Place) -> None:
        entry = entry_of(text, place)
        self.entries.append(entry)
        self._spots.add(entry.spot)
        self.bytes += len(entry.text)

    def drop(self, spot: Spot) -> None:
        self._spots.add(spot)
        self._chats.add(spot.chat_id)

    def cut(self, chat_id: str, segment: str, upto: int) -> None:
        """All of a segment behind a position goes."""
        self._cuts[chat_id, segment] = upto
        self._chats.add(chat_id)

    def drop_chat(self, chat_id: str) -> None:
        self.heads[chat_id] = None
        self._chats.add(chat_id)

    def concern(self, facts: PartFacts) -> bool:
        """Whether a part is to be read: something of it may go, or there is room in it."""
        return not self._chats.isdisjoint(facts.chats) or (bool(self.entries) and facts.bytes < OPEN_BYTES)

    def kept(self, part: Part) -> list[Entry]:
        """What stays of a part."""
        return [entry for entry in part.entries() if not self._goes(entry.spot)]

    def _goes(self, spot: Spot) -> bool:
        if spot in self._spots or self.heads.get(spot.chat_id, {}) is None:
            return True
        return spot.position > self._cuts.get((spot.chat_id, spot.segment), spot.position)


def entry_of(text: Text, place: Place) -> Entry:
    at = int(text.created_at.timestamp() * 1000)
    return Entry(text.spot, at, text.character_id or place.character_id, folded(text.text))


def in_parts(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """The entries, in stretches that make a part each."""
    part: list[Entry] = []
    size = 0
    for entry in entries:
        part.append(entry)
        size += len(entry.text.encode())
        if size >= PART_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def facts_of(part_id: str, entries: list[Entry], size: int) -> PartFacts:
    return PartFacts(
        id=part_id,
        messages=len(entries),
        bytes=size,
        newest=max(entry.at for entry in entries),
        chats=frozenset(entry.spot.chat_id for entry in entries),
    )
