"""The monkey: breaks processes and sockets after a schedule that follows from the seed, and mends what it halted."""

import asyncio
import contextlib
import math
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import psutil
import redis

from chalicelib.clients.sockets import Poster
from devcloud.supervisor import Cloud
from tests.chaos.model import Model
from tests.chaos.readers import Device
from tests.support.redis_process import RedisProcess

OF_WORKERS = ("worker_killed", "worker_halted", "worker_killed", "worker_stopped", "worker_halted_long")
OF_REDIS = ("redis_flushed", "redis_killed", "redis_halted", "redis_emptied", "redis_killed")
SMALL_SECONDS = 0.6
"""Between two sockets that are cut."""


@dataclass(frozen=True, slots=True)
class Blow:
    """One fault of the schedule."""

    after: float
    """Seconds since the one before."""
    kind: str
    seconds: float
    """How long it stays broken, where that is for the monkey to say."""
    which: float
    """Chooses among several, from 0 to 1."""


@dataclass(slots=True)
class Outage:
    """How long something that was struck did not do its work."""

    of: str
    """redis or front."""
    since: float
    until: float = math.inf

    def overlap(self, since: float, until: float) -> float:
        """Seconds of this stretch of time in which it was out."""
        return max(0.0, min(self.until, until) - max(self.since, since))

    def touches(self, since: float, until: float) -> bool:
        return self.since <= until and self.until >= since


def schedule(seed: int, *, with_redis: bool, every: float, lease: float) -> "list[Blow]":
    """The first five hundred blows of a seed: each round deals every kind once, in an order of its own."""
    dice = random.Random(f"{seed}/monkey")
    kinds = [*OF_WORKERS, "front_killed", *(OF_REDIS if with_redis else ())]
    blows: list[Blow] = []
    while len(blows) < 500:
        dice.shuffle(kinds)
        if not blows:
            # A short run has what matters most.
            first = ["worker_killed", *(["redis_flushed", "redis_killed"] if with_redis else []), "front_killed"]
            dice.shuffle(first)
            kinds = first + [kind for kind in kinds if kind not in first]
        for kind in kinds:
            seconds = dice.uniform(0.3, 4.0) + (lease + 2 if kind == "worker_halted_long" else 0)
            blows.append(Blow(every * dice.uniform(0.6, 1.4), kind, seconds, dice.random()))
    return blows


class Monkey:
    def __init__(
        self, cloud: Cloud, server: RedisProcess | None, model: Model, poster: Poster, faults: Counter[str]
    ) -> None:
        self._cloud, self._redis, self._model, self._poster, self.faults = cloud, server, model, poster, faults
        self.devices: list[Device] = []
        self.blows_at: list[tuple[str, float]] = []
        """What was done when."""
        self.outages: list[Outage] = []
        self._workers = [role for role in cloud.roles if role.startswith("worker")]
        self._halted: set[str] = set()
        self._mending: set[asyncio.Task[None]] = set()

    async def run(self, blows: list[Blow]) -> None:
        """Until it is cancelled."""
        for blow in blows:
            await asyncio.sleep(blow.after)
            # On a busy machine a process takes its time to come back; what is down already cannot be broken.
            await asyncio.to_thread(self._cloud.wait_until_up, "front", timeout_seconds=60)
            if blow.kind.startswith("redis"):
                await self._redis_is_mended()
            await self._strike(blow)

    async def cut_sockets(self, seed: int) -> None:
        """Until it is cancelled."""
        dice = random.Random(f"{seed}/sockets")
        while True:
            await asyncio.sleep(SMALL_SECONDS * dice.uniform(0.5, 1.5))
            place, from_outside = dice.random(), dice.random() < 0.5
            if not self.devices:
                continue
            device = self.devices[int(place * len(self.devices))]
            if not from_outside:
                if device.abort():
                    self.faults["sockets_aborted"] += 1
            elif device.socket_id is not None:
                await self._poster.close_all([device.socket_id])
                self.faults["sockets_deleted"] += 1

    async def mend(self) -> None:
        """All processes run when this returns."""
        for task in list(self._mending):
            task.cancel()
        await asyncio.gather(*self._mending, return_exceptions=True)
        for role in self._workers:
            self._cloud.release(role)
            self._go_on(role)
        if self._redis is not None:
            self._redis.go_on()
            self._redis.kill(forgets=False)
            self._redis.start()
            await asyncio.to_thread(self._redis.wait_until_up)
        for role in self._cloud.roles:
            await asyncio.to_thread(self._cloud.wait_until_up, role, timeout_seconds=60)

    # --- blows

    async def _strike(self, blow: Blow) -> None:
        strikes: dict[str, Callable[[Blow], Awaitable[bool]]] = {
            "worker_killed": self._kill_worker,
            "worker_stopped": self._kill_worker,
            "worker_halted": self._halt_worker,
            "worker_halted_long": self._halt_worker,
            "front_killed": self._kill_front,
            "redis_flushed": self._flush,
            "redis_killed": self._kill_redis,
            "redis_emptied": self._kill_redis,
            "redis_halted": self._halt_redis,
        }
        at = time.monotonic()
        if await strikes[blow.kind](blow):
            self.faults[blow.kind] += 1
            self.blows_at.append((blow.kind, at))
            print(f"  monkey: {blow.kind}", file=sys.stderr)

    async def _kill_worker(self, blow: Blow) -> bool:
        role = self._worker(blow)
        if role is None:
            return False
        await self._hurt(role)
        self._cloud.kill(role, signal.SIGKILL if blow.kind == "worker_killed" else signal.SIGTERM)
        return True

    async def _halt_worker(self, blow: Blow) -> bool:
        role = self._worker(blow)
        if role is None:
            return False
        await self._hurt(role)
        self._cloud.kill(role, signal.SIGSTOP)
        self._halted.add(role)
        self._later(blow.seconds, lambda: self._go_on(role))
        return True

    async def _kill_front(self, blow: Blow) -> bool:
        killed = self._cloud.pid("front")
        if killed is None:
            return False
        outage = self._out("front")
        self._cloud.kill("front")

        def wait_until_up() -> None:
            self._cloud.wait_until_up("front", not_pid=killed, timeout_seconds=60)

        self._later(0, lambda: None, outage, thread=wait_until_up)
        return True

    async def _flush(self, blow: Blow) -> bool:
        assert self._redis is not None
        outage = self._out("redis")
        try:
            await asyncio.to_thread(self._redis.flush)
        except redis.RedisError:
            # It was down: nothing was struck.
            self.outages.remove(outage)
            return False
        outage.until = time.monotonic()
        return True

    async def _kill_redis(self, blow: Blow) -> bool:
        server = self._redis
        assert server is not None
        outage = self._out("redis")
        server.kill(forgets=blow.kind == "redis_emptied")
        self._later(blow.seconds, server.start, outage, thread=server.wait_until_up)
        return True

    async def _halt_redis(self, blow: Blow) -> bool:
        assert self._redis is not None
        outage = self._out("redis")
        self._redis.halt()
        self._later(blow.seconds, self._redis.go_on, outage)
        return True

    async def _hurt(self, role: str) -> None:
        """Notes which replies are at this worker."""
        pid = self._cloud.pid(role)
        if pid is not None:
            with contextlib.suppress(psutil.Error):
                lines = psutil.Process(pid).net_connections("tcp")
                ports = {line.laddr.port for line in lines if line.raddr and line.raddr.port == self._model.port}
                self._model.hurt(ports)

    def _worker(self, blow: Blow) -> str | None:
        running = [role for role in self._workers if self._cloud.pid(role) and role not in self._halted]
        return running[int(blow.which * len(running))] if running else None

    def _go_on(self, role: str) -> None:
        if role in self._halted:
            self._halted.discard(role)
            with contextlib.suppress(ProcessLookupError):
                self._cloud.kill(role, signal.SIGCONT)

    async def _redis_is_mended(self) -> None:
        while any(one.of == "redis" and one.until == math.inf for one in self.outages):
            await asyncio.sleep(0.05)

    def _out(self, of: str) -> Outage:
        outage = Outage(of, time.monotonic())
        self.outages.append(outage)
        return outage

    def _later(
        self,
        seconds: float,
        work: Callable[[], None],
        outage: Outage | None = None,
        *,
        thread: Callable[[], object] | None = None,
    ) -> None:
        """Mends something after a while; that ends its outage."""

        async def wait() -> None:
            await asyncio.sleep(seconds)
            work()
            if thread is not None:
                await asyncio.to_thread(thread)
            if outage is not None:
                outage.until = time.monotonic()

        task = asyncio.create_task(wait())
        self._mending.add(task)
        task.add_done_callback(self._mending.discard)
