"""Server-sent events: bytes in, events out, no I/O. Source: WHATWG HTML, "Interpreting an event stream"."""

import re
from dataclasses import dataclass

LINE_BYTES_MOST = 1_000_000
_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")


class LineTooLong(Exception):
    """A line above the cap: nothing a language model sends."""


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    """`message` where the stream names none."""
    data: str


class SseParser:
    """Feed it what comes, in pieces of any size; `close` yields what an end without an empty line left behind."""

    def __init__(self, *, line_bytes_most: int = LINE_BYTES_MOST) -> None:
        self._most = line_bytes_most
        self._rest = bytearray()
        self._searched = 0
        self._name = ""
        self._data: list[str] = []
        self._size = 0
        self._first = True

    def feed(self, piece: bytes) -> list[Event]:
        """The events that are complete now. Raises LineTooLong."""
        if not self._rest and not self._first and piece.endswith(b"\n\n") and b"\r" not in piece:
            return self._whole(piece)
        self._rest += piece
        events: list[Event] = []
        start = 0
        for end in _LINE_END.finditer(self._rest, self._searched):
            events += self._line(bytes(self._rest[start : end.start()]))
            start = end.end()
        del self._rest[:start]
        # A lone CR at the end may be half of a CRLF: it is looked at again.
        self._searched = max(len(self._rest) - 1, 0)
        if len(self._rest) > self._most:
            raise LineTooLong
        return events

    def _whole(self, piece: bytes) -> list[Event]:
        """The usual piece: whole events, lines that end in one way. As `feed`, several times as fast."""
        events: list[Event] = []
        for line in piece.decode("utf-8", "replace").split("\n"):
            if len(line) > self._most:
                raise LineTooLong
            if line.startswith("data: "):
                self._data.append(line[6:])
                self._size += len(line)
                if self._size > self._most:
                    raise LineTooLong
            elif not line:
                if self._data:
                    events.append(Event(self._name or "message", "\n".join(self._data)))
                self._name, self._data, self._size = "", [], 0
            else:
                events += self._line(line.encode())
        return events

    def close(self) -> list[Event]:
        events = self._line(bytes(self._rest.rstrip(b"\r"))) if self._rest else []
        self._rest.clear()
        return events + self._dispatch()

    def _line(self, line: bytes) -> list[Event]:
        if len(line) > self._most:
            raise LineTooLong
        if self._first:
            line, self._first = line.removeprefix(b"\xef\xbb\xbf"), False
        if not line:
            return self._dispatch()
        field, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
            self._size += len(value)
            if self._size > self._most:
                raise LineTooLong
        elif field == "event":
            self._name = value
        elif field == "error":
            # Not in the standard: how older llama.cpp servers report a failure inside the stream.
            return [Event("error", value)]
        return []

    def _dispatch(self) -> list[Event]:
        name, data = self._name or "message", self._data
        self._name, self._data, self._size = "", [], 0
        return [Event(name, "\n".join(data))] if data else []
