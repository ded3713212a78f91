"""Makes the text of running replies durable while Redis has it: all of a process together, in a few writes a second."""

import asyncio
import logging
from typing import Protocol

from chalicelib.stores.segments import Segments, Stretch
from chalicelib.stores.threads import StoreFailed, in_thread

ROUND_SECONDS = 0.25
WRITE_SECONDS = 0.15
"""What is set aside for the write itself."""

log = logging.getLogger("tavern.keeper")


class Undurable(Protocol):
    """A reply with pieces that only Redis has."""

    @property
    def undurable_since(self) -> float: ...
    @property
    def undurable(self) -> Stretch: ...
    def kept(self, upto: int) -> bool: ...


class Keeper:
    """Works on any event loop and keeps the replies of each apart."""

    def __init__(self, segments: Segments, *, seconds: float) -> None:
        """`seconds`: how far the durable text may be behind."""
        self._segments = segments
        # As late as may be: every piece that comes meanwhile goes into the same item.
        self._wait = max(0.0, seconds - ROUND_SECONDS - WRITE_SECONDS)
        self._replies: dict[asyncio.AbstractEventLoop, set[Undurable]] = {}
        self._rounds: dict[asyncio.AbstractEventLoop, asyncio.Task[None]] = {}

    def add(self, reply: Undurable) -> None:
        """Called when a reply has a piece that is not durable."""
        loop = asyncio.get_running_loop()
        self._replies.setdefault(loop, set()).add(reply)
        if loop not in self._rounds:
            self._rounds[loop] = asyncio.create_task(self._go_round(loop))

    def remove(self, reply: Undurable) -> None:
        """Called when a reply needs no keeping any more: its end stores the whole text."""
        self._replies.get(asyncio.get_running_loop(), set()).discard(reply)

    async def _go_round(self, loop: asyncio.AbstractEventLoop) -> None:
        replies = self._replies[loop]
        try:
            while replies:
                await asyncio.sleep(ROUND_SECONDS)
                await self._keep([one for one in replies if loop.time() - one.undurable_since >= self._wait])
        finally:
            del self._replies[loop], self._rounds[loop]

    async def _keep(self, due: list[Undurable]) -> None:
        stretches = [reply.undurable for reply in due]
        if not stretches:
            return
        try:
            await in_thread(self._segments.append_all, stretches)
        except StoreFailed:
            # Redis has the text; the next round tries again.
            log.warning("durable text is late", extra={"replies": len(due)})
            return
        for reply, stretch in zip(due, stretches, strict=True):
            if not reply.kept(stretch.upto):
                self.remove(reply)
