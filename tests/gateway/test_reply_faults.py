"""A reply through the whole local cloud while parts of it die: what readers have in the end is what is stored."""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.request import Request, urlopen

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from devcloud.supervisor import Cloud
from tests.gateway.test_cloud_whole import Person
from tests.support.post_office import Frame, read

Look = Callable[[list[Frame]], bool]


@pytest.fixture
def ada(cloud: Cloud, request: pytest.FixtureRequest) -> Person:
    """A person of this test's own."""
    return Person(cloud, "eve" + hashlib.sha256(request.node.name.encode()).hexdigest()[:8])


async def follow(socket: ClientConnection, chat_id: str) -> list[Frame]:
    await socket.send(json.dumps({"type": "follow", "chat_id": chat_id}))
    return await until(socket, lambda frames: frames[-1]["type"] == "following")


async def until(socket: ClientConnection, look: Look, frames: list[Frame] | None = None) -> list[Frame]:
    """Takes frames until the last one is what is looked for."""
    taken = [] if frames is None else frames
    async with asyncio.timeout(40):
        while not taken or not look(taken):
            taken.append(json.loads(await socket.recv()))
            assert "type" in taken[-1], taken[-1]
    return taken


def ended(frames: list[Frame]) -> bool:
    return frames[-1]["type"] == "end"


def has_text(frames: list[Frame]) -> bool:
    return sum(frame["type"] == "d" for frame in frames) >= 3


async def say(ada: Person, chat_id: str, key: str) -> dict[str, Any]:
    started = await asyncio.to_thread(ada.say, chat_id, "Tell me of the sea.", key)
    generation: dict[str, Any] = started["generations"][0]
    return generation


async def stored(ada: Person, chat_id: str) -> str:
    page = await asyncio.to_thread(ada.ask, "GET", f"/chats/{chat_id}/messages")
    return str(page["messages"][-1]["text"])


async def test_a_killed_workers_reply_is_kept_and_its_chat_free_within_20_seconds(ada: Person, cloud: Cloud) -> None:
    chat_id = await asyncio.to_thread(ada.open_chat)
    async with ada.listen() as socket:
        await follow(socket, chat_id)
        generation = await say(ada, chat_id, "killed")
        frames = await until(socket, has_text)
        dead = cloud.kill("worker-1")
        died = time.monotonic()
        await asyncio.to_thread(cloud.wait_until_up, "worker-1", not_pid=dead)
        while not ended(frames):
            resume = {"type": "resume", "generation_id": generation["id"], "epoch": 1, "after": 0}
            await socket.send(json.dumps(resume))
            try:
                async with asyncio.timeout(1):
                    await until(socket, ended, frames)
            except TimeoutError:
                assert time.monotonic() - died < 20
        assert time.monotonic() - died < 20
    end = frames[-1]
    assert end["finish_reason"] == "interrupted"
    text = await stored(ada, chat_id)
    assert read(frames, generation["id"]) == text
    assert hashlib.sha256(text.encode()).hexdigest() == end["sha256"]
    assert (await say(ada, chat_id, "killed-again"))["status"] == "queued"


async def test_a_reader_whose_socket_drops_has_the_whole_text(ada: Person) -> None:
    chat_id = await asyncio.to_thread(ada.open_chat)
    async with ada.listen() as socket:
        await follow(socket, chat_id)
        generation = await say(ada, chat_id, "dropped")
        frames = await until(socket, has_text)
    await asyncio.sleep(0.5)
    last = max(frame["n"][1] for frame in frames if frame["type"] == "d")
    async with ada.listen() as socket, ada.listen() as late:
        resume = {"type": "resume", "generation_id": generation["id"], "epoch": 1, "after": last}
        await socket.send(json.dumps(resume))
        await until(socket, ended, frames)
        from_follow = await until(late, ended, await follow(late, chat_id)) if not ended(frames) else frames
    text = await stored(ada, chat_id)
    assert frames[-1]["finish_reason"] == "stop"
    assert read(frames, generation["id"]).rstrip() == text
    assert read(from_follow, generation["id"]).rstrip() == text


async def test_two_readers_on_the_socket_and_one_on_the_event_stream_read_the_same(ada: Person) -> None:
    chat_id = await asyncio.to_thread(ada.open_chat)
    async with ada.listen() as one, ada.listen() as two:
        await follow(one, chat_id)
        await follow(two, chat_id)
        generation = await say(ada, chat_id, "three-readers")
        events = asyncio.create_task(asyncio.to_thread(read_events, ada, generation["id"]))
        first, second = await asyncio.gather(until(one, ended), until(two, ended))
        third = await events
    texts = {read(frames, generation["id"]) for frames in (first, second, third)}
    assert len(texts) == 1
    assert texts.pop().rstrip() == await stored(ada, chat_id)
    numbers = [frame["n"] for frame in first if frame["type"] == "d"]
    assert [low for low, _ in numbers] == [1, *(high + 1 for _, high in numbers[:-1])]


def read_events(ada: Person, generation_id: str) -> list[Frame]:
    frames: list[Frame] = []
    last = ""
    while not frames or not ended(frames):
        headers = {"Authorization": f"Bearer {ada._token}", "Last-Event-ID": last}
        request = Request(f"{ada.cloud.url}/api/generations/{generation_id}/events", headers=headers)
        with urlopen(request, timeout=30) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith("id: "):
                    last = line.removeprefix("id: ")
                elif line.startswith("data: "):
                    frames.append(json.loads(line.removeprefix("data: ")))
    return frames


async def test_stop_takes_half_a_second(ada: Person) -> None:
    chat_id = await asyncio.to_thread(ada.open_chat)
    async with ada.listen() as socket:
        await follow(socket, chat_id)
        generation = await say(ada, chat_id, "stopped")
        frames = await until(socket, has_text)
        asked = time.monotonic()
        await socket.send(json.dumps({"type": "stop", "turn_id": generation["turn_id"]}))
        await until(socket, ended, frames)
        # The promise is 500 ms; a busy test machine gets more, but less than the model's silence would take.
        assert time.monotonic() - asked < 2.5
    assert frames[-1]["finish_reason"] == "stopped"
    assert read(frames, generation["id"]) == await stored(ada, chat_id)


async def test_a_killed_redis_costs_no_letter(ada: Person, cloud: Cloud) -> None:
    if "redis" not in cloud.roles:
        pytest.skip("no Redis on this machine")
    chat_id = await asyncio.to_thread(ada.open_chat)
    async with ada.listen() as socket:
        await follow(socket, chat_id)
        generation = await say(ada, chat_id, "redis-dies")
        frames = await until(socket, has_text)
        dead = cloud.kill("redis")
        await until(socket, ended, frames)
    await asyncio.to_thread(cloud.wait_until_up, "redis", not_pid=dead)
    assert frames[-1]["finish_reason"] == "stop"
    assert read(frames, generation["id"]).rstrip() == await stored(ada, chat_id)


async def test_a_killed_gateway_costs_its_readers_nothing(ada: Person, cloud: Cloud) -> None:
    chat_id = await asyncio.to_thread(ada.open_chat)
    async with ada.listen() as socket:
        await follow(socket, chat_id)
        generation = await say(ada, chat_id, "front-dies")
        frames = await until(socket, has_text)
        dead = cloud.kill("front")
        with pytest.raises(ConnectionClosed):
            await until(socket, ended, frames)
    await asyncio.to_thread(cloud.wait_until_up, "front", not_pid=dead)
    last = max((frame["n"][1] for frame in frames if frame["type"] == "d"), default=0)
    async with ada.listen() as socket:
        resume = {"type": "resume", "generation_id": generation["id"], "epoch": 1, "after": last}
        await socket.send(json.dumps(resume))
        await until(socket, ended, frames)
    assert frames[-1]["finish_reason"] == "stop"
    text = await stored(ada, chat_id)
    assert read(frames, generation["id"]).rstrip() == text
    assert hashlib.sha256(text.encode()).hexdigest() == frames[-1]["sha256"]
