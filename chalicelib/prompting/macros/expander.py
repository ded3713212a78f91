"""Macros: `{{char}}`, `{{random:a,b}}` and the others that cards of the field use. docs/prompting.md lists them.

One pass with a stack resolves the innermost macro first; what a macro yields is not looked at again. An unknown macro
stays as text, the known ones inside it are resolved.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from chalicelib.errors import Invalid

EXPANDED_CHARACTERS_MOST = 4_000_000
NAME_CHARACTERS_MOST = 200
_BRACES = re.compile(r"\{\{(?!\{)|\}\}")
_OLD_NAMES = re.compile(r"<(USER|BOT|CHAR)>", re.IGNORECASE)
_CALL = re.compile(r"\s*(//|[A-Za-z_]+)\s*(::?|(?<=//)|\s)?(.*)", re.DOTALL)
# The line breaks before it are taken from their first on, or a long run of them would be walked again from each.
_TRIM = re.compile(r"(?:(?<!\n)\n+)?\{\{\s*trim\s*\}\}\n*", re.IGNORECASE)
_ORIGINAL = re.compile(r"\{\{\s*original\s*\}\}", re.IGNORECASE)


class Dice(Protocol):
    """What `random.Random` offers and is enough here."""

    def randrange(self, start: int, /) -> int: ...


class Macros:
    """The macros of one prompt: who speaks, what time it is, and named texts."""

    def __init__(
        self,
        *,
        char: str,
        user: str,
        now: datetime,
        dice: Dice,
        seed: str = "",
        values: Mapping[str, str] | None = None,
    ) -> None:
        self.char = char
        self.user = user
        self._now, self._dice, self._seed = now, dice, seed
        self._values = dict(values or {})

    def with_values(self, values: Mapping[str, str]) -> "Macros":
        """The same macros with more named texts."""
        return Macros(
            char=self.char,
            user=self.user,
            now=self._now,
            dice=self._dice,
            seed=self._seed,
            values={**self._values, **values},
        )

    def value(self, name: str) -> str:
        return self._values[name]

    def expand(self, text: str) -> str:
        """The text, macros resolved, carriage returns removed. Raises Invalid when it grows without measure."""
        text = _OLD_NAMES.sub(self._old_name, text.replace("\r", ""))
        if "{{" not in text:
            return text
        text = _TRIM.sub("", text)
        parts: list[list[str]] = [[]]
        position = size = 0
        for brace in _BRACES.finditer(text):
            parts[-1].append(text[position : brace.start()])
            position = brace.end()
            if brace[0] == "{{":
                parts.append([])
            elif len(parts) == 1:
                parts[-1].append("}}")
            else:
                resolved = self._resolved("".join(parts.pop()), brace.start())
                size += len(resolved)
                if size > EXPANDED_CHARACTERS_MOST:
                    raise Invalid("The macros in this card or prompt make it too large.", code="prompt_too_long")
                parts[-1].append(resolved)
        parts[-1].append(text[position:])
        return "{{".join("".join(level) for level in parts)

    def expand_override(self, override: str, original: str) -> str:
        """A card's text in place of the preset's. Its first {{original}} is the replaced text, later ones nothing."""
        if not override.strip():
            return self.expand(original)
        replaced = self.expand(original)
        before, *after = _ORIGINAL.split(override)
        if not after:
            return self.expand(override)
        return self.expand(before) + replaced + self.expand("".join(after))

    def _resolved(self, body: str, offset: int) -> str:
        call = _CALL.fullmatch(body)
        if call is None:
            return "{{" + body + "}}"
        name, separator, rest = call[1].lower(), call[2], call[3]
        if name in self._values and not rest:
            return self._values[name]
        if name in _PLAIN and not rest:
            return _PLAIN[name](self)
        if name in _WITH_TEXT and (separator is not None or rest):
            found = _WITH_TEXT[name](self, separator or "", rest, offset)
            return "{{" + body + "}}" if found is None else found
        return "{{" + body + "}}"

    def _old_name(self, found: re.Match[str]) -> str:
        return self.user if found[1].upper() == "USER" else self.char

    def _clock(self, form: str) -> str:
        return self._now.strftime(form)

    def _random(self, separator: str, rest: str, offset: int) -> str | None:
        choices = _choices(separator, rest)
        return choices[self._dice.randrange(len(choices))]

    def _pick(self, separator: str, rest: str, offset: int) -> str | None:
        """The same choice each time for the same chat, words and place."""
        choices = _choices(separator, rest)
        digest = hashlib.sha256(f"{self._seed}\0{rest}\0{offset}".encode("utf-8", "replace")).digest()
        return choices[int.from_bytes(digest[:8], "big") % len(choices)]

    def _roll(self, separator: str, rest: str, offset: int) -> str | None:
        """`6`, `d6`, `2d6`, `2d6+1`; None when it is nothing of the kind."""
        dice = re.fullmatch(r"(?:(\d{0,2})d)?(\d{1,6})([+-]\d{1,6})?", rest.strip(), re.IGNORECASE)
        if dice is None or int(dice[2]) == 0:
            return None
        return str(sum(self._dice.randrange(int(dice[2])) + 1 for _ in range(int(dice[1] or 1))) + int(dice[3] or 0))


_PLAIN: dict[str, Callable[[Macros], str]] = {
    "char": lambda m: m.char,
    "user": lambda m: m.user,
    "newline": lambda m: "\n",
    "noop": lambda m: "",
    "date": lambda m: m._clock("%B ") + str(m._now.day) + m._clock(", %Y"),
    "time": lambda m: str(m._now.hour % 12 or 12) + m._clock(":%M %p"),
    "weekday": lambda m: m._clock("%A"),
    "isodate": lambda m: m._clock("%Y-%m-%d"),
    "isotime": lambda m: m._clock("%H:%M"),
}

_WITH_TEXT: dict[str, Callable[[Macros, str, str, int], str | None]] = {
    "random": Macros._random,
    "pick": Macros._pick,
    "roll": Macros._roll,
    "reverse": lambda m, separator, rest, offset: rest[::-1],
    "//": lambda m, separator, rest, offset: "",
    "comment": lambda m, separator, rest, offset: "",
    "hidden_key": lambda m, separator, rest, offset: "",
}


def clean_name(name: str) -> str:
    """A name on one line: control characters gone, white space single, so that it cannot break out of a prompt."""
    kept = "".join(letter if letter.isprintable() else " " for letter in name[:NAME_CHARACTERS_MOST])
    return " ".join(kept.split())


def _choices(separator: str, rest: str) -> list[str]:
    """`a,b` with `\\,` for a comma, or `a::b` taken as it stands."""
    if separator == "::" or "::" in rest:
        return rest.split("::")
    return [choice.replace("\\,", ",").strip() for choice in re.split(r"(?<!\\),", rest)]
