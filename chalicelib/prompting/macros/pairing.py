"""Which opening and closing tags belong together, and what white space between them counts."""

from chalicelib.prompting.macros.known import KNOWN
from chalicelib.prompting.macros.parsing import Call, Node

IF_ARGUMENTS = 2


def dedented(content: str) -> str:
    """Without white space around it, and without the first line's indentation in all lines."""
    lines = content.split("\n")
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    if indent:
        lines = [line.removeprefix(indent) if line.startswith(indent) else line.lstrip(" \t") for line in lines]
    return "\n".join(lines).strip()


def partners(nodes: list[Node]) -> dict[int, int]:
    """For each opening tag that has one, the place of its closing tag.

    A tag that has all its arguments already does not wait for a closing one, but takes one that nobody else waits for;
    the tags in between are then inside.
    """
    closing = {node.name for node in nodes if isinstance(node, Call) and node.closes}
    if not closing:
        return {}
    waiting: dict[str, list[int]] = {}
    pairs: dict[int, int] = {}
    left: dict[str, list[int]] = {}
    for place, node in enumerate(nodes):
        if isinstance(node, str) or node.variable or node.name not in closing:
            continue
        most = IF_ARGUMENTS if node.name == "if" else KNOWN[node.name].most if node.name in KNOWN else 0
        if node.closes:
            if waiting.get(node.name):
                pairs[waiting[node.name].pop()] = place
            else:
                left.setdefault(node.name, []).append(place)
        elif len(node.arguments) < most:
            waiting.setdefault(node.name, []).append(place)
    for name, places in left.items():
        if name == "if" or (name in KNOWN and KNOWN[name].most):
            _take_left(nodes, name, places, pairs)
    return pairs


def _take_left(nodes: list[Node], name: str, places: list[int], pairs: dict[int, int]) -> None:
    """Gives closing tags that nobody waits for to the first full tag before each."""
    rest = iter(places)
    end = next(rest, None)
    place = 0
    while place < len(nodes) and end is not None:
        if place > end:
            end = next(rest, None)
            continue
        node = nodes[place]
        if place in pairs:
            place = pairs[place]
        elif isinstance(node, Call) and node.name == name and not node.closes and not node.variable and place < end:
            pairs[place] = end
            place = end
            end = next(rest, None)
        place += 1


def else_of(inside: list[Node]) -> Call | None:
    """The `{{else}}` that belongs to the tags around `inside`."""
    pairs = partners(inside)
    place = 0
    while place < len(inside):
        node = inside[place]
        if isinstance(node, Call) and node.name == "else" and not node.closes:
            return node
        place = pairs.get(place, place) + 1
    return None
