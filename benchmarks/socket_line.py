"""The cheapest WebSocket client there is: an asyncio protocol without extensions, for loopback."""

import asyncio
import base64
import os
from collections.abc import Callable
from typing import Self, cast

from benchmarks.lines import LineBroken, no_delay


class SocketLine(asyncio.Protocol):
    """A WebSocket. Messages go to `on_message` as they come; `on_closed` hears of the end, whoever made it."""

    def __init__(self, on_message: Callable[[bytes], None], on_closed: Callable[[str], None]) -> None:
        self._on_message, self._on_closed = on_message, on_closed
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = b""
        self._parts = b""
        self._why = "The connection was lost."
        self.alive = True
        self.transport: asyncio.Transport

    @classmethod
    async def open(
        cls, host: str, port: int, path: str, on_message: Callable[[bytes], None], on_closed: Callable[[str], None]
    ) -> Self:
        """Raises LineBroken when it is refused."""
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(lambda: cls(on_message, on_closed), host, port)
        key = base64.b64encode(os.urandom(16)).decode()
        line.transport.write(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        try:
            await asyncio.wait_for(line._opened, 30)
        except TimeoutError:
            line.transport.abort()
            raise LineBroken("The handshake was not answered.") from None
        return line

    def send(self, message: bytes, *, kind: int = 1) -> None:
        size = len(message)
        if size < 126:
            head = bytes((0x80 | kind, 0x80 | size))
        elif size < 65536:
            head = bytes((0x80 | kind, 0xFE)) + size.to_bytes(2, "big")
        else:
            head = bytes((0x80 | kind, 0xFF)) + size.to_bytes(8, "big")
        # A mask of zeros is legal and keeps masking out of the measurement.
        self.transport.write(head + b"\0\0\0\0" + message)

    def close(self) -> None:
        """Says goodbye. `on_closed` is not called."""
        self._on_closed = _nobody
        if self.alive:
            self.send((1000).to_bytes(2, "big"), kind=8)
        self.alive = False
        self.transport.close()

    def drop(self) -> None:
        """Cuts the line without a goodbye, as a lost network does."""
        self._why = "Dropped."
        self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        no_delay(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.alive = False
        if not self._opened.done():
            self._opened.set_exception(LineBroken(self._why))
        else:
            self._on_closed(self._why)

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data if self._buffer else data
        if not self._opened.done():
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._buffer = data
                return
            if not data.startswith(b"HTTP/1.1 101"):
                self._why = f"The handshake was refused: {data[:120]!r}"
                self.transport.abort()
                return
            self._opened.set_result(None)
            data = data[end + 4 :]
        at, length = 0, len(data)
        while length - at >= 2:
            first, size = data[at], data[at + 1] & 127
            begin = at + 2
            if size >= 126:
                width = 2 if size == 126 else 8
                if length < begin + width:
                    break
                size = int.from_bytes(data[begin : begin + width], "big")
                begin += width
            if length < begin + size:
                break
            at = begin + size
            self._frame(first, data[begin:at])
        self._buffer = data[at:]

    def _frame(self, first: int, data: bytes) -> None:
        match first & 15:
            case 9:
                self.send(data, kind=10)
            case 8:
                self._why = f"Closed: {int.from_bytes(data[:2], 'big')} {data[2:80].decode('utf-8', 'replace')}"
                if self.alive:
                    self.alive = False
                    self.send(data[:2], kind=8)
                self.transport.close()
            case 10:
                return
            case kind if first & 128 and kind:
                self._on_message(data)
            case _:
                self._parts += data
                if first & 128:
                    whole, self._parts = self._parts, b""
                    self._on_message(whole)


def _nobody(_: str) -> None:
    return
