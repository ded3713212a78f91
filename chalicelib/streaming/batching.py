"""When text leaves for the readers, and in which pieces: the first at once, then in growing intervals.

Each piece is a write to the log and a billed message a reader. A reply's beginning is read as it comes; further on a
quarter of a second goes unnoticed, because the client draws smoothly between frames.
"""

from dataclasses import dataclass

GROWS_OVER = 12
"""Number of pieces after which the interval has grown to its most."""
PIECE_CHARACTERS_MOST = 8_000
"""However much a provider sends at once: a frame of it, escaped, stays far below API Gateway's 128 KB."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The intervals of one deployment, in seconds, and the size that does not wait."""

    first: float = 0.0
    least: float = 0.1
    most: float = 0.25
    bytes: int = 2048

    def interval(self, pieces: int) -> float:
        """Seconds that pass after the last of so many pieces before the next one."""
        if pieces == 0:
            return self.first
        return self.least + (self.most - self.least) * min(1.0, (pieces - 1) / GROWS_OVER)


class Batch:
    """Text that waits for its piece. Times are seconds of any clock that only goes forward."""

    def __init__(self, rhythm: Rhythm) -> None:
        self._rhythm = rhythm
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
        return max(self._since, started + self._rhythm.interval(self._pieces))

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
