"""People in front of the page: an account made by REST, a browser signed in with it, and what they do in a chat."""

import json
import re
import secrets
import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from playwright.sync_api import BrowserContext, Locator, Page, expect

from devcloud.supervisor import Cloud

PASSWORD = "correct horse battery"
WREN = {"name": "Wren", "description": "Keeper of a lighthouse.", "first_mes": "The lamp is lit.", "tags": ["sea"]}


class Person:
    """Somebody with an account. `ask` calls the REST doors as they do, beside the page."""

    def __init__(self, cloud: Cloud, model: str, name: str, locale: str = "en") -> None:
        """`model` is the address of an OpenAI-compatible server."""
        self.cloud, self.model, self.name, self.email = cloud, model, name, f"{name}@tavern.test"
        self._token = ""
        account = {"name": name, "email": self.email, "password": PASSWORD, "locale": locale}
        self._token = self.ask("POST", "/auth/sign-up", account)["access_token"]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return json.loads(self._request(method, path, body)[0] or b"null")

    def send(self, path: str, data: bytes) -> Any:
        """Posts a file."""
        return json.loads(self._request("POST", path, data)[0])

    def signed_in(self) -> Any:
        """The storage of a browser that has just signed in."""
        _, headers = self._request("POST", "/auth/sign-in", {"email": self.email, "password": PASSWORD})
        name, value = headers["set-cookie"].split(";")[0].split("=", 1)
        cookie = {
            "name": name,
            "value": value,
            "domain": "127.0.0.1",
            "path": "/api/auth",
            "expires": -1,
            "httpOnly": True,
            "secure": False,
            "sameSite": "Strict",
        }
        here = {"origin": self.cloud.url, "localStorage": [{"name": "tavern.signed-in", "value": "yes"}]}
        return {"cookies": [cookie], "origins": [here]}

    def choose(self, **choices: Any) -> None:
        self.ask("PATCH", "/account", {"choices": choices})

    def use_model(self, pace: str) -> str:
        """Uses the paced model from now on; `pace` is a model of benchmarks/paced_model.py."""
        wanted = {"name": "Paced", "kind": "openai_chat", "address": self.model, "model": f"paced-{pace}"}
        connection_id = str(self.ask("POST", "/connections", wanted)["id"])
        self.choose(connection_id=connection_id)
        return connection_id

    def add(self, **card: Any) -> str:
        """A character of this card; its id."""
        return str(self.ask("POST", "/characters", {"card": WREN | card})["id"])

    def begin(self, **card: Any) -> str:
        """A chat with a new character; its id."""
        return str(self.ask("POST", "/chats", {"character_id": self.add(**card)})["id"])

    def messages(self, chat_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", f"/chats/{chat_id}/messages")["messages"]
        return found

    def _request(self, method: str, path: str, body: Any) -> tuple[bytes, Any]:
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        headers = {"Content-Type": kind, "Idempotency-Key": secrets.token_hex(16)}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        request = Request(f"{self.cloud.url}/api{path}", data, headers, method=method)
        try:
            with urlopen(request, timeout=30) as answer:
                return answer.read(), answer.headers
        except HTTPError as refused:
            with refused:
                raise AssertionError(f"{refused.code}: {refused.read().decode()}") from None


class Watch:
    """What a browser must never do, whatever the test is about: break its own policy, call strangers, trip."""

    def __init__(self, context: BrowserContext, home: str, *, harmful: bool = False) -> None:
        self.faults: list[str] = []
        self._home, self._harmful = home, harmful
        context.on("request", lambda request: self._request(request.url))
        context.on("console", lambda message: self._console(f"{message.location['url']} {message.type}", message.text))
        context.on("weberror", lambda error: self.faults.append(f"The page tripped: {error.error}"))

    def _request(self, url: str) -> None:
        if not url.startswith((self._home, "data:", "blob:")):
            self.faults.append(f"A request left for {url}")

    def _console(self, kind: str, text: str) -> None:
        if "[Vue warn]" in text or ("Content Security Policy" in text and not self._harmful):
            self.faults.append(f"{kind}: {text}")


class Story:
    """An open chat."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.turns = page.get_by_role("log", name="Story").get_by_role("article")
        self.composer = page.get_by_role("textbox", name="What you say or do")
        self.send = page.get_by_role("button", name="Send", exact=True)
        self.stop = page.get_by_role("button", name="Stop", exact=True)

    def open(self, chat_id: str) -> "Story":
        self.page.goto(f"/chats/{chat_id}")
        expect(self.composer).to_be_visible()
        return self

    def say(self, text: str) -> None:
        self.composer.fill(text)
        self.send.click()

    def prose(self, number: int = -1) -> Locator:
        """The text of a turn."""
        return self.turns.nth(number).locator(".said > .prose")

    def text(self, number: int = -1) -> str:
        return self.prose(number).inner_text()

    def facts(self, number: int = -1) -> Locator:
        """Tokens and time: there once a reply has come to its end."""
        return self.turns.nth(number).get_by_role("button", name=re.compile(r"^How this turn came about: .* s$"))

    def wait_for_reply(self) -> None:
        """Until the last turn is a reply at its end. (Turns far out of sight are not in the page: they don't count.)"""
        expect(self.facts()).to_be_visible()
        expect(self.stop).to_be_hidden()
        expect(self.turns.last).not_to_have_attribute("aria-busy", "true")

    def wait_for_text(self, least: int = 1) -> str:
        """Until the last turn has so many characters; what it has then."""
        expect(self.prose()).to_have_text(re.compile(f".{{{least},}}", re.DOTALL))
        return self.text()

    def tool(self, name: str, number: int = -1) -> None:
        """Clicks a tool beneath a turn."""
        turn = self.turns.nth(number)
        turn.hover()
        turn.get_by_role("button", name=name, exact=True).click()

    def menu(self, name: str, number: int = -1) -> None:
        """Chooses from the menu beneath a turn."""
        self.tool("More", number)
        self.page.get_by_role("menuitem", name=name, exact=True).click()

    def count(self) -> Locator:
        """The counter of the last turn's versions."""
        return self.turns.last.get_by_role("group", name="Versions")


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """For what the page does not show, such as what is stored: asks again until it holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "It did not come to pass in time."
        time.sleep(0.1)


def sequence(text: str) -> list[int]:
    """The numbers of the paced model's tokens in a text."""
    return [int(number) for number in re.findall(r"~(\d+):[\d:]+~", text)]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
