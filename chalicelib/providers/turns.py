"""A prompt for services that want one system text first, then strictly alternating turns that begin with the user."""

from itertools import groupby
from typing import Literal

from chalicelib.models.prompt import Prompt, PromptMessage

OPENING = "…"
"""Stands in for the user where the story begins with the character."""

Turn = tuple[Literal["user", "assistant"], str]


def system_and_turns(prompt: Prompt, *, lead: str = "") -> tuple[str, list[Turn]]:
    """System texts before the first spoken line, joined; later ones become the user's; neighbours of one role join.

    `lead` are words put into the model's mouth. A preset may want all system texts to be the user's.
    """
    first = (i for i, message in enumerate(prompt.messages) if message.role != "system")
    spoken = next(first, len(prompt.messages)) if prompt.system_apart else 0
    system = "\n\n".join(named(prompt, message) for message in prompt.messages[:spoken])
    turns: list[Turn] = [
        (role, "\n\n".join(named(prompt, message) for message in group))
        for role, group in groupby(prompt.messages[spoken:], key=_speaker)
    ]
    if not turns or turns[0][0] == "assistant":
        turns.insert(0, ("user", OPENING))
    if lead:
        said = turns.pop()[1] + "\n\n" if turns[-1][0] == "assistant" else ""
        turns.append(("assistant", said + lead))
    elif turns[-1][0] == "assistant":
        # Newer models refuse to go on from words put into their mouth.
        turns.append(("user", OPENING))
    return system, turns


def named(prompt: Prompt, message: PromptMessage) -> str:
    """A message's text, beginning with its speaker's name where that is told beside it."""
    names = {"example_user": prompt.user_name, "example_assistant": prompt.character_name}
    name = names.get(message.name or "", message.name)
    if not name or message.content.startswith(f"{name}: "):
        return message.content
    return f"{name}: {message.content}"


def _speaker(message: PromptMessage) -> Literal["user", "assistant"]:
    return "assistant" if message.role == "assistant" else "user"
