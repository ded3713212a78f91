"""The queues and their pollers: waiting, redelivery, dead letters."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from devcloud.poller import Poller
from devcloud.signature import Signatures
from devcloud.supervisor import Cloud
from tests.support.cloud import aws_client


class Queue:
    def __init__(self, cloud: Cloud, name: str, **attributes: str) -> None:
        self.cloud = cloud
        self.client = aws_client(cloud, "sqs")
        self.url: str = self.client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    async def send(self, body: str, **more: Any) -> None:
        await asyncio.to_thread(self.client.send_message, QueueUrl=self.url, MessageBody=body, **more)

    async def left(self) -> int:
        """Messages that are still in the queue, visible or not."""
        told = await asyncio.to_thread(self.client.get_queue_attributes, QueueUrl=self.url, AttributeNames=["All"])
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        return sum(int(told["Attributes"][name]) for name in names)

    @asynccontextmanager
    async def polled(
        self, process: Callable[[list[dict[str, Any]]], Awaitable[list[str]]], at_once: int = 200
    ) -> AsyncIterator[None]:
        signatures = Signatures(self.cloud.environment["AWS_SECRET_ACCESS_KEY"])
        polling = asyncio.create_task(Poller(self.url, process, signatures, at_once).run())
        try:
            yield
        finally:
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await condition():
            await asyncio.sleep(0.02)


async def test_a_record_has_the_shape_of_aws_and_is_deleted_when_done(idle_cloud: Cloud) -> None:
    queue = Queue(idle_cloud, "shape")
    records: list[dict[str, Any]] = []

    async def process(given: list[dict[str, Any]]) -> list[str]:
        records.extend(given)
        return []

    async with queue.polled(process):
        await queue.send('{"id": 1}', MessageAttributes={"trace": {"DataType": "String", "StringValue": "t"}})
        await until(lambda: _is(records and True))
        await until(lambda: _empty(queue))
    record = records[0]
    assert json.loads(record["body"]) == {"id": 1}
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == "arn:aws:sqs:us-east-1:000000000000:shape"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageAttributes"]["trace"] == {"dataType": "String", "stringValue": "t"}
    assert {"messageId", "receiptHandle", "md5OfBody", "awsRegion"} <= set(record)


async def test_a_waiting_poller_gets_a_message_at_once(idle_cloud: Cloud) -> None:
    queue = Queue(idle_cloud, "prompt")
    delays: list[float] = []

    async def process(given: list[dict[str, Any]]) -> list[str]:
        delays.extend(time.time() - float(record["body"]) for record in given)
        return []

    async with queue.polled(process):
        await asyncio.sleep(0.3)
        for number in range(5):
            await queue.send(str(time.time()))
            await until(lambda wanted=number + 1: _is(len(delays) == wanted))
    # MiniStack alone looks ten times a second. This is no measurement, only far below that on a busy machine.
    assert sorted(delays)[2] < 0.05


async def test_slow_work_does_not_hold_up_the_next(idle_cloud: Cloud) -> None:
    queue = Queue(idle_cloud, "many")
    started: list[str] = []
    go_on = asyncio.Event()

    async def process(given: list[dict[str, Any]]) -> list[str]:
        started.extend(record["body"] for record in given)
        await go_on.wait()
        return []

    async with queue.polled(process):
        for number in range(25):
            await queue.send(str(number))
        await until(lambda: _is(len(started) == 25))
        assert await queue.left() == 25
        go_on.set()
        await until(lambda: _empty(queue))


async def test_no_more_work_at_once_than_asked_for(idle_cloud: Cloud) -> None:
    queue = Queue(idle_cloud, "few")
    now, most, done = 0, 0, 0

    async def process(given: list[dict[str, Any]]) -> list[str]:
        nonlocal now, most, done
        now += len(given)
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= len(given)
        done += len(given)
        return []

    for number in range(12):
        await queue.send(str(number))
    async with queue.polled(process, at_once=2):
        await until(lambda: _is(done == 12))
    assert most == 2


@pytest.mark.parametrize("raises", [False, True])
async def test_a_failed_message_comes_again_and_then_goes_to_the_dead_letters(idle_cloud: Cloud, raises: bool) -> None:
    dead = Queue(idle_cloud, f"dead-{raises}")
    arn = f"arn:aws:sqs:us-east-1:000000000000:dead-{raises}"
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    queue = Queue(idle_cloud, f"failing-{raises}", RedrivePolicy=redrive)
    tries: list[str] = []

    async def process(given: list[dict[str, Any]]) -> list[str]:
        tries.append(given[0]["attributes"]["ApproximateReceiveCount"])
        if raises:
            raise ValueError("broken")
        return [given[0]["messageId"]]

    async with queue.polled(process):
        await queue.send("poison")
        await until(lambda: _holds(dead, 1))
    assert tries == ["1", "2"]
    assert await queue.left() == 0


async def test_work_of_a_dead_worker_comes_again(idle_cloud: Cloud) -> None:
    queue = Queue(idle_cloud, "orphan", VisibilityTimeout="1")
    started = asyncio.Event()
    again: list[str] = []

    async def hang(given: list[dict[str, Any]]) -> list[str]:
        started.set()
        await asyncio.Event().wait()
        return []

    async def finish(given: list[dict[str, Any]]) -> list[str]:
        again.extend(record["body"] for record in given)
        return []

    async with queue.polled(hang):
        await queue.send("work")
        await asyncio.wait_for(started.wait(), 5)
    async with queue.polled(finish):
        await until(lambda: _is(again == ["work"]))


async def test_a_poller_that_hung_up_takes_no_message_with_it(idle_cloud: Cloud) -> None:
    queue = Queue(idle_cloud, "hung-up")
    got: list[str] = []

    async def lose(given: list[dict[str, Any]]) -> list[str]:
        raise AssertionError("This poller is gone.")

    async def keep(given: list[dict[str, Any]]) -> list[str]:
        got.extend(record["body"] for record in given)
        return []

    async with queue.polled(lose):
        await asyncio.sleep(0.2)
    # The end of its connection is on its way: what is asked after it is answered when the queue has seen it.
    for _ in range(3):
        await queue.left()
    await queue.send("for the living")
    async with queue.polled(keep):
        await until(lambda: _is(got == ["for the living"]))


async def _is(fact: object) -> bool:
    return bool(fact)


async def _empty(queue: Queue) -> bool:
    return await queue.left() == 0


async def _holds(queue: Queue, count: int) -> bool:
    return await queue.left() == count
