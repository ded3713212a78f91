"""The stretch of a message that is shown for what was found, and where in it the words stand."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.searching.letters import folded, places

LENGTH = 180
_BEFORE = 50
_MATCHES_MOST = 40


class Snippet(NamedTuple):
    text: str
    matches: list[tuple[int, int]]
    """Begin and end of what was found, in characters (code points) of `text`, in order, none within another."""


def holds(text: str, words: Sequence[str]) -> bool:
    """Whether a message that was found still says so."""
    held = folded(text)
    return all(word in held for word in words)


def snippet_of(text: str, words: Sequence[str]) -> Snippet:
    """The stretch around the first match of the longest word; "…" stands for what is left out."""
    first = folded(text).find(words[0])
    began = places(text)
    centre = bisect_right(began, max(first, 0)) - 1
    start = max(0, centre - _BEFORE)
    end = min(len(text), start + LENGTH)
    start, end = max(0, min(start, end - LENGTH)), end
    if start:
        start = _next_word(text, start, centre)
    shown = "".join(" " if letter.isspace() else letter for letter in text[start:end])
    before, after = ("…" if start else ""), ("…" if end < len(text) else "")
    matches = [(low + len(before), high + len(before)) for low, high in _found(shown, words)]
    return Snippet(before + shown + after, matches)


def _next_word(text: str, start: int, latest: int) -> int:
    """Where the next word begins, so that none is cut; where there are no spaces, as in Chinese, right here."""
    for place in range(start, min(start + 20, latest)):
        if text[place].isspace():
            return place + 1
    return start


def _found(shown: str, words: Sequence[str]) -> list[tuple[int, int]]:
    held, began = folded(shown), places(shown)
    found: list[tuple[int, int]] = []
    for word in words:
        place = held.find(word)
        while place >= 0 and len(found) < _MATCHES_MOST:
            low = bisect_right(began, place) - 1
            high = bisect_right(began, place + len(word) - 1)
            found.append((low, high))
            place = held.find(word, place + len(word))
    return _joined(sorted(found))


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for low, high in ranges:
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined
