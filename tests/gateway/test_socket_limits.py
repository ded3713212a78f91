"""The gateway's limits of a socket, shortened: a page crosses them while a reply runs, and its reader notices nothing.

The page here does what the web client's does: it opens the next socket before the old one's time is over, lets it take
over once it is welcome, follows again there, and pings so that no socket is idle for too long.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from devcloud.supervisor import Cloud
from tests.gateway.test_cloud_whole import Person
from tests.support.model_server import ModelServer, Say, Step, Wait, model_server
from tests.support.post_office import Frame, read

IDLE_SECONDS, CONNECTION_SECONDS = 5.0, 16.0
RENEW_SECONDS = CONNECTION_SECONDS * 0.5
PING_SECONDS = IDLE_SECONDS * 0.3


@pytest.fixture(scope="module")
def short_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    limits = {"idle_seconds": IDLE_SECONDS, "connection_seconds": CONNECTION_SECONDS}
    knobs = {"TAVERN_PRIVATE_NETWORKS": "127.0.0.0/8"}
    made = Cloud(tmp_path_factory.mktemp("short"), port=0, workers=1, settings=knobs, socket_limits=limits)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with model_server() as made:
        yield made


class Page:
    """One page that follows one chat, whatever becomes of its sockets."""

    def __init__(self, person: Person, chat_id: str, *, renews: bool = True, pings: bool = True) -> None:
        self._person, self._chat_id, self._renews, self._pings = person, chat_id, renews, pings
        self.frames: list[Frame] = []
        self.sockets = 0
        self.cut: list[int] = []
        """Close codes of sockets that were taken from it."""

    async def live(self) -> None:
        """Until it is cancelled."""
        serving: asyncio.Task[None] | None = None
        while True:
            socket = await self._open()
            if serving is not None:
                serving.cancel()
            serving = asyncio.create_task(self._serve(socket))
            try:
                await asyncio.wait({serving}, timeout=RENEW_SECONDS if self._renews else None)
            except asyncio.CancelledError:
                serving.cancel()
                raise

    async def until(self, kind: str, *, count: int = 1) -> Frame:
        async with asyncio.timeout(30):
            while len(found := [one for one in self.frames if one["type"] == kind]) < count:
                await asyncio.sleep(0.02)
        return found[-1]

    async def _open(self) -> ClientConnection:
        socket: ClientConnection = await self._person.listen().__aenter__()
        self.sockets += 1
        await socket.send(json.dumps({"type": "hello", "contract": 1}))
        while json.loads(await socket.recv())["type"] != "welcome":
            continue
        await socket.send(json.dumps({"type": "follow", "chat_id": self._chat_id}))
        return socket

    async def _serve(self, socket: ClientConnection) -> None:
        pinging = asyncio.create_task(_ping(socket)) if self._pings else None
        try:
            while True:
                self.frames.append(json.loads(await socket.recv()))
        except ConnectionClosed:
            self.cut.append(socket.close_code or 0)
        finally:
            if pinging is not None:
                pinging.cancel()
            await socket.close()


async def _ping(socket: ClientConnection) -> None:
    while True:
        await asyncio.sleep(PING_SECONDS)
        await socket.send(json.dumps({"type": "ping"}))


@asynccontextmanager
async def open_pages(*pages: Page) -> AsyncIterator[None]:
    living = [asyncio.create_task(page.live()) for page in pages]
    try:
        for page in pages:
            await page.until("following")
        yield
    finally:
        for task in living:
            task.cancel()
        await asyncio.gather(*living, return_exceptions=True)


async def begin(person: Person, model: ModelServer, *steps: Step) -> tuple[str, dict[str, Any]]:
    """A chat, and the generation that answers in it as soon as `say` is called on it."""
    model.will(*steps)
    chat_id = await asyncio.to_thread(person.open_chat)
    made = {"name": "Mine", "kind": "openai_chat", "address": model.address, "model": "m"}
    connection = await asyncio.to_thread(person.ask, "POST", "/connections", made)
    return chat_id, {"kind": "reply", "text": "Tell me all.", "connection_id": connection["id"]}


async def text_stored(person: Person, chat_id: str) -> str:
    page = await asyncio.to_thread(person.ask, "GET", f"/chats/{chat_id}/messages")
    return str(page["messages"][-1]["text"])


def words(count: int, seconds: float) -> list[Step]:
    return [step for number in range(count) for step in (Say(f"word{number} "), Wait(seconds / count))]


async def test_a_page_that_renews_crosses_the_connection_limit_in_the_middle_of_a_reply(
    short_cloud: Cloud, model: ModelServer
) -> None:
    ada = await asyncio.to_thread(Person, short_cloud, "renews")
    chat_id, turn = await begin(ada, model, *words(120, 1.3 * CONNECTION_SECONDS), Say("End."))
    renews, cut = Page(ada, chat_id), Page(ada, chat_id, renews=False)
    async with open_pages(renews, cut):
        started = await asyncio.to_thread(ada.ask, "POST", f"/chats/{chat_id}/turns", turn)
        generation_id = started["generations"][0]["id"]
        await asyncio.gather(renews.until("end"), cut.until("end"))
    text = await text_stored(ada, chat_id)
    assert text == "".join(f"word{number} " for number in range(120)) + "End."
    assert read(renews.frames, generation_id) == text
    assert renews.sockets >= 3
    assert renews.cut == []
    # A page that does not renew loses its sockets, and no letter.
    assert read(cut.frames, generation_id) == text
    assert cut.cut
    assert set(cut.cut) == {1001}


async def test_a_socket_outlives_the_models_silence_and_the_readers(short_cloud: Cloud, model: ModelServer) -> None:
    ada = await asyncio.to_thread(Person, short_cloud, "idle")
    chat_id, turn = await begin(ada, model, Say("Thinking … "), Wait(IDLE_SECONDS * 1.5), Say("done."))
    pings, mute = Page(ada, chat_id, renews=False), Page(ada, chat_id, renews=False, pings=False)
    async with open_pages(pings, mute):
        started = await asyncio.to_thread(ada.ask, "POST", f"/chats/{chat_id}/turns", turn)
        generation_id = started["generations"][0]["id"]
        await asyncio.gather(pings.until("end"), mute.until("end"))
        assert pings.cut == []
    assert (pings.sockets, mute.sockets > 1) == (1, True)
    for page in (pings, mute):
        assert read(page.frames, generation_id) == "Thinking … done."


async def test_what_happens_while_a_page_has_no_socket_is_there_when_it_comes_back(
    short_cloud: Cloud, model: ModelServer
) -> None:
    ada = await asyncio.to_thread(Person, short_cloud, "away")
    chat_id, turn = await begin(ada, model, *words(40, 2.0), Wait(1.0), Say("End."))
    early = Page(ada, chat_id)
    async with open_pages(early):
        pass
    started = await asyncio.to_thread(ada.ask, "POST", f"/chats/{chat_id}/turns", turn)
    await asyncio.sleep(1)
    late = Page(ada, chat_id)
    async with open_pages(late):
        await late.until("end")
    assert read(late.frames, started["generations"][0]["id"]) == await text_stored(ada, chat_id)
