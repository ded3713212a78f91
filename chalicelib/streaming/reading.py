"""What a log says: entries in the order of their numbers become the text so far.

Entries come as (number, kind, text, reasoning). A `whole` entry holds all text up to its number and mends every hole
before it. An `end` entry closes the log: its number is one above the last piece's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.streaming.frames import Run


class Entry(Protocol):
    @property
    def seq(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def reasoning(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """The text up to piece `upto`; `closed` once nothing more can follow."""

    upto: int = 0
    text: str = ""
    reasoning: str = ""
    closed: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """What a log has after a reader's last piece; `runs` is None where a snapshot is needed."""

    runs: list[Run] | None
    closed: bool
    """The log's end is among it."""


def read_on(known: Reading, entries: Iterable[Entry]) -> Reading:
    """`known` and what the entries add to it without a hole; what is known already is passed over."""
    upto, closed = known.upto, known.closed
    texts, reasonings = [known.text], [known.reasoning]
    for entry in entries:
        if entry.kind == "end":
            if entry.seq == upto + 1:
                closed = True
        elif entry.kind == "whole":
            if entry.seq > upto:
                upto, texts, reasonings = entry.seq, [entry.text], [entry.reasoning]
        elif entry.seq == upto + 1:
            upto = entry.seq
            texts.append(entry.text)
            reasonings.append(entry.reasoning)
    return Reading(upto, "".join(texts), "".join(reasonings), closed)


def news_after(after: int, entries: Sequence[Entry]) -> News:
    return News(runs_after(after, entries), any(entry.kind == "end" for entry in entries))


def runs_after(after: int, entries: Iterable[Entry]) -> list[Run] | None:
    """The pieces right after `after`; None when they do not join on to it, so that a snapshot is needed."""
    runs: list[Run] = []
    for entry in entries:
        if entry.kind == "end" or entry.seq <= after:
            continue
        if entry.kind == "whole" or entry.seq != after + 1:
            return None
        after = entry.seq
        runs.append(Run(entry.seq, entry.seq, entry.text, entry.reasoning))
    return runs
