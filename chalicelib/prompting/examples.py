"""Example dialogues: `<START>` blocks of a card as turns of the two speakers."""

import re

from chalicelib.models.prompt import PromptMessage
from chalicelib.prompting.macros.expander import Macros

_START = re.compile(r"<START>", re.IGNORECASE)


def example_blocks(macros: Macros, text: str, *, mark: PromptMessage) -> list[list[PromptMessage]]:
    """Each block as its mark and its turns, in the card's order. A block that nobody speaks in is left out.

    Words before the first speaker belong to that speaker's turn; lines of anybody else stay in the turn they follow.
    """
    blocks = [_turns(macros, block) for block in _START.split(macros.expand(text))]
    return [
        [mark, *(turn.model_copy(update={"source": f"example:{number}"}) for turn in turns)]
        for number, turns in enumerate(filter(None, blocks))
    ]


def _turns(macros: Macros, block: str) -> list[PromptMessage]:
    roles = {f"{macros.char}:": "assistant", f"{macros.user}:": "user"}
    turns: list[tuple[str, list[str]]] = []
    before: list[str] = []
    for line in block.strip().splitlines():
        speaker = next((name for name in roles if line.lower().startswith(name.lower())), None)
        if speaker:
            turns.append((roles[speaker], [*before, line[len(speaker) :]]))
            before = []
        elif turns:
            turns[-1][1].append(line)
        else:
            before.append(line)
    return [
        PromptMessage.model_validate({"role": role, "content": "\n".join(lines).strip()})
        for role, lines in turns
        if "".join(lines).strip()
    ]
