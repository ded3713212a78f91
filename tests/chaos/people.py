"""People of the chaos: what they ask by REST, with the patience of our page. A request that is lost goes out again."""

import asyncio
import json
import secrets
import time
from typing import Any

import aiohttp

CARD = {"spec": "chara_card_v3", "spec_version": "3.0", "data": {"name": "Wren", "first_mes": "The lamp is lit."}}
PAUSE_SECONDS = 0.25
PAUSE_SECONDS_MOST = 1.0


class Refused(Exception):
    """The server said no."""

    def __init__(self, status: int, answer: Any, asked_at: float = 0.0) -> None:
        error = (answer or {}).get("error", {}) if isinstance(answer, dict) else {}
        super().__init__(f"{status} {answer!r:.300}")
        self.status, self.code, self.asked_at = status, error.get("code", ""), asked_at


class Person:
    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http, self.url = http, url
        self.owner_id = ""
        self.headers: dict[str, str] = {}
        self.character_id = ""
        self.unavailable = 0
        """Answers of 500 and above, and requests that were lost."""

    async def move_in(self, model_address: str) -> None:
        """An account, a connection that is in use, and a character."""
        name = f"chaos-{secrets.token_hex(6)}"
        sign_up = {"name": name, "email": f"{name}@example.org", "password": secrets.token_hex(12)}
        signed_in = await self.ask("POST", "/auth/sign-up", sign_up)
        self.owner_id = signed_in["account"]["id"]
        self.headers = {"Authorization": f"Bearer {signed_in['access_token']}"}
        made = {"name": "chaos", "kind": "openai_chat", "address": model_address, "model": "chaos", "key": "chaos"}
        connection = await self.ask("POST", "/connections", made)
        await self.ask("PATCH", "/account", {"choices": {"connection_id": connection["id"]}})
        self.character_id = (await self.ask("POST", "/characters", {"card": CARD}))["id"]

    async def open_chat(self) -> str:
        return str((await self.ask("POST", "/chats", {"character_id": self.character_id}))["id"])

    async def ask(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, timeout_seconds: float = 60
    ) -> Any:
        """The JSON of the answer; asked again with the same key until there is one. Raises Refused, TimeoutError."""
        headers = {**self.headers, "Idempotency-Key": key or secrets.token_hex(12)}
        deadline, pause = time.monotonic() + timeout_seconds, PAUSE_SECONDS
        while True:
            asked_at = time.monotonic()
            try:
                request = self.http.request(method, f"{self.url}/api{path}", json=body, headers=headers)
                async with request as answer:
                    text = await answer.text()
                    if answer.status < 400:
                        return json.loads(text) if text else None
                    if answer.status < 500 and answer.status != 429:
                        raise Refused(answer.status, json.loads(text), asked_at)
            except (aiohttp.ClientError, TimeoutError, OSError) as problem:
                text = repr(problem)
            self.unavailable += 1
            if time.monotonic() > deadline:
                raise TimeoutError(f"{method} {path}: {text[:300]}")
            await asyncio.sleep(pause)
            pause = min(PAUSE_SECONDS_MOST, pause * 1.5)

    async def stream(self, path: str, last_event_id: str) -> str | None:
        """One answer of an event stream; None when it was lost."""
        headers = {**self.headers, "Last-Event-ID": last_event_id} if last_event_id else self.headers
        try:
            async with self.http.get(f"{self.url}/api{path}", headers=headers) as answer:
                text = await answer.text()
                if answer.status < 400:
                    return text
                if answer.status < 500 and answer.status != 429:
                    raise Refused(answer.status, text)
        except (aiohttp.ClientError, TimeoutError, OSError):
            pass
        self.unavailable += 1
        return None

    async def socket(self) -> aiohttp.ClientWebSocketResponse:
        """An open socket. Raises aiohttp.ClientError, OSError, TimeoutError, Refused."""
        ticket = await self.ask("POST", "/socket-tickets", timeout_seconds=5)
        address = self.url.replace("http", "ws", 1) + "/socket?ticket=" + ticket["ticket"]
        return await self.http.ws_connect(address, max_msg_size=0, autoclose=True)
