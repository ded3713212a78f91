"""A prompt for services that want one system text first, then strictly alternating turns that begin with the user."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from chalicelib.models.prompt import JOINT, Prompt, PromptMessage, PromptPicture

OPENING = "…"
"""Stands in for the user where the story begins with the character."""


@dataclass(frozen=True, slots=True)
class Turn:
    role: Literal["user", "assistant"]
    parts: Sequence[str | PromptPicture]
    """Words, and in the user's turns pictures between them. None of the words is empty."""


def system_and_turns(prompt: Prompt, *, lead: str = "") -> tuple[str, list[Turn]]:
    """System texts before the first spoken line, joined; later ones become the user's; neighbours of one role join.

    `lead` are words put into the model's mouth. A preset may want all system texts to be the user's.
    """
    messages = handed_on(prompt.messages)
    first = (i for i, message in enumerate(messages) if message.role != "system")
    spoken = next(first, len(messages)) if prompt.system_apart else 0
    system = JOINT.join(with_name(prompt, message).content for message in messages[:spoken])
    turns = [
        Turn(role, _parts(with_name(prompt, message) for message in group))
        for role, group in groupby(messages[spoken:], key=_speaker)
    ]
    if not turns or turns[0].role == "assistant":
        turns.insert(0, Turn("user", [OPENING]))
    if lead:
        said = "".join(str(part) + JOINT for part in turns.pop().parts) if turns[-1].role == "assistant" else ""
        turns.append(Turn("assistant", [said + lead]))
    elif turns[-1].role == "assistant":
        # Newer models refuse to go on from words put into their mouth.
        turns.append(Turn("user", [OPENING]))
    return system, turns


def with_name(prompt: Prompt, message: PromptMessage) -> PromptMessage:
    """A message whose text begins with its speaker's name where that is told beside it."""
    names = {"example_user": prompt.user_name, "example_assistant": prompt.character_name}
    name = names.get(message.name or "", message.name)
    if not name or message.content.startswith(f"{name}: "):
        return message
    before = f"{name}: "
    moved = [one.model_copy(update={"at": one.at + len(before)}) for one in message.pictures]
    return message.model_copy(update={"content": before + message.content, "pictures": moved})


def handed_on(messages: Sequence[PromptMessage]) -> Sequence[PromptMessage]:
    """The same with pictures beside the user's words only: those of others are shown with what the user says next.

    Where nothing follows, with what they said last.
    """
    if not any(message.pictures and message.role != "user" for message in messages):
        return messages
    told: list[PromptMessage] = []
    waiting: list[PromptPicture] = []
    for message in messages:
        if message.role == "user" and waiting:
            message = message.model_copy(update={"pictures": [*_at(waiting, 0), *message.pictures]})
            waiting = []
        elif message.role != "user" and message.pictures:
            waiting += message.pictures
            message = message.model_copy(update={"pictures": []})
        if message.content or message.pictures:
            told.append(message)
    last = next((place for place in reversed(range(len(told))) if told[place].role == "user"), None)
    if waiting and last is not None:
        before = told[last]
        pictures = [*before.pictures, *_at(waiting, len(before.content))]
        told[last] = before.model_copy(update={"pictures": pictures})
    return told


def data_url(picture: PromptPicture) -> str:
    """A picture's file as an address."""
    return f"data:{picture.media_type};base64,{picture.data}"


def _at(pictures: Iterable[PromptPicture], place: int) -> list[PromptPicture]:
    return [picture.model_copy(update={"at": place}) for picture in pictures]


def _parts(messages: Iterable[PromptMessage]) -> list[str | PromptPicture]:
    """What several messages say and show, as one."""
    found: list[str | PromptPicture] = []
    for message in messages:
        for number, part in enumerate(message.parts):
            if isinstance(part, str) and number == 0 and found and isinstance(found[-1], str):
                found[-1] += JOINT + part
            elif not isinstance(part, str) or part or not message.pictures:
                found.append(part)
    return found


def _speaker(message: PromptMessage) -> Literal["user", "assistant"]:
    return "assistant" if message.role == "assistant" else "user"
