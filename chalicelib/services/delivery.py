"""Bringing one reply's frames to its readers: one post under way a socket, and text merges meanwhile.

A reader who is slow or gone never touches the reply: what cannot be delivered lies in the log.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

from chalicelib.clients.sockets import Poster
from chalicelib.streaming.frames import Run, join_runs, piece_frame

FRAME_CHARACTERS_MOST = 16_000
WAITING_CHARACTERS_MOST = 200_000
"""What may wait for a slow socket. Above it the pieces are let go: the reader sees the hole and asks."""
_TRIES = 4
_RETRY_SECONDS = 0.1


class Delivery:
    """The readers of one attempt."""

    def __init__(self, *, poster: Poster, g: str, start: bytes, on_gone: Callable[[str], Awaitable[None]]) -> None:
        """`start` is the first frame of every reader; `on_gone` hears of sockets that are closed."""
        self._poster, self._g, self._start, self._on_gone = poster, g, start, on_gone
        self._lanes: dict[str, _Lane] = {}
        self.frames = 0
        self.lost = 0
        """Frames that could not be brought, and runs let go since a reader was too slow: they will ask for them."""

    def offer(self, followers: Iterable[str], item: Run | bytes | None = None) -> None:
        """Hands a run of pieces or a ready frame to these readers; new ones get `start` before it."""
        for socket_id in followers:
            lane = self._lanes.get(socket_id)
            if lane is None:
                lane = self._lanes[socket_id] = _Lane(self, socket_id)
                lane.put(self._start)
            if item is not None:
                lane.put(item)

    async def drain(self, timeout_seconds: float) -> None:
        """Waits until all is delivered, but not for longer than this."""
        tasks = [lane.task for lane in self._lanes.values() if lane.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=timeout_seconds)

    def close(self) -> None:
        """Stops delivering at once."""
        for lane in self._lanes.values():
            if lane.task is not None:
                lane.task.cancel()

    async def send(self, socket_id: str, item: Run | bytes) -> bool:
        """Posts one frame, again after a short while if it fails; whether the socket is there."""
        body = item if isinstance(item, bytes) else piece_frame(self._g, item)
        for attempt in range(_TRIES):
            outcome = await self._poster.post(socket_id, body)
            if outcome == "sent":
                self.frames += 1
                return True
            if outcome == "gone":
                await self._on_gone(socket_id)
                return False
            await asyncio.sleep(_RETRY_SECONDS * 2**attempt)
        self.lost += 1
        return True


class _Lane:
    """One reader: what waits for them, and the task that posts it."""

    def __init__(self, delivery: Delivery, socket_id: str) -> None:
        self._delivery, self._socket_id = delivery, socket_id
        self._waiting: deque[Run | bytes] = deque()
        self._size = 0
        self._gone = False
        self.task: asyncio.Task[None] | None = None

    def put(self, item: Run | bytes) -> None:
        if self._gone:
            return
        if isinstance(item, Run):
            self._size += item.size
            if self._size > WAITING_CHARACTERS_MOST:
                self._delivery.lost += sum(isinstance(waiting, Run) for waiting in self._waiting)
                self._waiting = deque(frame for frame in self._waiting if isinstance(frame, bytes))
                self._size = item.size
        self._waiting.append(item)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._pump())

    async def _pump(self) -> None:
        while self._waiting and not self._gone:
            self._gone = not await self._delivery.send(self._socket_id, self._next())

    def _next(self) -> Run | bytes:
        """The oldest frame, or the oldest runs joined into one."""
        if isinstance(self._waiting[0], bytes):
            return self._waiting.popleft()
        runs: list[Run] = []
        while self._waiting and isinstance(self._waiting[0], Run):
            runs.append(self._waiting.popleft())  # type: ignore[arg-type]  # looked at in the line above
        first, *rest = join_runs(runs, FRAME_CHARACTERS_MOST)
        self._waiting.extendleft(reversed(rest))
        self._size = sum(run.size for run in rest)
        return first
