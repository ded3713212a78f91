"""A worker's time for a reply is over while real readers read: the text is kept, and one click goes on with it."""

import asyncio
import hashlib
import json
from collections.abc import Iterator

import pytest

from chalicelib.services.attempts import LEFT_MILLISECONDS
from devcloud.supervisor import Cloud
from tests.gateway.test_cloud_whole import Person, frames_until_end
from tests.gateway.test_event_readers import read_events
from tests.gateway.test_socket_limits import begin, text_stored, words
from tests.integration.test_event_stream import Reader
from tests.support.model_server import ModelServer, Say, Wait, model_server
from tests.support.post_office import read


@pytest.fixture(scope="module")
def hasty_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A cloud whose workers have four seconds to write in."""
    knobs = {"TAVERN_PRIVATE_NETWORKS": "127.0.0.0/8"}
    seconds = 4 + LEFT_MILLISECONDS / 1000
    made = Cloud(tmp_path_factory.mktemp("hasty"), port=0, workers=1, settings=knobs, function_seconds=seconds)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with model_server() as made:
        yield made


async def test_a_reply_is_interrupted_in_time_and_continued(hasty_cloud: Cloud, model: ModelServer) -> None:
    ada = await asyncio.to_thread(Person, hasty_cloud, "hasty")
    chat_id, turn = await begin(ada, model, *words(400, 20.0), Wait(20))
    async with ada.listen() as socket:
        await socket.send(json.dumps({"type": "follow", "chat_id": chat_id}))
        started = await asyncio.to_thread(ada.ask, "POST", f"/chats/{chat_id}/turns", turn)
        first = started["generations"][0]
        stream = Reader(first["id"])
        reading = asyncio.create_task(asyncio.to_thread(read_events, ada, stream))
        frames = await frames_until_end(socket)
        await reading
        half = read(frames, first["id"])
        assert frames[-1]["finish_reason"] == "interrupted"
        assert half == stream.text == await text_stored(ada, chat_id)
        assert half.startswith("word0 word1 ")
        assert model.closed_early.is_set()

        model.will(Say("and that is all."))
        go_on = {"kind": "continue", "connection_id": turn["connection_id"], "revision": frames[-1]["revision"]}
        started = await asyncio.to_thread(ada.ask, "POST", f"/chats/{chat_id}/turns", go_on)
        more = await frames_until_end(socket)
    whole = f"{half}and that is all."
    assert read(more, started["generations"][0]["id"]) == "and that is all."
    assert await text_stored(ada, chat_id) == whole
    assert more[-1]["sha256"] == hashlib.sha256(whole.encode()).hexdigest()
