"""Pages of rows that lie under their owner in order of their ids, and writes that carry a revision."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from pynamodb.exceptions import PutError
from pynamodb.transactions import TransactWrite

from chalicelib.errors import Conflict
from chalicelib.models.shapes import Page
from chalicelib.stores.cursors import after_id, next_id
from chalicelib.stores.tables import MainRow
from chalicelib.stores.transactions import Join, commit

R = TypeVar("R", bound=MainRow)
M = TypeVar("M")

# A Lambda answers at most 6 MB.
PAGE_CHARACTERS_MOST = 1_000_000


def read_owned(
    row: type[R],
    owner_id: str,
    prefix: str,
    made: Callable[[R], M],
    *,
    cursor: str | None,
    limit: int,
    columns: Sequence[str] | None = None,
) -> Page[M]:
    """The rows `{prefix}{id}` of an owner, the oldest id first; a page of long ones ends early.

    `columns` are those to be read besides the keys; None reads all.
    """
    found = row.query(
        owner_id,
        row.sk.startswith(prefix),
        limit=limit,
        page_size=limit,
        consistent_read=True,
        attributes_to_get=None if columns is None else ["pk", "sk", *columns],
        last_evaluated_key=after_id(cursor, pk=owner_id, sk_prefix=prefix),
    )
    items: list[M] = []
    size = 0
    for one in found:
        items.append(made(one))
        # What is packed says how long it is.
        size += sum(len(value) for value in _texts(one)) + int(getattr(one, "size", 0))
        if size > PAGE_CHARACTERS_MOST:
            return Page(items=items, next=str(one.sk).removeprefix(prefix))
    return Page(items=items, next=next_id(found.last_evaluated_key, sk_prefix=prefix))


def put_if_revision(row: R, seen: int) -> None:
    """Puts a row whose stored revision is `seen`. Raises Conflict."""
    try:
        row.save(condition=type(row).revision == seen)  # type: ignore[attr-defined]
    except PutError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise
        raise Conflict("This was changed elsewhere meanwhile.") from None


def add_with(row: MainRow, join: Join | None) -> None:
    """Puts a new row and what `join` adds, in one transaction. Raises Conflict when either is there already."""

    def fill(transaction: TransactWrite) -> None:
        transaction.save(row, condition=type(row).pk.does_not_exist())
        if join:
            join(transaction)

    if commit(fill):
        raise Conflict("This has been made already.")


def _texts(row: MainRow) -> Iterable[str]:
    return (value for value in row.attribute_values.values() if isinstance(value, str))
