"""Transactions over the tables, committed once whatever the network does."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.errors import Unavailable
from chalicelib.stores.tables import transaction_connection

Join = Callable[[TransactWrite], None]
"""Adds somebody else's rows to a transaction."""

# Many cards dropped at once share tags: their transactions meet in the rows that count these.
_ATTEMPTS_MOST = 7
_PAUSE_SECONDS = 0.03
# Another transaction held one of the rows for a moment; nothing is wrong with ours.
_PASSING = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


def both(one: Join, other: Join | None) -> Join:
    """Adds the rows of two."""

    def join(transaction: TransactWrite) -> None:
        one(transaction)
        if other is not None:
            other(transaction)

    return join


class _Numbered(TransactWrite):
    """A transaction that knows in which order it was filled: pynamodb sorts what it sends by kind."""

    def __init__(self) -> None:
        # One token for all attempts: one whose answer was lost may have been done, whatever a later one is told.
        super().__init__(connection=transaction_connection(), client_request_token=str(uuid4()))
        self._kinds: list[int] = []

    def condition_check(self, *given: Any, **more: Any) -> None:
        self._kinds.append(0)
        super().condition_check(*given, **more)

    def delete(self, *given: Any, **more: Any) -> None:
        self._kinds.append(1)
        super().delete(*given, **more)

    def save(self, *given: Any, **more: Any) -> None:
        self._kinds.append(2)
        super().save(*given, **more)

    def update(self, *given: Any, **more: Any) -> None:
        self._kinds.append(3)
        super().update(*given, **more)

    def filled_as(self, sent_as: int) -> int:
        """The place at which `fill` added what was sent at a place."""
        return sorted(range(len(self._kinds)), key=lambda place: self._kinds[place])[sent_as]


def commit(fill: Join) -> list[int]:
    """Writes the transaction that `fill` describes; the places of the conditions that did not hold, [] when it is done.

    Places count what `fill` added, from 0. Raises Unavailable when other writes kept it out.
    """
    transaction = _Numbered()
    fill(transaction)
    for attempt in range(_ATTEMPTS_MOST):
        if attempt > 1:
            time.sleep(_PAUSE_SECONDS * 2 ** (attempt - 2))
        try:
            with transaction:
                return []
        except TransactWriteError as error:
            codes = [reason.code if reason else None for reason in error.cancellation_reasons]
            if "ConditionalCheckFailed" in codes:
                failed = [place for place, code in enumerate(codes) if code == "ConditionalCheckFailed"]
                return sorted(transaction.filled_as(place) for place in failed)
            if not _PASSING.intersection(codes):
                raise
    raise Unavailable("Several devices are writing at the same place. Try again in a moment.")
