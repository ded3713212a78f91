"""Cursors of pages: the place in a list where the next page begins.

A cursor holds the sort key alone. The partition is the asker's own, whatever a forged cursor says.
"""

import re
from collections.abc import Mapping
from typing import Any

from chalicelib.errors import Invalid

_PLACE = re.compile(r"[0-9A-Za-z_.:+#-]{1,300}")


def after_place(
    cursor: str | None, *, letters: str, place: str, pk: str, sk_prefix: str
) -> dict[str, dict[str, Any]] | None:
    """DynamoDB's start key for a page of index `letters` (i1 or i2), whose sort keys end in `#{id}`."""
    if cursor is None:
        return None
    _check(cursor)
    own_key = sk_prefix + cursor.rsplit("#", 1)[-1]
    return {"pk": {"S": pk}, "sk": {"S": own_key}, f"{letters}pk": {"S": place}, f"{letters}sk": {"S": cursor}}


def next_place(last: Mapping[str, Mapping[str, Any]] | None, *, letters: str) -> str | None:
    """The cursor behind DynamoDB's last key; None at the end of the list."""
    return None if last is None else str(last[f"{letters}sk"]["S"])


def after_id(cursor: str | None, *, pk: str, sk_prefix: str) -> dict[str, dict[str, Any]] | None:
    """DynamoDB's start key for a page of rows `pk`, `{sk_prefix}{id}`."""
    if cursor is None:
        return None
    _check(cursor)
    return {"pk": {"S": pk}, "sk": {"S": sk_prefix + cursor}}


def next_id(last: Mapping[str, Mapping[str, Any]] | None, *, sk_prefix: str) -> str | None:
    return None if last is None else str(last["sk"]["S"]).removeprefix(sk_prefix)


def _check(cursor: str) -> None:
    if not _PLACE.fullmatch(cursor):
        raise Invalid("This list cannot go on from there. Load it again.", fields={"cursor": "not from this list"})
