"""What all users together have spent of Bedrock's daily allowance, in `live`: pk bedrock#{day}, sk spent."""

from collections.abc import Callable
from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute
from pynamodb.exceptions import DoesNotExist

from chalicelib.errors import QuotaExceeded
from chalicelib.stores.tables import LiveMeta, LiveRow
from chalicelib.stores.threads import in_thread

KEPT = timedelta(days=3)


class SpentRow(LiveRow):
    class Meta(LiveMeta):
        pass

    tokens = NumberAttribute(default=0)


class BedrockAllowance:
    """Replies that run at the same moment may together go a little above it."""

    def __init__(self, *, tokens_per_day: int, now: Callable[[], datetime]) -> None:
        self._allowed, self._now = tokens_per_day, now

    async def check(self) -> None:
        """Raises QuotaExceeded when the day's tokens are used up."""
        if await in_thread(self._spent) >= self._allowed:
            now = self._now()
            tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            raise QuotaExceeded(
                "This server's daily allowance for Amazon Bedrock is used up. It begins anew at midnight UTC.",
                retry_after_seconds=int((tomorrow - now).total_seconds()) + 1,
            )

    async def spend(self, tokens: int) -> None:
        await in_thread(self._add, tokens)

    def _spent(self) -> int:
        try:
            return int(SpentRow.get(self._key(), "spent", consistent_read=True).tokens)
        except DoesNotExist:
            return 0

    def _add(self, tokens: int) -> None:
        expiry = int((self._now() + KEPT).timestamp())
        SpentRow(self._key(), "spent").update(actions=[SpentRow.tokens.add(tokens), SpentRow.expires_at.set(expiry)])

    def _key(self) -> str:
        return f"bedrock#{self._now():%Y-%m-%d}"
