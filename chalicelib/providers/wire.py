"""HTTP towards language models: guarded, without redirects, with caps, and closed the moment nobody listens.

One HTTP client per event loop and scheme; whoever ends a loop awaits `close` first.
"""

import asyncio
import json
import socket
import ssl
import weakref
from asyncio import AbstractEventLoop
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, asynccontextmanager, closing, suppress
from typing import Any, Self

import aiohttp
from yarl import URL

from chalicelib.errors import AddressRefused, ProviderFailed
from chalicelib.providers import failures
from chalicelib.providers.guard import Guard
from chalicelib.providers.provider import Access
from chalicelib.providers.sse import Event, LineTooLong, SseParser
from chalicelib.providers.stall import Stall

CONNECT_SECONDS = 10
LIST_SECONDS = 15
LINGER_SECONDS = 0.1
STREAM_BYTES_MOST = 32_000_000
ANSWER_BYTES_MOST = 4_000_000
ERROR_BYTES_MOST = 64_000
_PIECE_BYTES = 64 * 1024


class Wire:
    def __init__(self, guard: Guard, *, stall_seconds: float) -> None:
        self._guard = guard
        self.stall_seconds = stall_seconds
        self._sessions: dict[tuple[AbstractEventLoop, str], aiohttp.ClientSession] = {}
        # For loops that outlive this object, such as the background loop; at exit the process takes all along.
        weakref.finalize(self, _close_abandoned, self._sessions).atexit = False

    async def events(
        self, access: Access, path: str, *, headers: Mapping[str, str], body: Any
    ) -> AsyncGenerator[Event, None]:
        """The server-sent events that answer a POST. A whole JSON answer comes as one event named `json`."""
        async with aclosing(self.batches(access, path, headers=headers, body=body)) as batches:
            async for batch in batches:
                for event in batch:
                    yield event

    async def batches(
        self, access: Access, path: str, *, headers: Mapping[str, str], body: Any
    ) -> AsyncGenerator[list[Event], None]:
        """As `events`, all that came with one read at a time."""
        async with self._post(access, path, headers, body) as response:
            kind = response.content_type
            if kind == "application/json":
                whole = await self._read(access, response, ANSWER_BYTES_MOST)
                yield [Event("json", whole.decode("utf-8", "replace"))]
                return
            if kind in ("text/html", "application/xhtml+xml"):
                raise failures.not_an_api(access)
            parser = SseParser()
            try:
                async with aclosing(self._pieces(access, response, STREAM_BYTES_MOST)) as pieces:
                    async for piece in pieces:
                        yield parser.feed(piece)
                yield parser.close()
            except LineTooLong:
                raise failures.not_an_api(access) from None

    async def pieces(
        self, access: Access, path: str, *, headers: Mapping[str, str], body: bytes
    ) -> AsyncGenerator[bytes, None]:
        """The raw bytes that answer a POST."""
        async with (
            self._post(access, path, headers, body) as response,
            aclosing(self._pieces(access, response, STREAM_BYTES_MOST)) as pieces,
        ):
            async for piece in pieces:
                yield piece

    async def json(self, access: Access, path: str, *, headers: Mapping[str, str]) -> Any:
        """The JSON that answers a GET."""
        async with (
            self._translated(access, LIST_SECONDS),
            asyncio.timeout(LIST_SECONDS),
            self._request(access, "GET", path, headers, None) as response,
        ):
            await self._accept(access, response)
            body = await self._read(access, response, ANSWER_BYTES_MOST)
        try:
            return json.loads(body)
        except ValueError:
            raise failures.not_an_api(access) from None

    def check(self, address: str) -> None:
        """Raises AddressRefused for an address that could never be reached."""
        self._guard.check(address)

    async def close(self) -> None:
        """Closes what this event loop has open."""
        loop = asyncio.get_running_loop()
        for key in [key for key in self._sessions if key[0] is loop]:
            await self._sessions.pop(key).close()

    @asynccontextmanager
    async def _post(
        self, access: Access, path: str, headers: Mapping[str, str], body: Any
    ) -> AsyncGenerator[aiohttp.ClientResponse, None]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        if access.sent is not None:
            data = access.sent.body_of(data)
        given = {"Content-Type": "application/json", **headers}
        async with self._translated(access, self.stall_seconds):
            async with asyncio.timeout(self.stall_seconds):
                response = await self._request(access, "POST", path, given, data)
            try:
                await self._accept(access, response)
                yield response
            finally:
                # Not released to the pool: an unread stream must end at once, so that the model stops too.
                if not response.content.at_eof():
                    response.close()
                response.release()

    def _request(
        self, access: Access, method: str, path: str, headers: Mapping[str, str], data: bytes | None
    ) -> "aiohttp.client._RequestContextManager":
        url = self._guard.check(access.address)
        target = URL(under(str(url), path), encoded=True)
        session = self._session(url.scheme)
        return session.request(method, target, headers=dict(headers), data=data, allow_redirects=False)

    async def _accept(self, access: Access, response: aiohttp.ClientResponse) -> None:
        if response.status == 200:
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise failures.not_an_api(access)
            return
        body = await self._read(access, response, ERROR_BYTES_MOST, whole=False)
        try:
            parsed = json.loads(body)
        except ValueError:
            parsed = None
        raise failures.refused(access, response.status, parsed, response.headers)

    async def _pieces(self, access: Access, response: aiohttp.ClientResponse, most: int) -> AsyncGenerator[bytes, None]:
        size = 0
        with _Line(response) as line, closing(Stall(self.stall_seconds)) as stall:
            while True:
                async with stall:
                    piece = await response.content.readany()
                if not piece:
                    return
                size += len(piece)
                if size > most:
                    raise failures.not_an_api(access)
                yield piece
                if access.rest is not None:
                    line.pause()
                    await access.rest.take()
                    line.resume()

    async def _read(self, access: Access, response: aiohttp.ClientResponse, most: int, *, whole: bool = True) -> bytes:
        body = bytearray()
        async with aclosing(self._pieces(access, response, most if whole else STREAM_BYTES_MOST)) as pieces:
            async for piece in pieces:
                body += piece
                if not whole and len(body) > most:
                    break
        return bytes(body)

    @asynccontextmanager
    async def _translated(self, access: Access, seconds: float) -> AsyncGenerator[None, None]:
        """Turns what can go wrong on the way into sentences."""
        try:
            yield
        except (ProviderFailed, AddressRefused):
            raise
        except aiohttp.ConnectionTimeoutError:
            raise failures.unreachable(access, "nothing answers there. Check the address.") from None
        except TimeoutError:
            raise failures.silent(access, seconds) from None
        except aiohttp.ClientConnectorDNSError:
            raise failures.unreachable(access, "its host name is not known. Check the address.") from None
        except (aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError):
            raise failures.unreachable(
                access,
                "its certificate is not valid for this address, has run out, or nobody vouches for it. Check the "
                "address, or tell whoever runs that server.",
            ) from None
        except (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch, ssl.SSLError):
            raise failures.unreachable(access, "it does not speak TLS, as https:// asks. Check the address.") from None
        except aiohttp.ClientConnectorError:
            raise failures.unreachable(access, "nothing answers there. Is the server running?") from None
        except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            raise failures.cut_off(access) from None
        except aiohttp.ClientError:
            raise failures.not_an_api(access) from None

    def _session(self, scheme: str) -> aiohttp.ClientSession:
        key = (asyncio.get_running_loop(), scheme)
        if key not in self._sessions:
            connector = aiohttp.TCPConnector(
                resolver=self._guard.pinned(scheme), limit=0, ttl_dns_cache=30, socket_factory=_socket
            )
            self._sessions[key] = aiohttp.ClientSession(
                connector=connector,
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                headers={"Accept-Encoding": "identity", "User-Agent": "TavernAI-Plus"},
                cookie_jar=aiohttp.DummyCookieJar(),
                read_bufsize=_PIECE_BYTES,
            )
        return self._sessions[key]


class _Line:
    """A response's connection, which can be left unread for a while. It is read again when the block ends."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self._transport: asyncio.Transport | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.resume()

    def pause(self) -> None:
        connection = self._response.connection
        transport = connection.transport if connection is not None else None
        # Without a connection the answer is here to its end.
        if transport is not None and transport.is_reading():
            transport.pause_reading()
            self._transport = transport

    def resume(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
        self._transport = None


def under(address: str, path: str) -> str:
    """The address of a path below another address; queries of both stay, at the end."""
    place, _, query = address.partition("?")
    below, _, own = path.partition("?")
    queries = "&".join(part for part in (own, query) if part)
    return place.rstrip("/") + below + (f"?{queries}" if queries else "")


async def to_its_end(access: Access, events: AsyncGenerator[Any, None]) -> None:
    """Reads the little that follows the last event, so that the connection can be used again; gives up soon."""
    if access.rest is not None:
        access.rest.end()
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            async for _ in events:
                pass


def _socket(info: tuple[Any, ...]) -> socket.socket:
    """A socket with TCP keepalive, so that a dead peer is noticed while the model thinks."""
    made = socket.socket(family=info[0], type=info[1], proto=info[2])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return made


def _close_abandoned(sessions: dict[tuple[AbstractEventLoop, str], aiohttp.ClientSession]) -> None:
    for (loop, _), session in sessions.items():
        if loop.is_running():
            asyncio.run_coroutine_threadsafe(session.close(), loop)
