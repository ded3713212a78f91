"""Resolves the macros of one prompt.

Inner macros are resolved before the one they stand in; `{{if}}` looks at its condition first and then only at the
branch it takes. What a macro yields is not looked at again. An unknown macro stays as text, known ones inside it are
resolved.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from chalicelib.models.scenes import Dice, Variables
from chalicelib.prompting.macros import legacy as legacy_engine
from chalicelib.prompting.macros.evaluation import Evaluation
from chalicelib.prompting.macros.known import KNOWN
from chalicelib.prompting.macros.names import CANONICAL, LAST_WRITTEN

EXPANDED_CHARACTERS_MOST = 4_000_000
_OLD_NAMES = re.compile(r"<(USER|BOT|CHAR|GROUP|CHARIFNOTGROUP)>", re.IGNORECASE)
_OLD_TIME = re.compile(r"\{\{time_(UTC[+-]\d+)\}\}", re.IGNORECASE)
_NEW_NAMES = {"USER": "user", "BOT": "char", "CHAR": "char", "GROUP": "group", "CHARIFNOTGROUP": "charIfNotGroup"}
_ORIGINAL = re.compile(r"\{\{\s*original\s*\}\}", re.IGNORECASE)

OUTLET = "outlet::"
Value = str | Callable[[], str]


class Macros:
    """The macros of one prompt: who speaks, what time it is, named texts, and the variables."""

    def __init__(
        self,
        *,
        char: str,
        user: str,
        now: datetime,
        dice: Dice,
        values: Mapping[str, Value] | None = None,
        variables: Variables | None = None,
        chat_hash: int | str = 0,
        pick_reroll: str = "",
        legacy: bool = False,
    ) -> None:
        """`values` by the macros' names in any case; a function is asked when its macro occurs.

        `outlet::NAME` is what {{outlet::NAME}} shows.

        `chat_hash` keeps {{pick}} stable: SillyTavern's `chat_id_hash`, or an id of ours. With
        `pick_reroll` all choices are made anew.
        """
        self.char, self.user = char, user
        self.now: datetime = now
        self.chat_hash, self.pick_reroll = chat_hash, pick_reroll
        self.variables = variables if variables is not None else Variables()
        self._dice, self._legacy = dice, legacy
        self._values: dict[str, Value] = {
            "user": user,
            "char": char,
            "group": char,
            "charifnotgroup": char,
            "groupnotmuted": char,
            "notchar": user,
            "ismobile": "false",
            **_canonical(values or {}),
        }

    def with_values(self, values: Mapping[str, Value], *, char: str | None = None) -> "Macros":
        """The same macros, on the same variables, with more named texts or another character."""
        named = _canonical(values)
        if char is not None:
            named = {"char": char, **named}
        return Macros(
            char=char if char is not None else self.char,
            user=self.user,
            now=self.now,
            dice=self._dice,
            values={**self._values, **named},
            variables=self.variables,
            chat_hash=self.chat_hash,
            pick_reroll=self.pick_reroll,
            legacy=self._legacy,
        )

    def value(self, name: str) -> str:
        """A named text, as its macro would show it; "" for one that is known but not given."""
        lowered = name.lower()
        found = self._values.get(CANONICAL.get(lowered, lowered), "")
        return found if isinstance(found, str) else found()

    def named(self, name: str) -> str | None:
        """The text of a macro without arguments that is a value; None when there is no such macro."""
        return self.value(name) if name != LAST_WRITTEN and (name in CANONICAL or name in self._values) else None

    def outlet(self, name: str) -> str:
        found = self._values.get(f"{OUTLET}{name.strip()}", "")
        return found if isinstance(found, str) else found()

    def below(self, end: int) -> int:
        """A throw of the dice: a whole number from 0 up to `end`, without it."""
        return min(int(self._dice.random() * end), end - 1)

    def expand(self, text: str) -> str:
        """The text, macros resolved, carriage returns removed. Raises Invalid when it grows without measure."""
        text = text.replace("\r", "") if "\r" in text else text
        written = text
        if self._legacy:
            text = _OLD_NAMES.sub(lambda found: self.value(_NEW_NAMES[found[1].upper()]), text)
            return legacy_engine.expanded(self, text, written) if "{{" in text else text
        if "<" in text:
            text = _OLD_NAMES.sub(lambda found: f"{{{{{_NEW_NAMES[found[1].upper()]}}}}}", text)
        text = _OLD_TIME.sub(r"{{time::\1}}", text) if "{{" in text else text
        return Evaluation(self, written, EXPANDED_CHARACTERS_MOST).result(text)

    def expand_override(self, override: str, original: str) -> str:
        """A card's text in place of the preset's. Its first {{original}} is the replaced text, later ones nothing."""
        if not override.strip():
            return self.expand(original)
        replaced = self.expand(original)
        before, *after = _ORIGINAL.split(override)
        if not after:
            return self.expand(override)
        return self.expand(before) + replaced + self.expand("".join(after))


def known_names() -> Sequence[str]:
    """Every macro there is, for help and completion."""
    return sorted({*CANONICAL, *KNOWN, "if"})


def _canonical(values: Mapping[str, Value]) -> dict[str, Value]:
    """The names of outlets are what they are; all others count in any case."""
    return {
        name if name.startswith(OUTLET) else CANONICAL.get(name.lower(), name.lower()): value
        for name, value in values.items()
    }
