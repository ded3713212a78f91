"""Example dialogues: blocks of a card's text, and the turns of their speakers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_START = re.compile(r"<START>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Turn:
    by_user: bool
    speaker: str
    text: str


def example_blocks(text: str) -> list[str]:
    """The dialogues between the `<START>` marks, trimmed. Words before the first mark are a block of their own."""
    if not text or text == "<START>":
        return []
    before, *blocks = _START.split(text)
    return [block.strip() for block in ([before, *blocks] if before else blocks)]


def turns(block: str, *, user: str, char: str, group: Sequence[str] = ()) -> list[Turn]:
    """A block as turns; [] when nobody known speaks in it.

    Words before the first speaker belong to that speaker's turn, lines of anybody else to the turn they follow, and
    only the first name of a turn is taken away. Whom of a group a turn belongs to says its last named line.
    """
    found: list[Turn] = []
    lines: list[str] = []
    speaking: bool | None = None
    name = char

    def end(by_user: bool) -> None:
        who = user if by_user else name
        found.append(Turn(by_user, who, "\n".join(lines).replace(f"{who}:", "", 1).strip()))
        lines.clear()

    for line in block.replace("\r", "").split("\n"):
        if line.startswith(f"{user}:"):
            if speaking is False:
                end(by_user=False)
            speaking = True
        elif line.startswith(f"{char}:") or any(line.startswith(f"{one}:") for one in group):
            if speaking is True:
                end(by_user=True)
            if not line.startswith(f"{char}:"):
                name = line.split(":", 1)[0]
            speaking = False
        lines.append(line)
    if speaking is not None:
        end(by_user=speaking)
    return found
