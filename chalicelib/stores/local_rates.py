"""Token buckets of this process alone, which cost no request. Those that all processes share are in rates.py."""

BUCKETS_MOST = 20_000


class LocalRates:
    def __init__(self) -> None:
        self._full_at: dict[str, float] = {}
        """The moment each bucket will be full again."""

    def take(self, name: str, *, per_minute: int, now: float) -> float:
        """Seconds to wait, 0 when it may pass: a bucket of `per_minute`, filled evenly. `now` in seconds."""
        each = 60 / per_minute
        full_at = max(self._full_at.get(name, now), now) + each
        wait = full_at - now - 60
        if wait > each / 2:
            return wait
        if len(self._full_at) >= BUCKETS_MOST:
            self._let_go(now)
        self._full_at[name] = full_at
        return 0.0

    def _let_go(self, now: float) -> None:
        """Forgets those that are full, or all: better to forgive everybody than to grow without end."""
        self._full_at = {name: full_at for name, full_at in self._full_at.items() if full_at > now}
        if len(self._full_at) >= BUCKETS_MOST:
            self._full_at.clear()
