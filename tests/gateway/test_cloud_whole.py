"""The whole product on this machine: real processes, real HTTP, real sockets, the demo model."""

import asyncio
import hashlib
import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from websockets.asyncio.client import ClientConnection, connect

from devcloud.supervisor import Cloud

CARD = {"name": "Wren", "description": "Keeper of a lighthouse.", "first_mes": "The lamp is lit."}


class Person:
    """Somebody with an account, in front of the page."""

    def __init__(self, cloud: Cloud, name: str) -> None:
        self.cloud = cloud
        self._token = ""
        account = {"name": name, "email": f"{name}@tavern.test", "password": "correct horse battery"}
        self._token = self.ask("POST", "/auth/sign-up", account)["access_token"]

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self._token:
            named["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        request = Request(
            f"{self.cloud.url}/api{path}", data, {"Content-Type": "application/json", **named}, method=method
        )
        try:
            with urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")
        except HTTPError as refused:
            with refused:
                raise AssertionError(f"{refused.code}: {refused.read().decode()}") from None

    def open_chat(self) -> str:
        character = self.ask("POST", "/characters", {"card": CARD})
        return str(self.ask("POST", "/chats", {"character_id": character["id"]})["id"])

    def say(self, chat_id: str, text: str, key: str) -> dict[str, Any]:
        body = {"kind": "reply", "text": text}
        answer: dict[str, Any] = self.ask("POST", f"/chats/{chat_id}/turns", body, Idempotency_Key=key)
        return answer

    def listen(self) -> Any:
        ticket = self.ask("POST", "/socket-tickets")["ticket"]
        return connect(f"{self.cloud.url.replace('http', 'ws')}/socket?ticket={ticket}")


@pytest.fixture
def ada(cloud: Cloud, request: pytest.FixtureRequest) -> Person:
    """A person of this test's own."""
    return Person(cloud, "ada" + hashlib.sha256(request.node.name.encode()).hexdigest()[:8])


async def frames_until_end(socket: ClientConnection) -> list[dict[str, Any]]:
    frames: list[dict[str, Any]] = []
    async with asyncio.timeout(40):
        while not frames or frames[-1]["type"] != "end":
            frames.append(json.loads(await socket.recv()))
    return frames


def text_of(frames: list[dict[str, Any]]) -> str:
    return "".join(frame["x"] for frame in frames if frame["type"] == "d" and "x" in frame)


async def test_a_reply_streams_to_its_reader_and_is_kept(ada: Person) -> None:
    chat_id = await asyncio.to_thread(ada.open_chat)
    async with ada.listen() as socket:
        await socket.send(json.dumps({"type": "follow", "chat_id": chat_id, "revision": 0}))
        assert json.loads(await socket.recv())["type"] == "following"
        await asyncio.to_thread(ada.say, chat_id, "Who is there?", "first-turn-of-the-test")
        frames = await frames_until_end(socket)
    text, end = text_of(frames), frames[-1]
    assert end["finish_reason"] == "stop"
    assert end["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    page = await asyncio.to_thread(ada.ask, "GET", f"/chats/{chat_id}/messages")
    assert [message["text"] for message in page["messages"]][1:] == ["Who is there?", text]


async def test_a_reply_goes_on_when_its_worker_is_killed_before_it_wrote(ada: Person, cloud: Cloud) -> None:
    chat_id = await asyncio.to_thread(ada.open_chat)
    cloud.hold("worker-1")
    dead = cloud.kill("worker-1")
    started = await asyncio.to_thread(ada.say, chat_id, "Anybody?", "second-turn-of-the-test")
    cloud.release("worker-1")
    await asyncio.to_thread(cloud.wait_until_up, "worker-1", not_pid=dead)
    generation_id = started["generations"][0]["id"]
    async with asyncio.timeout(40):
        while True:
            told = await asyncio.to_thread(ada.ask, "GET", f"/generations/{generation_id}")
            if told["status"] == "done":
                break
            await asyncio.sleep(0.2)
    assert told["finish_reason"] == "stop"


def test_an_avatar_comes_from_the_bucket_on_the_pages_own_address(ada: Person) -> None:
    from io import BytesIO

    from PIL import Image

    character = ada.ask("POST", "/characters", {"card": CARD})
    picture = BytesIO()
    Image.new("RGB", (64, 96), "teal").save(picture, "PNG")
    request = Request(
        f"{ada.cloud.url}/api/characters/{character['id']}/avatar",
        picture.getvalue(),
        {"Content-Type": "image/png", "Authorization": f"Bearer {ada._token}"},
        method="PUT",
    )
    with urlopen(request, timeout=30) as answer:
        address = json.loads(answer.read())["picture"]["full"]
    assert address.startswith(f"{ada.cloud.url}/tavern-media/")
    with urlopen(address, timeout=10) as answer:
        assert answer.headers["content-type"].startswith("image/")
        assert Image.open(BytesIO(answer.read())).size == (64, 96)
