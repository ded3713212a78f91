"""A prompt explained: where each stretch of it came from and why it is in, and why what is out is out."""

from collections.abc import Iterator
from itertools import chain

from chalicelib.models.prompt import Block, LeftOut, Manifest
from chalicelib.prompting.budget import Piece, Span
from chalicelib.prompting.lore.asking import Activated, Considered
from chalicelib.prompting.material import Material

_REASONS = {
    "history": "history",
    "continue": "history",
    "example": "example",
    "example_mark": "example",
    "note": "note",
    "card_note": "card",
    "inject": "inject",
    "impersonate": "action",
    "quiet": "action",
    "continue_nudge": "action",
    "group_nudge": "action",
    "send_if_empty": "action",
    "bias": "action",
}
_OF_WORLDS = ("world_before", "world_after", "world", "note", "story")
"""Sources that may hold entries of worlds."""


class Explaining:
    """Makes a prompt's manifest, once, when it is called: that may be after the prompt was sent."""

    def __init__(self, material: Material, pieces: list[Piece], left_out: list[LeftOut], *, tokens: int) -> None:
        """`pieces` are the prompt's messages as they are sent."""
        self._from: tuple[Material, list[Piece], list[LeftOut], int] | None = (material, pieces, left_out, tokens)
        self._made = Manifest()

    def __call__(self) -> Manifest:
        given = self._from
        if given is not None:
            self._made = _explained(*given)
            # What it was made from is as large as the prompt: it need not stay.
            self._from = None
        return self._made


def _explained(material: Material, pieces: list[Piece], left_out: list[LeftOut], tokens: int) -> Manifest:
    return Manifest(
        blocks=blocks_of(material, pieces),
        left_out=[*left_out, *left_out_of(material)],
        unread=material.scene.history.unread,
        budget=material.budget,
        tokens=tokens,
    )


def blocks_of(material: Material, pieces: list[Piece]) -> list[Block]:
    """Every stretch of the prompt in its order."""
    judged = _judged(material)
    return [
        block
        for place, piece in enumerate(pieces)
        for span in piece.made_of()
        if span.length
        for block in _blocks(material, piece, place, span, judged)
    ]


def left_out_of(material: Material) -> list[LeftOut]:
    """The entries of worlds that were looked at and did not get in. Those no key of which was seen are not listed."""
    return [
        LeftOut(source=_source(one), title=one.entry.title, tokens=0, reason=one.verdict.value, detail=one.detail)
        for one in _judged(material).values()
        if not one.verdict.active
    ]


def _judged(material: Material) -> dict[str, Considered]:
    if material.scanned is None:
        return {}
    return {_source(one): one for one in material.scanned.judged()}


def _blocks(material: Material, piece: Piece, place: int, span: Span, judged: dict[str, Considered]) -> Iterator[Block]:
    """A stretch, taken apart where entries of worlds stand in it."""
    kind = span.source.partition(":")[0]
    whole = _block(span, place, _REASONS.get(kind, "order"), piece)
    if material.scanned is None or kind not in _OF_WORLDS:
        yield whole
        return
    found = sorted(_found(material.scanned.activated, piece.content, span))
    inside = list(chain.from_iterable(((start, start + length) for start, length, _ in found)))
    edges = [span.start, *inside, span.start + span.length]
    for number in range(0, len(edges), 2):
        start, end = edges[number], edges[number + 1]
        if piece.content[start:end].strip():
            yield _block(Span(span.source, start, end - start, 0), place, whole.reason, piece)
        if number // 2 < len(found):
            first, length, source = found[number // 2]
            one = judged.get(source)
            reason, detail = (one.verdict.value, one.detail) if one else ("key", "")
            title = one.entry.title if one else ""
            yield _block(Span(source, first, length, 0), place, reason, piece, title=title, detail=detail)


def _found(activated: list[Activated], content: str, span: Span) -> list[tuple[int, int, str]]:
    """Start, length and source of the entries whose texts stand in a stretch."""
    end = span.start + span.length
    found: list[tuple[int, int, str]] = []
    for one in activated:
        text = one.text.strip()
        start = content.find(text, span.start, end) if text else -1
        if start >= 0 and not any(a < start + len(text) and start < a + length for a, length, _ in found):
            found.append((start, len(text), f"world:{one.shelf.world.name}:{one.entry.uid}"))
    return found


def _block(span: Span, place: int, reason: str, piece: Piece, *, title: str = "", detail: str = "") -> Block:
    share = span.tokens or round(piece.tokens * span.length / max(len(piece.content), 1))
    return Block(
        source=span.source,
        title=title,
        tokens=share,
        reason=reason,
        detail=detail,
        place=place,
        start=span.start,
        length=span.length,
    )


def _source(one: Considered) -> str:
    return f"world:{one.shelf.world.name}:{one.entry.uid}"
