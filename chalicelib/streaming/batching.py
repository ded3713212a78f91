"""When text leaves for the readers, and in which pieces: the first at once, then in growing intervals.

Each piece is a write to the log and a billed message a reader. A reply's beginning is read as it comes; further on some
tenths of a second go unnoticed, because the client draws smoothly between frames. A process that writes very many
replies at once stretches the intervals of all: so it stays in time, instead of ever later.
"""

from collections.abc import Callable
from dataclasses import dataclass

GROWS_OVER = 30
"""Number of pieces after which the interval has grown to its most."""
EARLY_SECONDS = 0.01
"""A piece may leave so much before it is due: then what was read just now goes along."""
CROWDED_SECONDS_MOST = 1.0
"""However many replies there are: a worker that is killed loses what it has not written."""
PIECE_CHARACTERS_MOST = 8_000
"""However much a provider sends at once: a frame of it, escaped, stays far below API Gateway's 128 KB."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The intervals of one deployment, in seconds, and the size that does not wait."""

    first: float = 0.0
    least: float = 0.1
    most: float = 0.4
    bytes: int = 2048
    crowd: int = 250
    """Replies in one process from which on the intervals stretch."""

    def interval(self, pieces: int, replies: int = 1) -> float:
        """Seconds that pass after the last of so many pieces before the next one, among so many replies."""
        if pieces == 0:
            return self.first
        alone = self.least + (self.most - self.least) * min(1.0, (pieces - 1) / GROWS_OVER)
        return max(alone, min(CROWDED_SECONDS_MOST, alone * replies / self.crowd))


class Batch:
    """Text that waits for its piece. Times are seconds of any clock that only goes forward."""

    def __init__(self, rhythm: Rhythm, replies: Callable[[], int] = lambda: 1) -> None:
        """`replies` tells how many there are in this process."""
        self._rhythm, self._replies = rhythm, replies
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._size = 0
        self._pieces = 0
        self._left_at = 0.0
        self._since = 0.0

    def add(self, now: float, text: str = "", reasoning: str = "") -> None:
        if not (text or reasoning):
            return
        if not self._size:
            self._since = now
        if text:
            self._text.append(text)
        if reasoning:
            self._reasoning.append(reasoning)
        self._size += len(text.encode()) + len(reasoning.encode())

    @property
    def interval(self) -> float:
        """Seconds between the last piece and the next."""
        return self._rhythm.interval(self._pieces, self._replies())

    @property
    def is_large(self) -> bool:
        """Whether it is so much that it does not wait."""
        return self._size >= self._rhythm.bytes

    @property
    def due_at(self) -> float | None:
        """When the next piece leaves; in the past when it is large enough already; None while nothing waits."""
        if not self._size:
            return None
        if self.is_large:
            return self._since
        started = self._left_at if self._pieces else self._since
        return max(self._since, started + self.interval)

    def rest(self, now: float) -> float:
        """How long the model's answer may lie unread without any of it coming late."""
        if not self._pieces and not self._size:
            return 0.0
        due_at = self.due_at
        if due_at is None:
            due_at = self._left_at + self.interval
        elif due_at - now <= EARLY_SECONDS:
            # What waits leaves at once; the rest is until the piece after it.
            return self._rhythm.interval(self._pieces + 1, self._replies()) - EARLY_SECONDS / 2
        return max(0.0, due_at - now - EARLY_SECONDS / 2)

    def take(self, now: float) -> list[tuple[str, str]]:
        """All that waits, as (text, reasoning) of one piece, or of several when it is very much."""
        text, reasoning = "".join(self._text), "".join(self._reasoning)
        self._text.clear()
        self._reasoning.clear()
        self._size = 0
        self._left_at = now
        pieces = [("", part) for part in _parts(reasoning)] + [(part, "") for part in _parts(text)]
        if len(text) + len(reasoning) <= PIECE_CHARACTERS_MOST and pieces:
            pieces = [(text, reasoning)]
        self._pieces += len(pieces)
        return pieces


def _parts(text: str) -> list[str]:
    return [text[at : at + PIECE_CHARACTERS_MOST] for at in range(0, len(text), PIECE_CHARACTERS_MOST)]
