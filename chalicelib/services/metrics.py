"""Numbers about replies for the operator: gathered in memory, written out by the door. Never anything of a chat.

docs/operations.md says what each of them means, and which ask for somebody to look.
"""

import threading
from collections import Counter
from typing import Literal

Count = Literal[
    "Replies",
    "Errors",
    "Frames",
    "Pieces",
    "FramesLost",
    "Resumes",
    "Holes",
    "Stops",
    "Orphans",
    "LogSwitches",
    "Conflicts",
    "PromptsLost",
    "FramesRefused",
]
Timing = Literal["FirstToken", "QueueWait", "Resume"]
TIMINGS_MOST = 1_000


class Metrics:
    """Usable from any thread. What happens with every frame is added up by who does it and counted at its end."""

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
