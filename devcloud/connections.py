"""One open socket: what is to be sent waits here, so that a reader who does not read stops nobody else."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from devcloud.asgi import Send
from devcloud.events import Origin


class Gone(Exception):
    """The connection is closed."""


class Full(Exception):
    """Too much waits for this reader already."""


class Connection:
    def __init__(self, origin: Origin, send: Send, abort: Callable[[], None], *, waiting_bytes: int) -> None:
        """`abort` drops the line without a goodbye; `waiting_bytes`: how much may wait for a slow reader."""
        self.origin = origin
        self.last_active = time.time()
        self.in_flight = 0
        self._send = send
        self._abort = abort
        self._waiting_bytes = waiting_bytes
        self._waiting: deque[str] = deque()
        self._waiting_now = 0
        self._wake = asyncio.Event()
        self._closing: tuple[int, str] | None = None
        self.gone = False

    def post(self, text: str) -> None:
        """Takes a message for the reader, who gets all of them in this order. Raises Gone or Full."""
        if self.gone or self._closing is not None:
            raise Gone
        if self._waiting_now + len(text) > self._waiting_bytes:
            raise Full
        self._waiting.append(text)
        self._waiting_now += len(text)
        self.last_active = time.time()
        self._wake.set()

    def close(self, code: int, reason: str) -> None:
        """Says goodbye once everything that waits is sent."""
        if self._closing is None:
            self._closing = (code, reason)
            self._wake.set()

    async def send_all(self, *, stuck_seconds: float) -> None:
        """Sends what waits until the connection ends; drops a line that takes nothing for `stuck_seconds`."""
        try:
            while True:
                while self._waiting:
                    text = self._waiting.popleft()
                    async with asyncio.timeout(stuck_seconds):
                        await self._send({"type": "websocket.send", "text": text})
                    self._waiting_now -= len(text)
                if self._closing is not None:
                    code, reason = self._closing
                    goodbye = self._send({"type": "websocket.close", "code": code, "reason": reason})
                    await asyncio.wait_for(goodbye, stuck_seconds)
                    return
                self._wake.clear()
                if not self._waiting and self._closing is None:
                    await self._wake.wait()
        except (OSError, RuntimeError, TimeoutError):
            # Closed under our hands, or stuck.
            self._abort()
        finally:
            self.gone = True
