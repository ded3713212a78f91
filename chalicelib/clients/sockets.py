"""Posting frames to sockets through API Gateway's `@connections`.

aiohttp with a signing key kept for the day costs 0.16 ms a frame, boto3 more than 1 ms.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal
from urllib.parse import quote, urlsplit
from weakref import finalize

import aiohttp
from yarl import URL

from chalicelib.clients.signing import Credentials, Signer

Outcome = Literal["sent", "gone", "failed"]
POST_SECONDS = 5.0
CONNECTIONS_MOST = 256


class Poster:
    """Works on any event loop and keeps a session for each."""

    def __init__(
        self, *, endpoint: str, region: str, credentials: Callable[[], Credentials], now: Callable[[], datetime]
    ) -> None:
        """`endpoint` is the address below which `@connections/{id}` lies."""
        address = urlsplit(endpoint)
        self._origin, self._host = f"{address.scheme}://{address.netloc}", address.netloc
        self._path = f"{address.path.rstrip('/')}/%40connections/"
        self._credentials, self._now = credentials, now
        self._signer = Signer(region=region, service="execute-api")
        self._sessions: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = {}
        finalize(self, _close_abandoned, self._sessions)

    async def post(self, socket_id: str, body: bytes) -> Outcome:
        """Sends one frame. `gone`: that socket will never come back; `failed`: it may be tried again."""
        return await self._request("POST", socket_id, body)

    async def post_to_all(self, socket_ids: Iterable[str], body: bytes) -> list[Outcome]:
        return list(await asyncio.gather(*(self.post(socket_id, body) for socket_id in socket_ids)))

    async def close_all(self, socket_ids: Iterable[str]) -> None:
        """Closes sockets; quiet about those that are gone."""
        await asyncio.gather(*(self._request("DELETE", socket_id, b"") for socket_id in socket_ids))

    async def close(self) -> None:
        """Ends this loop's session."""
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()

    async def _request(self, method: str, socket_id: str, body: bytes) -> Outcome:
        path = self._path + quote(socket_id, safe="")
        headers = self._signer.headers(self._credentials(), method, self._host, path, body, self._now())
        try:
            async with self._session().request(
                method, URL(self._origin + path, encoded=True), data=body, headers=headers
            ) as answer:
                await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError):
            return "failed"
        if answer.status == 410:
            return "gone"
        return "sent" if answer.status < 300 else "failed"

    def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None or session.closed:
            session = self._sessions[loop] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS_MOST, keepalive_timeout=60),
                timeout=aiohttp.ClientTimeout(total=POST_SECONDS),
                auto_decompress=False,
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
        return session


def _close_abandoned(sessions: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession]) -> None:
    for loop, session in sessions.items():
        if loop.is_running():
            asyncio.run_coroutine_threadsafe(session.close(), loop)
