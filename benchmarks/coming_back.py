"""How soon a reader that lost its socket has caught up, and how soon a stop stops: `make bench-coming-back`.

Readers read long replies side by side. Each loses its socket without a goodbye again and again, stays away, and opens
another one; it has *caught up* when it has, in order, what the model had sent before the new socket was welcomed, less
the longest time that text waits in a batch. Meanwhile one more person begins replies and stops them, one by one: a stop
is over for the reader when the `end` frame is there, for the model when its connection is closed. In both ways a reply
can be kept: with Redis and without.
"""

import argparse
import asyncio
import json
import random
import signal
import sys
from collections.abc import Mapping
from time import monotonic, monotonic_ns
from typing import Any

from benchmarks.lines import Pool, open_many_files
from benchmarks.page import Page
from benchmarks.pages import DOCS, machine, write_between_marks
from benchmarks.seeding import add_readers
from benchmarks.streaming import ask_model, say, stage
from benchmarks.tokens import TOKEN, Arrivals, Tally, spread
from chalicelib.settings import Settings

PAGE = DOCS / "benchmarks-streaming.md"
BEGIN = "<!-- coming back: written by make bench-coming-back -->"
MODES: dict[str, dict[str, str]] = {"with Redis": {}, "without": {"TAVERN_REDIS_URL": ""}}
BATCH_SECONDS = Settings.model_fields["frame_seconds_most"].default
GOALS_MS = {"caught up": 300, "stopped": 500}
PAUSE = (1.0, 4.0)
"""Seconds between coming back and losing the socket again, and between the begin of a reply and its stop."""


class Reading:
    """One reader whose network comes and goes."""

    def __init__(self, page: Page, tokens: int, arrivals: Arrivals) -> None:
        self._page, self._tokens, self._arrivals = page, tokens, arrivals
        self._wanted_ns: int | None = None
        self.caught_up_ms: list[float] = []
        self.lost = self.repeated = self.disordered = self.failed = 0
        page.on_text = self._text

    async def read(self, until: float) -> None:
        while monotonic() < until:
            tally = Tally(self._arrivals)
            problem = await self._page.reply("Go on.", tally)
            self.failed += problem is not None
            self.lost += tally.lost(self._tokens)
            self.repeated, self.disordered = self.repeated + tally.repeated, self.disordered + tally.disordered
            self._wanted_ns = None

    async def lose(self, dice: random.Random, away: float) -> None:
        """Loses the socket now and then, until cancelled."""
        page = self._page
        page.away_seconds = away
        while True:
            await asyncio.sleep(dice.uniform(*PAUSE))
            sockets = len(page.opened_at)
            page.drop()
            while len(page.opened_at) == sockets:
                await asyncio.sleep(0.001)
            if page.follower.reply is not None:
                self._wanted_ns = int(page.opened_at[-1] * 1e9)
                self._text(b"", monotonic_ns())

    def _text(self, text: bytes, now: int) -> None:
        if self._wanted_ns is None:
            return
        stamps = [int(found[2]) for found in TOKEN.finditer(text)]
        if stamps and stamps[-1] >= self._wanted_ns - BATCH_SECONDS * 1e9:
            self.caught_up_ms.append((now - self._wanted_ns) / 1e6)
            self._wanted_ns = None


async def stops(page: Page, model: str, dice: random.Random, until: float) -> dict[str, list[float]]:
    """Milliseconds from each stop to the reply's end, and to the end of the model's request."""
    ended: list[float] = []
    closed: list[float] = []
    while monotonic() < until:
        reply = asyncio.create_task(page.reply("Go on.", Tally(Arrivals())))
        await asyncio.sleep(dice.uniform(*PAUSE))
        began = monotonic_ns()
        page.stop()
        told = await reply
        if told is None or not told.startswith("ended with stopped"):
            raise RuntimeError(f"A stopped reply {told}.")
        ended.append((monotonic_ns() - began) / 1e6)
        stats = await asyncio.to_thread(ask_model, model, "/stats")
        closed.append((stats["aborted_ns"] - began) / 1e6)
    return {"the reply's end is shown": ended, "the model's connection is closed": closed}


async def measure(chosen: argparse.Namespace, url: str, environment: Mapping[str, str], model: str) -> dict[str, Any]:
    dice, arrivals = random.Random(chosen.seed), Arrivals()
    pace = f"paced-ttft200-tps{chosen.tokens_a_second:g}-n{chosen.tokens}"
    people = await asyncio.to_thread(add_readers, environment, model, [pace] * (chosen.readers + 1))
    host, _, port = url.removeprefix("http://").partition(":")
    pool = Pool(host, int(port))
    pages = [Page(url, pool, person) for person in people]
    for page in pages:
        await page.open()
    readings = [Reading(page, chosen.tokens, arrivals) for page in pages[1:]]
    until = monotonic() + chosen.seconds

    async def tick() -> None:
        while True:
            await asyncio.sleep(0.1)
            for page in pages:
                page.follower.tick(monotonic())

    beside = [asyncio.create_task(one.lose(dice, chosen.away)) for one in readings]
    beside.append(asyncio.create_task(tick()))
    stopped, *_ = await asyncio.gather(stops(pages[0], model, dice, until), *(one.read(until) for one in readings))
    for task in beside:
        task.cancel()
    for page in pages:
        page.close()
    pool.close()
    return {
        "caught up": spread([took for one in readings for took in one.caught_up_ms]),
        "times": sum(len(one.caught_up_ms) for one in readings),
        "stops": {what: spread(took) for what, took in stopped.items()},
        "stopped": len(next(iter(stopped.values()))),
        "lost": sum(one.lost for one in readings),
        "repeated": sum(one.repeated for one in readings),
        "disordered": sum(one.disordered for one in readings),
        "failed": sum(one.failed for one in readings),
    }


def table(figures: Mapping[str, dict[str, Any]]) -> str:
    lines = ["| what | mode | ms: p50 / p95 / p99 / most | times | goal, p95 |", "|---|---|---|---|---|"]
    for mode, found in figures.items():
        rows = [("new socket welcomed → caught up", found["caught up"], found["times"], GOALS_MS["caught up"])]
        rows += [
            (f"stop asked for → {what}", took, found["stopped"], GOALS_MS["stopped"])
            for what, took in found["stops"].items()
        ]
        for what, took, times, goal in rows:
            told = " / ".join(f"{took[part]:.0f}" for part in ("p50", "p95", "p99", "most"))
            lines.append(f"| {what} | {mode} | {told} | {times} | ≤ {goal} |")
        whole = " / ".join(str(found[name]) for name in ("lost", "repeated", "disordered", "failed"))
        lines.append(f"| tokens lost / doubled / out of order, replies that failed | {mode} | {whole} | | 0 |")
    return "\n".join(lines)


def main() -> None:
    import uvloop

    chosen = arguments()
    # So that what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    open_many_files()
    figures: dict[str, Any] = {}
    for mode, settings in MODES.items():
        with stage(workers=1, at_once=200, settings=settings) as one:
            say(f"{chosen.readers} readers for {chosen.seconds:g} seconds, {mode} …")
            where = one.cloud.url, one.cloud.environment, one.addresses["direct"]
            figures[mode] = uvloop.run(measure(chosen, *where))
    print(table(figures))
    print(json.dumps({"machine": machine(), **figures}))
    if chosen.pages:
        write_between_marks(PAGE, BEGIN, f"Machine: {machine()}\n\n{table(figures)}")
    if any(one["lost"] or one["repeated"] or one["disordered"] or one["failed"] for one in figures.values()):
        sys.exit(1)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60, help="in each mode")
    parser.add_argument("--away", type=float, default=2, help="seconds without a socket")
    parser.add_argument("--tokens", type=int, default=600, help="of a reply")
    parser.add_argument("--tokens-a-second", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-pages", dest="pages", action="store_false", help="leave docs/ as it is")
    return parser.parse_args()


if __name__ == "__main__":
    main()
