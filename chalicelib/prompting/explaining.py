"""A prompt explained: where each stretch of it came from and why it is in, and why what is out is out."""

from chalicelib.models.prompt import Block, BlockReason, LeftOut
from chalicelib.prompting.budget import Piece, Span
from chalicelib.prompting.material import Material

_REASONS: dict[str, BlockReason] = {
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
    "world": "depth",
}


def blocks_of(material: Material, pieces: list[Piece]) -> list[Block]:
    return [_block(span, place) for place, piece in enumerate(pieces) for span in _counted(piece) if span.length]


def left_out_of(material: Material) -> list[LeftOut]:
    """The entries of worlds that did not wake."""
    if material.scanned is None:
        return []
    return []


def _block(span: Span, place: int) -> Block:
    kind = span.source.partition(":")[0]
    return Block.model_construct(
        source=span.source,
        title="",
        tokens=span.tokens,
        reason=_REASONS.get(kind, "order"),
        detail="",
        place=place,
        start=span.start,
        length=span.length,
    )


def _counted(piece: Piece) -> list[Span]:
    return piece.made_of()
