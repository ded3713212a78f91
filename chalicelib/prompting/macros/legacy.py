"""The macro engine before 1.16: one kind of macro after the other is searched for and replaced in the whole text.

There is no nesting: what a macro yields is seen by the kinds that come later, and braces within arguments end them.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from chalicelib.errors import Invalid
from chalicelib.prompting.macros.known import KNOWN, Site, choices, roll
from chalicelib.prompting.macros.stable import picked

if TYPE_CHECKING:
    from chalicelib.prompting.macros.expander import Macros

_MOST = 4_000_000
# What is unclosed is walked from each of its openings: hence this limit, and the lengths in the patterns.
_OPENINGS_MOST = 5_000
_Replace = Callable[["Macros", re.Match[str], str], str]
_EARLY_VALUES = r"\{\{((?:instruct|system|chat|example|default)\w*|input)\}\}"
_VALUE = r"\{\{(\w+)\}\}"


def expanded(engine: "Macros", text: str) -> str:
    for pattern, replace in _STEPS:
        if "{{" not in text:
            break
        if text.count("{{") > _OPENINGS_MOST:
            raise Invalid("This card or prompt has too many macros.", code="prompt_too_long")
        whole = text

        def one(found: re.Match[str], replace: _Replace = replace, whole: str = whole) -> str:
            return replace(engine, found, whole)

        text = pattern.sub(one, text)
        if len(text) > _MOST:
            raise Invalid("The macros in this card or prompt make it too large.", code="prompt_too_long")
    return text


def _known(engine: "Macros", name: str, *arguments: str) -> str | None:
    return KNOWN[name].run(engine, arguments, Site("", 0))


def _plain(name: str) -> _Replace:
    return lambda engine, found, text: _known(engine, name) or ""


def _with_arguments(name: str) -> _Replace:
    def replace(engine: "Macros", found: re.Match[str], text: str) -> str:
        value = _known(engine, name, *(group.strip() for group in found.groups()))
        return found[0] if value is None else value

    return replace


def _named(engine: "Macros", found: re.Match[str], text: str) -> str:
    value = engine.named(found[1].lower())
    return found[0] if value is None else value


def _roll(engine: "Macros", found: re.Match[str], text: str) -> str:
    return roll(engine, found[1])


def _listed(argument: str) -> list[str]:
    return argument.split("::") if "::" in argument else choices([argument])


def _random(engine: "Macros", found: re.Match[str], text: str) -> str:
    list_ = _listed(found[1])
    return list_[engine.below(len(list_))]


def _pick(engine: "Macros", found: re.Match[str], text: str) -> str:
    list_ = _listed(found[1])
    return list_[picked(len(list_), engine.chat_hash, text, found.start(), legacy=True)]


def _variable_steps() -> list[tuple[str, _Replace]]:
    steps: list[tuple[str, _Replace]] = []
    for where in ("", "global"):
        steps += [
            (rf"\{{\{{set{where}var::([^:]{{1,200}})::([^}}]{{0,20000}})\}}\}}", _with_arguments(f"set{where}var")),
            (rf"\{{\{{add{where}var::([^:]{{1,200}})::([^}}]{{1,20000}})\}}\}}", _with_arguments(f"add{where}var")),
            (rf"\{{\{{inc{where}var::([^}}]{{1,20000}})\}}\}}", _with_arguments(f"inc{where}var")),
            (rf"\{{\{{dec{where}var::([^}}]{{1,20000}})\}}\}}", _with_arguments(f"dec{where}var")),
            (rf"\{{\{{get{where}var::([^}}]{{1,20000}})\}}\}}", _with_arguments(f"get{where}var")),
        ]
    return steps


_STEPS: list[tuple[re.Pattern[str], _Replace]] = [
    (re.compile(pattern, re.IGNORECASE), replace)
    for pattern, replace in (
        (r"\{\{roll[ :]([^}]{1,20000})\}\}", _roll),
        (_EARLY_VALUES, _named),
        *_variable_steps(),
        (r"\{\{newline\}\}", _plain("newline")),
        (r"(?:(?<!\n)\n+)?\{\{trim\}\}\n*", lambda engine, found, text: ""),
        (r"\{\{noop\}\}", _plain("noop")),
        (_VALUE, _named),
        (r"\{\{reverse:([^}]{1,20000})\}\}", _with_arguments("reverse")),
        (r"\{\{//[\s\S]{0,20000}?\}\}", lambda engine, found, text: ""),
        (r"\{\{idle_duration\}\}", _plain("idleduration")),
        (r"\{\{time\}\}", _plain("time")),
        (r"\{\{date\}\}", _plain("date")),
        (r"\{\{weekday\}\}", _plain("weekday")),
        (r"\{\{isotime\}\}", _plain("isotime")),
        (r"\{\{isodate\}\}", _plain("isodate")),
        (r"\{\{datetimeformat +([^}]{0,20000})\}\}", _with_arguments("datetimeformat")),
        (r"\{\{time_(UTC[+-]\d+)\}\}", _with_arguments("time")),
        (r"\{\{timediff::([^}]{0,2000}?)::([^}]{0,2000}?)\}\}", _with_arguments("timediff")),
        (r"\{\{outlet::([^}]{1,20000})\}\}", _with_arguments("outlet")),
        (r"\{\{banned \"([^}]{0,20000})\"\}\}", _with_arguments("banned")),
        (r"\{\{random\s?::?([^}]{1,20000})\}\}", _random),
        (r"\{\{pick\s?::?([^}]{1,20000})\}\}", _pick),
    )
]
