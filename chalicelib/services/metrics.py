"""Numbers about replies for the operator: gathered in memory, written out by the door. Never anything of a chat."""

import threading
from collections import Counter
from typing import Literal

Count = Literal["Replies", "Frames", "Pieces", "Resumes", "Stops", "Orphans", "Errors", "LogSwitches"]
Timing = Literal["FirstToken"]
TIMINGS_MOST = 1_000


class Metrics:
    """Cheap enough for every frame; usable from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._milliseconds: dict[str, list[float]] = {}

    def count(self, name: Count, amount: int = 1) -> None:
        with self._lock:
            self._counts[name] += amount

    def time(self, name: Timing, milliseconds: float) -> None:
        with self._lock:
            taken = self._milliseconds.setdefault(name, [])
            if len(taken) < TIMINGS_MOST:
                taken.append(milliseconds)

    def take(self) -> tuple[dict[str, int], dict[str, list[float]]]:
        """Counts, and milliseconds, since the last time."""
        with self._lock:
            taken = dict(self._counts), self._milliseconds
            self._counts, self._milliseconds = Counter(), {}
        return taken
