"""A worker's function ends in the middle of a reply: the text is saved before, and one click goes on with it."""

import asyncio
import hashlib
import time
from typing import Any

import pytest

from chalicelib.entrypoints import worker
from chalicelib.services.attempts import LEFT_MILLISECONDS
from tests.integration.test_worker import Context, batch
from tests.support.model_server import Say, Step, Wait
from tests.support.replies import Stage

on_both_logs = pytest.mark.parametrize("stage", ["dynamo", "redis"], indirect=True)


class Ending(Context):
    """A function that has this much time left to write in, and then what is kept back for storing."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._ends_at = time.monotonic() + seconds + LEFT_MILLISECONDS / 1000

    def get_remaining_time_in_millis(self) -> int:
        return int((self._ends_at - time.monotonic()) * 1000)


def words(first: int, count: int) -> list[Step]:
    return [step for number in range(first, first + count) for step in (Say(f" word{number}"), Wait(0.01))]


def said(first: int, count: int) -> str:
    return "".join(f" word{number}" for number in range(first, first + count)).strip()


async def generate(stage: Stage, context: Context) -> None:
    orders = await asyncio.to_thread(stage.orders)
    assert await asyncio.to_thread(worker.generate, batch(orders), context) == {"batchItemFailures": []}
    # Nothing of it came late: what runs into the limit is dead without a word.
    assert context.get_remaining_time_in_millis() > 0


async def last_message(stage: Stage) -> dict[str, Any]:
    return (await asyncio.to_thread(stage.messages))[-1]


@on_both_logs
async def test_a_reply_that_outlasts_its_function_is_interrupted_and_continued(stage: Stage) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    stage.model.will(*words(0, 1_000), Wait(20))
    generation = await asyncio.to_thread(stage.started)
    await generate(stage, Ending(2.5))

    end = stage.office.wait_for(reader, "end")
    half = stage.office.text(reader, generation["id"])
    assert end["finish_reason"] == "interrupted"
    assert stage.model.closed_early.is_set()
    message = await last_message(stage)
    assert (message["text"], message["reply"]["finish_reason"]) == (half, "interrupted")
    assert said(0, 1_000).startswith(half)
    number = len(half.split())

    stage.model.will(*words(number, 50))
    more = await asyncio.to_thread(stage.started, None, kind="continue", revision=message["revision"])
    await generate(stage, Context())
    whole = await last_message(stage)
    # The last word of the first half may have come in part: the model of this test goes on with the next one.
    assert whole["text"] == f"{half} {said(number, 50)}"
    assert (whole["id"], whole["reply"]["finish_reason"]) == (message["id"], "stop")
    ends = [frame for frame in stage.office.of_type(reader, "end") if frame["generation_id"] == more["id"]]
    assert ends[0]["sha256"] == hashlib.sha256(whole["text"].encode()).hexdigest()
    prompt = stage.model.requests[1]["messages"]
    assert half in [one["content"] for one in prompt]


async def test_several_functions_one_after_another_write_one_reply(stage: Stage) -> None:
    stage.model.will(*words(0, 1_000))
    await asyncio.to_thread(stage.started)
    for _ in range(3):
        await generate(stage, Ending(2.0))
        message = await last_message(stage)
        number = len(message["text"].split())
        assert message["reply"]["finish_reason"] == "interrupted"
        stage.model.will(*words(number, 1_000 if _ < 2 else 20))
        await asyncio.to_thread(stage.started, None, kind="continue", revision=message["revision"])
    await generate(stage, Context())
    message = await last_message(stage)
    assert message["text"] == said(0, number + 20)
    assert message["reply"]["finish_reason"] == "stop"


@on_both_logs
async def test_a_function_that_ends_while_the_model_still_reasons_keeps_what_it_thought(stage: Stage) -> None:
    stage.model.will(Say("", reasoning="Who asks? "), Wait(20))
    await asyncio.to_thread(stage.started)
    await generate(stage, Ending(2.5))
    message = await last_message(stage)
    assert (message["role"], message["text"], message["reasoning"]) == ("assistant", "", "Who asks? ")

    stage.model.will(Say("", reasoning="It is she."), Say("Good evening."))
    await asyncio.to_thread(stage.started, None, kind="continue", revision=message["revision"])
    await generate(stage, Context())
    message = await last_message(stage)
    assert message["text"] == "Good evening."
    assert message["reasoning"] == "Who asks? \n\nIt is she."


async def test_a_full_batch_is_saved_before_its_function_ends(stage: Stage) -> None:
    chats = []
    for number in range(6):
        chat = await asyncio.to_thread(stage.person.post, "/chats", {"character_id": stage.chat["character_id"]})
        stage.model.will(Say(f"Part {number}"), Wait(30))
        body = {"text": "Hello?", "connection_id": stage.connection_id}
        await asyncio.to_thread(stage.person.post, f"/chats/{chat.json['id']}/turns", body)
        chats.append(chat.json["id"])
    await generate(stage, Ending(5.0))
    texts = set()
    for chat_id in chats:
        opened = await asyncio.to_thread(stage.person.get, f"/chats/{chat_id}")
        texts.add(opened.json["page"]["messages"][-1]["text"])
    assert texts == {f"Part {number}" for number in range(6)}
