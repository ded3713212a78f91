"""The limit of frames over real sockets of the local gateway: a page never meets it, a flood does not get past it."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from devcloud.supervisor import Cloud
from tests.gateway.test_cloud_whole import CARD, Person

PER_MINUTE = 300
"""As TAVERN_SOCKET_FRAMES_PER_MINUTE is by itself."""


pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def ada(idle_cloud: Cloud, request: pytest.FixtureRequest) -> Person:
    return Person(idle_cloud, f"flood{abs(hash(request.node.name)) % 10_000_000}")


async def said(socket: ClientConnection, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(100):
        return [json.loads(await socket.recv()) for _ in range(count)]


async def hear(socket: ClientConnection, heard: Counter[str]) -> None:
    """Counts what comes, until the socket is closed."""
    while True:
        frame = json.loads(await asyncio.wait_for(socket.recv(), 100))
        heard[frame.get("code", frame["type"])] += 1
        if frame["type"] == "error":
            assert frame["retry_after_seconds"] >= 1


async def test_who_follows_twenty_chats_may_lose_the_line_again_and_again(ada: Person) -> None:
    character = await asyncio.to_thread(ada.ask, "POST", "/characters", {"card": CARD})
    chats = [
        (await asyncio.to_thread(ada.ask, "POST", "/chats", {"character_id": character["id"]}))["id"] for _ in range(20)
    ]
    for _ in range(2):
        async with ada.listen() as socket:
            await socket.send(json.dumps({"type": "hello", "contract": 1}))
            for chat_id in chats:
                await socket.send(json.dumps({"type": "follow", "chat_id": chat_id}))
            await socket.send(json.dumps({"type": "ping"}))
            frames = await said(socket, 22)
        assert Counter(frame["type"] for frame in frames) == {"welcome": 1, "following": 20, "pong": 1}


async def test_a_flood_of_frames_is_told_to_wait_and_then_loses_its_socket(ada: Person) -> None:
    heard: Counter[str] = Counter()
    async with ada.listen() as socket:

        async def flood() -> None:
            for _ in range(PER_MINUTE * 10):
                await socket.send('{"type": "ping"}')

        flooding = asyncio.create_task(flood())
        with pytest.raises(ConnectionClosed):
            await hear(socket, heard)
        flooding.cancel()
        await asyncio.gather(flooding, return_exceptions=True)
    # A slow machine takes a while to be flooded, and a bucket fills meanwhile.
    assert set(heard) == {"pong", "quota_exceeded"}
    assert heard["pong"] >= PER_MINUTE
    assert heard.total() < PER_MINUTE * 9
    async with ada.listen() as again:
        await again.send('{"type": "ping"}')
        assert [frame["type"] for frame in await said(again, 1)] == ["pong"]
