"""A page with one chat open: it speaks by REST, listens on a socket, and renews that socket before it grows too old."""

import asyncio
import json
import secrets
from collections.abc import Callable
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from benchmarks.following import Follower
from benchmarks.lines import LineBroken, Pool
from benchmarks.socket_line import SocketLine
from benchmarks.tokens import Tally

HELLO = b'{"type":"hello","contract":1,"locale":"en"}'
REPLY_SECONDS_MOST = 600.0
WELCOME_SECONDS_MOST = 10.0
RETRY_SECONDS = 0.5


class Refused(Exception):
    """A request was answered with an error; the message is its text."""


class Page:
    """`reader` names token, chat_id and branch_id; `pool` holds the lines to the front at `url`."""

    def __init__(self, url: str, pool: Pool, reader: dict[str, str]) -> None:
        address = urlsplit(url)
        self._host, self._port = address.hostname or "", address.port or 80
        self._pool, self._reader = pool, reader
        self._line: SocketLine | None = None
        self._tally: Tally | None = None
        self._ended: asyncio.Future[tuple[dict[str, Any], bool]] | None = None
        self._reopening: asyncio.Task[None] | None = None
        self.follower = Follower(reader["chat_id"], self._text, self._restart, self._end)
        self.on_pause: Callable[[float, float], None] = _nobody
        """Hears of the time between two pieces of a reply's text: from when to when."""
        self.on_text: Callable[[bytes, int], None] = _nobody
        """Hears each byte of a reply once and in order, and when it came: nanoseconds of `monotonic_ns`."""
        self.away_seconds = 0.0
        """How long it stays away when its socket is lost."""
        self.turn_id = ""
        """Of the newest reply."""
        self._text_at: float | None = None
        self.opened_at: list[float] = []
        self.lost_at: list[float] = []
        """When a socket was welcomed, and when one was taken from us."""

    async def open(self) -> None:
        """Opens a socket and follows the chat on it; one that is open serves until the new one is welcomed."""
        answer = await self.call("POST", "/socket-tickets")
        loop = asyncio.get_running_loop()
        welcomed: asyncio.Future[None] = loop.create_future()
        box: list[SocketLine] = []

        def heard(data: bytes) -> None:
            if not box or box[0] is not self._line:
                if data.startswith(b'{"type":"welcome"') and not welcomed.done():
                    welcomed.set_result(None)
                    self._take(box[0])
            else:
                self.follower.receive(data)

        def closed(why: str) -> None:
            if not welcomed.done():
                welcomed.set_exception(LineBroken(why))
            if box and box[0] is self._line:
                self._lost()

        path = f"/socket?ticket={answer['ticket']}"
        box.append(await SocketLine.open(self._host, self._port, path, heard, closed))
        box[0].send(HELLO)
        try:
            await asyncio.wait_for(welcomed, WELCOME_SECONDS_MOST)
        except TimeoutError:
            box[0].close()
            raise LineBroken("No welcome came.") from None

    async def reply(self, text: str, tally: Tally) -> str | None:
        """Says something and reads the reply to its end; what went wrong, or None."""
        ended = self._ended = asyncio.get_running_loop().create_future()
        self._tally, self._text_at = tally, None
        # As the web client sends it.
        request = self._request(
            "POST",
            f"/chats/{self._reader['chat_id']}/turns",
            {"kind": "reply", "text": text, "branch_id": self._reader["branch_id"]},
        )
        tally.begin()
        started = await self._send(request)
        self.turn_id = started["generations"][0]["turn_id"]
        self.follower.expect(started["generations"][0]["id"])
        try:
            end, same = await asyncio.wait_for(ended, REPLY_SECONDS_MOST)
        except TimeoutError:
            self.follower.reply = None
            return "the end never came"
        if end["finish_reason"] != "stop":
            return f"ended with {end['finish_reason']}: {end.get('error')}"
        return None if same else "differs from what is stored"

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of an answer. Raises Refused."""
        return await self._send(self._request(method, path, body))

    def stop(self) -> None:
        """Stops the newest reply, as the web client does."""
        if self._line:
            self._line.send(json.dumps({"type": "stop", "turn_id": self.turn_id}).encode())

    def drop(self) -> None:
        """Loses the socket without a goodbye, as a phone loses its network."""
        if self._line:
            self._line.drop()

    async def live(self, *, renew_seconds: Callable[[], float], ping_seconds: float) -> None:
        """Renews the socket before its time is over and pings so that it is never idle, until cancelled."""
        while True:
            until = (self.opened_at[-1] if self.opened_at else monotonic()) + renew_seconds()
            while (left := until - monotonic()) > 0:
                await asyncio.sleep(min(left, ping_seconds))
                if self._line and monotonic() < until:
                    self._line.send(b'{"type":"ping"}')
            if self._line is None:
                await asyncio.sleep(RETRY_SECONDS)  # it is being opened again
                continue
            try:
                await self.open()
            except (LineBroken, OSError, Refused):
                await asyncio.sleep(RETRY_SECONDS)

    def close(self) -> None:
        line, self._line = self._line, None
        if self._reopening:
            self._reopening.cancel()
        if line:
            line.close()

    # --- inside

    def _take(self, line: SocketLine) -> None:
        self.opened_at.append(monotonic())
        old, self._line = self._line, line
        if old:
            old.close()
        self.follower.connected(line.send)

    def _lost(self) -> None:
        self._line = None
        self.lost_at.append(monotonic())
        self.follower.disconnected()
        self._reopening = asyncio.create_task(self._reopen())

    async def _reopen(self) -> None:
        await asyncio.sleep(self.away_seconds)
        while self._line is None:
            try:
                await self.open()
            except (LineBroken, OSError, Refused):
                await asyncio.sleep(RETRY_SECONDS)

    def _text(self, text: bytes, now: int) -> None:
        if self._tally:
            self._tally.feed(text, now)
        self.on_text(text, now)
        seconds = now / 1e9
        if self._text_at is not None:
            self.on_pause(self._text_at, seconds)
        self._text_at = seconds

    def _restart(self) -> None:
        if self._tally:
            self._tally.restart()

    def _end(self, frame: dict[str, Any], same: bool) -> None:
        if self._ended and not self._ended.done():
            self._ended.set_result((frame, same))

    def _request(self, method: str, path: str, body: Any) -> bytes:
        data = b"" if body is None else json.dumps(body).encode()
        return (
            f"{method} /api{path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nAccept: application/json\r\n"
            f"Authorization: Bearer {self._reader['token']}\r\nIdempotency-Key: {secrets.token_hex(12)}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        ).encode() + data

    async def _send(self, request: bytes) -> Any:
        status, body = await self._pool.ask(request)
        if status >= 400:
            raise Refused(f"{request.split(b' HTTP')[0].decode()}: {status} {body[:300].decode('utf-8', 'replace')}")
        return json.loads(body) if body else None


def _nobody(*_: object) -> None:
    return
