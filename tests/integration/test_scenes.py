"""What of a character and a chat comes into the prompt that its model gets."""

import asyncio
from typing import Any

from tests.support.model_server import Say
from tests.support.replies import CARD, Stage

BOOK = {
    "name": "Lamp room",
    "entries": [
        {"keys": ["oil"], "content": "The lamp burns whale oil.", "extensions": {}, "insertion_order": 1},
        {"keys": ["boat"], "content": "The boat is called Heron.", "extensions": {}, "insertion_order": 2},
    ],
}


def _enter(stage: Stage, card: dict[str, Any]) -> None:
    """Goes on with another character."""
    made = stage.person.post("/characters", {"card": CARD | card})
    assert made.status == 201, made
    chat = stage.person.post("/chats", {"character_id": made.json["id"]})
    assert chat.status == 201, chat
    stage.chat = chat.json


async def _told(stage: Stage, text: str) -> list[dict[str, Any]]:
    stage.model.will(Say("Aye."))
    await asyncio.to_thread(stage.started, text)
    assert await stage.work() == []
    messages: list[dict[str, Any]] = stage.model.requests[-1]["messages"]
    return messages


async def test_the_lorebook_inside_a_card_wakes_when_its_keys_are_said(stage: Stage) -> None:
    card = {"spec": "chara_card_v3", "spec_version": "3.0", "data": CARD | {"character_book": BOOK}}
    await asyncio.to_thread(_enter, stage, card)
    contents = [message["content"] for message in await _told(stage, "Is there oil?")]
    assert "The lamp burns whale oil." in contents
    assert "The boat is called Heron." not in contents


async def test_speakers_of_example_dialogues_are_told_by_name(stage: Stage) -> None:
    await asyncio.to_thread(_enter, stage, {"mes_example": "<START>\n{{user}}: Cold?\n{{char}}: Always."})
    named = [(one["name"], one["content"]) for one in await _told(stage, "Hello?") if "name" in one]
    assert named == [("example_user", "Cold?"), ("example_assistant", "Always.")]


async def test_a_prompt_that_does_not_fit_is_not_sent(stage: Stage) -> None:
    await asyncio.to_thread(_enter, stage, {"description": "word " * 17_000})
    reader = await asyncio.to_thread(stage.follower, "reader")
    await asyncio.to_thread(stage.started, "Hello?")
    await stage.work()
    end = stage.office.wait_for(reader, "end")
    assert (end["finish_reason"], end["error"]["code"]) == ("error", "prompt_too_long")
    assert stage.model.requests == []
