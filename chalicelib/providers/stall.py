"""A time-out for many short waits of one task. A timer that is set anew for each wait costs more than the wait."""

import asyncio
from typing import Self


class Stall:
    """`async with` around each wait. Raises TimeoutError in the one that takes longer than `seconds`.

    As asyncio.timeout, but its timer runs on from wait to wait, and looks only when it goes off.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0
        self._expired = False

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._until = loop.time() + self._seconds
        self._task = asyncio.current_task()
        assert self._task is not None
        self._cancelling = self._task.cancelling()
        if self._timer is None:
            self._timer = loop.call_at(self._until, self._look, loop)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        self._until = None
        if self._expired:
            self._expired = False
            assert self._task is not None
            if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
                raise TimeoutError from None

    def close(self) -> None:
        """After the last wait."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        if self._until is None:
            return
        if loop.time() < self._until:
            self._timer = loop.call_at(self._until, self._look, loop)
            return
        assert self._task is not None
        self._expired = True
        self._task.cancel()
