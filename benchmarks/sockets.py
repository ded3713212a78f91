"""Whether readers notice that their sockets are renewed: `make bench-sockets`.

    python -m benchmarks.sockets --minutes 30 --readers 100

API Gateway ends a socket after two hours and one that is idle after ten minutes; here the local gateway does so after
one and a half minutes and after forty-five seconds. Readers read one reply after another with pauses between them, some
longer than what counts as idle, and renew their sockets and ping as the web client does, at the same shares of the
limits. A socket was *noticed* if its reader saw a token lost, doubled or out of order, a reply that failed or is not
the stored one, or a pause in a running reply of more than `--pause` seconds, at the socket's beginning or end.
"""

import argparse
import asyncio
import json
import random
import signal
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from benchmarks.lines import LineBroken, Pool, open_many_files
from benchmarks.page import Page, Refused
from benchmarks.pages import DOCS, machine, write_between_marks
from benchmarks.seeding import add_readers, renew_sign_ins
from benchmarks.streaming import say, stage
from benchmarks.tokens import Arrivals, Tally, spread

PAGE = DOCS / "benchmarks-streaming.md"
BEGIN = "<!-- sockets: written by make bench-sockets -->"
RENEW_SHARE, RENEW_SPREAD = 110 / 120, 5 / 120
"""Of a connection's two hours the web client uses 110 minutes, less up to five."""
PING_SHARE = 4 / 10
AROUND_SECONDS = 5.0
"""A pause so near to a socket's beginning or end is put down to it."""
TICK_SECONDS = 0.1
SIGN_IN_SECONDS = 600.0
LONG_PAUSE_SHARE = 0.1


@dataclass
class Seen:
    """What one reader went through."""

    page: Page
    tokens_a_reply: int
    replies: int = 0
    problems: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    repeated: int = 0
    disordered: int = 0
    long_pauses: list[tuple[float, float]] = field(default_factory=list)
    renewal_gaps: list[float] = field(default_factory=list)
    """Seconds without text around each socket's beginning, when a reply was running."""
    bad_times: list[tuple[float, float]] = field(default_factory=list)
    """Replies in which something was wrong."""


class Rotation:
    def __init__(self, chosen: argparse.Namespace, url: str, readers: Sequence[dict[str, str]]) -> None:
        self._chosen = chosen
        host, _, port = url.removeprefix("http://").partition(":")
        self._pool = Pool(host, int(port))
        self._dice = random.Random(chosen.seed)
        self._arrivals = Arrivals()
        self.seen = [Seen(Page(url, self._pool, reader), chosen.tokens) for reader in readers]

    async def run(self) -> None:
        chosen, tasks = self._chosen, []
        for one in self.seen:
            await one.page.open()
        until = monotonic() + chosen.minutes * 60
        tasks = [asyncio.create_task(self._renew(one)) for one in self.seen]
        tasks.append(asyncio.create_task(self._tick()))
        await asyncio.gather(*(self._read(one, until) for one in self.seen))
        for task in tasks:
            task.cancel()
        for one in self.seen:
            one.page.close()
        self._pool.close()

    def report(self) -> dict[str, Any]:
        seen, wires = self.seen, [one.page.follower.wire for one in self.seen]
        sockets = sum(len(one.page.opened_at) for one in seen)
        noticed = sum(_noticed(one) for one in seen)
        elsewhere = sum(not _at_a_change(one, pause) for one in seen for pause in one.long_pauses)
        problems = sum((one.problems for one in seen), Counter[str]())
        return {
            "minutes": self._chosen.minutes,
            "readers": len(seen),
            "sockets": sockets,
            "closed_by_gateway": sum(len(one.page.lost_at) for one in seen),
            "noticed": noticed,
            "share_unnoticed": round(1 - noticed / max(1, sockets), 5),
            "readers_who_noticed": sum(1 for one in seen if _noticed(one)),
            "replies": sum(one.replies for one in seen),
            "tokens": len(self._arrivals.at),
            "lost": sum(one.lost for one in seen),
            "repeated": sum(one.repeated for one in seen),
            "disordered": sum(one.disordered for one in seen),
            "problems": dict(problems.most_common(5)),
            "pause_seconds": self._chosen.pause,
            "pauses_elsewhere": elsewhere,
            "gap_at_renewal_ms": spread([gap * 1000 for one in seen for gap in one.renewal_gaps]),
            "resumes": sum(wire.resumes for wire in wires),
            "snapshots": sum(wire.snapshots for wire in wires),
            "sent_twice_bytes_a_socket": round(sum(wire.twice_bytes for wire in wires) / max(1, sockets)),
        }

    # --- one reader

    async def _read(self, one: Seen, until: float) -> None:
        one.page.on_pause = lambda began, ended: _look_at_pause(one, began, ended, self._chosen.pause)
        await asyncio.sleep(self._dice.uniform(0, self._chosen.rest))
        while monotonic() < until:
            tally, began = Tally(self._arrivals), monotonic()
            try:
                problem = await one.page.reply("Go on.", tally)
            except (LineBroken, OSError, Refused) as error:
                problem = f"{type(error).__name__}: {error}"
            one.replies += 1
            lost = tally.lost(one.tokens_a_reply)
            one.lost, one.repeated = one.lost + lost, one.repeated + tally.repeated
            one.disordered += tally.disordered
            if problem:
                one.problems[problem] += 1
            if problem or lost or tally.repeated or tally.disordered:
                one.bad_times.append((began, monotonic()))
            await asyncio.sleep(self._rest())

    def _rest(self) -> float:
        """Between two replies; now and then longer than what counts as idle."""
        if self._dice.random() < LONG_PAUSE_SHARE:
            return float(self._chosen.idle_seconds * 1.5)
        return self._dice.uniform(0, self._chosen.rest)

    async def _renew(self, one: Seen) -> None:
        limit = self._chosen.connection_seconds
        await one.page.live(
            renew_seconds=lambda: limit * (RENEW_SHARE - self._dice.random() * RENEW_SPREAD),
            ping_seconds=self._chosen.idle_seconds * PING_SHARE,
        )

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = monotonic()
            for one in self.seen:
                one.page.follower.tick(now)


def _look_at_pause(one: Seen, began: float, ended: float, most: float) -> None:
    if ended - began > most:
        one.long_pauses.append((began, ended))
    if one.page.opened_at and one.page.opened_at[-1] >= began:
        one.renewal_gaps.append(ended - began)


def _noticed(one: Seen) -> int:
    """How many of a reader's sockets it noticed."""
    troubles = [*one.bad_times, *(pause for pause in one.long_pauses if _at_a_change(one, pause))]
    begins = one.page.opened_at
    lives = list(zip(begins, [*begins[1:], float("inf")], strict=True))
    return sum(
        any(began <= trouble[1] and trouble[0] - AROUND_SECONDS <= ended for trouble in troubles)
        for began, ended in lives
    )


def _at_a_change(one: Seen, pause: tuple[float, float]) -> bool:
    changes = [*one.page.opened_at[1:], *one.page.lost_at]
    return any(pause[0] - AROUND_SECONDS <= at <= pause[1] for at in changes)


async def measure(chosen: argparse.Namespace, url: str, environment: Mapping[str, str], model: str) -> dict[str, Any]:
    """Lets them read; what became of it."""
    pace = f"paced-ttft200-tps{chosen.tokens_a_second:g}-n{chosen.tokens}"
    readers = await asyncio.to_thread(add_readers, environment, model, [pace] * chosen.readers)
    rotation = Rotation(chosen, url, readers)

    async def stay_signed_in() -> None:
        while True:
            await asyncio.sleep(SIGN_IN_SECONDS)
            await asyncio.to_thread(renew_sign_ins, environment, readers)

    signing = asyncio.create_task(stay_signed_in())
    await rotation.run()
    signing.cancel()
    return rotation.report()


def table(figures: dict[str, Any]) -> str:
    gaps = figures["gap_at_renewal_ms"]
    rows = [
        ("readers, minutes", f"{figures['readers']}, {figures['minutes']:g}", ""),
        ("replies, tokens", f"{figures['replies']:,}, {figures['tokens']:,}", ""),
        ("sockets they used", f"{figures['sockets']:,}", ""),
        ("of these closed by the gateway, not renewed in time", f"{figures['closed_by_gateway']}", "0"),
        ("sockets unnoticed by their readers", f"{figures['share_unnoticed']:.3%}", "≥ 99.9 %"),
        ("readers who noticed one", f"{figures['readers_who_noticed']}", "0"),
        (
            "tokens lost / doubled / out of order",
            f"{figures['lost']} / {figures['repeated']} / {figures['disordered']}",
            "0 / 0 / 0",
        ),
        ("replies that failed", f"{sum(figures['problems'].values())}", "0"),
        (
            "longest time without text around a renewal, ms: p50 / p95 / p99 / most",
            " / ".join(f"{gaps[part]:.0f}" for part in ("p50", "p95", "p99", "most")) if gaps else "–",
            f"≤ {figures['pause_seconds'] * 1000:g}",
        ),
        ("pauses longer than that far from any renewal", f"{figures['pauses_elsewhere']}", "–"),
        ("text sent again for a new socket, bytes", f"{figures['sent_twice_bytes_a_socket']:,}", "–"),
    ]
    lines = ["| what | measured | goal |", "|---|---|---|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def main() -> None:
    import uvloop

    chosen = arguments(sys.argv[1:])
    # So that what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    open_many_files()
    limits = {"idle_seconds": chosen.idle_seconds, "connection_seconds": chosen.connection_seconds}
    with stage(workers=chosen.workers, at_once=chosen.readers * 2, socket_limits=limits) as one:
        say(f"{chosen.readers} readers for {chosen.minutes:g} minutes …")
        figures = uvloop.run(measure(chosen, one.cloud.url, one.cloud.environment, one.addresses["direct"]))
    print(table(figures))
    print(json.dumps({"machine": machine(), **figures}))
    if chosen.pages:
        write_between_marks(PAGE, BEGIN, f"Machine: {machine()}\n\n{table(figures)}")
    if figures["share_unnoticed"] < 0.999 or figures["lost"] or figures["problems"]:
        sys.exit(1)


def arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--readers", type=int, default=100)
    parser.add_argument("--connection-seconds", type=float, default=90, help="instead of two hours")
    parser.add_argument("--idle-seconds", type=float, default=45, help="instead of ten minutes")
    parser.add_argument("--tokens", type=int, default=600, help="of a reply")
    parser.add_argument("--tokens-a-second", type=float, default=20)
    parser.add_argument("--rest", type=float, default=10, help="seconds between replies, at most")
    parser.add_argument("--pause", type=float, default=2, help="seconds without text that a reader notices")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-pages", dest="pages", action="store_false", help="leave docs/ as it is")
    return parser.parse_args(given)


if __name__ == "__main__":
    main()
