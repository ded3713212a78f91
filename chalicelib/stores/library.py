"""The library's list: pages of characters in three orders, with filters that look through a bounded number of rows."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from pynamodb.expressions.condition import Condition

from chalicelib.errors import Invalid
from chalicelib.models.characters import CharacterQuery, CharacterRecord
from chalicelib.models.folding import folded
from chalicelib.models.shapes import Page
from chalicelib.stores.character_rows import CharacterRow, Item, record_of_item, tag_key

# A page of DynamoDB ends at 1 MB, about 1,200 of these rows. Somebody with more sees what was found so far, and the
# page asks on by itself.
_ROWS_A_READ = 1_200
_READS_MOST = 5
_WORDS_MOST = 8
_KEY_BYTES_MOST = 1_000


class _Order(NamedTuple):
    """Where a list lies: which index (None: the table), its partition and its sort key."""

    index: Any
    place: str
    letters: str
    forward: bool


class Library:
    def list(self, owner_id: str, query: CharacterQuery) -> Page[CharacterRecord]:
        """A page. With a filter it may be short, even empty, while `next` says that there is more to look through."""
        order, wanted = _order(owner_id, query), _wanted(query)
        narrow = bool(query.search or query.tag or query.favourite is not None)
        start = _start(owner_id, order, query.cursor)
        found: list[Item] = []
        for _ in range(_READS_MOST):
            rows, start = self._read(owner_id, order, wanted, start, _ROWS_A_READ if narrow else query.limit)
            found += rows
            if start is None or len(found) >= query.limit:
                break
        more = len(found) > query.limit or start is not None
        page = found[: query.limit]
        if len(found) >= query.limit and page:
            following = _cursor(page[-1], order) if more else None
        else:
            following = _cursor(start, order)
        return Page(items=[record_of_item(item) for item in page], next=following)

    def _read(
        self, owner_id: str, order: _Order, wanted: Condition | None, start: dict[str, Any] | None, rows: int
    ) -> tuple[Sequence[Item], dict[str, Any] | None]:
        """One read: rows that are wanted, and where to go on."""
        source = order.index or CharacterRow
        asked = source.query(
            order.place if order.index else owner_id,
            None if order.index else CharacterRow.sk.startswith("character#"),
            filter_condition=wanted,
            scan_index_forward=order.forward,
            page_size=rows,
            last_evaluated_key=start,
        )
        answer = next(asked.page_iter, None)
        if answer is None:
            return [], None
        return answer["Items"], answer.get("LastEvaluatedKey")


def _order(owner_id: str, query: CharacterQuery) -> _Order:
    if query.trash:
        return _Order(CharacterRow.index1, f"{owner_id}#trash", "i1", forward=False)
    if query.sort == "recent":
        return _Order(CharacterRow.index1, f"{owner_id}#characters", "i1", forward=False)
    if query.sort == "name":
        return _Order(CharacterRow.index2, f"{owner_id}#names", "i2", forward=True)
    return _Order(None, owner_id, "", forward=False)  # ids grow with time: the table itself is in this order


def _wanted(query: CharacterQuery) -> Condition | None:
    conditions: list[Condition] = []
    if query.sort == "created" and not query.trash:
        conditions.append(CharacterRow.deleted_at.does_not_exist())
    if query.favourite is not None:
        conditions.append(CharacterRow.favourite == query.favourite)
    if query.tag:
        conditions.append(CharacterRow.tag_line.contains(f"|{tag_key(query.tag)}|"))
    conditions += [CharacterRow.haystack.contains(word) for word in folded(query.search).split()[:_WORDS_MOST]]
    joined: Condition | None = None
    for condition in conditions:
        joined = condition if joined is None else joined & condition
    return joined


def _start(owner_id: str, order: _Order, cursor: str | None) -> dict[str, Any] | None:
    """DynamoDB's start key. Its partition is the asker's own, whatever a forged cursor says."""
    if cursor is None:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        key, place = parts
        if not (isinstance(key, str) and isinstance(place, str) and key.startswith("character#")):
            raise ValueError
        if len(key.encode()) > _KEY_BYTES_MOST or len(place.encode()) > _KEY_BYTES_MOST:
            raise ValueError
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise Invalid(
            "This list cannot go on from there. Load it again.", fields={"cursor": "not from this list"}
        ) from None
    start = {"pk": {"S": owner_id}, "sk": {"S": key}}
    if order.letters:
        if not place:
            raise Invalid("This list cannot go on from there. Load it again.", fields={"cursor": "of another order"})
        start |= {f"{order.letters}pk": {"S": order.place}, f"{order.letters}sk": {"S": place}}
    return start


def _cursor(start: Item | None, order: _Order) -> str | None:
    """The place behind a row, or behind DynamoDB's last key."""
    if start is None:
        return None
    return _packed(start["sk"]["S"], start[f"{order.letters}sk"]["S"] if order.letters else "")


def _packed(key: str, place: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([key, place], ensure_ascii=False).encode()).decode()
