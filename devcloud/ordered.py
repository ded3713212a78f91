"""MiniStack's queries, made to cost what their page costs: it lists, sorts and tests a whole partition for each page.

Here the sort keys of every partition that is queried, in the table and in its indexes, are kept in order. A query gets
MiniStack's own code to work on, but a table that holds only the rows its page can need. So answers are MiniStack's, and
what is not of the usual form (keys that are texts, a key condition as pynamodb writes it) goes its old way.
"""

import re
from bisect import bisect_left, bisect_right, insort
from types import FunctionType
from typing import Any

from ministack.services import dynamodb

KEY_CONDITION = re.compile(
    r"\(*\s*(#\w+) = (:\w+)\s*\)*"
    r"(?:\s+AND\s+\(*\s*"
    r"(?:begins_with\s*\((#\w+), (:\w+)\)|(#\w+) (<=|>=|<|>|=) (:\w+)|(#\w+) BETWEEN (:\w+) AND (:\w+))"
    r"\s*\)*)?"
)
_Place = tuple[str, ...]
"""What a partition is ordered by: (sk,) in the table, (index sk, pk, sk) in an index."""
_Table = dict[str, Any]


class _Orders:
    """The ordered partitions of one table. They are made when they are first asked for."""

    def __init__(self, table: _Table) -> None:
        self.table = table
        self.items = table["items"]
        self.indexes: dict[str, tuple[str, str]] = {}
        for name, hashes, ranges in dynamodb._index_key_schemas(table):
            if len(hashes) == len(ranges) == 1 and _texts(table, *hashes, *ranges):
                self.indexes[name] = (hashes[0], ranges[0])
        self._partitions: dict[tuple[str | None, str], list[_Place]] = {}

    def partition(self, index: str | None, pk: str) -> list[_Place]:
        found = self._partitions.get((index, pk))
        if found is None:
            found = self._partitions[index, pk] = self._made(index, pk)
        return found

    def change(self, pk: str, sk: str, before: Any, after: Any) -> None:
        """Takes note of an item that is another now; None: that is not there."""
        if (before is None) != (after is None):
            self._move(None, pk, (sk,) if before else None, (sk,) if after else None)
        for name, (hash_name, range_name) in self.indexes.items():
            old = _place(before, hash_name, range_name, pk, sk)
            new = _place(after, hash_name, range_name, pk, sk)
            if old != new:
                if old:
                    self._move(name, old[0], old[1:], None)
                if new:
                    self._move(name, new[0], None, new[1:])

    def _made(self, index: str | None, pk: str) -> list[_Place]:
        if index is None:
            return sorted((sk,) for sk in self.items.get(pk, ()))
        range_name = self.indexes[index][1]
        members = dynamodb._index_members(self.table).get(index, {}).get(pk, ())
        return sorted((self.items[base][sk][range_name]["S"], base, sk) for base, sk in members)

    def _move(self, index: str | None, pk: str, old: _Place | None, new: _Place | None) -> None:
        order = self._partitions.get((index, pk))
        if order is None:
            return
        if old:
            at = bisect_left(order, old)
            if at < len(order) and order[at] == old:
                del order[at]
        if new:
            insort(order, new)
        if not order:
            del self._partitions[index, pk]


_orders: dict[int, _Orders] = {}
_narrowed: list[_Table] = []
"""The table of the query that is being answered, while it is: MiniStack answers one at a time."""


class _Tables:
    """What MiniStack's query takes for all tables."""

    @staticmethod
    def get(name: str) -> Any:
        return _narrowed[0] if _narrowed else dynamodb._tables.get(name)


def keep_order() -> None:
    """Once a process, before items are loaded."""
    set_item, remove_item, replaced = dynamodb._set_item, dynamodb._remove_item, dynamodb._items_replaced
    # The same code, with another idea of what tables there are.
    query = FunctionType(dynamodb._query.__code__, {**vars(dynamodb), "_tables": _Tables})

    def set_and_order(table: _Table, pk: str, sk: str, item: Any) -> Any:
        before = set_item(table, pk, sk, item)
        if orders := _orders_of(table):
            orders.change(pk, sk, before, item)
        return before

    def remove_and_order(table: _Table, pk: str, sk: str) -> Any:
        before = remove_item(table, pk, sk)
        if before is not None and (orders := _orders_of(table)):
            orders.change(pk, sk, before, None)
        return before

    def replace(table: _Table) -> None:
        _orders.pop(id(table), None)
        replaced(table)

    def narrow_query(data: Any) -> Any:
        narrowed = _narrow(data)
        if narrowed is None:
            return query(data)
        _narrowed.append(narrowed)
        try:
            return query(data)
        finally:
            _narrowed.clear()

    dynamodb._set_item, dynamodb._remove_item = set_and_order, remove_and_order
    dynamodb._items_replaced, dynamodb._query = replace, narrow_query


def _narrow(data: Any) -> _Table | None:
    """The table with the rows this query's page can need; None where MiniStack shall look for itself."""
    try:
        table = dynamodb._tables.get(data["TableName"])
        if not table or not _texts(table, table["pk_name"], table["sk_name"]):
            return None
        orders = _orders_of(table)
        if orders is None or orders.items is not table["items"]:
            orders = _orders[id(table)] = _Orders(table)
        index = data.get("IndexName")
        hash_name, range_name = orders.indexes[index] if index else (table["pk_name"], table["sk_name"])
        found = KEY_CONDITION.fullmatch(data["KeyConditionExpression"].strip())
        names, values = data["ExpressionAttributeNames"], data["ExpressionAttributeValues"]
        if not found or names[found[1]] != hash_name:
            return None
        order = orders.partition(index, pk := values[found[2]]["S"])
        low, high = _reach(order, found, names, values, range_name)
        start = data.get("ExclusiveStartKey")
        forward, limit = data.get("ScanIndexForward", True), data.get("Limit")
        if start:
            if start[hash_name]["S"] != pk:
                return None
            after = tuple(start[name]["S"] for name in dict.fromkeys((range_name, *_base_names(table, index))))
            if forward:
                low = max(low, bisect_right(order, after))
            else:
                high = min(high, bisect_left(order, after))
        if limit is not None:
            # One more than asked for: it is MiniStack that says where the page ends.
            low, high = (low, min(high, low + int(limit) + 1)) if forward else (max(low, high - int(limit) - 1), high)
        rows = order[low:high]
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    if index:
        return {**table, dynamodb._INDEX_MEMBERS: {index: {pk: {place[-2:]: None for place in rows}}}}
    items = table["items"].get(pk, {})
    return {**table, "items": {pk: {place[0]: items[place[0]] for place in rows}}}


def _reach(order: list[_Place], found: Any, names: Any, values: Any, range_name: str) -> tuple[int, int]:
    """The stretch of the order that a condition on the sort key leaves. Raises KeyError for forms it does not know."""
    _, _, prefix_of, prefix, compared, sign, than, between, least, most = found.groups()
    named = prefix_of or compared or between
    if not named:
        return 0, len(order)
    if names[named] != range_name:
        raise KeyError(named)
    if prefix_of:
        text = values[prefix]["S"]
        return bisect_left(order, (text,)), bisect_right(order, text, key=lambda place: place[0][: len(text)])
    if between:
        return bisect_left(order, (values[least]["S"],)), bisect_right(order, values[most]["S"], key=_first)
    text = values[than]["S"]
    first, last = bisect_left(order, (text,)), bisect_right(order, text, key=_first)
    return {"=": (first, last), "<": (0, first), "<=": (0, last), ">": (last, len(order)), ">=": (first, len(order))}[
        sign
    ]


def _first(place: _Place) -> str:
    return place[0]


def _base_names(table: _Table, index: str | None) -> tuple[str, ...]:
    return (table["pk_name"], table["sk_name"]) if index else ()


def _place(item: Any, hash_name: str, range_name: str, pk: str, sk: str) -> _Place | None:
    """Where an item stands in an index, its partition first; None for an item that is not in it."""
    if item is None or hash_name not in item or range_name not in item:
        return None
    return item[hash_name]["S"], item[range_name]["S"], pk, sk


def _texts(table: _Table, *names: str) -> bool:
    return all(name and dynamodb._get_attr_type(table, name) == "S" for name in names)


def _orders_of(table: _Table) -> _Orders | None:
    found = _orders.get(id(table))
    return found if found and found.table is table else None
