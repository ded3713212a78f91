"""One cell of the streaming benchmark: so many readers, each with one reply after another, through one target.

A process of its own that reads a `Cell` as JSON from its input and prints the figures as JSON: what it spends is told
apart from what it measures. `python -m benchmarks.streaming` starts it.

Two ways of going about it. *Closed*: each reader asks again as soon as its reply has ended; they begin spread over the
length of one reply; what counts is the time in which all of them read. *Ramp*: long replies begin one by one at a fixed
rate until all run; then follows a *steady* time in which no reply begins or ends, then a *trickle* of short replies by
spare readers beside the long ones, then the end. The steady time tells what a token costs, the trickle what it costs
beyond that to begin and to store a reply.
"""

import asyncio
import gc
import json
import os
import sys
from dataclasses import dataclass, field
from time import monotonic_ns
from typing import Any

from benchmarks.cpu import Mark, Meter, Window
from benchmarks.figures import report
from benchmarks.lines import LineBroken, open_many_files
from benchmarks.page import Refused
from benchmarks.targets import Reader, make_readers, open_all
from benchmarks.tokens import Arrivals, Tally

TICK_SECONDS = 0.1
SETTLE_SECONDS = 2.0
"""Between the ramp's last start and the steady time, and around the trickle."""


@dataclass
class Cell:
    """What to do. Times are seconds."""

    target: str
    address: str
    readers: int
    models: list[str]
    """Of the readers; the ramp's spare readers follow the others."""
    tokens: list[int]
    processes: dict[str, int]
    tokens_a_second: float = 20.0
    people: list[dict[str, str]] = field(default_factory=list)
    seconds: float = 30.0
    """Closed: how long readers begin new replies."""
    starts_a_second: float = 0.0
    """Ramp; 0 means closed."""
    steady: float = 20.0
    trickle: float = 20.0
    trickle_a_second: float = 5.0

    @property
    def beginning_seconds(self) -> float:
        """Closed: the time over which the readers begin, about one reply's length."""
        return sum(self.tokens) / len(self.tokens) / self.tokens_a_second if self.readers > 1 else 0.0

    @property
    def trickle_seconds(self) -> float:
        """Ramp: from the first short reply to the time when the last one has ended and is stored."""
        last = max(self.tokens[self.readers :], default=0) / self.tokens_a_second
        return self.trickle + last + SETTLE_SECONDS


@dataclass
class Done:
    """One reply as its reader saw it. Times are CLOCK_MONOTONIC nanoseconds."""

    tally: Tally
    tokens: int
    problem: str | None
    began_ns: int
    ended_ns: int
    running: int
    """How many were running when it was asked for, itself included."""


class Load:
    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.arrivals = Arrivals()
        self.meter = Meter({**cell.processes, "client": os.getpid()})
        self.done: list[Done] = []
        self.marks: dict[str, Mark] = {}
        self.late_ms: list[float] = []
        self.opening_seconds = 0.0
        self._running = 0
        self._loop = asyncio.get_running_loop()
        self.readers: list[Reader] = list(make_readers(cell.target, cell.address, cell.people, len(cell.models)))

    async def run(self) -> None:
        began = self._loop.time()
        await open_all(self.readers)
        self.opening_seconds = self._loop.time() - began
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 50, 50)
        ticking = asyncio.create_task(self._tick())
        if self.cell.readers <= 10:
            # What is loaded when it is first needed is not what one of many replies costs.
            await self._warm_up()
        await (self._ramp() if self.cell.starts_a_second else self._closed())
        ticking.cancel()
        for reader in self.readers:
            reader.close()

    def window(self, begin: str, end: str) -> Window:
        return Window(self.marks[begin], self.marks[end])

    # --- the two ways

    async def _closed(self) -> None:
        cell, begin = self.cell, self._loop.time() + 0.05
        spread_over = cell.beginning_seconds
        until = begin + spread_over + cell.seconds

        async def go(number: int) -> None:
            await self._sleep_until(begin + spread_over * number / cell.readers)
            while self._loop.time() < until:
                await self._one(number)

        self._mark("begin")
        going = [asyncio.create_task(go(number)) for number in range(cell.readers)]
        await self._sleep_until(begin + spread_over)
        self._mark("all")
        await self._sleep_until(until)
        self._mark("until")
        await asyncio.gather(*going)
        self._mark("end")

    async def _ramp(self) -> None:
        cell, begin = self.cell, self._loop.time() + 0.05
        gap = 1 / cell.starts_a_second
        steady_at = begin + cell.readers * gap + SETTLE_SECONDS
        trickle_at = steady_at + cell.steady

        async def go(number: int, at: float) -> None:
            await self._sleep_until(at)
            await self._one(number)

        self._mark("begin")
        going = [asyncio.create_task(go(number, begin + number * gap)) for number in range(cell.readers)]
        going += [
            asyncio.create_task(go(cell.readers + number, trickle_at + 0.1 + number / cell.trickle_a_second))
            for number in range(len(cell.models) - cell.readers)
        ]
        await self._sleep_until(steady_at)
        self._mark("steady")
        await self._sleep_until(trickle_at)
        self._mark("trickle")
        await self._sleep_until(trickle_at + cell.trickle_seconds)
        self._mark("ending")
        await asyncio.gather(*going)
        self._mark("end")

    # --- one reply

    async def _one(self, number: int) -> None:
        tally = Tally(self.arrivals)
        self._running += 1
        running, began, tokens = self._running, monotonic_ns(), self.cell.tokens[number]
        try:
            problem = await self.readers[number].reply(tally, self.cell.models[number])
        except (LineBroken, OSError, Refused) as error:
            problem = f"{type(error).__name__}: {error}"
            await asyncio.sleep(0.2)
        self._running -= 1
        self.done.append(Done(tally, tokens, problem, began, monotonic_ns(), running))

    async def _warm_up(self) -> None:
        await asyncio.gather(*(self._one(number) for number in range(self.cell.readers)))
        self.done.clear()
        for reader in self.readers:
            reader.wire.__init__()  # type: ignore[misc]  # what was counted so far does not count
        del self.arrivals.in_flight[:], self.arrivals.at[:]

    # --- beside it

    async def _tick(self) -> None:
        looked = 0.0
        while True:
            due = self._loop.time() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            now = self._loop.time()
            self.late_ms.append((now - due) * 1000)
            for reader in self.readers:
                reader.tick(now)
            if now - looked >= 1:
                looked = now
                self.meter.look_at_memory()

    def _mark(self, name: str) -> None:
        self.marks[name] = self.meter.mark()

    async def _sleep_until(self, when: float) -> None:
        await asyncio.sleep(max(0.0, when - self._loop.time()))


async def measure(cell: Cell) -> dict[str, Any]:
    load = Load(cell)
    await load.run()
    return report(load)


def main() -> None:
    open_many_files()
    import uvloop

    print(json.dumps(uvloop.run(measure(Cell(**json.load(sys.stdin))))))


if __name__ == "__main__":
    main()
