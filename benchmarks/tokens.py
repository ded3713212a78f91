"""Reads the stamps in a paced model's tokens, from whatever bytes they arrive in."""

import re
from array import array
from collections.abc import Sequence
from time import monotonic_ns

TOKEN = re.compile(rb"~(\d+):(\d+)(?::(\d+))?~")


class Arrivals:
    """All tokens that came: nanoseconds on their way, and the moment. Two flat arrays: there are millions of them."""

    def __init__(self) -> None:
        self.in_flight = array("q")
        self.at = array("q")

    def in_flight_ms(self, begin: int = 0, end: int = 1 << 62) -> list[float]:
        """Of the tokens that came between two moments."""
        return [took / 1e6 for took, at in zip(self.in_flight, self.at, strict=True) if begin <= at <= end]

    def count(self, begin: int, end: int) -> int:
        return sum(1 for at in self.at if begin <= at <= end)


class Tally:
    """What one reply's reader saw of its tokens."""

    __slots__ = ("_arrivals", "_missing", "_next", "_tail", "disordered", "first_ns", "repeated", "sent_ns", "took_ns")

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self._next, self._tail = 0, b""
        self._missing: set[int] = set()
        self.repeated = self.disordered = 0
        self.sent_ns = self.first_ns = 0
        self.took_ns: int | None = None
        """Added time to the first token; None before it."""

    def begin(self) -> None:
        """Call right before the request is written."""
        self.sent_ns = monotonic_ns()

    def feed(self, data: bytes, now: int = 0) -> None:
        """Takes bytes as they arrive: any wrapping, any batching."""
        now = now or monotonic_ns()
        if self._tail:
            data = self._tail + data
        end, following = 0, self._next
        in_flight, at = self._arrivals.in_flight.append, self._arrivals.at.append
        for found in TOKEN.finditer(data):
            end = found.end()
            seq, sent = int(found[1]), int(found[2])
            if seq != following:
                if not self._astray(seq, following):
                    continue
                following = max(following, seq)
            in_flight(now - sent)
            at(now)
            if seq == following:
                following += 1
            if seq == 0 and self.took_ns is None:
                self.first_ns, self.took_ns = now, int(found[3] or 0) - self.sent_ns + now - sent
        self._next = following
        start = data.rfind(b"~", max(end, len(data) - 64))
        self._tail = data[start:] if start >= 0 else b""

    def restart(self) -> None:
        """The reply begins anew under a higher epoch: what was shown of it is gone from the page."""
        self._next, self._tail = 0, b""
        self._missing.clear()

    def lost(self, tokens: int) -> int:
        """How many of so many tokens never came."""
        return len(self._missing) + max(0, tokens - self._next)

    @property
    def seen(self) -> int:
        return self._next - len(self._missing)

    def _astray(self, seq: int, following: int) -> bool:
        """Whether a token out of turn counts as one that came."""
        if seq > following:
            self._missing.update(range(following, seq))
            return True
        if seq in self._missing:
            self._missing.remove(seq)
            self.disordered += 1
            return True
        self.repeated += 1
        return False


def spread(values: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99 and the most of some figures, rounded to a hundredth; empty for none."""
    if not values:
        return {}
    ordered = sorted(values)

    def part(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)

    return {"p50": part(0.5), "p95": part(0.95), "p99": part(0.99), "most": part(1.0)}
