"""JavaScript's regular expressions in the words of RE2, as far as RE2 can say the same.

Raises Beyond where RE2 would refuse, or would match something else than JavaScript: look-around, back-references,
loops around what may be empty, captures that JavaScript forgets in each round. Characters are code points here, also
without the flag `u`; JavaScript would cut those above U+FFFF in two.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from chalicelib.prompting.scripts.letters import CLASSES, CONTROLS, LINE_ENDS, NO_SPACES, PROPERTIES, literal

REPEATS_MOST = 1000
_QUANTIFIER = re.compile(r"(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})(\??)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_NAMED = re.compile(r"\(\?<([^>=!][^>]*)>")
_PROPERTY = re.compile(r"\{(?:(?:Script|sc|Script_Extensions|scx|General_Category|gc)=)?([A-Za-z_]+)\}")
_FLAGS = frozenset("dgimsuvy")


class Beyond(Exception):
    """RE2 cannot say this as JavaScript means it."""


class Source(NamedTuple):
    pattern: str
    flags: str

    def __str__(self) -> str:
        return f"/{self.pattern}/{self.flags}"


@dataclass(frozen=True, slots=True)
class Translated:
    pattern: str
    names: tuple[str, ...]
    """Names of the groups, "" for those without."""
    others: str
    """Letters of a text about which RE2 thinks otherwise: line ends that it does not know, letters with odd cases."""
    may_be_empty: bool


class _Piece(NamedTuple):
    text: str
    may_be_empty: bool
    captures: bool


def translated(source: Source, *, groups: bool = True) -> Translated:
    """`groups` False: only the whole match counts, so that captures may be what they like."""
    if set(source.flags) - _FLAGS or len(set(source.flags)) != len(source.flags):
        raise Beyond("flags")
    if {"v", "y"} & set(source.flags):
        raise Beyond("flags")
    reader = _Reader(source, groups)
    piece = reader.alternatives()
    if reader.rest():
        raise Beyond("an unmatched parenthesis")
    prefix = "(?i)" if "i" in source.flags else ""
    others = "\r\u2028\u2029" if "m" in source.flags and reader.anchored else ""
    if "i" in source.flags:
        others += "\u017f\u212a"
    return Translated(prefix + piece.text, tuple(reader.names), others, piece.may_be_empty)


class _Reader:
    """Reads a pattern once from left to right."""

    def __init__(self, source: Source, groups: bool) -> None:
        self._groups = groups
        self._text, self._at = source.pattern, 0
        self._lines, self._all, self._unicode = (flag in source.flags for flag in "msu")
        self.names: list[str] = []
        self.anchored = False
        self._depth = 0

    def rest(self) -> str:
        return self._text[self._at :]

    def alternatives(self) -> _Piece:
        self._depth += 1
        if self._depth > 100:
            raise Beyond("deep nesting")
        branches = [self._sequence()]
        while self._taken("|"):
            branches.append(self._sequence())
        self._depth -= 1
        return _Piece(
            "|".join(branch.text for branch in branches),
            any(branch.may_be_empty for branch in branches),
            any(branch.captures for branch in branches),
        )

    def _sequence(self) -> _Piece:
        parts: list[_Piece] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            parts.append(self._repeated(self._atom()))
        return _Piece(
            "".join(part.text for part in parts),
            all(part.may_be_empty for part in parts),
            any(part.captures for part in parts),
        )

    def _repeated(self, atom: _Piece) -> _Piece:
        found = _QUANTIFIER.match(self._text, self._at)
        if found is None:
            return atom
        if atom.text.endswith((r"\A", r"\z", "(?m:^)", "(?m:$)", r"\b", r"\B")):
            raise Beyond("a repeated anchor")
        self._at = found.end()
        sign, least, comma, most, lazy = found.groups()
        if least and max(int(least), int(most or 0)) > REPEATS_MOST:
            raise Beyond("many repeats")
        several = sign in ("*", "+") or bool(least and (int(least) > 1 or comma))
        captures = atom.captures and self._groups
        if several and (atom.may_be_empty or captures):
            # JavaScript ends a loop at an empty round and forgets the captures of the round before.
            raise Beyond("a loop")
        if atom.may_be_empty and captures:
            raise Beyond("an optional capture of nothing")
        low = f"{{{int(least)}{',' if comma else ''}{int(most) if most else ''}}}" if least else sign
        empty = atom.may_be_empty or sign in ("*", "?") or (least is not None and int(least) == 0)
        return _Piece(f"{atom.text}{low}{lazy}", empty, atom.captures)

    def _atom(self) -> _Piece:
        letter = self._text[self._at]
        self._at += 1
        match letter:
            case "^":
                self.anchored = True
                return _Piece("(?m:^)" if self._lines else r"\A", True, False)
            case "$":
                self.anchored = True
                return _Piece("(?m:$)" if self._lines else r"\z", True, False)
            case ".":
                return _Piece("(?s:.)" if self._all else f"[^{LINE_ENDS}]", False, False)
            case "(":
                return self._group()
            case "[":
                return _Piece(self._class(), False, False)
            case "\\":
                return self._escaped()
            case "*" | "+" | "?":
                raise Beyond("nothing to repeat")
            case "{" if _QUANTIFIER.match(self._text, self._at - 1) or self._unicode:
                raise Beyond("nothing to repeat")
        return _Piece(literal(letter), False, False)

    def _group(self) -> _Piece:
        named = _NAMED.match(self._text, self._at - 1)
        if self._taken("?:"):
            opening, captures = "(?:", False
        elif named:
            if not _NAME.match(named[1]) or named[1] in self.names:
                raise Beyond("a group's name")
            self._at = named.end()
            self.names.append(named[1])
            opening, captures = f"(?P<{named[1]}>", True
        elif self._taken("?"):
            raise Beyond("look-around")
        else:
            self.names.append("")
            opening, captures = "(", True
        inner = self.alternatives()
        if not self._taken(")"):
            raise Beyond("an open parenthesis")
        return _Piece(f"{opening}{inner.text})", inner.may_be_empty, captures or inner.captures)

    def _escaped(self) -> _Piece:
        if self._at >= len(self._text):
            raise Beyond("a backslash at the end")
        letter = self._text[self._at]
        if letter in "bB":
            self._at += 1
            return _Piece(f"\\{letter}", True, False)
        if letter in "123456789k":
            raise Beyond("a back-reference")
        return _Piece(self._set_or_letter(inside=False), False, False)

    def _class(self) -> str:
        inverted = self._taken("^")
        if self._taken("]"):
            return r"(?s:.)" if inverted else r"[^\x{0}-\x{10ffff}]"
        parts: list[str] = []
        while not self._taken("]"):
            if self._at >= len(self._text):
                raise Beyond("an open bracket")
            parts.append(self._member())
        return f"[{'^' if inverted else ''}{''.join(parts)}]"

    def _member(self) -> str:
        """One letter, class or range inside brackets."""
        first = self._class_part()
        if not self._text.startswith("-", self._at) or self._text.startswith("-]", self._at):
            return first.text
        self._at += 1
        if self._at >= len(self._text):
            raise Beyond("an open bracket")
        last = self._class_part()
        if first.may_be_empty or last.may_be_empty:
            # A class at the end of a range: the hyphen is one of the letters.
            return f"{first.text}\\-{last.text}"
        return f"{first.text}-{last.text}"

    def _class_part(self) -> _Piece:
        """`may_be_empty` tells that it is a class of its own and no letter."""
        if not self._taken("\\"):
            letter = self._text[self._at]
            self._at += 1
            return _Piece(literal(letter), False, False)
        if self._at >= len(self._text):
            raise Beyond("a backslash at the end")
        if self._taken("b"):
            return _Piece(literal("\b"), False, False)
        letter = self._text[self._at]
        if letter in "123456789k":
            raise Beyond("an octal number")
        return _Piece(self._set_or_letter(inside=True), letter in "dDwWsSpP", False)

    def _set_or_letter(self, *, inside: bool) -> str:
        """What follows a backslash: a class as RE2 writes it, or one letter."""
        letter = self._text[self._at]
        self._at += 1
        if letter.lower() in CLASSES:
            letters = CLASSES[letter.lower()]
            if letter.islower():
                return letters if inside else f"[{letters}]"
            if inside and letter == "S":
                # RE2 has no class in a class; the gaps between the spaces are these.
                return NO_SPACES
            if inside:
                return f"\\{letter}"
            return f"[^{letters}]"
        if letter in "pP" and self._unicode:
            return self._property(letter)
        if letter in CONTROLS:
            return literal(CONTROLS[letter])
        if letter == "0" and not self.rest()[:1].isdigit():
            return literal("\0")
        if letter == "c":
            if not self.rest()[:1].isascii() or not self.rest()[:1].isalpha():
                raise Beyond("a control letter")
            self._at += 1
            return literal(chr(ord(self._text[self._at - 1]) % 32))
        if letter in "xu":
            return self._numbered(letter)
        if letter.isalnum() and (self._unicode or letter.isdigit()):
            raise Beyond("an escaped letter")
        return literal(letter)

    def _numbered(self, letter: str) -> str:
        digits = re.compile(r"[0-9A-Fa-f]{2}" if letter == "x" else r"[0-9A-Fa-f]{4}").match(self._text, self._at)
        if digits:
            self._at = digits.end()
            code = int(digits[0], 16)
            if 0xD800 <= code < 0xDC00 and (
                low := re.compile(r"\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})").match(self._text, self._at)
            ):
                self._at = low.end()
                return literal(chr(0x10000 + (code - 0xD800) * 0x400 + int(low[1], 16) - 0xDC00))
            if 0xD800 <= code < 0xE000:
                raise Beyond("half a letter")
            return literal(chr(code))
        braced = re.compile(r"\{([0-9A-Fa-f]{1,6})\}").match(self._text, self._at)
        if letter == "u" and self._unicode and braced and int(braced[1], 16) <= 0x10FFFF:
            self._at = braced.end()
            return literal(chr(int(braced[1], 16)))
        if self._unicode:
            raise Beyond("an escaped letter")
        return literal(letter)

    def _property(self, letter: str) -> str:
        found = _PROPERTY.match(self._text, self._at)
        if found is None or found[1] not in PROPERTIES:
            raise Beyond("a property of letters")
        self._at = found.end()
        return f"\\{letter}{{{PROPERTIES[found[1]]}}}"

    def _taken(self, text: str) -> bool:
        if self._text.startswith(text, self._at):
            self._at += len(text)
            return True
        return False
