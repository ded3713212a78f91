"""What each process spent: on a busy machine CPU time says more than the clock."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic_ns

import psutil

from devcloud.supervisor import Cloud


class Spent:
    """CPU seconds by process, between the beginning and the end of `counting`."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def told(self, count: int) -> str:
        """The milliseconds of one of `count` things, the gateway first."""
        each = {role: seconds * 1000 / count for role, seconds in self.seconds.items()}
        parts = ", ".join(f"{role} {each[role]:.1f}" for role in sorted(each, key=lambda role: -each[role]))
        return f"{sum(each.values()):.1f} ms ({parts})"


@contextmanager
def counting(cloud: Cloud) -> Iterator[Spent]:
    meter, spent = Meter(pids(cloud)), Spent()
    before = meter.mark()
    yield spent
    spent.seconds = Window(before, meter.mark()).cpu_seconds


def pids(cloud: Cloud) -> dict[str, int]:
    """The running processes of a cloud by role."""
    found = {role: cloud.pid(role) for role in cloud.roles}
    return {role: pid for role, pid in found.items() if pid is not None}


@dataclass(frozen=True)
class Mark:
    """A moment, and what had been spent until then."""

    at_ns: int
    cpu_seconds: Mapping[str, float]
    busy_seconds: float
    """Of all cores together, whoever used them."""


@dataclass(frozen=True)
class Window:
    begin: Mark
    end: Mark

    @property
    def seconds(self) -> float:
        return (self.end.at_ns - self.begin.at_ns) / 1e9

    @property
    def cpu_seconds(self) -> dict[str, float]:
        before = self.begin.cpu_seconds
        return {role: seconds - before.get(role, 0.0) for role, seconds in self.end.cpu_seconds.items()}

    @property
    def cores_of_others(self) -> float:
        """How many cores were used by processes that have nothing to do with it."""
        busy = self.end.busy_seconds - self.begin.busy_seconds
        return max(0.0, (busy - sum(self.cpu_seconds.values())) / self.seconds)


class Meter:
    """Reads what some processes spend; their roles name them."""

    def __init__(self, processes: Mapping[str, int]) -> None:
        self._processes = {role: psutil.Process(pid) for role, pid in processes.items()}
        self.memory_most: dict[str, int] = {}
        """The most bytes of each that `look_at_memory` saw."""

    def mark(self) -> Mark:
        spent = {}
        for role, process in self._processes.items():
            if process.pid == os.getpid():
                spent[role] = sum(os.times()[:2])
            elif process.is_running():
                times = process.cpu_times()
                spent[role] = times.user + times.system
        whole = psutil.cpu_times()
        return Mark(monotonic_ns(), spent, sum(whole[:8]) - whole.idle - whole.iowait)

    def look_at_memory(self) -> None:
        for role, process in self._processes.items():
            if process.is_running():
                self.memory_most[role] = max(self.memory_most.get(role, 0), process.memory_info().rss)
