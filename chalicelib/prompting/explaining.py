"""A prompt explained: where each stretch of it came from and why it is in; `omissions` tells what is out, and why."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from chalicelib.models.prompt import Block, LeftOut, Manifest
from chalicelib.prompting.budget import Piece, Span
from chalicelib.prompting.lore.asking import Activated, Considered
from chalicelib.prompting.material import Material
from chalicelib.prompting.omissions import omissions, silent, source_of
from chalicelib.prompting.parts import MAIN, POST_HISTORY, SOURCES, is_overridden

_REASONS = {
    "history": "history",
    "continue": "history",
    "example": "example",
    "example_mark": "example",
    "description": "card",
    "personality": "card",
    "scenario": "card",
    "card_note": "card",
    "persona": "persona",
    "note": "note",
    "inject": "inject",
    "impersonate": "action",
    "quiet": "action",
    "continue_nudge": "action",
    "group_nudge": "action",
    "send_if_empty": "action",
    "bias": "action",
}
_TOLD = ("history", "continue")
_AT_HOME = {
    "before": ("world_before", "story"),
    "after": ("world_after", "story"),
    "note_top": ("note", "story"),
    "note_bottom": ("note", "story"),
    "in_chat": ("world",),
    "examples_top": ("example", "story"),
    "examples_bottom": ("example", "story"),
}
"""In which sources entries of a place stand. Those of outlets, and those at the end of a field, may be anywhere."""


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
    blocks = _Blocks(material).of(pieces)
    history = material.scene.history
    told = {block.source for block in blocks if block.source.partition(":")[0] in _TOLD}
    cut = any(one.reason == "budget" and one.source.startswith("history:") for one in left_out)
    return Manifest.model_construct(
        blocks=blocks,
        left_out=[*_titled(left_out, material), *omissions(material, {block.source for block in blocks}, left_out)],
        unread=history.unread,
        older=max(history.visible_length() - len(told), 0) if cut else 0,
        silent=silent(material),
        worlds=[shelf.world.name for shelf in material.scene.shelves],
        budget=material.budget,
        tokens=tokens,
    )


def _titled(left_out: list[LeftOut], material: Material) -> Iterator[LeftOut]:
    """The same; messages with the names of who said them."""
    names = {f"history:{message.id}": message.name for message in material.scene.history.read}
    for one in left_out:
        yield one.model_copy(update={"title": names[one.source]}) if one.source in names else one


class _Blocks:
    """Takes the pieces of a prompt apart."""

    def __init__(self, material: Material) -> None:
        scanned = material.scanned
        self._activated = [] if scanned is None else scanned.activated
        self._judged: dict[str, Considered] = (
            {} if scanned is None else {source_of(one): one for one in scanned.judged()}
        )
        self._names = {f"history:{message.id}": message.name for message in material.scene.history.read}
        parts = {part.id: part.name for part in material.scene.preset.parts}
        self._titles = {SOURCES.get(id, id): name for id, name in parts.items()}
        self._titles |= {f"part:{id}": name for id, name in parts.items()}
        overridden = [id for id in (MAIN, POST_HISTORY) if material.scene.api == "chat" and is_overridden(material, id)]
        self._of_card = {SOURCES.get(id, id) for id in overridden}

    def of(self, pieces: list[Piece]) -> list[Block]:
        """Every stretch of the prompt in its order."""
        return [
            block
            for place, piece in enumerate(pieces)
            for span in piece.made_of()
            for block in self._with_pictures(piece, place, span)
        ]

    def _with_pictures(self, piece: Piece, place: int, span: Span) -> Iterator[Block]:
        """A stretch, then the pictures that stand at its end, each with what it costs."""
        end = span.start + span.length
        pictures = [one for one in piece.pictures if span.start <= one.at <= end] if piece.pictures else []
        spent = sum(one.tokens for one in pictures)
        if span.length:
            yield from self._taken_apart(piece, place, replace(span, tokens=span.tokens - spent))
        for one in pictures:
            shown = Span(f"picture:{span.source.partition(':')[2]}", one.at, 0, one.tokens)
            yield self._block(shown, place, piece).model_copy(update={"title": one.place, "reason": "history"})

    def _taken_apart(self, piece: Piece, place: int, span: Span) -> Iterator[Block]:
        """A stretch, and the entries of worlds that stand in it."""
        kind = span.source.partition(":")[0]
        found = [] if kind in _TOLD else sorted(self._found(kind, piece.content, span))
        if not found:
            yield self._block(span, place, piece)
            return
        inside = list(chain.from_iterable(((start, start + length) for start, length, _ in found)))
        edges = [span.start, *inside, span.start + span.length]
        for number in range(0, len(edges), 2):
            start, end = edges[number], edges[number + 1]
            if piece.content[start:end].strip():
                yield self._block(Span(span.source, start, end - start, 0), place, piece)
            if number // 2 < len(found):
                first, length, source = found[number // 2]
                yield self._block(Span(source, first, length, 0), place, piece)

    def _found(self, kind: str, content: str, span: Span) -> Iterator[tuple[int, int, str]]:
        """Start, length and source of the entries whose texts stand in a stretch."""
        end = span.start + span.length
        taken: list[tuple[int, int]] = []
        for one in self._activated:
            text = one.text.strip()
            if not text or not _may_stand(one, kind):
                continue
            start = content.find(text, span.start, end)
            if start >= 0 and not any(a < start + len(text) and start < a + length for a, length in taken):
                taken.append((start, len(text)))
                yield start, len(text), f"world:{one.shelf.world.name}:{one.entry.uid}"

    def _block(self, span: Span, place: int, piece: Piece) -> Block:
        source, reason, detail = span.source, _REASONS.get(span.source.partition(":")[0], "order"), ""
        title = self._names.get(source) or self._titles.get(source, "")
        if source in self._of_card:
            reason = "card"
        one = self._judged.get(source)
        if one is not None:
            title, reason, detail = one.entry.title, one.verdict.value, one.detail
        return Block.model_construct(
            source=source,
            title=title,
            tokens=span.tokens or round(piece.tokens * span.length / max(len(piece.content), 1)),
            reason=reason,
            detail=detail,
            place=place,
            start=span.start,
            length=span.length,
        )


def _may_stand(one: Activated, kind: str) -> bool:
    """Whether an entry can stand in a source of this kind: a search in every text would take long."""
    if one.decorators.place is not None:
        return kind in (one.decorators.place, "story")
    return kind in _AT_HOME.get(one.entry.place, (kind,))
