"""A person with one chat: signs up, points a connection at the paced model, speaks by REST and listens on a socket."""

import asyncio
import json
import secrets
from typing import Any

import aiohttp

from benchmarks.tokens import Tally


class Reader:
    """One signed-in person. `url` is the page's address, without a slash at the end."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http, self._url = http, url
        self._token = ""
        self.chat_id = self.branch_id = ""
        self.character_id = ""
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    async def call(self, method: str, path: str, body: Any = None, *, data: bytes | None = None) -> Any:
        """The JSON of an answer. Raises RuntimeError with the answer's text for 400 and above."""
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": secrets.token_hex(12)}
        if data is not None:
            headers["Content-Type"] = "application/octet-stream"
        async with self._http.request(
            method, f"{self._url}/api{path}", json=body, data=data, headers=headers
        ) as answer:
            text = await answer.text()
            if answer.status >= 400:
                raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]}")
            return json.loads(text) if text else None

    async def move_in(self, model_address: str, model: str) -> None:
        """An account, a connection that is in use, a character and a chat."""
        name = f"reader-{secrets.token_hex(6)}"
        sign_up = {"name": name, "email": f"{name}@example.org", "password": secrets.token_hex(12)}
        self._token = (await self.call("POST", "/auth/sign-up", sign_up))["access_token"]
        connection = await self.call(
            "POST",
            "/connections",
            {"name": "paced", "kind": "openai_chat", "address": model_address, "model": model, "key": "paced"},
        )
        await self.call("PATCH", "/account", {"choices": {"connection_id": connection["id"]}})
        card = {"spec": "chara_card_v3", "spec_version": "3.0", "data": {"name": "Bench", "first_mes": "Ready."}}
        self.character_id = (await self.call("POST", "/characters", {"card": card}))["id"]
        opened = await self.call("POST", "/chats", {"character_id": self.character_id})
        chat = opened.get("chat", opened)
        self.chat_id, self.branch_id = chat["id"], chat["branch_id"]

    async def listen(self) -> None:
        """Opens the socket and follows the chat."""
        ticket = await self.call("POST", "/socket-tickets")
        address = self._url.replace("http", "ws", 1) + "/socket?ticket=" + ticket["ticket"]
        self._socket = await self._http.ws_connect(address, max_msg_size=0)
        await self._socket.send_json({"type": "hello", "contract": 1, "locale": "en"})
        await self._socket.send_json({"type": "follow", "chat_id": self.chat_id, "revision": 0})
        while (await self._frame())["type"] != "following":
            pass

    async def reply(self, text: str) -> Tally:
        """Says something and reads the reply to its end."""
        tally = Tally()
        tally.begin()
        # As the page sends it.
        said = {"kind": "reply", "text": text, "branch_id": self.branch_id}
        asking = asyncio.create_task(self.call("POST", f"/chats/{self.chat_id}/turns", said))
        assert self._socket
        while True:
            message = await asyncio.wait_for(self._socket.receive(), 120)
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise RuntimeError(f"The socket closed: {message!r}")
            frame = json.loads(message.data)
            if frame.get("type") == "end":
                await asking
                if frame["finish_reason"] != "stop":
                    raise RuntimeError(f"The reply ended badly: {frame}")
                return tally
            if "x" in frame or frame.get("type") == "snapshot":
                tally.feed(frame.get("x") or frame.get("text") or "", len(message.data))

    async def leave(self) -> None:
        if self._socket:
            await self._socket.close()

    async def _frame(self) -> Any:
        assert self._socket
        return json.loads((await asyncio.wait_for(self._socket.receive(), 30)).data)


async def read_directly(http: aiohttp.ClientSession, model_address: str, model: str) -> Tally:
    """The same reply straight from the model: what loopback, model and client cost by themselves."""
    tally = Tally()
    body = {"model": model, "stream": True, "messages": [{"role": "user", "content": "Go on."}]}
    tally.begin()
    async with http.post(f"{model_address}/chat/completions", json=body) as answer:
        async for chunk in answer.content.iter_any():
            tally.feed(chunk.decode(), len(chunk))
    return tally
