"""What each process of the local stack spent: on a busy machine CPU time says more than the clock."""

from collections.abc import Iterator
from contextlib import contextmanager

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
    spent, before = Spent(), _seconds(cloud)
    yield spent
    spent.seconds = {role: seconds - before.get(role, 0.0) for role, seconds in _seconds(cloud).items()}


def _seconds(cloud: Cloud) -> dict[str, float]:
    found = {}
    for role in cloud.roles:
        pid = cloud.pid(role)
        if pid is not None:
            times = psutil.Process(pid).cpu_times()
            found[role] = times.user + times.system
    return found
