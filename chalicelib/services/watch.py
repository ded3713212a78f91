"""One clock for all replies of a process: each is looked at often, by one timer instead of by hundreds of tasks."""

import asyncio
from typing import Protocol

LOOK_SECONDS = 0.1


class Watched(Protocol):
    def look(self, now: float) -> None:
        """Called on the event loop every `LOOK_SECONDS`; `now` is the loop's time. It must not wait."""
        ...


class Watch:
    """Works on any event loop and keeps the watched of each apart."""

    def __init__(self) -> None:
        self._watched: dict[asyncio.AbstractEventLoop, set[Watched]] = {}

    @property
    def count(self) -> int:
        """How many are watched on this loop."""
        return len(self._watched.get(asyncio.get_running_loop(), ()))

    def add(self, one: Watched) -> None:
        loop = asyncio.get_running_loop()
        watched = self._watched.setdefault(loop, set())
        watched.add(one)
        if len(watched) == 1:
            loop.call_later(LOOK_SECONDS, self._look, loop)

    def remove(self, one: Watched) -> None:
        self._watched.get(asyncio.get_running_loop(), set()).discard(one)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now, watched = loop.time(), self._watched[loop]
        if not watched:
            del self._watched[loop]
            return
        loop.call_later(LOOK_SECONDS, self._look, loop)
        for one in list(watched):
            one.look(now)
