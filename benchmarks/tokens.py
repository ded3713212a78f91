"""Reads the stamps in a paced model's tokens, from whatever text they arrive in."""

import re
from dataclasses import dataclass, field
from time import monotonic_ns

TOKEN = re.compile(r"~(\d+):(\d+)(?::(\d+))?~")


@dataclass
class Tally:
    """What one reply's reader saw. Times are milliseconds."""

    sent_ns: int = 0
    added_first_token_ms: float | None = None
    in_flight_ms: list[float] = field(default_factory=list)
    tokens: int = 0
    missing: int = 0
    repeated: int = 0
    frames: int = 0
    bytes: int = 0
    _tail: str = ""
    _last: int = -1

    def begin(self) -> None:
        """Call right before the request is written."""
        self.sent_ns = monotonic_ns()

    def feed(self, text: str, size: int) -> None:
        """Takes text as it arrives: any wrapping, any batching."""
        now = monotonic_ns()
        self.frames += 1
        self.bytes += size
        text = self._tail + text
        end = 0
        for found in TOKEN.finditer(text):
            end = found.end()
            self._token(int(found[1]), int(found[2]), int(found[3] or 0), now)
        start = text.rfind("~", end)
        self._tail = text[start:] if start >= 0 else ""

    def _token(self, seq: int, sent_ns: int, received_ns: int, now: int) -> None:
        if seq <= self._last:
            self.repeated += 1
            return
        self.missing += seq - self._last - 1
        self._last = seq
        self.tokens += 1
        self.in_flight_ms.append((now - sent_ns) / 1e6)
        if seq == 0:
            self.added_first_token_ms = (received_ns - self.sent_ns + now - sent_ns) / 1e6


def spread(values: list[float]) -> dict[str, float]:
    """p50, p95, p99 and the most of some figures, rounded to a hundredth; empty for none."""
    if not values:
        return {}
    ordered = sorted(values)

    def part(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)

    return {"p50": part(0.5), "p95": part(0.95), "p99": part(0.99), "most": part(1.0)}
