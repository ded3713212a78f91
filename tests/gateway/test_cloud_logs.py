"""The logs of the local cloud: one reply is followed through the files of its processes, and the metrics are there."""

import asyncio
import hashlib
import json
from typing import Any

import pytest

from devcloud.supervisor import Cloud
from tests.gateway.test_cloud_whole import Person, frames_until_end


@pytest.fixture
def ada(cloud: Cloud, request: pytest.FixtureRequest) -> Person:
    """A person of this test's own."""
    return Person(cloud, "log" + hashlib.sha256(request.node.name.encode()).hexdigest()[:8])


def logged(cloud: Cloud, name: str) -> list[dict[str, Any]]:
    """The JSON lines of a log of the data folder."""
    lines = (cloud.data / "logs" / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


async def test_a_reply_is_followed_through_the_files_and_its_metrics_are_written(ada: Person, cloud: Cloud) -> None:
    chat_id = await asyncio.to_thread(ada.open_chat)
    async with ada.listen() as socket:
        await socket.send(json.dumps({"type": "follow", "chat_id": chat_id, "revision": 0}))
        started = await asyncio.to_thread(ada.say, chat_id, "A secret of the deep sea?", "logged")
        text = "".join(frame.get("x", "") for frame in await frames_until_end(socket))
    generation_id = started["generations"][0]["id"]

    async with asyncio.timeout(30):
        while not any("FirstToken" in line for line in logged(cloud, "worker.log")):
            await asyncio.sleep(0.2)
    told = [
        line
        for name in ("front.log", "worker.log")
        for line in logged(cloud, name)
        if line.get("generation_id") == generation_id
    ]
    assert [line["message"] for line in told] == ["request", "reply begins", "reply ended"]
    assert len({line["correlation_id"] for line in told}) == 1
    for name in ("front.log", "worker.log"):
        written = (cloud.data / "logs" / name).read_text(encoding="utf-8")
        assert "deep sea" not in written
        assert text[:40] not in written
