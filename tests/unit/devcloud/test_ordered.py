"""Queries of the local cloud that see only their page answer what MiniStack answers that sees everything."""

import json
import random
from typing import Any

import pytest
from ministack.services import dynamodb

from devcloud import ordered

OWNERS = ("ada", "bob")
SHELVES = ("tales", "trash")


@pytest.fixture
def slow_query(monkeypatch: pytest.MonkeyPatch):
    """MiniStack with ordered keys and an empty table; what is given is its query as it was."""
    for name in ("_set_item", "_remove_item", "_items_replaced", "_query"):
        monkeypatch.setattr(dynamodb, name, getattr(dynamodb, name))
    slow = dynamodb._query
    ordered.keep_order()
    index = {"KeySchema": [_key("shelf", "HASH"), _key("at", "RANGE")], "Projection": {"ProjectionType": "ALL"}}
    dynamodb._create_table(
        {
            "TableName": "books",
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [_key("pk", "HASH"), _key("sk", "RANGE")],
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "shelf", "at")
            ],
            "GlobalSecondaryIndexes": [{"IndexName": "by-shelf", **index}],
        }
    )
    yield slow
    dynamodb._delete_table({"TableName": "books"})


@pytest.mark.parametrize("seed", range(8))
def test_every_page_is_the_same(slow_query: Any, seed: int):
    dice = random.Random(seed)
    narrowed = 0
    for _ in range(60):
        for _ in range(dice.randrange(6)):
            _write_something(dice)
        asked = _some_query(dice)
        for _ in range(20):
            narrowed += ordered._narrow(asked) is not None
            expected, got = _answer(slow_query, asked), _answer(dynamodb._query, asked)
            assert got == expected, asked
            if "LastEvaluatedKey" not in got:
                break
            asked = {**asked, "ExclusiveStartKey": got["LastEvaluatedKey"]}
    assert narrowed > 60


def test_a_query_sees_only_the_rows_of_its_page(slow_query: Any):
    for number in range(500):
        _put("ada", f"book#{number:04}", {})
    asked = {
        "TableName": "books",
        "KeyConditionExpression": "#0 = :0",
        "ExpressionAttributeNames": {"#0": "pk"},
        "ExpressionAttributeValues": {":0": {"S": "ada"}},
        "ScanIndexForward": False,
        "Limit": 3,
    }
    view = ordered._narrow(asked)
    assert view is not None
    assert sorted(view["items"]["ada"]) == ["book#0496", "book#0497", "book#0498", "book#0499"]


def _write_something(dice: random.Random) -> None:
    pk, sk = dice.choice(OWNERS), _some_sort_key(dice)
    if dice.random() < 0.25:
        dynamodb._delete_item({"TableName": "books", "Key": {"pk": {"S": pk}, "sk": {"S": sk}}})
        return
    more = {"pages": {"N": str(dice.randrange(5))}}
    if dice.random() < 0.7:
        more |= {"shelf": {"S": dice.choice(SHELVES)}, "at": {"S": f"{dice.randrange(6)}"}}
    elif dice.random() < 0.5:
        more |= {"shelf": {"S": dice.choice(SHELVES)}}
    _put(pk, sk, more)


def _some_query(dice: random.Random) -> dict[str, Any]:
    by_shelf = dice.random() < 0.5
    own, other = ("shelf", "at") if by_shelf else ("pk", "sk")

    def bound() -> str:
        return f"{dice.randrange(7)}" if by_shelf else _some_sort_key(dice)

    low, high = sorted((bound(), bound()))
    form = dice.choice(
        ["", "#1 = :1", "#1 < :1", "#1 <= :1", "#1 > :1", "#1 >= :1", "begins_with (#1, :1)", "#1 BETWEEN :1 AND :2"]
    )
    values = {":0": {"S": dice.choice(SHELVES if by_shelf else OWNERS)}}
    if form:
        values[":1"] = {"S": low[: dice.choice((1, 6, 20))] if "begins" in form else low}
    if ":2" in form:
        values[":2"] = {"S": high}
    asked: dict[str, Any] = {
        "TableName": "books",
        "KeyConditionExpression": f"(#0 = :0 AND {form})" if form else "#0 = :0",
        "ExpressionAttributeNames": {"#0": own, **({"#1": other} if form else {})},
        "ScanIndexForward": dice.random() < 0.5,
    }
    if dice.random() < 0.8:
        asked["Limit"] = dice.randrange(1, 8)
    if by_shelf:
        asked["IndexName"] = "by-shelf"
    if dice.random() < 0.4:
        asked["FilterExpression"] = "#9 < :9"
        asked["ExpressionAttributeNames"]["#9"] = "pages"
        values[":9"] = {"N": "3"}
    if dice.random() < 0.1:
        asked["Select"] = "COUNT"
    return {**asked, "ExpressionAttributeValues": values}


def _some_sort_key(dice: random.Random) -> str:
    return f"{dice.choice(('book', 'bookmark', 'card', 'é', '𝄞'))}#{dice.randrange(12)}"


def _put(pk: str, sk: str, more: dict[str, Any]) -> None:
    dynamodb._put_item({"TableName": "books", "Item": {"pk": {"S": pk}, "sk": {"S": sk}, **more}})


def _answer(query: Any, asked: dict[str, Any]) -> Any:
    return json.loads(query(asked)[2])


def _key(name: str, kind: str) -> dict[str, str]:
    return {"AttributeName": name, "KeyType": kind}
