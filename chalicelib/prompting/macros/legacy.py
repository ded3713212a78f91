"""The macro engine before 1.19's: one kind of macro after the other is searched for and replaced in the whole text.

There is no nesting: what a macro yields is seen by the kinds that come later, and braces within arguments end them. It
knows fewer macros, and fewer names for them, than the engine that came after it.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from chalicelib.errors import Invalid
from chalicelib.prompting.macros.known import KNOWN, Site, roll
from chalicelib.prompting.macros.names import CANONICAL
from chalicelib.prompting.macros.stable import picked

if TYPE_CHECKING:
    from chalicelib.prompting.macros.expander import Macros

_MOST = 4_000_000
# What is unclosed is walked from each of its openings: hence this limit, and the lengths in the patterns.
_OPENINGS_MOST = 5_000
_Replace = Callable[["Macros", re.Match[str], str], str]
"""The engine, what was found, and the text as it was written: the choice of {{pick}} hangs on it."""
_FLAGS = re.IGNORECASE | re.ASCII

_BEFORE = (
    "instructStoryStringPrefix instructStoryStringSuffix instructInput instructUserPrefix instructUserSuffix"
    " instructOutput instructAssistantPrefix instructSeparator instructAssistantSuffix instructSystemPrefix"
    " instructSystemSuffix instructFirstOutput instructFirstAssistantPrefix instructLastOutput"
    " instructLastAssistantPrefix instructStop instructUserFiller instructSystemInstructionPrefix instructFirstInput"
    " instructFirstUserPrefix instructLastInput instructLastUserPrefix systemPrompt defaultSystemPrompt"
    " instructSystem instructSystemPrompt chatSeparator chatStart"
).lower()
_CARD = (
    "charPrompt charInstruction charJailbreak description personality scenario persona mesExamples mesExamplesRaw"
    " charVersion char_version charDepthPrompt creatorNotes user char group charIfNotGroup groupNotMuted notChar model"
).lower()
_LATE = "isMobile lastGenerationType".lower()
_AFTER = (
    "maxPrompt maxPromptTokens maxContext maxContextTokens maxResponse maxResponseTokens lastMessage lastMessageId"
    " lastUserMessage lastCharMessage firstIncludedMessageId firstDisplayedMessageId lastSwipeId currentSwipeId"
    " allChatRange"
).lower()
_ELSEWHERE = {
    "charjailbreak": "charinstruction",
    "instructfirstoutput": "instructfirstassistantprefix",
    "instructlastoutput": "instructlastassistantprefix",
}
"""Names that only this engine knows, and those of the values they show."""
_OTHERS = {*CANONICAL, *_BEFORE.split(), *_CARD.split(), *_LATE.split(), *_AFTER.split()}


class _Broken(Exception):
    """A macro failed: as in SillyTavern all of its kind in this text stay as they are."""


def expanded(engine: "Macros", text: str, written: str) -> str:
    """`written` is the text before anything was done to it."""
    for pattern, replace in _STEPS:
        if "{{" not in text:
            break
        if text.count("{{") > _OPENINGS_MOST:
            raise Invalid("This card or prompt has too many macros.", code="prompt_too_long")

        def one(found: re.Match[str], replace: _Replace = replace) -> str:
            return replace(engine, found, written)

        try:
            text = pattern.sub(one, text)
        except _Broken:
            continue
        if len(text) > _MOST:
            raise Invalid("The macros in this card or prompt make it too large.", code="prompt_too_long")
    return text


def _known(engine: "Macros", name: str, *arguments: str) -> str | None:
    return KNOWN[name].run(engine, arguments, Site("", 0))


def _plain(name: str) -> _Replace:
    return lambda engine, found, written: _known(engine, name) or ""


def _with_arguments(name: str) -> _Replace:
    def replace(engine: "Macros", found: re.Match[str], written: str) -> str:
        value = _known(engine, name, *found.groups())
        return found[0] if value is None else value

    return replace


def _on_variable(name: str) -> _Replace:
    def replace(engine: "Macros", found: re.Match[str], written: str) -> str:
        value = _known(engine, name, found[1].strip(), *found.groups()[1:])
        if value is None:
            raise _Broken
        return value

    return replace


def _valued(names: str) -> list[tuple[str, _Replace]]:
    def step(name: str) -> tuple[str, _Replace]:
        return rf"\{{\{{{name}\}}\}}", lambda engine, found, written: engine.value(_ELSEWHERE.get(name, name))

    return [step(name) for name in names.split()]


def _given(engine: "Macros", found: re.Match[str], written: str) -> str:
    """Values that somebody gave under names of their own."""
    name = found[1].lower()
    value = None if name in _OTHERS else engine.named(name)
    return found[0] if value is None else value


def _roll(engine: "Macros", found: re.Match[str], written: str) -> str:
    return roll(engine, found[1])


def _listed(argument: str) -> list[str]:
    """Parts between double colons as they are, else those between commas without the space around them."""
    if "::" in argument:
        return argument.split("::")
    return [part.strip().replace("\\,", ",") for part in re.split(r"(?<!\\),", argument)]


def _random(engine: "Macros", found: re.Match[str], written: str) -> str:
    list_ = _listed(found[1])
    return list_[engine.below(len(list_))]


def _pick(engine: "Macros", found: re.Match[str], written: str) -> str:
    list_ = _listed(found[1])
    # Where it stands by then, in the units of JavaScript.
    before = len(found.string[: found.start()].encode("utf-16-le", "surrogatepass")) // 2
    return list_[picked(len(list_), engine.chat_hash, written, before, legacy=True)]


def _variable_steps() -> list[tuple[str, _Replace]]:
    steps: list[tuple[str, _Replace]] = []
    for where in ("", "global"):
        steps += [
            (rf"\{{\{{set{where}var::([^:]{{1,200}})::([^}}]{{0,20000}})\}}\}}", _on_variable(f"set{where}var")),
            (rf"\{{\{{add{where}var::([^:]{{1,200}})::([^}}]{{1,20000}})\}}\}}", _on_variable(f"add{where}var")),
            (rf"\{{\{{inc{where}var::([^}}]{{1,20000}})\}}\}}", _on_variable(f"inc{where}var")),
            (rf"\{{\{{dec{where}var::([^}}]{{1,20000}})\}}\}}", _on_variable(f"dec{where}var")),
            (rf"\{{\{{get{where}var::([^}}]{{1,20000}})\}}\}}", _on_variable(f"get{where}var")),
        ]
    return steps


# A dot, in JavaScript, is anything but the end of a line.
_DOT = r"[^\n\r\u2028\u2029]"
_STEPS: list[tuple[re.Pattern[str], _Replace]] = [
    (re.compile(pattern, _FLAGS), replace)
    for pattern, replace in (
        (r"\{\{roll[ :]([^}]{1,20000})\}\}", _roll),
        *_valued(_BEFORE),
        *_variable_steps(),
        (r"\{\{newline\}\}", _plain("newline")),
        (r"(?:(?<!\n)\n+)?\{\{trim\}\}\n*", lambda engine, found, written: ""),
        (r"\{\{noop\}\}", _plain("noop")),
        *_valued("input"),
        *_valued(_CARD),
        (r"\{\{(\w+)\}\}", _given),
        *_valued(_LATE),
        *_valued(_AFTER),
        (rf"\{{\{{reverse:({_DOT}{{1,20000}}?)\}}\}}", _with_arguments("reverse")),
        (r"\{\{//[\s\S]{0,20000}?\}\}", lambda engine, found, written: ""),
        (r"\{\{time\}\}", _plain("time")),
        (r"\{\{date\}\}", _plain("date")),
        (r"\{\{weekday\}\}", _plain("weekday")),
        (r"\{\{isotime\}\}", _plain("isotime")),
        (r"\{\{isodate\}\}", _plain("isodate")),
        (r"\{\{datetimeformat +([^}]{0,20000})\}\}", _with_arguments("datetimeformat")),
        (r"\{\{idle_duration\}\}", _plain("idle_duration")),
        (r"\{\{time_(UTC[+-]\d+)\}\}", _with_arguments("time")),
        (rf"\{{\{{outlet::({_DOT}{{1,20000}}?)\}}\}}", _with_arguments("outlet")),
        # The first half is not tried anew where no end follows: that would take the square of the time.
        (rf"\{{\{{timediff::(?>({_DOT}{{0,2000}}?)::)({_DOT}{{0,2000}}?)\}}\}}", _with_arguments("timediff")),
        (rf"\{{\{{banned \"{_DOT}{{0,5000}}\"\}}\}}", lambda engine, found, written: ""),
        (r"\{\{random\s?::?([^}]{1,20000})\}\}", _random),
        (r"\{\{pick\s?::?([^}]{1,20000})\}\}", _pick),
    )
]
