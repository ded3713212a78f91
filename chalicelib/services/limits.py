"""Limits: how fast somebody may ask, and how much they may use in a day (UTC) and keep.

Requests are counted in Redis where there is one, and in DynamoDB where there is none or it does not answer.
"""

import hashlib
from datetime import UTC, datetime, time, timedelta
from ipaddress import IPv6Network
from typing import TYPE_CHECKING

from chalicelib.clients.clock import Clock
from chalicelib.errors import QuotaExceeded
from chalicelib.models.users import Usage
from chalicelib.settings import Settings
from chalicelib.stores.limits import LimitsStore
from chalicelib.stores.users import normal_email

if TYPE_CHECKING:
    from pynamodb.transactions import TransactWrite

    from chalicelib.stores.rates import RedisRates


MAILS_PER_MINUTE = 3
EVENTS_EACH_REQUEST = 3
"""How much oftener than other requests events may be asked for."""
FRAMES_OF_ALL_SOCKETS = 4
"""How many times the frames of one socket all sockets of a person may send."""


class Limits:
    def __init__(
        self, *, limits_store: LimitsStore, redis_rates: "RedisRates | None", settings: Settings, clock: Clock
    ) -> None:
        self._store = limits_store
        self._redis = redis_rates
        self._settings = settings
        self._clock = clock

    # --- how fast; all raise QuotaExceeded

    def check_request(self, user_id: str) -> None:
        """Counts a request of somebody signed in."""
        self._take(user_id, "requests", self._settings.requests_per_minute)

    def check_event(self, user_id: str) -> None:
        """Counts a request for a reply's events: a page without a socket asks again after each batch of them."""
        self._take(user_id, "events", self._settings.requests_per_minute * EVENTS_EACH_REQUEST)

    def check_frame(self, user_id: str) -> None:
        """Counts a frame from any of a person's sockets."""
        self._take(user_id, "frames", self._settings.socket_frames_per_minute * FRAMES_OF_ALL_SOCKETS)

    def check_visitor(self, address: str) -> None:
        """Counts a request of somebody not signed in."""
        self._take(f"address#{_network(address)}", "requests", self._settings.requests_per_minute)

    def check_address(self, address: str) -> None:
        """Counts an attempt to sign in, sign up or reset a password."""
        self._take(f"address#{_network(address)}", "sign-ins", self._settings.sign_ins_per_minute)

    def check_name(self, email: str) -> None:
        """Counts an attempt at one account, from wherever it comes and however its address is spelt."""
        self._take(_account(email), "sign-ins", self._settings.sign_ins_per_minute)

    def check_mail(self, email: str) -> None:
        """Counts a mail that somebody has sent to one address."""
        self._take(_account(email), "mails", MAILS_PER_MINUTE)

    def check_proof(self, user_id: str) -> None:
        """Counts a password given by somebody signed in."""
        self._take(user_id, "proofs", self._settings.sign_ins_per_minute)

    # --- how much

    def take_reply(self, write: "TransactWrite", user_id: str) -> None:
        """Counts a reply in the transaction that begins it, which fails when nothing is left: `check_reply` says so."""
        knobs, today = self._settings, self._clock.now().astimezone(UTC).date()
        self._store.take_reply(
            write, user_id, today, replies_most=knobs.replies_per_day, tokens_most=knobs.tokens_per_day
        )

    def check_reply(self, user_id: str) -> None:
        """Raises QuotaExceeded when the day's replies or tokens are used up."""
        knobs, today = self._settings, self._clock.now().astimezone(UTC)
        used = self._store.day(user_id, today.date())
        if used.replies < knobs.replies_per_day and used.tokens < knobs.tokens_per_day:
            return
        what = "replies" if used.replies >= knobs.replies_per_day else "tokens"
        raise QuotaExceeded(
            f"Today's {what} are used up. They start again at midnight UTC.",
            retry_after_seconds=_seconds_of_the_day_left(today),
            quota=what,
        )

    def add_tokens(self, user_id: str, count: int) -> None:
        """Counts what a reply used. It is over by then: only the next reply is refused."""
        if count > 0:
            self._store.add_tokens(user_id, self._clock.now().astimezone(UTC).date(), count)

    def add_storage(self, user_id: str, delta: int) -> None:
        """Counts bytes kept, or given back when negative. Raises QuotaExceeded when they do not fit."""
        if not self._store.add_storage(user_id, delta, most=self._settings.storage_bytes):
            raise QuotaExceeded(
                "Your storage is full. Delete for good what you no longer need, then try again.",
                code="storage_full",
                quota="storage",
            )

    def settle_storage(self, user_id: str, delta: int) -> None:
        """Counts the difference between what was reserved and what is kept, even where that goes above the quota."""
        self._store.settle_storage(user_id, delta)

    def usage(self, user_id: str) -> Usage:
        day = self._clock.now().astimezone(UTC).date()
        used = self._store.day(user_id, day)
        return Usage(
            day=day.isoformat(),
            replies=used.replies,
            replies_allowed=self._settings.replies_per_day,
            tokens=used.tokens,
            tokens_allowed=self._settings.tokens_per_day,
            storage_bytes=self._store.storage(user_id),
            storage_allowed_bytes=self._settings.storage_bytes,
        )

    def _take(self, subject: str, what: str, per_minute: int) -> None:
        wait = self._redis.take(subject, what, per_minute=per_minute) if self._redis else None
        if wait is None:
            wait = self._store.take(subject, what, per_minute=per_minute, now=self._clock.now())
        if wait > 0:
            raise QuotaExceeded("That was too fast. Wait a moment and try again.", retry_after_seconds=max(1, wait))


def _account(email: str) -> str:
    return f"email#{hashlib.sha256(normal_email(email).encode()).hexdigest()}"


def _network(address: str) -> str:
    """What counts as one address: a household has a whole /64 of IPv6."""
    if ":" not in address:
        return address or "unknown"
    return str(IPv6Network((address, 64), strict=False).network_address)


def _seconds_of_the_day_left(now: datetime) -> int:
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), tzinfo=UTC)
    return max(1, int((midnight - now).total_seconds()))
