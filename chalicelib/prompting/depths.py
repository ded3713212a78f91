"""Texts that stand inside the history, counted from its end."""

from collections.abc import Sequence

from chalicelib.models.shapes import MessageRole
from chalicelib.prompting.budget import Piece, Span
from chalicelib.prompting.material import Extra
from chalicelib.prompting.parts import Part

_ROLES: tuple[MessageRole, ...] = ("system", "user", "assistant")
_EXTRAS_ORDER = 100


def at_depths(parts: Sequence[Part], extras: Sequence[Extra]) -> dict[int, list[Piece]]:
    """The pieces for each depth, newest first (depth 0 stands after the last message, 1 before it …).

    Read from top to bottom the lowest order comes first, and within it assistant, user, system. What has depth, order
    and role in common is one message; notes and the like count as order 100 and follow the preset's parts.
    """
    found: dict[int, dict[tuple[int, MessageRole], tuple[list[Part], list[Extra]]]] = {}
    for part in parts:
        found.setdefault(part.depth, {}).setdefault((part.order, part.role), ([], []))[0].append(part)
    for extra in extras:
        found.setdefault(extra.depth, {}).setdefault((_EXTRAS_ORDER, extra.role), ([], []))[1].append(extra)
    return {depth: _pieces(texts) for depth, texts in found.items()}


def _pieces(texts: dict[tuple[int, MessageRole], tuple[list[Part], list[Extra]]]) -> list[Piece]:
    pieces = []
    for order in sorted({order for order, _ in texts}, reverse=True):
        for role in _ROLES:
            parts, extras = texts.get((order, role), ([], []))
            piece = _joined(role, [(part.source, part.text) for part in parts if part.text])
            # The preset's own are trimmed as one text, the others one by one. One of white space only leaves its line.
            blank = piece is None and any(part.text for part in parts)
            for extra in extras:
                other = Piece(role, extra.text, extra.source)
                if piece is None:
                    piece = other
                    if blank:
                        piece.prefix("\n")
                else:
                    piece.append(other, "\n")
            if piece is not None:
                pieces.append(piece)
    return pieces


def _joined(role: MessageRole, texts: list[tuple[str, str]]) -> Piece | None:
    whole = "\n".join(text for _, text in texts)
    content = whole.strip()
    if not content:
        return None
    first = len(whole) - len(whole.lstrip())
    place, spans = -first, []
    for source, text in texts:
        start, end = max(place, 0), min(place + len(text), len(content))
        spans.append(Span(source, start, max(end - start, 0), 0))
        place += len(text) + 1
    return Piece(role, content, texts[0][0], spans=spans if len(spans) > 1 else [])
