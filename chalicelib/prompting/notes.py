"""Texts that stand inside the history, counted from its end: the author's note and the card's own note."""

from dataclasses import dataclass
from typing import Any, Literal, cast

from chalicelib.models.prompt import PromptMessage
from chalicelib.prompting.macros.expander import Macros

CARD_NOTE_DEPTH = 4


@dataclass(frozen=True)
class Note:
    """`depth` 0 stands after the last message, 1 before it, and so on."""

    depth: int
    message: PromptMessage

    @classmethod
    def of_author(cls, text: str, depth: int) -> "Note | None":
        if not text.strip():
            return None
        return cls(depth, PromptMessage(role="system", content=text.strip(), source="authors_note"))

    @classmethod
    def of_card(cls, depth_prompt: Any, macros: Macros) -> "Note | None":
        """The note in a card's `extensions.depth_prompt`; a foreign field, so that every part may be odd or missing."""
        if not isinstance(depth_prompt, dict) or not isinstance(depth_prompt.get("prompt"), str):
            return None
        text = macros.expand(depth_prompt["prompt"]).strip()
        if not text:
            return None
        depth, role = depth_prompt.get("depth"), depth_prompt.get("role")
        return cls(
            depth if isinstance(depth, int) and 0 <= depth <= 1000 else CARD_NOTE_DEPTH,
            PromptMessage(
                role=cast(Literal["system", "user", "assistant"], role if role in ("user", "assistant") else "system"),
                content=text,
                source="card_note",
            ),
        )


def with_notes(told: list[PromptMessage], notes: list[Note], *, continued: bool) -> list[PromptMessage]:
    """The history with its notes; of two at one place the first given comes first.

    A note deeper than the history stands on top of it. A continued message is not in `told` but counts as the last
    one, so depths 0 and 1 come to the same place.
    """
    at: dict[int, list[PromptMessage]] = {}
    for note in notes:
        depth = max(note.depth - 1, 0) if continued else note.depth
        at.setdefault(max(len(told) - depth, 0), []).append(note.message)
    placed: list[PromptMessage] = []
    for place, message in enumerate(told):
        placed += [*at.get(place, []), message]
    return placed + at.get(len(told), [])
