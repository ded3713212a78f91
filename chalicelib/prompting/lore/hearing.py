"""What a scan has heard so far: messages, further texts, contents of entries that woke; and which keys are in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chalicelib.errors import Invalid
from chalicelib.prompting.lore.asking import Line, Scan
from chalicelib.prompting.lore.books import Book, Key, Ready, Seen, holds, pattern_of
from chalicelib.prompting.scripts.patterns import Allowance

DEPTH_MOST = 1_000
START = "\x01"
"""Stands before each text, so that no key reaches from one into the next."""


class Heard:
    """The texts of one scan, in the order they are matched: messages, sources, injections, contents."""

    def __init__(self, ask: Scan) -> None:
        self._ask = ask
        self.patterns = Allowance(ask.patterns)
        self._lines: Iterator[Line] = iter(ask.lines)
        self.messages: list[str] = []
        self.contents: list[str] = []
        self._joined: dict[tuple[int, tuple[str, ...], int], str] = {}

    def listen(self, depth: int) -> Sequence[str]:
        """Reads messages up to this depth; those that are new."""
        known = len(self.messages)
        while len(self.messages) < min(depth, DEPTH_MOST):
            line = next(self._lines, None)
            if line is None:
                break
            named = self._ask.settings.include_names and line.name
            self.messages.append((f"{line.name}: {line.text}" if named else line.text).strip())
        return self.messages[known:]

    def joined(self, depth: int, sources: Sequence[str], recursing: bool) -> str:
        """All of it as one text, as patterns see it."""
        contents = len(self.contents) if recursing else 0
        key = (depth, tuple(sources), contents)
        found = self._joined.get(key)
        if found is None:
            texts = self.messages[:depth] or [""]
            texts += [text for name in sources if (text := self._ask.sources.get(name, ""))]
            texts += [*self._ask.injected, *self.contents[:contents]]
            found = "\n".join(f"{START}{text}" for text in texts)
            self._joined[key] = found
        return found


@dataclass(slots=True)
class Ear:
    """What one book makes of the texts."""

    book: Book
    ask: Scan
    heard: Heard
    _first: dict[int, int] = field(default_factory=dict)
    """Key to the newest message that holds it."""
    _first_word: dict[int, int] = field(default_factory=dict)
    _messages: int = 0
    _sources: dict[str, Seen] = field(default_factory=dict)
    _injected: Seen = field(default_factory=lambda: Seen(set(), set()))
    _contents: Seen = field(default_factory=lambda: Seen(set(), set()))
    awaited: set[int] = field(default_factory=set)
    """Entries that are worth looking at."""
    awake: set[int] = field(default_factory=set)

    def begin(self) -> None:
        self.awaited.update(self.book.always)
        for name, text in self.ask.sources.items():
            if text and self.book.asks_for(name):
                self._sources[name] = self._listened(text)
        for text in self.ask.injected:
            _join(self._injected, self._listened(text))
        self.hear_messages()

    def hear_messages(self) -> None:
        for place in range(self._messages, len(self.heard.messages)):
            seen = self._listened(self.heard.messages[place])
            for number in seen.anywhere:
                self._first.setdefault(number, place)
            for number in seen.as_words:
                self._first_word.setdefault(number, place)
        self._messages = len(self.heard.messages)

    def wake(self, number: int) -> None:
        """The entry is in, and needs no further look."""
        self.awake.add(number)
        self.awaited.discard(number)

    def hear_content(self, text: str) -> None:
        _join(self._contents, self._listened(text))

    def _listened(self, text: str) -> Seen:
        seen = self.book.seen(text)
        self.awaited |= self.book.woken_by(seen) - self.awake
        return seen

    def matches(self, ready: Ready, key: Key, depth: int, recursing: bool) -> bool:
        """Whether the key is in what this entry listens to. A depth of 0 hears nothing at all."""
        if not key.text and not key.later:
            return True
        if key.number < 0:
            return self._matches_text(key, self.said(ready, depth, recursing))
        if depth <= 0:
            return False
        number, word = key.number, key.whole
        if (self._first_word if word else self._first).get(number, depth) < depth:
            return True
        if number in self._injected[word] or (recursing and number in self._contents[word]):
            return True
        return any(name in self._sources and number in self._sources[name][word] for name in ready.entry.matches)

    def said(self, ready: Ready, depth: int, recursing: bool) -> str:
        """All that this entry listens to."""
        return self.heard.joined(depth, ready.entry.matches, recursing) if depth > 0 else ""

    def holds(self, key: Key, text: str) -> bool:
        """Whether the key, as it stands, is in a text."""
        if key.pattern is not None:
            try:
                return self.heard.patterns.found(key.pattern, text)
            except Invalid:
                # What is no pattern JavaScript takes is a key like any other; what may not run is not in the text.
                pass
        sought = key.text
        if not sought:
            return True
        if key.folded:
            sought, text = sought.lower(), text.lower()
        return holds(text, sought, whole=key.whole and not any(letter.isspace() for letter in sought))

    def _matches_text(self, key: Key, text: str) -> bool:
        if key.later:
            resolved = self.ask.expand(key.text)
            if not resolved:
                return False
            sought = resolved.strip()
            key = key._replace(text=sought, pattern=pattern_of(sought), later=False)
        return self.holds(key, text)


def _join(all_: Seen, more: Seen) -> None:
    all_.anywhere.update(more.anywhere)
    all_.as_words.update(more.as_words)
