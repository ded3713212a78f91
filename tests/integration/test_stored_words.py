"""What scripts, macros and templates make of words: what is stored, what is sent, and what readers are told of it."""

import asyncio
import hashlib
from typing import Any

from tests.support.model_server import Say
from tests.support.replies import CARD, Stage

SCRIPT = {"scriptName": "x", "placement": [2], "trimStrings": [], "substituteRegex": 0}
SHOUT = SCRIPT | {"findRegex": "/storm/g", "replaceString": "STORM"}


def _scripts(stage: Stage, *files: dict[str, Any]) -> None:
    assert stage.person.post("/scripts/import", {"files": list(files)}).status == 201


async def _reply(stage: Stage, *says: str, text: str = "Hello?", **more: Any) -> dict[str, Any]:
    stage.model.will(*[Say(one) for one in says])
    await asyncio.to_thread(stage.started, text or None, **more)
    assert await stage.work() == []
    return stage.messages()[-1]


async def test_a_script_for_replies_changes_what_is_stored_and_the_end_says_so(stage: Stage) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    await asyncio.to_thread(_scripts, stage, SHOUT)
    stored = await _reply(stage, "A storm, a storm!")
    assert stored["text"] == "A STORM, a STORM!"
    end = stage.office.wait_for(reader, "end")
    assert (end["changed"], end["sha256"]) == (True, hashlib.sha256(stored["text"].encode()).hexdigest())


async def test_a_reply_without_scripts_is_stored_as_it_was_streamed(stage: Stage) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    stored = await _reply(stage, "One.  \nTwo {curly}.")
    assert stored["text"] == "One.  \nTwo {curly}."
    assert stage.office.wait_for(reader, "end")["changed"] is False


async def test_a_script_that_leaves_nothing_leaves_the_reply(stage: Stage) -> None:
    await asyncio.to_thread(_scripts, stage, SCRIPT | {"findRegex": "/.+/s", "replaceString": ""})
    assert (await _reply(stage, "Still here."))["text"] == "Still here."


async def test_a_continued_message_is_looked_at_as_a_whole(stage: Stage) -> None:
    await asyncio.to_thread(_scripts, stage, SCRIPT | {"findRegex": "/sto rm/g", "replaceString": "storm"})
    first = await _reply(stage, "A sto")
    assert first["text"] == "A sto"
    assert (await _reply(stage, " rm comes.", text="", kind="continue"))["text"] == "A storm comes."


async def test_typed_words_have_their_macros_resolved_and_their_scripts_run(stage: Stage) -> None:
    await asyncio.to_thread(
        _scripts,
        stage,
        SCRIPT | {"placement": [1], "findRegex": "/\\bbrb\\b/", "replaceString": "be right back, {{char}}"},
    )
    answer = await asyncio.to_thread(stage.turn, "I'm {{user}}, brb")
    name = stage.person.get("/account").json["name"]
    assert answer.json["message"]["text"] == f"I'm {name}, be right back, {CARD['name']}"
    stage.orders()


async def test_scripts_for_the_prompt_leave_what_is_stored(stage: Stage) -> None:
    await asyncio.to_thread(_scripts, stage, SHOUT | {"promptOnly": True})
    assert (await _reply(stage, "A storm."))["text"] == "A storm."
    await _reply(stage, "Aye.", text="What?")
    contents = [one["content"] for one in stage.model.requests[-1]["messages"]]
    assert "A STORM." in contents


async def test_scripts_of_a_card_run_once_they_are_allowed(stage: Stage) -> None:
    card = CARD | {"extensions": {"regex_scripts": [SHOUT]}}

    def enter() -> str:
        made = stage.person.post("/characters", {"card": card}).json
        stage.chat = stage.person.post("/chats", {"character_id": made["id"]}).json
        return f"/scripts/characters/{made['id']}"

    place = await asyncio.to_thread(enter)
    assert (await _reply(stage, "A storm."))["text"] == "A storm."
    said = {"digest": stage.person.get(place).json["digest"], "allowed": True}
    assert stage.person.put(f"{place}/permission", said).status == 200
    assert (await _reply(stage, "A storm."))["text"] == "A STORM."
