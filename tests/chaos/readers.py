"""Readers on the network: sockets that reconnect, event streams, polling; and lines that lose and delay frames.

The line's faults come before the reader's logic: it has to get along with what arrives.
"""

import asyncio
import contextlib
import json
import random
import time
from collections import Counter
from typing import Any

import aiohttp

from tests.chaos.people import Person, Refused
from tests.chaos.reading import Frame, Reader, Reply

BACKOFF_SECONDS = 1.0
BACKOFF_SECONDS_MOST = 15.0
CONNECT_SECONDS = 30.0
"""No longer than API Gateway takes for an answer."""
WELCOME_SECONDS = 10.0
TICK_SECONDS = 0.1
POLL_SECONDS = 0.4
EVENTS_PAUSE_SECONDS = 0.05


class Line:
    """Carries frames to a reader: loses, delays, swaps and repeats some of them."""

    def __init__(self, dice: random.Random, faults: Counter[str], *, rate: float) -> None:
        """`rate`: the share of frames that something happens to."""
        self._dice, self._faults, self.rate = dice, faults, rate

    def carries(self) -> list[float]:
        """After how many seconds the frame arrives: once, twice or never."""
        if self._dice.random() >= self.rate:
            return [0.0]
        fault = self._dice.choice(("frames_dropped", "frames_dropped", "frames_delayed", "frames_repeated"))
        self._faults[fault] += 1
        match fault:
            case "frames_dropped":
                return []
            case "frames_repeated":
                return [0.0, self._dice.uniform(0, 0.5)]
            case _:
                return [self._dice.choice((0.05, 0.3, 1.0, 2.5))]


class Device:
    """A socket that comes back, and the reader at its end."""

    def __init__(self, person: Person, line: Line, dice: random.Random, resumes_ms: list[float]) -> None:
        self.person, self.reader = person, Reader()
        self.socket_id: str | None = None
        """While the socket is open."""
        self.losses = 0
        self._line, self._dice, self._resumes_ms = line, dice, resumes_ms
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._waiting: dict[str, asyncio.Future[Reply]] = {}
        self._catching_up: dict[str, float] = {}
        self._task: asyncio.Task[None] | None = None
        self._ticking: asyncio.Task[None] | None = None

    def start(self, chat_id: str) -> None:
        self.reader.chats.add(chat_id)
        self._task = asyncio.create_task(self._run())
        self._ticking = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        for task in (self._task, self._ticking):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        if self._socket is not None:
            await self._socket.close()

    async def read(self, generation_id: str) -> Reply:
        """The reply as this device has it in the end."""
        self.reader.expect(generation_id, time.monotonic())
        self._settle()
        if generation_id in self.reader.ended:
            return self.reader.ended[generation_id]
        return await self._waiting.setdefault(generation_id, asyncio.get_running_loop().create_future())

    async def send(self, frame: Frame) -> bool:
        """Whether it went out into an open socket."""
        if self._socket is None or self._socket.closed:
            return False
        try:
            await self._socket.send_json(frame)
        except (aiohttp.ClientError, ConnectionError):
            return False
        return True

    def abort(self) -> bool:
        """Drops the line without a word, as a phone does that loses its network."""
        socket = self._socket
        transport = socket._response.connection.transport if socket and socket._response.connection else None
        if transport is None:
            return False
        transport.abort()
        return True

    async def _run(self) -> None:
        attempts = 0
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError, Refused):
                async with asyncio.timeout(CONNECT_SECONDS):
                    self._socket = await self.person.socket()
                if await self._listen(self._socket):
                    attempts = 0
            self.socket_id = None
            self.losses += 1
            if self._socket is not None:
                with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                    await self._socket.close()
            self._socket = None
            ceiling = min(BACKOFF_SECONDS_MOST, BACKOFF_SECONDS * 2**attempts)
            attempts += 1
            await asyncio.sleep(self._dice.random() * ceiling)

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> bool:
        """Reads to the socket's end; whether it was welcome."""
        welcome = False
        opened_at = time.monotonic()
        await socket.send_json({"type": "hello", "contract": 1, "locale": "en"})
        while True:
            limit = None if welcome else WELCOME_SECONDS
            try:
                message = await socket.receive(timeout=limit)
            except TimeoutError:
                return False
            if message.type is not aiohttp.WSMsgType.TEXT:
                return welcome
            frame = json.loads(message.data)
            if frame.get("type") == "welcome":
                welcome, self.socket_id = True, frame["socket_id"]
                self._catching_up = dict.fromkeys(self.reader.replies, opened_at)
                self.reader.connected(time.monotonic())
                self._settle()
            elif "type" in frame:
                for seconds in self._line.carries() if welcome else [0.0]:
                    if seconds:
                        asyncio.get_running_loop().call_later(seconds, self._take, socket, frame)
                    else:
                        self._take(socket, frame)

    def _take(self, socket: aiohttp.ClientWebSocketResponse, frame: Frame) -> None:
        if socket is not self._socket:
            return
        now = time.monotonic()
        self.reader.receive(frame, now)
        caught_up = frame.get("type") == "end" or (
            frame.get("type") == "snapshot" and frame["part"] == frame.get("parts", 1)
        )
        since = self._catching_up.pop(frame["generation_id"], None) if caught_up else None
        # What a bad line adds says nothing of the server.
        if since is not None and not self._line.rate:
            self._resumes_ms.append((now - since) * 1000)
        self._settle()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            if self.socket_id is not None and self.reader.replies:
                self.reader.tick(time.monotonic())
                self._settle()

    def _settle(self) -> None:
        """Sends what the reader wants to ask, and tells who waits of what has ended."""
        if self.socket_id is not None and self._socket is not None:
            asking, self.reader.to_send = self.reader.to_send, []
            for frame in asking:
                # Sending only writes into a buffer here; a socket that dies loses it, as it should.
                task = asyncio.ensure_future(self.send(frame))
                _KEPT.add(task)
                task.add_done_callback(_KEPT.discard)
        for generation_id, waiting in list(self._waiting.items()):
            reply = self.reader.ended.get(generation_id)
            if reply is not None:
                del self._waiting[generation_id]
                if not waiting.done():
                    waiting.set_result(reply)


async def read_events(
    person: Person,
    generation_id: str,
    line: Line,
    *,
    skip_piece: int | None = None,
    resumes_ms: list[float] | None = None,
) -> Reply:
    """The reply by the event stream alone."""
    reply = Reply(generation_id, time.monotonic())
    reader = Reader()
    reader.replies[generation_id] = reply
    reader.skip_piece = skip_piece
    while not reply.ended:
        last = f"{reply.epoch}-{reply.upto}" if reply.epoch else ""
        text = await person.stream(f"/generations/{generation_id}/events", last)
        carried = line.carries()
        if text is not None and carried:
            if carried[0]:
                # An answer that is cut off: what is not complete does not count.
                text = text[: int(len(text) * 0.7)]
            for epoch, frame in _events(text):
                now = time.monotonic()
                if frame["type"] == "d":
                    reader.piece(reply, epoch, frame, now)
                else:
                    if frame["type"] == "end":
                        reply.asked_after_end = reply.end is not None
                    reader.receive(frame, now)
        else:
            await asyncio.sleep(0.25)
        await asyncio.sleep(EVENTS_PAUSE_SECONDS)
    return reply


def _events(text: str) -> list[tuple[int, Frame]]:
    events = []
    for block in text.split("\n\n")[:-1]:
        fields = dict(line.partition(": ")[::2] for line in block.split("\n"))
        if "data" in fields:
            events.append((int(fields["id"].partition("-")[0]), json.loads(fields["data"])))
    return events


async def poll(person: Person, generation_id: str) -> tuple[list[tuple[int, str, str]], Frame]:
    """All that was seen by asking for the whole state, as (epoch, text, reasoning), and the last answer."""
    seen: list[tuple[int, str, str]] = []
    while True:
        state: dict[str, Any] = await person.ask("GET", f"/generations/{generation_id}")
        if state["status"] == "done":
            return seen, state
        seen.append((state["epoch"], state["text"], state.get("reasoning", "")))
        await asyncio.sleep(POLL_SECONDS)


_KEPT: set["asyncio.Future[bool]"] = set()
