"""The cheapest HTTP client there is, an asyncio protocol, so that a load of a thousand replies measures the server and
not its client. Loopback only: no TLS, no redirects, no proxies.
"""

import asyncio
import re
import resource
import socket
from collections import deque
from collections.abc import Callable
from typing import Self, cast

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)")


class LineBroken(Exception):
    """The connection ended, or what came makes no sense."""


def open_many_files() -> None:
    """Raises this process's limit of open files to what it may be."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class HttpLine(asyncio.Protocol):
    """A keep-alive connection with one request at a time."""

    def __init__(self) -> None:
        self.alive = True
        self.transport: asyncio.Transport
        self._answered: asyncio.Future[int] | None = None

    @classmethod
    async def open(cls, host: str, port: int) -> Self:
        return (await asyncio.get_running_loop().create_connection(cls, host, port))[1]

    async def ask(self, request: bytes, on_body: Callable[[bytes], None]) -> int:
        """The status, once the whole answer is there; its body comes in pieces. Raises LineBroken."""
        self._answered = asyncio.get_running_loop().create_future()
        self._on_body = on_body
        self._in_head, self._chunked, self._left, self._status, self._last = True, False, -1, 0, False
        self._buffer = b""
        self.transport.write(request)
        return await self._answered

    def close(self) -> None:
        self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        no_delay(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.alive = False
        if self._answered and not self._answered.done():
            self._answered.set_exception(LineBroken("The connection was lost."))

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._buffer += data
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head, data, self._buffer = self._buffer[:end].lower(), self._buffer[end + 4 :], b""
            self._in_head, self._status = False, int(head[9:12])
            self._last = b"connection: close" in head
            self._chunked = b"transfer-encoding: chunked" in head
            found = CONTENT_LENGTH.search(head)
            self._left = int(found[1]) if found else 0
        if self._chunked:
            self._unwrap(data)
            return
        if data:
            self._on_body(data)
        self._left -= len(data)
        if self._left <= 0:
            self._finish()

    def _unwrap(self, data: bytes) -> None:
        data = self._buffer + data if self._buffer else data
        at, length = 0, len(data)
        while True:
            end = data.find(b"\r\n", at)
            if end < 0:
                break
            size = int(data[at:end], 16)
            if end + 4 + size > length:
                break
            if size == 0:
                self._buffer = b""
                self._finish()
                return
            self._on_body(data[end + 2 : end + 2 + size])
            at = end + 4 + size
        self._buffer = data[at:]

    def _finish(self) -> None:
        if self._last:
            self.alive = False
            self.transport.close()
        if self._answered and not self._answered.done():
            self._answered.set_result(self._status)


class Pool:
    """HTTP lines that are taken by who needs one and given back."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._free: deque[HttpLine] = deque()

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body. A line that the server closed while it lay idle is replaced once."""
        while self._free:
            line = self._free.pop()
            if line.alive:
                break
        else:
            line = await HttpLine.open(self._host, self._port)
        body = bytearray()
        status = await line.ask(request, body.extend)
        if line.alive:
            self._free.append(line)
        return status, bytes(body)

    def close(self) -> None:
        for line in self._free:
            line.close()


def no_delay(transport: asyncio.BaseTransport) -> None:
    transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
