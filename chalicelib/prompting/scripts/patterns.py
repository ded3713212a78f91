"""The bounded matcher: patterns of users in JavaScript's syntax, on RE2 and, where that is too little, a second engine.

RE2's time grows with the text and not with its branches. What is left to bound: how large a program is, one search
(text times program), and the many searches of one text. The second engine counts its own steps.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Protocol, TypeVar

import re2

from chalicelib.errors import Invalid
from chalicelib.prompting.scripts.javascript import Beyond, Source, Translated, translated

PATTERN_CHARACTERS_MOST = 20_000
SECONDS_MOST = 0.25
"""Of the thread's own time, for all searches of one text."""
SECONDS_TOGETHER_MOST = 2.0
"""Of the thread's own time, for all patterns of one prompt."""
PROGRAM_MOST = 2_000
# One search takes about 0.8 ns for each byte and instruction at worst, so that this is 0.2 s.
SEARCH_MOST = 250_000_000
_MEMORY_BYTES = 1 << 20
_KEPT = 4_000

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Match:
    start: int
    end: int
    """Places in the text, in characters."""
    groups: tuple[str | None, ...]
    """The whole match first; None for a group that took no part."""
    names: tuple[str, ...]
    """Names of groups 1 and on, "" for those without."""


class Second(Protocol):
    """An engine with all of JavaScript's semantics, and a limit of its own."""

    def check(self, source: Source) -> tuple[str, ...]:
        """Names of the groups. Raises Invalid when JavaScript would refuse the pattern."""

    def found(self, source: Source, text: str) -> bool: ...

    def matches(self, source: Source, text: str) -> list[Match]:
        """All matches if the flags have `g`, else the first. Raises Invalid when the steps run out."""


class Pattern(Protocol):
    def found(self, text: str) -> bool: ...

    def matches(self, text: str) -> list[Match]: ...


class Patterns:
    """Compiles patterns and keeps them. Usable from any thread."""

    def __init__(self, *, clock: Callable[[], float], second: Callable[[], Second | None] = lambda: None) -> None:
        """`clock` counts the seconds this thread has worked (`time.thread_time`); `second` is asked when needed."""
        self._clock, self._second = clock, cache(second)
        self._kept: OrderedDict[tuple[Source, bool], Pattern | Invalid] = OrderedDict()

    @property
    def clock(self) -> Callable[[], float]:
        return self._clock

    def compile(self, source: Source, *, groups: bool = True) -> Pattern:
        """`groups` False: only whole matches are wanted, which more patterns can do on RE2.

        Raises Invalid, with a sentence for who wrote the pattern, when it cannot run.
        """
        found = self._kept.get((source, groups))
        if found is None:
            try:
                found = self._compiled(source, groups)
            except Invalid as refused:
                found = refused
            self._kept[source, groups] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        if isinstance(found, Invalid):
            raise found
        return found

    def _compiled(self, source: Source, groups: bool) -> Pattern:
        if len(source.pattern) > PATTERN_CHARACTERS_MOST:
            raise _refused(source, f"is longer than {PATTERN_CHARACTERS_MOST:,} characters")
        try:
            return _First(source, translated(source, groups=groups), self._clock, self._second)
        except (Beyond, re2.error) as beyond:
            second = self._second()
            if second is None:
                what = f"needs {beyond}" if isinstance(beyond, Beyond) else "is not a regular expression"
                raise _refused(source, f"{what}, which does not run here") from None
        second.check(source)
        return _ByStep(source, second)


class Allowance:
    """Patterns within one prompt: what was refused once is not tried again, and all together have a limited time."""

    def __init__(self, patterns: Patterns, *, seconds: float = SECONDS_TOGETHER_MOST) -> None:
        self._patterns, self._left = patterns, seconds
        self._refused: dict[Source, Invalid] = {}

    def found(self, source: Source, text: str) -> bool:
        return self._within(source, lambda: self._patterns.compile(source, groups=False).found(text))

    def matches(self, source: Source, text: str, *, groups: bool) -> list[Match]:
        return self._within(source, lambda: self._patterns.compile(source, groups=groups).matches(text))

    def _within(self, source: Source, work: Callable[[], Result]) -> Result:
        if source in self._refused:
            raise self._refused[source]
        if self._left <= 0:
            raise _refused(source, "did not run: the patterns before it took all the time there is for one prompt")
        began = self._patterns.clock()
        try:
            return work()
        except Invalid as refused:
            self._refused[source] = refused
            raise
        finally:
            self._left -= self._patterns.clock() - began


class _First:
    """A pattern on RE2. It works on UTF-8: a search from a place in a Python text would encode all of it anew."""

    def __init__(
        self, source: Source, pattern: Translated, clock: Callable[[], float], second: Callable[[], Second | None]
    ) -> None:
        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MEMORY_BYTES
        self._compiled = re2.compile(pattern.pattern.encode(), options)
        if self._compiled.programsize > PROGRAM_MOST:
            raise Beyond("very many steps")
        self._source, self._names, self._clock = source, pattern.names, clock
        self._every = "g" in source.flags
        self._pattern, self._second = pattern, second

    def found(self, text: str) -> bool:
        other = self._other(text)
        if other is not None:
            return other.found(text)
        data = self._bounded(text)
        if self._pattern.may_be_empty and not text.isascii():
            return next(self._spans(data), None) is not None
        return self._compiled.search(data) is not None

    def matches(self, text: str) -> list[Match]:
        other = self._other(text)
        if other is not None:
            return other.matches(text)
        data = self._bounded(text)
        found: list[Match] = []
        byte = character = 0
        for spans in self._spans(data):
            start, end = spans[0]
            character += _length(data, byte, start)
            groups = tuple(None if first < 0 else _text(data, first, last) for first, last in spans)
            after = character + _length(data, start, end)
            found.append(Match(character, after, groups, self._names))
            byte, character = end, after
        return found

    def _other(self, text: str) -> "_ByStep | None":
        """The other engine for texts with letters that RE2 takes otherwise, which are rare."""
        if not any(letter in text for letter in self._pattern.others):
            return None
        second = self._second()
        return _ByStep(self._source, second) if second else None

    def _spans(self, data: bytes) -> Iterator[list[tuple[int, int]]]:
        began, place, count = self._clock(), 0, len(self._names) + 1
        while place <= len(data):
            match = self._compiled.search(data, place)
            if match is None:
                return
            start, end = match.span()
            if start == end and start < len(data) and data[start] & 0xC0 == 0x80:
                # RE2 sees bytes: an empty match inside of a letter is none.
                place = _after(data, start)
                continue
            yield [match.span(group) for group in range(count)]
            if not self._every:
                return
            if self._clock() - began > SECONDS_MOST:
                raise _refused(self._source, "takes too long on this text")
            place = end if end > start else _after(data, end)

    def _bounded(self, text: str) -> bytes:
        data = text.encode("utf-8", "surrogatepass")
        if len(data) * self._compiled.programsize > SEARCH_MOST:
            raise _refused(self._source, "is too large for a text of this length")
        return data


@dataclass(frozen=True, slots=True)
class _ByStep:
    source: Source
    second: Second

    def found(self, text: str) -> bool:
        return self.second.found(self.source, text)

    def matches(self, text: str) -> list[Match]:
        return self.second.matches(self.source, text)


def _text(data: bytes, start: int, end: int) -> str:
    return data[start:end].decode("utf-8", "surrogatepass")


def _length(data: bytes, start: int, end: int) -> int:
    return len(_text(data, start, end))


def _after(data: bytes, place: int) -> int:
    """Where the next character begins."""
    place += 1
    while place < len(data) and data[place] & 0xC0 == 0x80:
        place += 1
    return place


def _refused(source: Source, why: str) -> Invalid:
    shown = str(source) if len(str(source)) <= 80 else f"{str(source)[:77]}…"
    return Invalid(f"The pattern {shown} {why}.", code="pattern_refused")
