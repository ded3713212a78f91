"""A transaction whose answer is lost is done once, whatever its repetitions meet."""

import json
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError
from pynamodb.attributes import NumberAttribute

from chalicelib.clients.direct import _ShortWay
from chalicelib.stores.tables import MainMeta, MainRow
from chalicelib.stores.transactions import commit
from tests.support.people import PASSWORD, Api
from tests.support.world import World

BUSY = (
    b'{"__type": "x#TransactionCanceledException", "Message": "Transaction cancelled",'
    b' "CancellationReasons": [{"Code": "TransactionConflict"}]}'
)


class Counted(MainRow):
    class Meta(MainMeta):
        pass

    count = NumberAttribute()


def test_an_unanswered_transaction_that_is_busy_at_its_repetition_is_repeated_as_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DynamoDB does not do again what it did under the same token; the emulator here knows no tokens."""
    ask, asked = _ShortWay._ask, []

    def moody(way: Any, operation: str, body: bytes) -> Any:
        if operation != "TransactWriteItems":
            return ask(way, operation, body)
        asked.append(json.loads(body))
        if len(asked) == 1:
            raise ConnectionClosedError(endpoint_url="http://dynamodb")
        return (400, BUSY, "") if len(asked) == 2 else ask(way, operation, body)

    monkeypatch.setattr(_ShortWay, "_ask", moody)
    row = Counted("PROBE#1", "count")
    assert commit(lambda write: write.update(row, actions=[Counted.count.add(1)])) == []
    assert len(asked) == 3
    assert len(asked[0]["ClientRequestToken"]) == 36
    assert asked[0] == asked[1] == asked[2]
    assert Counted.get("PROBE#1", "count").count == 1


def test_a_sign_up_that_meets_another_transaction_is_tried_again(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ask, refused = _ShortWay._ask, []

    def moody(way: Any, operation: str, body: bytes) -> Any:
        if operation != "TransactWriteItems" or refused:
            return ask(way, operation, body)
        refused.append(body)
        return 400, BUSY, ""

    monkeypatch.setattr(_ShortWay, "_ask", moody)
    answer = api.post("/auth/sign-up", {"name": "ada", "email": "ada@example.org", "password": PASSWORD})
    assert (answer.status, len(refused)) == (201, 1)
    again = api.post("/auth/sign-up", {"name": "eve", "email": "ada@example.org", "password": PASSWORD})
    assert (again.status, again.code) == (409, "address_taken")
