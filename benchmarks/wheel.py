"""Many timers for the price of one: whatever is due in the same millisecond is called by one timer of the loop."""

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush

SLOTS_A_SECOND = 1000


class Wheel:
    """The loop's own timers tick in milliseconds too: nothing is later for being here."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._slots: dict[int, list[Callable[[], None]]] = {}
        self._order: list[int] = []
        self._timer: asyncio.TimerHandle | None = None
        self._armed = 0

    def call_at(self, when: float, call: Callable[[], None]) -> None:
        """Calls at the loop's time `when`, rounded up to a millisecond."""
        number = int(when * SLOTS_A_SECOND) + 1
        slot = self._slots.get(number)
        if slot is not None:
            slot.append(call)
            return
        self._slots[number] = [call]
        heappush(self._order, number)
        if self._timer is None or number < self._armed:
            self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._order:
            self._armed = self._order[0]
            self._timer = self._loop.call_at(self._armed / SLOTS_A_SECOND, self._turn)

    def _turn(self) -> None:
        self._timer = None
        # A slot is due whole: uvloop may wake a fraction of a millisecond before the time it was given.
        until = int(self._loop.time() * SLOTS_A_SECOND + 0.5)
        while self._order and self._order[0] <= until:
            for call in self._slots.pop(heappop(self._order)):
                call()
        self._arm()
