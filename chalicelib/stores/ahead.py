"""Reading rows ahead: one request for all rows that a piece of work will ask for, instead of one for each.

Inside `using`, a `get` of a row that was read ahead is answered from memory, once: whoever asks again wants to know how
it is by now. What was not read ahead is read as ever, so that a wrong guess costs time and nothing else.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chalicelib.stores.chat_keys import branch_key, chat_key, inside
from chalicelib.stores.message_pages import ReadAhead, messages_down
from chalicelib.stores.tables import MainRow, pages_ahead, rows_ahead

Place = tuple[str, str]
"""Partition and sort key of a row of `main`."""
PagePlace = tuple[str, str, int]
"""Partition of a chat, a segment, and the position that the page begins with."""
PLACES_MOST = 100
NEWEST_MOST = 40
"""Messages that are read ahead for a prompt: what fits into most."""
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Ahead:
    """Rows as they were a moment ago; None for places where there was none."""

    rows: dict[Place, dict[str, Any] | None]
    pages: dict[PagePlace, ReadAhead] = field(default_factory=dict)
    """The newest messages of a segment, from a position downwards."""


NOTHING = Ahead({})


def read_ahead(places: Iterable[Place]) -> Ahead:
    """Reads these rows of `main`, strongly consistent, in one request; places above a hundred are left out."""
    wanted = list(dict.fromkeys(places))[:PLACES_MOST]
    if not wanted:
        return NOTHING
    found: dict[Place, dict[str, Any] | None] = dict.fromkeys(wanted)
    keys: list[Any] = [{"pk": pk, "sk": sk} for pk, sk in wanted]
    for _ in range(_TRIES):
        answer = MainRow._get_connection().batch_get_item(keys, consistent_read=True)
        for item in answer["Responses"].get(MainRow.Meta.table_name, ()):
            found[item["pk"]["S"], item["sk"]["S"]] = item
        left = answer.get("UnprocessedKeys", {}).get(MainRow.Meta.table_name, {}).get("Keys", [])
        if not left:
            return Ahead(found)
        keys = [{"pk": key["pk"]["S"], "sk": key["sk"]["S"]} for key in left]
    # Too much for one answer: these are read when they are asked for.
    for key in keys:
        found.pop((key["pk"], key["sk"]), None)
    return Ahead(found)


def read_newest(owner_id: str, chat_id: str, segment: str, upto: int) -> dict[PagePlace, ReadAhead]:
    """Reads the newest messages of a segment, strongly consistent, in one request."""
    partition = inside(owner_id, chat_id)
    asked = min(NEWEST_MOST, upto + 1)
    found = tuple(messages_down(partition, segment, upto, asked)) if asked else ()
    return {(partition, segment, upto): ReadAhead(asked, found)}


@contextmanager
def using(ahead: Ahead) -> Iterator[None]:
    """Answers what is read in here, in this thread, from these rows first."""
    rows, pages = rows_ahead.set(dict(ahead.rows)), pages_ahead.set(dict(ahead.pages))
    try:
        yield
    finally:
        rows_ahead.reset(rows)
        pages_ahead.reset(pages)


@contextmanager
def using_also(places: Iterable[Place]) -> Iterator[None]:
    """The same with these rows besides those that are known already; one request for each hundred that are not."""
    known = rows_ahead.get() or {}
    missing = [place for place in dict.fromkeys(places) if place not in known]
    found = dict(known)
    for start in range(0, len(missing), PLACES_MOST):
        found |= read_ahead(missing[start : start + PLACES_MOST]).rows
    rows = rows_ahead.set(found)
    try:
        yield
    finally:
        rows_ahead.reset(rows)


def card_place(owner_id: str, character_id: str) -> Place:
    return owner_id, f"card#{character_id}"


def scene_places(owner_id: str, chat_id: str, branch_id: str, character_id: str) -> list[Place]:
    """Where the parts of every prompt of a branch lie, save its messages and what the person chose."""
    return [
        chat_key(owner_id, chat_id),
        branch_key(owner_id, chat_id, branch_id),
        card_place(owner_id, character_id),
        account_place(owner_id),
    ]


def choice_places(
    owner_id: str,
    *,
    persona_id: str | None,
    preset_id: str | None,
    text_preset_id: str | None = None,
    connection_id: str | None,
) -> list[Place]:
    """Where the things lie that a person chose; None for what was not chosen."""
    chosen = [
        ("persona", persona_id),
        ("preset", preset_id),
        ("preset", text_preset_id),
        ("connection", connection_id),
    ]
    return [(owner_id, f"{kind}#{one}") for kind, one in chosen if one]


def account_place(owner_id: str) -> Place:
    return owner_id, "account"
