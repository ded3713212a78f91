"""A person with one chat: signs up and points a connection at the paced model, all by REST."""

import json
import secrets
from typing import Any

import aiohttp

from benchmarks.lines import Pool
from benchmarks.page import Page


class Reader:
    """One signed-in person. `url` is the page's address, without a slash at the end."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http, self._url = http, url
        self._token = ""
        self.chat_id = self.branch_id = ""
        self.character_id = ""

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

    def page(self, pool: Pool) -> Page:
        """The chat, opened in a page."""
        return Page(self._url, pool, {"token": self._token, "chat_id": self.chat_id, "branch_id": self.branch_id})
