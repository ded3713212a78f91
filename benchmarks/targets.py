"""What a reply can be read through: the model itself, the bare relay, the product. Each gives readers of one face."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

from benchmarks.following import Wire
from benchmarks.lines import HttpLine, Pool
from benchmarks.page import Page
from benchmarks.socket_line import SocketLine
from benchmarks.tokens import Tally

PROMPT_BYTES, PROMPT_MESSAGES = 8_000, 40
OPENING_AT_ONCE = 32


class Reader(Protocol):
    """Somebody who asks for one reply after another."""

    wire: Wire

    async def open(self) -> None: ...

    async def reply(self, tally: Tally, model: str) -> str | None:
        """Reads one reply to its end; what went wrong, or None."""
        ...

    def tick(self, now: float) -> None: ...

    def close(self) -> None: ...


def make_readers(target: str, address: str, people: Sequence[dict[str, str]], count: int) -> Sequence[Reader]:
    """`people` are the product's: who they are and which chat is theirs."""
    match target:
        case "direct":
            return [Direct(address) for _ in range(count)]
        case "relay":
            return [Relay(address) for _ in range(count)]
        case "product":
            where = urlsplit(address)
            pool = Pool(where.hostname or "", where.port or 80)
            return [Product(address, pool, person) for person in people[:count]]
    raise ValueError(f"There is no target {target}.")


async def open_all(readers: Sequence[Reader]) -> None:
    places = asyncio.Semaphore(OPENING_AT_ONCE)

    async def open_one(reader: Reader) -> None:
        async with places:
            await reader.open()

    await asyncio.gather(*(open_one(reader) for reader in readers))


def prompt() -> list[dict[str, str]]:
    """A conversation of the size that a card and a few pages of chat make."""
    words = "The lamp burned low while the tide went out and nobody on the quay said a word. " * 3
    roles = ["system", *(["user", "assistant"] * PROMPT_MESSAGES)]
    size = PROMPT_BYTES // PROMPT_MESSAGES
    return [{"role": roles[n], "content": f"[{n}] {words}"[:size]} for n in range(PROMPT_MESSAGES)]


class Direct:
    """Straight from the model: what loopback, model and client cost by themselves."""

    def __init__(self, address: str) -> None:
        self._address = urlsplit(address)
        self._line: HttpLine | None = None
        self._tally: Tally
        self.wire = Wire()

    async def open(self) -> None:
        self._line = await HttpLine.open(self._address.hostname or "", self._address.port or 80)
        # A connection may still wait to be accepted: a first answer shows that it was.
        hello = f"GET {self._address.path}/models HTTP/1.1\r\nHost: {self._address.netloc}\r\n\r\n"
        await self._line.ask(hello.encode(), lambda _: None)

    async def reply(self, tally: Tally, model: str) -> str | None:
        assert self._line
        self._tally = tally
        body = json.dumps({"model": model, "stream": True, "messages": prompt()}).encode()
        head = (
            f"POST {self._address.path}/chat/completions HTTP/1.1\r\nHost: {self._address.netloc}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        request = head.encode() + body
        tally.begin()
        status = await self._line.ask(request, self._take)
        return None if status == 200 else f"HTTP {status}"

    def tick(self, now: float) -> None:
        return

    def close(self) -> None:
        if self._line:
            self._line.close()

    def _take(self, data: bytes) -> None:
        _count(self.wire, data)
        self._tally.feed(data)


class Relay:
    """Through the bare relay."""

    def __init__(self, address: str) -> None:
        self._address = urlsplit(address)
        self._line: SocketLine | None = None
        self._ended: asyncio.Future[str | None] | None = None
        self._tally: Tally
        self.wire = Wire()

    async def open(self) -> None:
        host, port = self._address.hostname or "", self._address.port or 80
        self._line = await SocketLine.open(host, port, "/", self._take, self._lost)

    async def reply(self, tally: Tally, model: str) -> str | None:
        assert self._line
        ended: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._ended = ended
        self._tally = tally
        request = json.dumps({"model": model, "messages": prompt()}).encode()
        tally.begin()
        self._line.send(request)
        return await ended

    def tick(self, now: float) -> None:
        return

    def close(self) -> None:
        if self._line:
            self._line.close()

    def _take(self, data: bytes) -> None:
        if data.startswith(b'{"text"'):
            _count(self.wire, data)
            self._tally.feed(data)
        elif self._ended and not self._ended.done():
            self._ended.set_result(None if data.startswith(b'{"done"') else data.decode())

    def _lost(self, why: str) -> None:
        if self._ended and not self._ended.done():
            self._ended.set_result(why)


class Product:
    """The whole way: REST, queue, worker, log, gateway, socket. The model is the one of the reader's connection."""

    def __init__(self, address: str, pool: Pool, person: dict[str, Any]) -> None:
        self._page = Page(address, pool, person)
        self.wire = self._page.follower.wire

    async def open(self) -> None:
        await self._page.open()

    async def reply(self, tally: Tally, model: str) -> str | None:
        return await self._page.reply("Go on.", tally)

    def tick(self, now: float) -> None:
        self._page.follower.tick(now)

    def close(self) -> None:
        self._page.close()


def _count(wire: Wire, data: bytes) -> None:
    wire.frames += 1
    wire.text_frames += 1
    wire.bytes += len(data)
