"""One text being resolved: which tags belong together, which branch is taken, and how much work that may be."""

import re
from typing import TYPE_CHECKING

from chalicelib.errors import Invalid
from chalicelib.prompting.macros.known import KNOWN, TRIM, Site
from chalicelib.prompting.macros.pairing import IF_ARGUMENTS, dedented, else_of, paired
from chalicelib.prompting.macros.parsing import DEPTH_MOST, Call, Span, parsed
from chalicelib.prompting.macros.shorthand import operated
from chalicelib.prompting.macros.variables import is_false, shown

if TYPE_CHECKING:
    from chalicelib.prompting.macros.expander import Macros

STEPS_MOST = 50_000
"""Macros that may be read or resolved for one text; each costs some 20 µs."""
_CONDITION = re.compile(r"([.$])([A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)\Z")
_NOT = re.compile(r"\s*!\s*")
_ESCAPED = re.compile(r"\\([{}])")
# The line breaks before it are taken from their first on, or a long run of them would be walked again from each.
_TRIM = re.compile(r"(?:(?<!\n)\n+)?\{\{trim\}\}\n*", re.IGNORECASE)


class Evaluation:
    """Tags within tags deeper than DEPTH_MOST stay as they are written."""

    def __init__(self, engine: "Macros", written: str, most: int) -> None:
        """`written` is the text as it was given, for stable choices. `most` characters may come out of all macros."""
        self._engine, self._written, self._most = engine, written, most
        self._steps = self._depth = 0

    def result(self, text: str, offset: int = 0) -> str:
        """The text with its macros resolved, escaped braces freed, and line breaks trimmed where that was asked."""
        text = self._resolved(text, offset)
        if "\\" in text:
            text = _ESCAPED.sub(r"\1", text)
        return _TRIM.sub("", text) if "{{" in text else text

    def _resolved(self, text: str, offset: int) -> str:
        """`offset` is the text's place in the whole."""
        if "{{" not in text or self._depth > DEPTH_MOST:
            return text
        self._depth += 1
        self._count(min(text.count("{{"), text.count("}}")))
        calls = parsed(text)
        pairs, raw = paired(calls, text)
        parts: list[str] = []
        end = place = 0
        while place < len(calls):
            call = calls[place]
            parts.append(text[end : call.start])
            end = call.end
            if place in pairs:
                closing = calls[pairs[place]]
                parts.append(self._value(call, text, offset, (call.end, closing.start)))
                place, end = pairs[place], closing.end
            else:
                parts.append(text[call.start : call.end] if place in raw else self._value(call, text, offset, None))
            place += 1
        self._depth -= 1
        parts.append(text[end:])
        return "".join(parts)

    def _value(self, call: Call, text: str, offset: int, between: Span | None) -> str:
        """What a macro yields; `between` is where the text between its two tags is, its last argument."""
        self._count()
        if call.variable:
            store = self._engine.variables.local if call.variable == "." else self._engine.variables.everywhere
            return self._sized(operated(store, call, lambda: self._assigned(call, text, offset)))
        spans = [*call.arguments, *([between] if between else [])]
        site = Site(self._written, offset + call.start)
        if call.key == "if":
            found = self._branch(call, [text[span[0] : span[1]] if span else "" for span in spans], site)
            values: list[str] = []
        else:
            values = [self._argument(span, text, offset) for span in spans]
            if between and "#" not in call.flags:
                values[-1] = dedented(values[-1])
            found = self._run(call.key, values, site, scoped=between is not None)
        return self._as_written(call, text, spans, values) if found is None else self._sized(found)

    def _argument(self, span: Span | None, text: str, offset: int) -> str:
        return self._resolved(text[span[0] : span[1]], offset + span[0]) if span else ""

    def _as_written(self, call: Call, text: str, spans: list[Span | None], values: list[str]) -> str:
        """A macro that is unknown, or whose arguments do not fit, with what it holds resolved.

        Of its closing tag the braces stay, as SillyTavern leaves them.
        """
        parts: list[str] = []
        place, end = call.start, call.end - 2
        for span, value in zip(spans, values, strict=False):
            if span and span[0] < span[1]:
                parts += [text[place : span[0]], value]
                place = span[1]
        return "".join(parts) + text[place:end] + "}}"

    def _branch(self, call: Call, arguments: list[str], site: Site) -> str | None:
        if len(arguments) != IF_ARGUMENTS:
            return None
        condition, content = arguments
        calls = parsed(content) if "{{" in content else []
        middle = else_of(calls, content)
        if self._holds(condition, site.offset):
            chosen = content if middle is None else content[: middle.start]
        else:
            chosen = "" if middle is None else content[middle.end :]
        resolved = self.result(chosen, site.offset)
        return resolved if "#" in call.flags else dedented(resolved)

    def _run(self, name: str, arguments: list[str], site: Site, *, scoped: bool) -> str | None:
        """What the macro yields; None when there is none of that name or the arguments do not fit."""
        if not arguments:
            value = self._engine.named(name)
            if value is not None:
                return value
        known = KNOWN.get(name)
        if known is None or not known.least <= len(arguments) <= known.most:
            return None
        return arguments[0] if scoped and name == "trim" else known.run(self._engine, arguments, site)

    def _assigned(self, call: Call, text: str, offset: int) -> str:
        """What stands after a variable's operator; its macros are resolved one by one."""
        span = call.arguments[0] if call.arguments else None
        if span is None:
            return ""
        parts: list[str] = []
        place = span[0]
        for inner in call.inner:
            if inner.start >= place:
                parts += [text[place : inner.start], self._value(inner, text, offset, None)]
                place = inner.end
        return ("".join(parts) + text[place : span[1]]).strip()

    def _holds(self, condition: str, offset: int) -> bool:
        inverted = _NOT.match(condition)
        condition = self.result(condition[inverted.end() :] if inverted else condition, offset)
        shorthand = _CONDITION.match(condition)
        if shorthand:
            variables = self._engine.variables
            store = variables.local if shorthand[1] == "." else variables.everywhere
            condition = shown(store.get(shorthand[2]))
        else:
            condition = self._named(condition)
        return (condition == "" or is_false(condition)) is bool(inverted)

    def _named(self, condition: str) -> str:
        """The value of a macro that the condition names without braces, else the condition itself."""
        name = condition.strip().lower()
        value = self._engine.named(name)
        if value is not None:
            return value
        known = KNOWN.get(name)
        if known is None or known.least:
            return condition
        found = known.run(self._engine, [], Site(self._written, 0))
        return "" if found is None or found == TRIM else found

    def _count(self, steps: int = 1) -> None:
        self._steps += steps
        if self._steps > STEPS_MOST:
            raise Invalid("This card or prompt has too many macros.", code="prompt_too_long")

    def _sized(self, text: str) -> str:
        self._most -= len(text)
        if self._most < 0:
            raise Invalid("The macros in this card or prompt make it too large.", code="prompt_too_long")
        return text
