"""The structure of a text with macros: plain stretches, and calls that may hold further ones. Nothing is resolved here.

An unclosed `{{` is plain text, and so is what nests deeper than DEPTH_MOST.
"""

import re
from dataclasses import dataclass, field

DEPTH_MOST = 60
_BRACES = re.compile(r"\{\{(?!\{)|\}\}")
_HEAD = re.compile(r"\s*((?:[/#!?~>]\s*)*)([A-Za-z][A-Za-z0-9_-]*)", re.DOTALL)
_NAME = re.compile(r"\s*[A-Za-z][A-Za-z0-9_-]*\s*\Z")
_COMMENT = re.compile(r"\s*(#\s*)?//")
_COMMENT_END = re.compile(r"\s*/\s*//\s*\Z")
_VARIABLE = re.compile(
    r"\s*([.$])\s*([A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)\s*"
    r"(?:(\+\+|--)\s*\Z|(\|\|=|\?\?=|\+=|-=|\|\||\?\?|==|!=|>=|<=|>|<|=)|\Z)"
)


@dataclass(slots=True)
class Call:
    """A macro from its braces to its braces."""

    start: int
    end: int
    """In the text that was parsed."""
    parts: "list[str | Call]"
    """What stands between the braces."""
    name: str = ""
    """In lower case; "" when it looks like no macro."""
    arguments: "list[list[str | Call]]" = field(default_factory=list)
    closes: bool = False
    keeps_space: bool = False
    variable: str = ""
    """`.` or `$` for a variable's shorthand, whose name `name` then is."""
    operator: str = ""
    height: int = 1


Node = str | Call


def parsed(text: str) -> list[Node]:
    levels: list[list[Node]] = [[]]
    starts: list[int] = []
    place = 0
    for brace in _BRACES.finditer(text):
        if brace.start() < place:
            continue
        _add(levels[-1], text[place : brace.start()])
        place = brace.end()
        if brace[0] == "{{":
            levels.append([])
            starts.append(brace.start())
        elif starts:
            parts, start = levels.pop(), starts.pop()
            height = 1 + max((part.height for part in parts if isinstance(part, Call)), default=0)
            if height > DEPTH_MOST:
                _add(levels[-1], text[start:place])
            else:
                levels[-1].append(_called(Call(start, place, parts, height=height)))
        else:
            _add(levels[-1], "}}")
    _add(levels[-1], text[place:])
    while starts:
        parts = levels.pop()
        starts.pop()
        _add(levels[-1], "{{")
        for part in parts:
            if isinstance(part, str):
                _add(levels[-1], part)
            else:
                levels[-1].append(part)
    return levels[0]


def _add(nodes: list[Node], text: str) -> None:
    if not text:
        return
    if nodes and isinstance(nodes[-1], str):
        nodes[-1] += text
    else:
        nodes.append(text)


def _called(call: Call) -> Call:
    """The same with its name and arguments read, if it has any."""
    head = call.parts[0] if call.parts else ""
    if not isinstance(head, str):
        return call
    alone = len(call.parts) == 1
    if alone and _NAME.match(head):
        call.name = head.strip().lower()
    elif alone and _COMMENT_END.match(head):
        call.name, call.closes = "//", True
    elif comment := _COMMENT.match(head):
        call.name, call.keeps_space = "//", bool(comment[1])
        rest = head[comment.end() :]
        if rest.strip() or not alone:
            call.arguments = [_trimmed([rest, *call.parts[1:]])]
    elif shorthand := _VARIABLE.match(head):
        _read_variable(call, head, shorthand, alone)
    elif found := _HEAD.match(head):
        _read_arguments(call, head, found, alone)
    return call


def _read_variable(call: Call, head: str, found: re.Match[str], alone: bool) -> None:
    operator = found[3] or found[4] or ""
    if found[4] is None and not alone:
        return
    call.name, call.variable, call.operator = found[2], found[1], operator
    if found[4]:
        call.arguments = [_trimmed([head[found.end() :], *call.parts[1:]])]


def _read_arguments(call: Call, head: str, found: re.Match[str], alone: bool) -> None:
    rest = head[found.end() :]
    stripped = rest.lstrip()
    flags = set(found[1].split()) | set(found[1])
    if stripped.startswith("::"):
        arguments = _split([stripped[2:], *call.parts[1:]])
    elif stripped.startswith(":"):
        arguments = _split([stripped[1:], *call.parts[1:]])
    elif not stripped and alone:
        arguments = []
    elif stripped != rest or not stripped:
        if not rest:
            # `{{getvar{{x}}}}`: the name runs into a macro.
            return
        arguments = [_trimmed([rest, *call.parts[1:]])]
    else:
        return
    call.name, call.arguments = found[2].lower(), arguments
    call.closes, call.keeps_space = "/" in flags, "#" in flags


def _split(parts: list[Node]) -> list[list[Node]]:
    """What stands between double colons, without the white space around it."""
    arguments: list[list[Node]] = [[]]
    for part in parts:
        if isinstance(part, Call):
            arguments[-1].append(part)
            continue
        first, *others = part.split("::")
        _add(arguments[-1], first)
        for other in others:
            arguments.append([])
            _add(arguments[-1], other)
    return [_trimmed(argument) for argument in arguments]


def _trimmed(parts: list[Node]) -> list[Node]:
    kept = [part for part in parts if part != ""]
    if kept and isinstance(kept[0], str):
        kept[0] = kept[0].lstrip()
    if kept and isinstance(kept[-1], str):
        kept[-1] = kept[-1].rstrip()
    return [part for part in kept if part != ""]
