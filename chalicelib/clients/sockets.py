"""Posting frames to sockets through API Gateway's `@connections`.

boto3 spends more than 1 ms on a frame, aiohttp 0.24, a kept signing key and `http_lines` a third of that.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal
from urllib.parse import quote, urlsplit
from weakref import finalize

from chalicelib.clients.http_lines import HttpLines
from chalicelib.clients.signing import Credentials, Signer

Outcome = Literal["sent", "gone", "failed"]
POST_SECONDS = 5.0


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
        self._lines: dict[asyncio.AbstractEventLoop, HttpLines] = {}
        finalize(self, _close_abandoned, self._lines)

    async def post(self, socket_id: str, body: bytes) -> Outcome:
        """Sends one frame. `gone`: that socket will never come back; `failed`: it may be tried again."""
        return await self._request("POST", socket_id, body)

    async def post_to_all(self, socket_ids: Iterable[str], body: bytes) -> list[Outcome]:
        return list(await asyncio.gather(*(self.post(socket_id, body) for socket_id in socket_ids)))

    async def close_all(self, socket_ids: Iterable[str]) -> None:
        """Closes sockets; quiet about those that are gone."""
        await asyncio.gather(*(self._request("DELETE", socket_id, b"") for socket_id in socket_ids))

    async def close(self) -> None:
        """Ends this loop's connections."""
        lines = self._lines.pop(asyncio.get_running_loop(), None)
        if lines is not None:
            lines.close()

    async def _request(self, method: str, socket_id: str, body: bytes) -> Outcome:
        path = self._path + quote(socket_id, safe="")
        headers = self._signer.headers(self._credentials(), method, self._host, path, body, self._now())
        try:
            status = await self._here().ask(method, path, headers, body)
        except (OSError, TimeoutError):
            return "failed"
        if status == 410:
            return "gone"
        return "sent" if status < 300 else "failed"

    def _here(self) -> HttpLines:
        loop = asyncio.get_running_loop()
        lines = self._lines.get(loop)
        if lines is None:
            lines = self._lines[loop] = HttpLines(self._origin, timeout_seconds=POST_SECONDS)
        return lines


def _close_abandoned(lines: dict[asyncio.AbstractEventLoop, HttpLines]) -> None:
    for loop, one in lines.items():
        if loop.is_running():
            loop.call_soon_threadsafe(one.close)
