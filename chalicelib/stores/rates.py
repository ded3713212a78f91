"""Token buckets in Redis: how fast somebody may ask."""

import time
from collections.abc import Callable
from typing import Any

from chalicelib.stores.redis import DOES_NOT_ANSWER

REST_SECONDS = 5
"""After a failure Redis is left alone so long, or every request would wait for its time-out."""

# A token bucket of ARGV[2] requests, one more each ARGV[1] milliseconds; kept as the moment it will be full again.
# Answers how many milliseconds to wait. The server's own clock counts: callers' clocks differ.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + ARGV[1]
local wait = full - now - ARGV[1] * ARGV[2]
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], full, 'PX', math.ceil(full - now) + 1000)
return 0
"""


class RedisRates:
    """Token buckets in Redis."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._connection: Any = None
        self._rests_until = 0.0

    def take(self, subject: str, what: str, *, per_minute: int) -> float | None:
        """Seconds to wait, 0 when the request may pass; None when Redis does not answer."""
        if time.monotonic() < self._rests_until:
            return None
        try:
            if self._connection is None:
                self._connection = self._connect()
            wait = self._connection.eval(_TAKE, 1, f"rate:{{{subject}}}:{what}", 60_000 / per_minute, per_minute)
        except DOES_NOT_ANSWER:
            self._connection = None
            self._rests_until = time.monotonic() + REST_SECONDS
            return None
        return int(wait) / 1000
