"""Time, ids and dice: what pure code gets handed instead of looking for itself."""

import random
import secrets
import time
from datetime import UTC, datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_TIME_LETTERS = 9
_CHANCE_LETTERS = 11


class Clock:
    """The real ones. Tests hand in a subclass."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def new_id(self) -> str:
        """A fresh id of 20 letters that sorts by time (milliseconds, then 55 random bits)."""
        milliseconds = int(self.now().timestamp() * 1000)
        return _letters(milliseconds, _TIME_LETTERS) + _letters(secrets.randbits(55), _CHANCE_LETTERS)

    def sleep(self, seconds: float) -> None:
        """Waits. Not for what runs on an event loop."""
        time.sleep(seconds)

    def dice(self) -> random.Random:
        """A generator of its own for one piece of work."""
        return random.Random(secrets.randbits(64))


def _letters(number: int, count: int) -> str:
    return "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(count)))
