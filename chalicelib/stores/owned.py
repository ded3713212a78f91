"""Pages of rows that lie under their owner in order of their ids, and writes that carry a revision."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from pynamodb.exceptions import PutError

from chalicelib.errors import Conflict
from chalicelib.models.shapes import Page
from chalicelib.stores.cursors import after_id, next_id
from chalicelib.stores.tables import MainRow

R = TypeVar("R", bound=MainRow)
M = TypeVar("M")

# A Lambda answers at most 6 MB.
PAGE_CHARACTERS_MOST = 1_000_000


def read_owned(
    row: type[R], owner_id: str, prefix: str, made: Callable[[R], M], *, cursor: str | None, limit: int
) -> Page[M]:
    """The rows `{prefix}{id}` of an owner, the oldest id first; a page of long ones ends early."""
    found = row.query(
        owner_id,
        row.sk.startswith(prefix),
        limit=limit,
        page_size=limit,
        consistent_read=True,
        last_evaluated_key=after_id(cursor, pk=owner_id, sk_prefix=prefix),
    )
    items: list[M] = []
    size = 0
    for one in found:
        items.append(made(one))
        size += sum(len(value) for value in _texts(one))
        if size > PAGE_CHARACTERS_MOST:
            return Page(items=items, next=str(one.sk).removeprefix(prefix))
    return Page(items=items, next=next_id(found.last_evaluated_key, sk_prefix=prefix))


def put_if_revision(row: R, seen: int | None) -> None:
    """Puts a row whose stored revision is `seen`; None: which is not there yet. Raises Conflict."""
    kind = type(row)
    condition = kind.pk.does_not_exist() if seen is None else kind.revision == seen  # type: ignore[attr-defined]
    try:
        row.save(condition=condition)
    except PutError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise
        raise Conflict("This was changed elsewhere meanwhile.") from None


def _texts(row: MainRow) -> Iterable[str]:
    return (value for value in row.attribute_values.values() if isinstance(value, str))
