"""Two devices have one chat open: what one of them does, both are told at once over their sockets."""

import asyncio
import hashlib
import json
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection

from devcloud.supervisor import Cloud
from tests.gateway.test_cloud_whole import CARD, Person

NEWS_SECONDS_MOST = 10
"""A promise of a second; a busy test machine gets more."""


@pytest.fixture
def ada(cloud: Cloud, request: pytest.FixtureRequest) -> Person:
    """A person of this test's own."""
    return Person(cloud, "two" + hashlib.sha256(request.node.name.encode()).hexdigest()[:8])


class Table:
    """A chat, and the two sockets that follow it."""

    def __init__(self, person: Person, chat: dict[str, Any], phone: ClientConnection, desk: ClientConnection) -> None:
        self.person, self.chat, self.sockets = person, chat, (phone, desk)

    async def ask(self, method: str, path: str = "", body: Any = None) -> Any:
        return await asyncio.to_thread(self.person.ask, method, f"/chats/{self.chat['id']}{path}", body)

    async def news(self, method: str, path: str = "", body: Any = None) -> tuple[str, str | None]:
        """What both sockets are told of a request: what changed, and which message. The chat is as new as they say."""
        await self.ask(method, path, body)
        told = [await self._changed(socket) for socket in self.sockets]
        assert told[0] == told[1]
        revision = (await self.ask("GET"))["chat"]["revision"]
        assert told[0]["revision"] == revision
        return told[0]["what"], told[0].get("message_id")

    async def _changed(self, socket: ClientConnection) -> dict[str, Any]:
        async with asyncio.timeout(NEWS_SECONDS_MOST):
            frame: dict[str, Any] = json.loads(await socket.recv())
        assert (frame["type"], frame["chat_id"]) == ("changed", self.chat["id"])
        return frame


async def test_each_change_by_one_device_is_told_to_both(ada: Person) -> None:
    card = {**CARD, "alternate_greetings": ["Come in."]}
    character = await asyncio.to_thread(ada.ask, "POST", "/characters", {"card": card})
    chat = await asyncio.to_thread(ada.ask, "POST", "/chats", {"character_id": character["id"]})
    async with ada.listen() as phone, ada.listen() as desk:
        for socket in (phone, desk):
            await socket.send(json.dumps({"type": "follow", "chat_id": chat["id"], "revision": chat["revision"]}))
            assert json.loads(await socket.recv())["type"] == "following"
        table = Table(ada, chat, phone, desk)
        greeting = f"{chat['branch_id']}.0"
        place = f"/messages/{greeting}"
        assert await table.news("PATCH", place, {"revision": 1, "text": "Edited."}) == ("message", greeting)
        assert await table.news("PUT", f"{place}/swipe", {"revision": 2, "index": 1}) == ("swipe", greeting)
        assert await table.news("PATCH", place, {"revision": 3, "hidden": True}) == ("message", greeting)
        assert await table.news("DELETE", f"{place}?revision=4") == ("delete", greeting)
        assert await table.news("POST", f"{place}/restore") == ("message", greeting)
        branch = await table.news("POST", "/branches", {"message_id": greeting})
        assert branch == ("branch", None)
        made = (await table.ask("GET", "/branches"))[-1]["id"]
        assert await table.news("PATCH", f"/branches/{made}", {"title": "The storm"}) == ("branch", None)
        assert await table.news("DELETE", f"/branches/{made}") == ("branch", None)
        assert await table.news("DELETE", f"{place}?revision=6&below=true") == ("delete", greeting)
        assert await table.news("POST", f"{place}/restore") == ("branch", greeting)
        assert await table.news("PATCH", "", {"title": "Another name"}) == ("chat", None)
        assert await table.news("DELETE") == ("delete", None)
        assert await table.news("POST", "/restore") == ("chat", None)


async def test_a_turn_of_one_device_is_told_to_both_and_both_read_the_reply(ada: Person) -> None:
    chat_id = await asyncio.to_thread(ada.open_chat)
    async with ada.listen() as phone, ada.listen() as desk:
        for socket in (phone, desk):
            await socket.send(json.dumps({"type": "follow", "chat_id": chat_id, "revision": 0}))
            assert json.loads(await socket.recv())["type"] == "following"
        await asyncio.to_thread(ada.say, chat_id, "Who is there?", "two-devices")
        for socket in (phone, desk):
            seen: list[dict[str, Any]] = []
            async with asyncio.timeout(40):
                while not seen or seen[-1]["type"] != "end":
                    seen.append(json.loads(await socket.recv()))
            assert [frame["what"] for frame in seen if frame["type"] == "changed"] == ["turn"]
            assert any(frame["type"] == "d" for frame in seen)
