"""An OpenAI-compatible model that says what a test tells it to, in the steps the test gives."""

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.support.threads import served


@dataclass(frozen=True)
class Say:
    """A delta of text."""

    text: str
    reasoning: str = ""
    index: int = 0
    """Of which answer, where several were asked for."""


@dataclass(frozen=True)
class Wait:
    """Silence; until the test calls `go` when no seconds are given."""

    seconds: float | None = None


@dataclass(frozen=True)
class Fail:
    """An answer with this status instead of a stream."""

    status: int


@dataclass(frozen=True)
class Cut:
    """The connection ends without a word."""


Step = Say | Wait | Fail | Cut


class ModelServer:
    def __init__(self) -> None:
        self.address = ""
        self.requests: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        """The same as they came in."""
        self.closed_early = threading.Event()
        self._scripts: list[Sequence[Step]] = []
        self._go = threading.Event()

    def will(self, *steps: Step) -> None:
        """What the next request is answered."""
        self._scripts.append(steps)

    def go(self) -> None:
        """Ends a Wait without seconds."""
        self._go.set()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.read())
        self.requests.append(json.loads(self.bodies[-1]))
        steps = self._scripts.pop(0) if self._scripts else (Say("Hello."),)
        if steps and isinstance(steps[0], Fail):
            return web.json_response({"error": {"message": "no"}}, status=steps[0].status)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            for step in steps:
                if isinstance(step, Cut):
                    assert request.transport is not None
                    request.transport.abort()
                    return response
                await self._take(response, step)
            usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
            await _send(response, {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
            await _send(response, {"choices": [], "usage": usage})
            await response.write(b"data: [DONE]\n\n")
        except (ConnectionResetError, asyncio.CancelledError):
            self.closed_early.set()
            raise
        return response

    async def _take(self, response: web.StreamResponse, step: Step) -> None:
        match step:
            case Say(text, reasoning, index):
                delta = {"content": text} | ({"reasoning_content": reasoning} if reasoning else {})
                await _send(response, {"choices": [{"index": index, "delta": delta, "finish_reason": None}]})
            case Wait(None):
                while not self._go.is_set():
                    await asyncio.sleep(0.01)
                self._go.clear()
            case Wait(seconds):
                await asyncio.sleep(seconds or 0)


async def _send(response: web.StreamResponse, chunk: dict[str, Any]) -> None:
    await response.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")


@contextmanager
def model_server() -> Iterator[ModelServer]:
    server = ModelServer()
    app = web.Application(handler_args={"handler_cancellation": True})
    app.router.add_post("/v1/chat/completions", server._answer)
    with served(app) as address:
        server.address = f"{address}/v1"
        yield server
