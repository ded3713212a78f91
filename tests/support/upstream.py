"""A model service that answers with what a test gives it, in pieces of any size, and remembers what it was asked."""

import asyncio
import json
import ssl
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

STREAMS = Path(__file__).parent.parent / "samples" / "streams"


class Upstream:
    def __init__(self) -> None:
        self.address = ""
        self.port = 0
        self.status = 200
        self.headers = {"Content-Type": "text/event-stream"}
        self.pieces: list[bytes] = []
        self.seconds_between = 0.0
        self.silent_after: int | None = None
        """Number of pieces after which nothing more comes, while the connection stays open."""
        self.mute = False
        """Not even a status comes."""
        self.cut_after: int | None = None
        """Number of pieces after which the connection breaks."""
        self.requests: list[web.Request] = []
        self.bodies: list[Any] = []
        self.hung_up = asyncio.Event()
        """Set when the client closed an unfinished answer."""

    def replays(self, name: str, *, every: int = 1) -> None:
        """Answers with a sample stream, `every` bytes at a time."""
        path = STREAMS / name
        whole = event_stream(path.read_text("utf-8")) if path.suffix == ".jsonl" else path.read_bytes()
        self.pieces = [whole[at : at + every] for at in range(0, len(whole), every)]

    def answers(self, body: Any, *, status: int = 200, **headers: str) -> None:
        """Answers with JSON, or with text when the body is a string."""
        text = body if isinstance(body, str) else json.dumps(body)
        kind = "text/html" if isinstance(body, str) else "application/json"
        self.status, self.pieces = status, [text.encode()]
        self.headers = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        body = await request.read()
        self.bodies.append(json.loads(body) if body else None)
        response = web.StreamResponse(status=self.status, headers=self.headers)
        try:
            if self.mute:
                await asyncio.Event().wait()
            await response.prepare(request)
            for number, piece in enumerate(self.pieces):
                if number == self.silent_after:
                    await asyncio.Event().wait()
                if number == self.cut_after:
                    assert request.transport is not None
                    request.transport.abort()
                    return response
                await response.write(piece)
                await asyncio.sleep(self.seconds_between)
            if self.silent_after is not None and self.silent_after >= len(self.pieces):
                await asyncio.Event().wait()
        except (asyncio.CancelledError, ConnectionError):
            self.hung_up.set()
            raise
        return response


@asynccontextmanager
async def upstream(tls: ssl.SSLContext | None = None) -> AsyncIterator[Upstream]:
    made = Upstream()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made._handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    made.port = runner.addresses[0][1]
    made.address = f"{'https' if tls else 'http'}://127.0.0.1:{made.port}"
    try:
        yield made
    finally:
        await runner.cleanup()


def event_stream(lines: str) -> bytes:
    """AWS's binary event stream of messages given as JSON lines: `:` keys are headers, `payload` is the body."""
    messages = [json.loads(line) for line in lines.splitlines()]
    return b"".join(
        _message(
            {":message-type": "event"} | {name: value for name, value in message.items() if name != "payload"},
            json.dumps(message["payload"]).encode(),
        )
        for message in messages
    )


def _message(headers: dict[str, str], payload: bytes) -> bytes:
    packed = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack(">II", 12 + len(packed) + len(payload) + 4, len(packed))
    head = prelude + struct.pack(">I", zlib.crc32(prelude)) + packed + payload
    return head + struct.pack(">I", zlib.crc32(head))
