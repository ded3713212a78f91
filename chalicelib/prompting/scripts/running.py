"""Regex scripts on a text: which of them apply, what they find, and what stands there afterwards."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from chalicelib.errors import Invalid
from chalicelib.models.scripts import RegexScript, ScriptPlace
from chalicelib.prompting.scripts.javascript import Source
from chalicelib.prompting.scripts.patterns import Allowance, Match, Patterns

Purpose = Literal["prompt", "stored", "display"]
TEXT_CHARACTERS_MOST = 4_000_000
_SLASHED = re.compile(r"/(.+)/([a-zA-Z]*)", re.DOTALL)
_GROUP = re.compile(r"\$(?:(\d+)|<([^>]+)>)")
_MATCH = re.compile(r"\{\{\s*match\s*\}\}", re.IGNORECASE)
_SPECIAL = re.compile(r"[\n\r\t\v\f\0.^$*+?{}\[\]\\/|()]")
_ESCAPED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\f": "\\f", "\0": "\\0"}
_ORDER = {"global": 0, "preset": 1, "character": 2}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A script that did not run, and a sentence that says why."""

    script: RegexScript
    why: str


class Scripts:
    """The scripts of one scene."""

    def __init__(
        self,
        scripts: Iterable[RegexScript],
        patterns: Patterns,
        expand: Callable[[str], str],
        *,
        expand_trims: Callable[[str], str] | None = None,
    ) -> None:
        """`expand` resolves macros; those in trim strings may have a meaning of their own."""
        self._scripts = sorted(
            (script for script in scripts if script.find and not script.disabled), key=lambda one: _ORDER[one.source]
        )
        self._patterns, self._expand = Allowance(patterns), expand
        self._expand_trims = expand_trims or expand
        self.refused: list[Refusal] = []

    def apply(
        self, text: str, *, place: ScriptPlace, purpose: Purpose, depth: int | None = None, edited: bool = False
    ) -> str:
        """The text after all scripts for this place, purpose and depth. One that cannot run leaves it as it is."""
        for script in self._scripts:
            if text and place in script.places and _fits(script, purpose, depth, edited):
                try:
                    text = self._applied(script, text)
                except Invalid as refused:
                    self._refuse(script, refused.message)
        return text

    def found(self, script: RegexScript, text: str) -> list[tuple[int, int]]:
        """Where a script's pattern is in a text. Raises Invalid when it cannot run."""
        return [(one.start, one.end) for one in self._patterns.matches(self._source(script), text, groups=False)]

    def _applied(self, script: RegexScript, text: str) -> str:
        template = _MATCH.sub("$0", script.replace)
        groups = any(found[1] is None or int(found[1][:9]) > 0 for found in _GROUP.finditer(template))
        found = self._patterns.matches(self._source(script), text, groups=groups)
        if not found:
            return text
        trims = [self._expand_trims(trim) for trim in script.trim if trim]
        parts: list[str] = []
        place = size = 0
        for match in found:
            replaced = _replaced(template, match, trims)
            replaced = self._expand(replaced)
            parts += [text[place : match.start], replaced]
            place = match.end
            size += len(replaced)
            if size > TEXT_CHARACTERS_MOST:
                raise Invalid(f"The script {script.name or script.find} makes this text too large.")
        return "".join([*parts, text[place:]])

    def _source(self, script: RegexScript) -> Source:
        match script.macros:
            case "none":
                return source_of(script.find)
            case "raw":
                return source_of(self._expand(script.find))
            case "escaped":
                return source_of(_expanded_escaped(script.find, self._expand))

    def _refuse(self, script: RegexScript, why: str) -> None:
        refusal = Refusal(script, why)
        if refusal not in self.refused:
            self.refused.append(refusal)


def source_of(find: str) -> Source:
    """`/pattern/flags` taken apart; what does not look like that is a pattern without flags."""
    slashed = _SLASHED.fullmatch(find)
    if slashed is None or len(set(slashed[2])) != len(slashed[2]) or set(slashed[2]) - set("dgimsuvy"):
        return Source(find, "")
    return Source(slashed[1], slashed[2])


def _fits(script: RegexScript, purpose: Purpose, depth: int | None, edited: bool) -> bool:
    lasting = not script.display_only and not script.prompt_only
    match purpose:
        case "prompt":
            meant = script.prompt_only
        case "display":
            meant = script.display_only
        case "stored":
            meant = lasting
    if not meant or (edited and not script.on_edit):
        return False
    if depth is None:
        return True
    # SillyTavern takes a least depth below -1 and a largest below 0 for none.
    least = script.depth_least if script.depth_least is not None and script.depth_least >= -1 else None
    most = script.depth_most if script.depth_most is not None and script.depth_most >= 0 else None
    return (least is None or depth >= least) and (most is None or depth <= most)


def _replaced(template: str, match: Match, trims: list[str]) -> str:
    def group(found: re.Match[str]) -> str:
        if found[1] is not None:
            number = int(found[1][:9])
            value = match.groups[number] if number < len(match.groups) else None
        else:
            value = match.groups[match.names.index(found[2]) + 1] if found[2] in match.names else None
        value = value or ""
        for trim in trims:
            value = value.replace(trim, "")
        return value

    return _GROUP.sub(group, template)


def _expanded_escaped(find: str, expand: Callable[[str], str]) -> str:
    """The pattern with what its macros become taken literally.

    Each outermost macro is resolved alone, so that the pattern's own signs stay as they are.
    """
    parts: list[str] = []
    place = depth = start = 0
    for brace in re.finditer(r"\{\{|\}\}", find):
        if brace[0] == "{{":
            if depth == 0:
                start = brace.start()
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                macro = find[start : brace.end()]
                value = expand(macro)
                parts += [find[place:start], macro if value == macro else _escape(value)]
                place = brace.end()
    return "".join([*parts, find[place:]])


def _escape(value: str) -> str:
    return _SPECIAL.sub(lambda found: _ESCAPED.get(found[0], f"\\{found[0]}"), value)
