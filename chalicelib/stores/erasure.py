"""Wiping an owner's rows from both tables, a page at a time. What it finds leads to the partitions below it."""

from collections.abc import Iterator

from chalicelib.stores.tables import LiveRow, MainRow

_PAGE = 100
# A row of the owner's own partition, by the beginning of its sort key, and the partitions that hang on it.
_BELOW: tuple[tuple[str, tuple[tuple[type[MainRow] | type[LiveRow], str], ...]], ...] = (
    ("chat#", ((MainRow, "{owner}#{id}"), (LiveRow, "{owner}#channel#{id}"))),
    ("world#", ((MainRow, "{owner}#world#{id}"),)),
    ("move#", ((MainRow, "{owner}#move#{id}"),)),
    ("generation#", ((LiveRow, "{owner}#text#{id}"), (LiveRow, "{owner}#log#{id}"))),
)


class ErasureStore:
    def list_chats(self, owner_id: str) -> Iterator[str]:
        """The id of every chat, also of those in the trash."""
        for row in MainRow.query(
            owner_id, MainRow.sk.startswith("chat#"), attributes_to_get=["pk", "sk"], page_size=_PAGE
        ):
            yield row.sk.removeprefix("chat#")

    def wipe(self, owner_id: str, *, keep: frozenset[str]) -> Iterator[int]:
        """Deletes all rows of the owner save those with these sort keys; yields how many are gone, now and then.

        What hangs below a row goes before the row, so that whoever starts again finds what is left.
        """
        gone = 0
        for row in MainRow.query(owner_id, attributes_to_get=["pk", "sk"], page_size=_PAGE, consistent_read=True):
            if row.sk in keep:
                continue
            for start, places in _BELOW:
                if row.sk.startswith(start):
                    for table, place in places:
                        gone += _wipe_partition(table, place.format(owner=owner_id, id=row.sk.removeprefix(start)))
            row.delete()
            gone += 1
            yield gone
        yield gone + _wipe_partition(LiveRow, f"{owner_id}#sockets") + _wipe_partition(LiveRow, owner_id)


def _wipe_partition(table: type[MainRow] | type[LiveRow], key: str) -> int:
    count = 0
    with table.batch_write() as batch:
        for row in table.query(key, attributes_to_get=["pk", "sk"], page_size=_PAGE, consistent_read=True):
            batch.delete(row)
            count += 1
    return count
