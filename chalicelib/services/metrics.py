"""Numbers about replies for the operator: counted in memory, written out by whoever hosts the process."""

import threading
from collections import Counter
from typing import Literal, Protocol

Name = Literal["Replies", "Frames", "Pieces", "Resumes", "Stops", "Orphans", "Errors", "LogSwitches"]
Timing = Literal["FirstToken", "AddedToFirstToken"]


class Sink(Protocol):
    """Where numbers go. Both are called from any thread."""

    def count(self, name: str, amount: int) -> None: ...

    def time(self, name: str, milliseconds: float) -> None: ...


class Metrics:
    """Adds up, and hands on to a sink when the process has one."""

    def __init__(self, sink: Sink | None = None) -> None:
        self._sink = sink
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()

    def count(self, name: Name, amount: int = 1) -> None:
        with self._lock:
            self.counts[name] += amount
        if self._sink is not None:
            self._sink.count(name, amount)

    def time(self, name: Timing, milliseconds: float) -> None:
        if self._sink is not None:
            self._sink.time(name, milliseconds)
