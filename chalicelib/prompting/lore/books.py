"""Books made ready for scanning: an index over all keys, so that a text is read once and not once an entry.

Plain keys go into an Aho-Corasick automaton, one for letters as they are and one for small letters. What a text holds
of them is found in one pass; whether a key stands as a whole word is seen at the place it was found. Keys with macros
and keys that are patterns are no part of it: their entries are always looked at.
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

import ahocorasick

from chalicelib.models.worlds import World, WorldEntry
from chalicelib.prompting.lore.decorators import Decorators, applied
from chalicelib.prompting.scripts.javascript import Source

_BOOKS_KEPT = 64
_FINDS_MOST = 200_000
_PATTERN = re.compile(r"/([\s\S]+?)/([gimsuy]*)\Z")
_BARE_SLASH = re.compile(r"(?:^|[^\\])/")
_WORD_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_LATER = re.compile(r"\{\{|<(?:user|bot|char|group|charifnotgroup)>", re.IGNORECASE)


class Key(NamedTuple):
    text: str
    """As written, without white space around it."""
    number: int
    """Which of the index's texts it is; -1 when it is none of them."""
    folded: bool
    whole: bool
    pattern: Source | None
    later: bool
    """Its macros are still to be resolved."""


@dataclass(frozen=True, slots=True)
class Ready:
    """An entry as it is scanned."""

    number: int
    entry: WorldEntry
    decorators: Decorators
    keys: tuple[Key, ...]
    secondary: tuple[Key, ...]
    additional: tuple[tuple[Key, ...], ...]
    excluded: tuple[Key, ...]
    folded: bool
    whole: bool

    def written(self, text: str) -> Key:
        """A key of this entry as it is written, white space and macros included."""
        return Key(text, -1, self.folded, self.whole, pattern_of(text), False)


class Seen(NamedTuple):
    """Numbers of the keys a text holds: anywhere, and as whole words."""

    anywhere: set[int]
    as_words: set[int]


class Book:
    """A world with its index. `case_sensitive` and `whole_words` are for entries that say nothing themselves."""

    def __init__(self, world: World, *, case_sensitive: bool, whole_words: bool) -> None:
        self._numbers: dict[tuple[str, bool], int] = {}
        self._words: set[int] = set()
        self._case, self._whole = case_sensitive, whole_words
        self.entries: list[Ready] = [self._ready(number, entry) for number, entry in enumerate(world.entries)]
        self._by_part: dict[int, list[int]] = {}
        self._by_word: dict[int, list[int]] = {}
        self.always: list[int] = []
        """Entries that may wake without a plain key."""
        for ready in self.entries:
            self._file(ready)
        self._sources = {name for ready in self.entries for name in ready.entry.matches}
        self._folded = self._automaton(folded=True)
        self._exact = self._automaton(folded=False)
        self.deepest = max((ready.entry.scan_depth or 0 for ready in self.entries), default=0)
        self.levels = sorted({ready.entry.delay_until_recursion for ready in self.entries} - {0})

    def seen(self, text: str) -> Seen:
        found = Seen(set(), set())
        for automaton, folded in ((self._folded, True), (self._exact, False)):
            sought = text.lower() if folded else text
            if automaton is not None and not _search(automaton, sought, found):
                self._search_one_by_one(sought, folded, found)
        return found

    def asks_for(self, source: str) -> bool:
        """Whether any entry looks into this source."""
        return source in self._sources

    def woken_by(self, seen: Seen) -> set[int]:
        """Entries with such a primary key."""
        entries: set[int] = set()
        for by_key, numbers in ((self._by_part, seen.anywhere), (self._by_word, seen.as_words)):
            for number in by_key.keys() & numbers:
                entries.update(by_key[number])
        return entries

    def _search_one_by_one(self, text: str, folded: bool, found: Seen) -> None:
        for (sought, fold), number in self._numbers.items():
            if fold is folded and sought in text:
                found.anywhere.add(number)
                if number in self._words and holds(text, sought, whole=True):
                    found.as_words.add(number)

    def _ready(self, number: int, entry: WorldEntry) -> Ready:
        entry, decorators = applied(entry)
        folded = not (self._case if entry.case_sensitive is None else entry.case_sensitive)
        whole = self._whole if entry.whole_words is None else entry.whole_words

        def keys(texts: Iterable[str]) -> tuple[Key, ...]:
            return tuple(self._key(text, folded, whole) for text in texts)

        return Ready(
            number,
            entry,
            decorators,
            keys(filter(None, entry.keys)),
            keys(entry.secondary_keys) if entry.selective else (),
            tuple(keys(some) for some in decorators.additional),
            keys(decorators.excluded),
            folded,
            whole,
        )

    def _key(self, written: str, folded: bool, whole: bool) -> Key:
        text = written.strip()
        if not text:
            # White space and nothing else is everywhere, as SillyTavern has it; an empty key is nowhere, as one whose
            # macros come to nothing.
            return Key("", -1, folded, whole, None, not written)
        if _LATER.search(text):
            return Key(text, -1, folded, whole, None, True)
        source = pattern_of(text)
        if source is not None:
            return Key(text, -1, folded, whole, source, False)
        whole = whole and not any(letter.isspace() for letter in text)
        sought = text.lower() if folded else text
        number = self._numbers.setdefault((sought, folded), len(self._numbers))
        if whole:
            self._words.add(number)
        return Key(text, number, folded, whole, None, False)

    def _file(self, ready: Ready) -> None:
        decorators = ready.decorators
        if (
            ready.entry.constant
            or decorators.activate
            or decorators.keep_after_match
            or any(key.number < 0 for key in ready.keys)
        ):
            self.always.append(ready.number)
        for key in ready.keys:
            if key.number >= 0:
                (self._by_word if key.whole else self._by_part).setdefault(key.number, []).append(ready.number)

    def _automaton(self, *, folded: bool) -> "ahocorasick.Automaton | None":
        automaton = ahocorasick.Automaton()
        for (text, fold), number in self._numbers.items():
            if fold is folded and text:
                automaton.add_word(text, (number, len(text), number in self._words))
        if not len(automaton):
            return None
        automaton.make_automaton()
        return automaton


def pattern_of(key: str) -> Source | None:
    """A key that is `/pattern/flags`; None for a plain one, and where a slash within is not escaped."""
    found = _PATTERN.match(key) if key.startswith("/") else None
    if found is None or _BARE_SLASH.search(found[1]) or len(set(found[2])) != len(found[2]):
        return None
    return Source(found[1].replace("\\/", "/"), found[2])


def is_word(text: str, start: int, end: int) -> bool:
    """Whether no letter of a word stands before or after; only ASCII's letters count, as in JavaScript's `\\W`."""
    return (start == 0 or text[start - 1] not in _WORD_LETTERS) and (end == len(text) or text[end] not in _WORD_LETTERS)


def holds(text: str, sought: str, *, whole: bool) -> bool:
    place = text.find(sought)
    while place >= 0:
        if not whole or is_word(text, place, place + len(sought)):
            return True
        place = text.find(sought, place + 1)
    return False


def _search(automaton: "ahocorasick.Automaton", text: str, found: Seen) -> bool:
    """False when it was given up: keys within keys within keys can end at every letter of a text."""
    anywhere, words = found
    most = _FINDS_MOST
    for last, (number, length, as_word) in automaton.iter(text):
        anywhere.add(number)
        if as_word and number not in words and is_word(text, last - length + 1, last + 1):
            words.add(number)
        most -= 1
        if most < 0:
            return False
    return True


class _Kept(NamedTuple):
    world: World
    book: Book


_by_object: OrderedDict[tuple[int, bool, bool], _Kept] = OrderedDict()
_by_content: OrderedDict[tuple[bytes, bool, bool], Book] = OrderedDict()
_lock = Lock()


def book_of(world: World, *, case_sensitive: bool, whole_words: bool) -> Book:
    """The world made ready; kept for the next time by the object and by its content."""
    key = (id(world), case_sensitive, whole_words)
    with _lock:
        kept = _by_object.get(key)
        if kept is not None and kept.world is world:
            _by_object.move_to_end(key)
            return kept.book
    content = (_digest(world), case_sensitive, whole_words)
    with _lock:
        book = _by_content.get(content)
    if book is None:
        book = Book(world, case_sensitive=case_sensitive, whole_words=whole_words)
    with _lock:
        _by_object[key] = _Kept(world, book)
        _by_content[content] = book
        _by_content.move_to_end(content)
        while len(_by_object) > _BOOKS_KEPT:
            _by_object.popitem(last=False)
        while len(_by_content) > _BOOKS_KEPT:
            _by_content.popitem(last=False)
    return book


def _digest(world: World) -> bytes:
    try:
        content = world.model_dump_json(include={"entries"})
    except ValueError:
        # Half of a letter, as broken files have them, is no JSON.
        content = repr(world.entries)
    return hashlib.blake2b(content.encode("utf-8", "backslashreplace"), digest_size=20).digest()
