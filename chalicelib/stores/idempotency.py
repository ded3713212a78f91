"""Sending twice is sending once: one item per write, beside what it wrote, for a day.

    once   pk owner   sk once#{route}#{key}      hash of the body, and what to answer again

The item goes into the same transaction as the write. A reader looks for it before anything else.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from pynamodb.attributes import JSONAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.transactions import TransactWrite

from chalicelib.errors import Conflict, Invalid
from chalicelib.stores.tables import MainMeta, MainRow
from chalicelib.stores.transactions import Join

KEPT_SECONDS = 86_400
KEY_CHARACTERS_MOST = 128


class OnceRow(MainRow):
    class Meta(MainMeta):
        pass

    body_hash = UnicodeAttribute()
    answer = JSONAttribute()


class Idempotency:
    """`route` names the write; `key` is the client's; `answer` is small JSON: ids, not texts."""

    def find(self, owner_id: str, route: str, key: str, body: BaseModel) -> Any | None:
        """What the same request was answered before, None when it is new.

        Raises Invalid (`idempotency_mismatch`) when the key came with another body.
        """
        try:
            row = OnceRow.get(owner_id, _sort_key(route, key), consistent_read=True)
        except DoesNotExist:
            return None
        if row.body_hash != _hash(body):
            raise Invalid(
                "This idempotency key was used for something else. Send the request again with a new key.",
                code="idempotency_mismatch",
            )
        return row.answer

    def join(
        self,
        transaction: TransactWrite,
        owner_id: str,
        route: str,
        key: str,
        body: BaseModel,
        answer: Any,
        now: datetime,
    ) -> None:
        """Adds the item to a transaction, which fails when the key is there already: then `find` has the answer."""
        row = _row(owner_id, route, key, body, answer, now)
        transaction.save(row, condition=OnceRow.sk.does_not_exist())

    def once(
        self,
        owner_id: str,
        route: str,
        key: str | None,
        body: BaseModel,
        answer: Any,
        now: datetime,
        write: Callable[[Join | None], object],
    ) -> Any:
        """Has `write` make its transaction with the item in it; the answer that counts.

        That is `answer`, or what an equal request was answered that came at the same moment and was faster. `write`
        raises Conflict when its transaction failed.
        """
        if key is None:
            write(None)
            return answer
        try:
            write(lambda transaction: self.join(transaction, owner_id, route, key, body, answer, now))
        except Conflict:
            faster = self.find(owner_id, route, key, body)
            if faster is None:
                raise
            return faster
        return answer


def once_place(owner_id: str, route: str, key: str) -> tuple[str, str]:
    """Partition and sort key of the item of a write. Raises Invalid for a key that is none."""
    return owner_id, _sort_key(route, key)


def _row(owner_id: str, route: str, key: str, body: BaseModel, answer: Any, now: datetime) -> OnceRow:
    return OnceRow(
        pk=owner_id,
        sk=_sort_key(route, key),
        body_hash=_hash(body),
        answer=answer,
        expires_at=int(now.timestamp()) + KEPT_SECONDS,
    )


def _sort_key(route: str, key: str) -> str:
    if not key or len(key) > KEY_CHARACTERS_MOST:
        raise Invalid(f"The Idempotency-Key must have 1 to {KEY_CHARACTERS_MOST} characters.")
    return f"once#{route}#{key}"


def _hash(body: BaseModel) -> str:
    return hashlib.sha256(body.model_dump_json().encode("utf-8", "surrogatepass")).hexdigest()
