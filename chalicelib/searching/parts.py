"""A part of the index: some hundred messages, their folded texts one after another, as one compressed file.

It is looked through from end to end: half a megabyte takes less than a millisecond, which no list of words could
repay (docs/decisions/0014). Texts are UTF-8 with a NUL between, which no text of ours can hold.
"""

import json
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence

from chalicelib.models.search import Entry, Filter, Hit, Spot

_LEVEL = 6
_VERSION = 1


class Part:
    """A part in memory. `size` is how many bytes of text it holds."""

    def __init__(self, head: dict[str, list[str]], rows: Sequence[Sequence[int]], text: bytes) -> None:
        self._chats, self._segments, self._characters = head["chats"], head["segments"], head["characters"]
        self._rows, self._text = rows, text
        self._starts = array("I", [0])
        for row in rows:
            self._starts.append(self._starts[-1] + row[5] + 1)
        self.size = len(text)

    def __len__(self) -> int:
        return len(self._rows)

    def find(self, words: Sequence[str], wanted: Filter) -> Iterator[Hit]:
        """The messages that hold all of the words."""
        first, *others = [word.encode() for word in words]
        fits = self._fits(wanted)
        text, starts = self._text, self._starts
        place = text.find(first)
        while place >= 0:
            number = bisect_right(starts, place) - 1
            start, end = starts[number], starts[number + 1]
            if fits(number) and all(text.find(word, start, end) >= 0 for word in others):
                yield Hit(self._rows[number][3], self._spot(number))
            place = text.find(first, end)

    def entries(self) -> Iterator[Entry]:
        for number, row in enumerate(self._rows):
            start, end = self._starts[number], self._starts[number + 1] - 1
            yield Entry(self._spot(number), row[3], self._characters[row[4]], self._text[start:end].decode())

    def _spot(self, number: int) -> Spot:
        chat, segment, position, *_ = self._rows[number]
        return Spot(self._chats[chat], self._segments[segment], position)

    def _fits(self, wanted: Filter) -> Callable[[int], bool]:
        if wanted == Filter():
            return lambda number: True
        chat = _index_in(self._chats, wanted.chat_id)
        character = _index_in(self._characters, wanted.character_id)
        since, until, rows = wanted.since, wanted.until, self._rows

        def fits(number: int) -> bool:
            row = rows[number]
            return (
                chat in (None, row[0])
                and character in (None, row[4])
                and (since is None or row[3] >= since)
                and (until is None or row[3] < until)
            )

        return fits


def packed(entries: Iterable[Entry]) -> bytes:
    """The file of a part."""
    chats: dict[str, int] = {}
    segments: dict[str, int] = {}
    characters: dict[str, int] = {}
    rows: list[list[int]] = []
    texts: list[bytes] = []
    for entry in entries:
        text = entry.text.encode()
        texts.append(text)
        rows.append(
            [
                chats.setdefault(entry.spot.chat_id, len(chats)),
                segments.setdefault(entry.spot.segment, len(segments)),
                entry.spot.position,
                entry.at,
                characters.setdefault(entry.character_id, len(characters)),
                len(text),
            ]
        )
    head = {"v": _VERSION, "chats": [*chats], "segments": [*segments], "characters": [*characters], "rows": rows}
    line = json.dumps(head, separators=(",", ":")).encode()
    return zlib.compress(line + b"\n" + b"\0".join(texts), _LEVEL)


def unpacked(data: bytes) -> Part:
    """The part that a file holds."""
    line, _, text = zlib.decompress(data).partition(b"\n")
    head = json.loads(line)
    return Part(head, head.pop("rows"), text)


def _index_in(names: Sequence[str], name: str | None) -> int | None:
    """None for no name, -1 for one that is not here."""
    if name is None:
        return None
    return names.index(name) if name in names else -1
