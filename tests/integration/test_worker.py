"""The queue's door as AWS calls it: powertools' batch, partial failures, metrics."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.entrypoints import worker
from tests.support.model_server import Say, Wait
from tests.support.replies import Stage


@dataclass
class Context:
    """What Lambda hands in."""

    remaining_ms: int = 900_000
    aws_request_id: str = "request"
    function_name: str = "generate"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:generate"

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


def batch(orders: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Records": [{**order, "eventSource": "aws:sqs", "receiptHandle": "r"} for order in orders]}


def test_a_batch_is_written_and_counted(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.model.will(Say("From the batch."))
    stage.started()
    assert worker.generate(batch(stage.orders()), Context()) == {"batchItemFailures": []}
    assert stage.messages()[-1]["text"] == "From the batch."
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    metrics = next(line for line in lines if "_aws" in line)
    assert (metrics["Replies"], metrics["Pieces"]) == ([1.0], [1.0])
    assert not any("From the batch." in json.dumps(line) for line in lines)


def test_a_generation_is_followed_by_its_id_through_the_log(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.model.will(Say("Not for the log."))
    generation = stage.started("Nor this.")
    worker.generate(batch(stage.orders()), Context())
    about = [line for line in caplog.records if getattr(line, "generation_id", "") == generation["id"]]
    assert [line.getMessage() for line in about] == ["request", "reply begins", "reply ended"]
    assert not any("for the log" in str(vars(line)) or "Nor this" in str(vars(line)) for line in caplog.records)


def test_only_what_failed_comes_again(stage: Stage) -> None:
    stage.started()
    good = stage.orders()[0]
    broken = stage.container.scenes.prepare

    async def prepare(record: Any, ahead: Any) -> Any:
        raise RuntimeError("a bug")

    stage.container.scenes.prepare = prepare  # type: ignore[method-assign]
    assert worker.generate(batch([good]), Context()) == {"batchItemFailures": [{"itemIdentifier": good["messageId"]}]}
    stage.container.scenes.prepare = broken  # type: ignore[method-assign]
    stage.world.clock.advance(seconds=1)
    junk = {"messageId": "junk", "body": "not an order", "attributes": {}}
    assert worker.generate(batch([good, junk]), Context()) == {"batchItemFailures": []}
    assert stage.messages()[-1]["text"] == "Hello."


def test_before_the_functions_end_the_text_is_saved(stage: Stage) -> None:
    stage.model.will(Say("As far as it got"), Wait(20))
    generation = stage.started()
    worker.generate(batch(stage.orders()), Context(remaining_ms=7_000))
    assert stage.record(generation["id"]).finish_reason == "interrupted"
    assert stage.messages()[-1]["text"] == "As far as it got"


async def test_none_of_a_full_batch_waits_for_another(stage: Stage) -> None:
    orders = []
    for number in range(10):
        chat = await asyncio.to_thread(stage.person.post, "/chats", {"character_id": stage.chat["character_id"]})
        stage.model.will(Say(f"Reply {number}."), Wait())
        body = {"text": "Hello?", "connection_id": stage.connection_id}
        await asyncio.to_thread(stage.person.post, f"/chats/{chat.json['id']}/turns", body)
        orders += await asyncio.to_thread(stage.orders)
    working = asyncio.create_task(asyncio.to_thread(worker.generate, batch(orders), Context()))
    await asyncio.to_thread(stage.office.wait_until, lambda: len(stage.model.requests) == 10)
    while not working.done():
        stage.model.go()
        await asyncio.sleep(0.01)
    assert await working == {"batchItemFailures": []}


async def test_many_replies_are_written_at_once(stage: Stage) -> None:
    chats = [stage.chat["id"]]
    for _ in range(3):
        chat = await asyncio.to_thread(stage.person.post, "/chats", {"character_id": stage.chat["character_id"]})
        chats.append(chat.json["id"])
    for number in range(4):
        stage.model.will(Say(f"Reply {number}."), Wait(0.5))
    for chat_id in chats:
        body = {"text": "Hello?", "connection_id": stage.connection_id}
        await asyncio.to_thread(stage.person.post, f"/chats/{chat_id}/turns", body)
    assert await stage.work() == []
    texts = set()
    for chat_id in chats:
        opened = await asyncio.to_thread(stage.person.get, f"/chats/{chat_id}")
        texts.add(opened.json["page"]["messages"][-1]["text"])
    assert texts == {f"Reply {number}." for number in range(4)}
