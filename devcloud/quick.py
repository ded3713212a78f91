"""MiniStack's reads, made fit for ten thousand items: a page of a list took 200 ms, since every item of its partition
had the query's text parsed again. The text is parsed once; a key condition of the usual forms is then a comparison.

What MiniStack would refuse, it still refuses: the first item of each query goes its way.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from ministack.services import dynamodb

from devcloud.ordered import KEY_CONDITION

_Item = Mapping[str, Mapping[str, str]]
_Test = Callable[[_Item, Mapping[str, Any], Mapping[str, str]], bool]

_COMPARED: Mapping[str, Callable[[str, str], bool]] = {
    "=": lambda here, asked: here == asked,
    "<": lambda here, asked: here < asked,
    "<=": lambda here, asked: here <= asked,
    ">": lambda here, asked: here > asked,
    ">=": lambda here, asked: here >= asked,
}


def make_quick() -> None:
    """Once a process, after MiniStack is loaded."""
    slow, seen = dynamodb._evaluate_condition, set[tuple[str, str]]()

    def evaluate(expression: str, item: Any, values: Any, names: Any, slot: str = "ConditionExpression") -> Any:
        known = (expression, slot)
        if known not in seen or not item:
            result = slow(expression, item, values, names, slot=slot)
            if len(seen) < 1000:
                seen.add(known)
            return result
        try:
            if slot == "KeyConditionExpression" and (test := _key_test(expression)):
                return test(item, values, names)
            if slot == "FilterExpression" and "BETWEEN" not in expression:
                return dynamodb._ExprEval(list(_tokens(expression)), item, values, names).evaluate()
        except (ValueError, KeyError, TypeError):
            pass  # MiniStack finds the right words for it
        return slow(expression, item, values, names, slot=slot)

    dynamodb._evaluate_condition = evaluate
    dynamodb._index_order_value = _order_value


@lru_cache(maxsize=1000)
def _tokens(expression: str) -> tuple[Any, ...]:
    return tuple(dynamodb._tokenize(expression))


@lru_cache(maxsize=1000)
def _key_test(expression: str) -> _Test | None:
    """The key condition as a comparison of texts; None for forms and kinds that MiniStack should look at."""
    found = KEY_CONDITION.fullmatch(expression.strip())
    if not found:
        return None
    own, asked, prefix_of, prefix, compared, sign, than, between, low, high = found.groups()

    def test(item: _Item, values: Mapping[str, Any], names: Mapping[str, str]) -> bool:
        if item[names[own]]["S"] != values[asked]["S"]:
            return False
        if prefix_of:
            return item[names[prefix_of]]["S"].startswith(values[prefix]["S"])
        if compared:
            return _COMPARED[sign](item[names[compared]]["S"], values[than]["S"])
        if between:
            here: str = item[names[between]]["S"]
            return bool(values[low]["S"] <= here <= values[high]["S"])
        return True

    return test


def _order_value(item: _Item, name: str | None, kind: str) -> Any:
    """MiniStack's own, without its detours for texts, of which all our keys are."""
    held = item.get(name) if name else None
    if held is None:
        return dynamodb.Decimal(0) if kind == "N" else ""
    return held["S"] if kind == "S" else dynamodb._sort_key_value(held, kind)
