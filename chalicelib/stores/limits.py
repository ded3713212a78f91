"""What somebody used: counted in DynamoDB. (Requests are counted in Redis first: rates.py.)

requests   live   pk user | address#… | email#…   sk rate#{what}#{minute}
day        live   pk user                         sk usage#{day}
storage    main   pk user                         sk storage
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from pynamodb.attributes import NumberAttribute
from pynamodb.exceptions import DoesNotExist, UpdateError
from pynamodb.transactions import TransactWrite

from chalicelib.stores.tables import LiveMeta, LiveRow, MainMeta, MainRow

DAYS_KEPT = 40
SHARE_MOST = 10
"""How many requests are taken from the table at once, so that not every request is a write."""
SHARES_HELD_MOST = 10_000
_USED_UP = -1
"""A share in the place of one: the minute's count is full, so who asks on is refused without another request."""


class RateRow(LiveRow):
    class Meta(LiveMeta):
        pass

    used = NumberAttribute(default=0)


class DayRow(LiveRow):
    class Meta(LiveMeta):
        pass

    replies = NumberAttribute(default=0)
    tokens = NumberAttribute(default=0)


class StorageRow(MainRow):
    class Meta(MainMeta):
        pass

    used_bytes = NumberAttribute(default=0)


@dataclass(frozen=True)
class DayUsed:
    replies: int
    tokens: int


class LimitsStore:
    def __init__(self) -> None:
        self._shares: dict[tuple[str, str], tuple[int, int]] = {}

    def take(self, subject: str, what: str, *, per_minute: int, now: datetime) -> float:
        """Seconds to wait, 0 when the request may pass: a count a minute, taken in shares."""
        minute, second = divmod(int(now.timestamp()), 60)
        held_minute, held = self._shares.get((subject, what), (minute, 0))
        if held_minute == minute and held > 0:
            self._shares[subject, what] = (minute, held - 1)
            return 0.0
        if held_minute == minute and held == _USED_UP:
            return float(60 - second)
        share = max(1, min(SHARE_MOST, per_minute // 20))
        for count in dict.fromkeys((share, 1)):
            if self._count(subject, what, minute, count, per_minute):
                self._hold(subject, what, minute, count - 1)
                return 0.0
        self._hold(subject, what, minute, _USED_UP)
        return float(60 - second)

    def take_reply(self, write: TransactWrite, user_id: str, day: date, *, replies_most: int, tokens_most: int) -> None:
        """Counts one more reply in a transaction, which fails when the day's replies or tokens are used up."""
        room = (DayRow.replies.does_not_exist() | (DayRow.replies < replies_most)) & (
            DayRow.tokens.does_not_exist() | (DayRow.tokens < tokens_most)
        )
        write.update(DayRow(user_id, f"usage#{day}"), actions=[DayRow.replies.add(1), _kept(day)], condition=room)

    def add_tokens(self, user_id: str, day: date, count: int) -> None:
        DayRow(user_id, f"usage#{day}").update(actions=[DayRow.tokens.add(count), _kept(day)])

    def day(self, user_id: str, day: date) -> DayUsed:
        try:
            row = DayRow.get(user_id, f"usage#{day}", consistent_read=True)
        except DoesNotExist:
            return DayUsed(0, 0)
        return DayUsed(int(row.replies or 0), int(row.tokens or 0))

    def add_storage(self, user_id: str, delta: int, *, most: int) -> bool:
        """Counts bytes in (or out, when negative); False when they do not fit."""
        row, add = StorageRow(user_id, "storage"), StorageRow.used_bytes.add(delta)
        if delta <= 0:
            self.settle_storage(user_id, delta)
            return True
        if delta > most:
            return False
        return _try(row, [add], StorageRow.used_bytes.does_not_exist() | (StorageRow.used_bytes <= most - delta))

    def settle_storage(self, user_id: str, delta: int) -> None:
        """Counts bytes in or out, whatever is allowed."""
        StorageRow(user_id, "storage").update(actions=[StorageRow.used_bytes.add(delta)])

    def storage(self, user_id: str) -> int:
        try:
            return max(0, int(StorageRow.get(user_id, "storage").used_bytes))
        except DoesNotExist:
            return 0

    def _hold(self, subject: str, what: str, minute: int, held: int) -> None:
        if len(self._shares) >= SHARES_HELD_MOST:
            self._shares.clear()
        self._shares[subject, what] = (minute, held)

    def _count(self, subject: str, what: str, minute: int, count: int, most: int) -> bool:
        return _try(
            RateRow(subject, f"rate#{what}#{minute}"),
            [RateRow.used.add(count), RateRow.expires_at.set((minute + 2) * 60)],
            RateRow.used.does_not_exist() | (RateRow.used <= most - count),
        )


def _kept(day: date) -> Any:
    """Lets the row of a day go after DAYS_KEPT."""
    gone = datetime.combine(day, datetime.min.time()) + timedelta(days=DAYS_KEPT)
    return DayRow.expires_at.set(int(gone.timestamp()))


def _try(row: Any, actions: list[Any], condition: Any) -> bool:
    """Whether the condition held and the update was made."""
    try:
        row.update(actions=actions, condition=condition)
    except UpdateError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise
        return False
    return True
