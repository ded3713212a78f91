"""Quick reads of the local cloud say what MiniStack's own say."""

import pytest
from ministack.services import dynamodb

from devcloud import quick

NAMES = {"#0": "pk", "#1": "sk"}
VALUES = {":0": {"S": "ada"}, ":1": {"S": "chat#"}, ":2": {"S": "chat#2"}, ":3": {"S": "chat#4"}}
ITEMS = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk in ("ada", "bob") for sk in ("card#1", "chat#1", "chat#2", "chat#5")]


@pytest.mark.parametrize(
    "expression",
    [
        "#0 = :0",
        "(#0 = :0 AND begins_with (#1, :1))",
        "(#0 = :0 AND #1 < :2)",
        "(#0 = :0 AND #1 <= :2)",
        "(#0 = :0 AND #1 > :2)",
        "(#0 = :0 AND #1 >= :2)",
        "(#0 = :0 AND #1 = :2)",
        "(#0 = :0 AND #1 BETWEEN :2 AND :3)",
        "#0 = :0 AND begins_with(#1, :1)",
    ],
)
def test_a_key_condition_chooses_the_same_items(expression: str):
    test = quick._key_test(expression)
    assert test
    for item in ITEMS:
        slow = dynamodb._evaluate_condition(expression, item, VALUES, NAMES, slot="KeyConditionExpression")
        assert test(item, VALUES, NAMES) == slow


@pytest.mark.parametrize("expression", ["contains (#0, :0)", "#0 = :0 OR #1 = :1", "size (#0) > :0", "#0 <> :0"])
def test_other_forms_are_left_to_ministack(expression: str):
    assert quick._key_test(expression) is None
