"""Small HTTP/1.1 requests over kept connections, several hundred a second: the frames for `@connections`.

A general client spends 0.24 ms on each (addresses, cookies, redirects, time-outs, any kind of body). Here a request is
one write, and of its answer only the status counts: 0.06 ms.
"""

import asyncio
import re
import ssl
from collections import deque
from collections.abc import Mapping
from urllib.parse import urlsplit

CONNECTIONS_MOST = 256
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection:[^\r]*close", re.IGNORECASE)
_ANSWER_BYTES_MOST = 64 * 1024


class LineBroken(OSError):
    """The connection ended, or what came is no HTTP."""


class HttpLines:
    """Connections to one origin on one event loop."""

    def __init__(self, origin: str, *, timeout_seconds: float) -> None:
        address = urlsplit(origin)
        self._host, self._tls = address.hostname or "", address.scheme == "https"
        self._port = address.port or (443 if self._tls else 80)
        self._timeout = timeout_seconds
        self._idle: deque[_Line] = deque()
        self._places = asyncio.Semaphore(CONNECTIONS_MOST)
        self._context = ssl.create_default_context() if self._tls else None

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Sends a request and returns its answer's status. Raises OSError and TimeoutError.

        `headers` name the host; the body's length is added.
        """
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        request = f"{method} {path} HTTP/1.1\r\n{head}content-length: {len(body)}\r\n\r\n".encode("latin-1") + body
        async with self._places:
            line = self._kept()
            if line is not None:
                try:
                    return await self._ask_on(line, request)
                except LineBroken:
                    # The other side had closed it while nothing was said: that tells nothing about the request.
                    if line.was_answered_to:
                        raise
            return await self._ask_on(await self._connect(), request)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    async def _ask_on(self, line: "_Line", request: bytes) -> int:
        loop = asyncio.get_running_loop()
        answer = line.ask(request)
        timer = loop.call_later(self._timeout, line.give_up)
        try:
            status = await answer
        except BaseException:
            line.close()
            raise
        finally:
            timer.cancel()
        if line.is_open:
            self._idle.append(line)
        return status

    async def _connect(self) -> "_Line":
        async with asyncio.timeout(self._timeout):
            _, line = await asyncio.get_running_loop().create_connection(
                _Line, self._host, self._port, ssl=self._context
            )
        return line

    def _kept(self) -> "_Line | None":
        """The connection that was used last: those that are not needed grow old and are closed by the other side."""
        while self._idle:
            line = self._idle.pop()
            if line.is_open:
                return line
        return None


class _Line(asyncio.Protocol):
    """One connection: one request under way at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[int] | None = None
        self._came = bytearray()
        self.is_open = False

    @property
    def was_answered_to(self) -> bool:
        """Whether any of the answer under way has come."""
        return bool(self._came)

    def ask(self, request: bytes) -> "asyncio.Future[int]":
        assert self._transport is not None
        self._came.clear()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def give_up(self) -> None:
        self._fail(TimeoutError())

    def close(self) -> None:
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()

    # --- asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's are not of asyncio's classes
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        self._came += data
        if self._answer is None or self._answer.done():
            # Nobody asked: whatever this is, the line is not to be trusted any more.
            self.close()
            return
        end = self._came.find(b"\r\n\r\n")
        if end < 0:
            if len(self._came) > _ANSWER_BYTES_MOST:
                self._fail(LineBroken("No answer in HTTP."))
            return
        if not self._is_whole(end):
            return
        try:
            status = int(self._came[9:12])
        except ValueError:
            self._fail(LineBroken("No answer in HTTP."))
            return
        if _CLOSES.search(self._came, 0, end + 2):
            self.close()
        self._answer.set_result(status)

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        self._fail(LineBroken("The connection was closed."))

    def _is_whole(self, end: int) -> bool:
        length = _LENGTH.search(self._came, 0, end + 2)
        if length:
            return len(self._came) >= end + 4 + int(length[1])
        if _CHUNKED.search(self._came, 0, end + 2):
            return self._came.endswith(b"\r\n0\r\n\r\n") or self._came[end + 4 :] == b"0\r\n\r\n"
        return True

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self.close()
