"""One text being resolved: which tags belong together, which branch is taken, and how much work that may be."""

import re
from typing import TYPE_CHECKING, Any

from chalicelib.errors import Invalid
from chalicelib.prompting.macros import variables as held
from chalicelib.prompting.macros.known import KNOWN, Site, put
from chalicelib.prompting.macros.pairing import IF_ARGUMENTS, dedented, else_of, partners
from chalicelib.prompting.macros.parsing import DEPTH_MOST, Call, Node, parsed

if TYPE_CHECKING:
    from chalicelib.prompting.macros.expander import Macros

STEPS_MOST = 50_000
"""Macros that may be read or resolved for one text; each costs some 20 µs."""
_CONDITION = re.compile(r"([.$])\s*([A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)\Z")


class Evaluation:
    """Tags within tags deeper than DEPTH_MOST stay as they are written."""

    def __init__(self, engine: "Macros", text: str, most: int) -> None:
        """`most` characters may come out of all macros together."""
        self._engine, self._text, self._most = engine, text, most
        self._steps = self._depth = 0

    def result(self) -> str:
        return self._resolved(self._parsed(self._text), self._text, 0)

    def _resolved(self, nodes: list[Node], source: str, offset: int) -> str:
        """`source` is what `nodes` were parsed from, `offset` its place in the whole text."""
        ends = partners(nodes)
        parts: list[str] = []
        place = 0
        while place < len(nodes):
            node = nodes[place]
            if isinstance(node, str):
                parts.append(node)
            elif place in ends:
                closing = nodes[ends[place]]
                assert isinstance(closing, Call)
                parts.append(self._scoped(node, closing, nodes[place + 1 : ends[place]], source, offset))
                place = ends[place]
            else:
                parts.append(self._single(node, source, offset))
            place += 1
        return "".join(parts)

    def _single(self, call: Call, source: str, offset: int) -> str:
        self._count()
        if call.name == "if" and not call.variable and not call.closes:
            if len(call.arguments) != IF_ARGUMENTS:
                return source[call.start : call.end]
            condition, *branch = call.arguments
            taken = self._holds(self._resolved(condition, source, offset))
            return self._resolved(branch[0], source, offset) if taken else ""
        if call.variable:
            found = self._variable(call, source, offset)
        elif call.closes:
            found = None
        else:
            found = self._run(call, source, offset, None)
        if found is None:
            return f"{{{{{self._resolved(call.parts, source, offset)}}}}}"
        return self._sized(found)

    def _scoped(self, opening: Call, closing: Call, inside: list[Node], source: str, offset: int) -> str:
        """A macro with what stands between its two tags as its last argument."""
        self._count()
        start = opening.end
        content = source[start : closing.start]
        found: str | None
        if opening.name == "if":
            found = self._branched(opening, content, inside, source, offset)
        else:
            found = self._run(opening, source, offset, (content, inside))
        if found is not None:
            return self._sized(found)
        # The arguments do not fit: both tags stay, and what is between them is a text like any other.
        tag = source[opening.start : opening.end]
        if opening.name != "if":
            tag = f"{{{{{self._resolved(opening.parts, source, offset)}}}}}"
        return tag + self._resolved(inside, source, offset) + source[closing.start : closing.end]

    def _branched(self, opening: Call, content: str, inside: list[Node], source: str, offset: int) -> str | None:
        if len(opening.arguments) != 1:
            return None
        taken = self._holds(self._resolved(opening.arguments[0], source, offset))
        middle = else_of(inside)
        start = opening.end
        if middle is None:
            branch = content if taken else ""
        elif taken:
            branch = content[: middle.start - start]
        else:
            branch = content[middle.end - start :]
            start = middle.end
        return self._content(branch, offset + start, opening.keeps_space)

    def _content(self, content: str, offset: int, keeps_space: bool) -> str:
        if not content:
            return ""
        kept = content if keeps_space else dedented(content)
        if self._depth >= DEPTH_MOST:
            return kept
        self._depth += 1
        resolved = self._resolved(self._parsed(kept), kept, offset)
        self._depth -= 1
        return resolved

    def _run(self, call: Call, source: str, offset: int, scope: tuple[str, list[Node]] | None) -> str | None:
        """What the macro yields; None when there is none of that name or the arguments do not fit."""
        count = len(call.arguments) + (scope is not None)
        if not call.name:
            return None
        if count == 0:
            value = self._engine.named(call.name)
            if value is not None:
                return value
        known = KNOWN.get(call.name)
        if known is None or not known.least <= count <= known.most:
            return None
        arguments = [self._resolved(argument, source, offset) for argument in call.arguments]
        if scope is not None:
            arguments.append(self._content(scope[0], offset + call.end, call.keeps_space))
        return known.run(self._engine, arguments, Site(self._text, offset + call.start))

    def _variable(self, call: Call, source: str, offset: int) -> str | None:
        variables = self._engine.variables
        store = variables.local if call.variable == "." else variables.everywhere
        current = store.get(call.name)

        def value() -> str:
            return self._resolved(call.arguments[0], source, offset) if call.arguments else ""

        match call.operator:
            case "":
                return held.shown(current)
            case "++" | "--":
                put(store, call.name, held.added(current, "1" if call.operator == "++" else "-1"))
                return held.shown(store[call.name])
            case "=":
                put(store, call.name, value())
                return ""
            case "+=":
                put(store, call.name, held.added(current, value()))
                return ""
            case "-=":
                return self._less(store, call.name, value())
            case "||" | "??":
                absent = current is None if call.operator == "??" else held.is_false(held.shown(current))
                return value() if absent else held.shown(current)
            case "||=" | "??=":
                if current is None if call.operator == "??=" else held.is_false(held.shown(current)):
                    put(store, call.name, value())
                return held.shown(store.get(call.name))
            case operator:
                return "true" if _compares(held.shown(current), operator, held.shown(value())) else "false"

    def _less(self, store: dict[str, Any], name: str, value: str) -> str:
        number = held.number_of(value)
        if number is not None and held.number_of(store.get(name) or 0) is not None:
            put(store, name, held.added(store.get(name), held.number_text(-number)))
        return ""

    def _holds(self, condition: str) -> bool:
        condition = condition.strip()
        if inverted := condition.startswith("!"):
            condition = condition[1:].strip()
        shorthand = _CONDITION.match(condition)
        if shorthand:
            variables = self._engine.variables
            store = variables.local if shorthand[1] == "." else variables.everywhere
            text = held.shown(store.get(shorthand[2]))
        else:
            text = self._named(condition)
        return held.is_false(text) is inverted

    def _named(self, condition: str) -> str:
        """The value of a macro that the condition names without braces, else the condition itself."""
        name = condition.lower()
        value = self._engine.named(name)
        if value is not None:
            return value
        known = KNOWN.get(name)
        if known is None or known.least > 0:
            return condition
        found = known.run(self._engine, [], Site(self._text, 0))
        return condition if found is None else found

    def _parsed(self, text: str) -> list[Node]:
        self._count(min(text.count("{{"), text.count("}}")))
        return parsed(text)

    def _count(self, steps: int = 1) -> None:
        self._steps += steps
        if self._steps > STEPS_MOST:
            raise Invalid("This card or prompt has too many macros.", code="prompt_too_long")

    def _sized(self, text: str) -> str:
        self._most -= len(text)
        if self._most < 0:
            raise Invalid("The macros in this card or prompt make it too large.", code="prompt_too_long")
        return text


def _compares(left: str, operator: str, right: str) -> bool:
    first, second = held.number_of(left), held.number_of(right)
    if first is None or second is None:
        return operator in ("==", "!=") and (left == right) is (operator == "==")
    match operator:
        case "==":
            return first == second
        case "!=":
            return first != second
        case ">":
            return first > second
        case "<":
            return first < second
        case ">=":
            return first >= second
        case _:
            return first <= second
