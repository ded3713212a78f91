"""Which opening and closing tags belong together, and what white space between them counts."""

from chalicelib.prompting.macros.known import KNOWN
from chalicelib.prompting.macros.names import CANONICAL
from chalicelib.prompting.macros.parsing import Call

IF_ARGUMENTS = 2
_SIGNS = " \t"


def dedented(content: str) -> str:
    """Without white space around it, and without the first line's indentation in all lines."""
    lines = content.split("\n")
    first = next((line for line in lines if line.strip()), "")
    indent = len(first) - len(first.lstrip(_SIGNS))
    if indent:
        lines = [line[indent:] if len(line) - len(line.lstrip(_SIGNS)) >= indent else line.lstrip() for line in lines]
    return "\n".join(lines).strip()


def closes(call: Call, text: str) -> bool:
    """Whether it is a closing tag: `{{/name}}`, or `{{///}}` of a comment."""
    if "/" in call.flags:
        return True
    first = call.arguments[0] if call.name == "//" and call.arguments else None
    return first is not None and text.startswith("/", first[0])


def holds_content(call: Call) -> bool:
    """Whether it may have what stands between two tags as one argument more. What is unknown may."""
    count = len(call.arguments) + 1
    if call.key == "if":
        return count == IF_ARGUMENTS
    known = KNOWN.get(call.key)
    if known is not None:
        return not known.listed and known.least <= count <= known.most
    return call.key not in CANONICAL


def paired(calls: list[Call], text: str) -> tuple[dict[int, int], set[int]]:
    """For each outermost opening tag the place of its closing one; and the tags that stay as they are written.

    Those are closing tags that nobody waits for, and tags that hold nothing (they have all their arguments, say) and
    yet are followed by a closing one.
    """
    closing = {place for place, call in enumerate(calls) if not call.variable and closes(call, text)}
    if not closing:
        return {}, set()
    names = {calls[place].key for place in closing}
    waiting: dict[str, list[int]] = {}
    free: dict[str, list[int]] = {}
    ends: dict[int, int] = {}
    for place, call in enumerate(calls):
        if call.variable or call.key not in names:
            continue
        if place not in closing:
            if holds_content(call):
                waiting.setdefault(call.key, []).append(place)
        elif waiting.get(call.key):
            ends[waiting[call.key].pop()] = place
        else:
            free.setdefault(call.key, []).append(place)
    return _outermost(calls, closing, ends, {name: places[::-1] for name, places in free.items()})


def _outermost(
    calls: list[Call], closing: set[int], ends: dict[int, int], free: dict[str, list[int]]
) -> tuple[dict[int, int], set[int]]:
    pairs: dict[int, int] = {}
    raw: set[int] = set()
    inside = -1
    for place, call in enumerate(calls):
        if place <= inside or call.variable:
            continue
        if place in ends:
            pairs[place] = inside = ends[place]
        elif place in closing:
            raw.add(place)
        elif not holds_content(call):
            left = free.get(call.key, [])
            while left and left[-1] < place:
                left.pop()
            if left:
                raw |= {place, left.pop()}
    return pairs, raw


def else_of(calls: list[Call], text: str) -> Call | None:
    """The `{{else}}` that belongs to the tags around these."""
    depth = 0
    for call in calls:
        if call.variable:
            continue
        if call.name == "if" and closes(call, text):
            depth -= 1
        elif call.name == "if" and len(call.arguments) == 1:
            depth += 1
        elif call.name == "else" and depth == 0:
            return call
    return None
