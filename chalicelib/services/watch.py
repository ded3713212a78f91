"""One clock for all replies of a process: each is looked at often, by one timer instead of by hundreds of tasks."""

import asyncio
from typing import Protocol
from weakref import WeakKeyDictionary, WeakSet

LOOK_SECONDS = 0.1


class Watched(Protocol):
    def look(self, now: float) -> None:
        """Called on the event loop every `LOOK_SECONDS`; `now` is the loop's time. It must not wait."""
        ...


class Watch:
    """Works on any event loop and keeps the watched of each apart."""

    def __init__(self) -> None:
        self._watched: WeakKeyDictionary[asyncio.AbstractEventLoop, set[Watched]] = WeakKeyDictionary()
        self._looking: WeakSet[asyncio.AbstractEventLoop] = WeakSet()

    def here(self) -> set[Watched]:
        """All that are watched on this loop."""
        loop = asyncio.get_running_loop()
        watched = self._watched.get(loop)
        if watched is None:
            watched = self._watched[loop] = set()
        return watched

    def add(self, one: Watched) -> None:
        loop, watched = asyncio.get_running_loop(), self.here()
        watched.add(one)
        if loop not in self._looking:
            self._looking.add(loop)
            loop.call_later(LOOK_SECONDS, self._look, loop)

    def remove(self, one: Watched) -> None:
        self.here().discard(one)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now, watched = loop.time(), self._watched[loop]
        if not watched:
            self._looking.discard(loop)
            return
        loop.call_later(LOOK_SECONDS, self._look, loop)
        for one in list(watched):
            one.look(now)
