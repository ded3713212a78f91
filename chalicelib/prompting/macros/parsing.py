"""The macros of a text: where each stands, its name and where its arguments are. Nothing is resolved here.

Read as SillyTavern's lexer and parser read it, oddities included: what follows a name without white space or a colon
is passed over (`{{user's}}` is `{{user}}`); braces that open no macro are text, and within another macro's arguments
their closing ones end that one. What is unclosed is text, the whole macros in it are not.
"""

import re
from dataclasses import dataclass, field

DEPTH_MOST = 60
_BLANKS = " \t\n\r\f\v\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))
_SPACE = re.compile(f"[{_BLANKS}]*")
_LETTER = re.compile(f"[^{_BLANKS}]")
_OPENING = re.compile(r"\{\{(?!\{)")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_NAME_END = re.compile(f"[{_BLANKS}:|}}]")
_VARIABLE = re.compile(r"[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")
_OPERATOR = re.compile(r"\+\+|--|\?\?=|\?\?|\|\|=|\|\||-=|==|!=|>=|>|<=|<|\+=|=")
_STOP = re.compile(r"\{\{|\}\}|::")
_BRACES = re.compile(r"\{\{|\}\}")
_FLAGS = "!?~#/>"

Span = tuple[int, int]


@dataclass(slots=True)
class Call:
    """A macro from its braces to its braces, or what looked like one and is none."""

    start: int
    end: int
    """In the text that was parsed. Of what is none: where reading went on."""
    name: str = ""
    flags: str = ""
    arguments: list[Span | None] = field(default_factory=list)
    """Where each argument stands, without white space around it; None for an empty one."""
    inner: "list[Call]" = field(default_factory=list)
    """Whole macros within it."""
    variable: str = ""
    """`.` or `$` for a variable's shorthand, whose name `name` then is."""
    operator: str = ""
    whole: bool = False
    closes_outer: bool = False
    """Its closing braces are those of the macro around it, since it is none itself."""

    @property
    def key(self) -> str:
        return self.name.lower()


def parsed(text: str) -> list[Call]:
    """The outermost macros, in their order."""
    found: list[Call] = []
    reader = _Reader(text)
    opening = _OPENING.search(text)
    while opening is not None:
        call = reader.call(opening.start(), 1)
        found += [call] if call.whole else call.inner
        opening = _OPENING.search(text, call.end)
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text

    def call(self, start: int, depth: int) -> Call:
        call = Call(start, start + 2)
        if depth <= DEPTH_MOST:
            self._body(call, start + 2, depth)
        return call

    def _body(self, call: Call, place: int, depth: int) -> None:
        text = self._text
        while True:
            place = self._after_space(place)
            letter = text[place : place + 1]
            if text.startswith("//", place):
                call.name = "//"
                self._arguments(call, place + 2, depth)
            elif letter and letter in ".$":
                self._variable(call, place, depth)
            elif letter and letter in _FLAGS:
                call.flags += letter
                place += 1
                continue
            elif name := _NAME.match(text, place):
                call.name = name[0]
                self._after_name(call, name.end(), depth)
            else:
                call.closes_outer = text.startswith("}}", place)
                call.end = place + 2 * call.closes_outer
            return

    def _after_name(self, call: Call, place: int, depth: int) -> None:
        end = _NAME_END.search(self._text, place)
        if end is None:
            call.end = len(self._text)
        elif self._text.startswith("}}", end.start()):
            call.whole, call.end = True, end.start() + 2
        else:
            self._arguments(call, end.start(), depth)

    def _arguments(self, call: Call, place: int, depth: int) -> None:
        text = self._text
        place = self._after_space(place)
        listed = text.startswith("::", place)
        led = text.startswith(":", place)
        place += listed + led
        span = _Stretch(text)
        while not call.whole:
            stop = _STOP.search(text, place)
            if stop is None:
                call.end = len(text)
                return
            span.add(place, stop.start())
            if stop[0] == "{{":
                place = self._inner(call, stop.start(), span, depth)
            elif stop[0] == "}}":
                call.whole, call.end = True, stop.end()
            else:
                place = stop.end()
                if listed:
                    call.arguments.append(span.found)
                    span = _Stretch(text)
                else:
                    span.add(stop.start(), place)
        if led or span.found:
            call.arguments.append(span.found)

    def _inner(self, call: Call, start: int, span: "_Stretch", depth: int) -> int:
        """A macro within another, or braces that open none; where reading goes on."""
        inner = self.call(start, depth + 1)
        if inner.whole:
            call.inner.append(inner)
        else:
            call.inner += inner.inner
        closes = inner.closes_outer and not inner.whole
        span.add(start, inner.end - 2 * closes)
        if closes:
            call.whole, call.end = True, inner.end
        return inner.end

    def _variable(self, call: Call, place: int, depth: int) -> None:
        text = self._text
        call.variable = text[place]
        place = self._after_space(place + 1)
        if text[place : place + 1] in (".", "$") and text[place : place + 1]:
            # Of two signs the second is passed over.
            place = self._after_space(place + 1)
        name = _VARIABLE.match(text, place)
        if name is None:
            self._rest(call, place, depth, most=len(text))
            return
        call.name = name[0]
        place = self._after_space(name.end())
        sign = _OPERATOR.match(text, place)
        if sign is None:
            self._rest(call, place, depth, most=1)
            return
        call.operator = sign[0]
        if sign[0] in ("++", "--"):
            self._rest(call, sign.end(), depth, most=1)
            return
        self._value(call, sign.end(), depth)

    def _value(self, call: Call, place: int, depth: int) -> None:
        span = _Stretch(self._text)
        while not call.whole:
            stop = _BRACES.search(self._text, place)
            if stop is None:
                call.end = len(self._text)
                return
            span.add(place, stop.start())
            if stop[0] == "{{":
                place = self._inner(call, stop.start(), span, depth)
            else:
                call.whole, call.end = True, stop.end()
        call.arguments.append(span.found)

    def _rest(self, call: Call, place: int, depth: int, most: int) -> None:
        """What stands after a variable: one sign or word more is passed over, with more it is no macro."""
        rest = Call(place, place)
        self._body(rest, place, depth)
        words = len(rest.flags) + bool(rest.name) + bool(rest.variable) + 2 * bool(rest.arguments or rest.operator)
        ended = rest.whole or rest.closes_outer
        call.end, call.inner = rest.end, rest.inner
        call.whole = ended and words <= most
        call.closes_outer = ended and not call.whole

    def _after_space(self, place: int) -> int:
        found = _SPACE.match(self._text, place)
        return found.end() if found else place


class _Stretch:
    """A stretch of a text without the white space around it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.found: Span | None = None

    def add(self, start: int, end: int) -> None:
        first = _LETTER.search(self._text, start, end)
        if first is not None:
            before = len(self._text[first.start() : end].rstrip(_BLANKS))
            self.found = (self.found[0] if self.found else first.start(), first.start() + before)
