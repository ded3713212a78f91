"""Many readers without a socket: each reads all of it, and nobody else waits for them."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from devcloud.supervisor import Cloud
from tests.gateway.test_cloud_whole import Person
from tests.gateway.test_socket_limits import begin, words
from tests.integration.test_event_stream import Reader
from tests.support.model_server import ModelServer, Wait, model_server

PLACES = 8


@pytest.fixture(scope="module")
def narrow_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A cloud whose front lets eight readers wait, two of one user."""
    knobs = {"TAVERN_PRIVATE_NETWORKS": "127.0.0.0/8", "TAVERN_EVENT_READERS_MOST": str(PLACES)}
    made = Cloud(tmp_path_factory.mktemp("narrow"), port=0, workers=1, settings=knobs)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with model_server() as made:
        yield made


def read_events(person: Person, reader: Reader) -> int:
    """Reads to the end as a page does that is told to come back later now and then; how often it was."""
    refused = 0
    while reader.end is None:
        headers = {"Authorization": f"Bearer {person._token}", "Last-Event-ID": reader.last_id}
        request = Request(f"{person.cloud.url}/api/generations/{reader.generation_id}/events", headers=headers)
        try:
            with urlopen(request, timeout=30) as answer:
                reader.take(answer.read().decode())
        except HTTPError as error:
            with error:
                if (error.code, error.headers["Retry-After"]) != (429, "1"):
                    raise
            refused += 1
            time.sleep(0.3)
    return refused


async def test_more_readers_than_places_all_read_it_whole(narrow_cloud: Cloud, model: ModelServer) -> None:
    ada = await asyncio.to_thread(Person, narrow_cloud, "readers")
    chat_id, turn = await begin(ada, model, *words(60, 4.0), Wait(3.0), *words(10, 0.5))
    started: dict[str, Any] = await asyncio.to_thread(ada.ask, "POST", f"/chats/{chat_id}/turns", turn)
    generation_id = started["generations"][0]["id"]
    readers = [Reader(generation_id) for _ in range(12)]
    # Python's own pool has too few threads for all of them at once.
    pool, loop = ThreadPoolExecutor(len(readers)), asyncio.get_running_loop()
    reading = [loop.run_in_executor(pool, read_events, ada, reader) for reader in readers]
    asked = 0
    while not all(task.done() for task in reading):
        # A request of another kind does not stand in line behind them.
        async with asyncio.timeout(10):
            await asyncio.to_thread(ada.ask, "GET", f"/chats/{chat_id}/messages")
        asked += 1
        await asyncio.sleep(0.2)
    refused = [task.result() for task in reading]
    pool.shutdown()
    text = "".join(f"word{number} " for number in [*range(60), *range(10)])
    assert {reader.text for reader in readers} == {text}
    assert asked > 5
    assert sum(refused) > 0
