"""Variables in `main`, compressed: one item for a branch, one for everywhere.

variables   pk owner#chat   sk variables#{branch}   those of a branch; without it the chat's count
variables   pk owner#chat   sk variables            those of a chat, from before they were a branch's: only read
variables   pk owner        sk variables            those of everywhere
"""

import gzip
import json
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute
from pynamodb.exceptions import PutError
from pynamodb.transactions import TransactWrite

from chalicelib.errors import Conflict, TooLarge
from chalicelib.models.variables import VariableSet
from chalicelib.stores.chat_keys import inside
from chalicelib.stores.tables import MainMeta, MainRow

PACKED_BYTES_MOST = 300_000
_SK = "variables"


class VariablesRow(MainRow):
    class Meta(MainMeta):
        pass

    packed = BinaryAttribute(legacy_encoding=False)
    """The values as JSON, gzipped."""
    revision = NumberAttribute(default=1)


class VariableStore:
    """A branch's variables, without a branch those a chat had, or without a chat those of everywhere."""

    def find(self, owner_id: str, chat_id: str | None, branch_id: str | None = None) -> VariableSet | None:
        try:
            row = VariablesRow.get(*variables_place(owner_id, chat_id, branch_id), consistent_read=True)
        except VariablesRow.DoesNotExist:
            return None
        return VariableSet(values=json.loads(gzip.decompress(row.packed)), revision=int(row.revision))

    def put(
        self, owner_id: str, chat_id: str | None, branch_id: str | None, values: dict[str, Any], *, seen: int
    ) -> VariableSet:
        """Writes them over revision `seen`; 0 when there were none. Raises Conflict, TooLarge."""
        row = _row(variables_place(owner_id, chat_id, branch_id), values, seen + 1)
        try:
            row.save(condition=VariablesRow.pk.does_not_exist() if seen == 0 else VariablesRow.revision == seen)
        except PutError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            raise Conflict("These variables were changed elsewhere meanwhile.") from None
        return VariableSet(values=values, revision=seen + 1)

    @staticmethod
    def change(
        write: TransactWrite,
        owner_id: str,
        chat_id: str | None,
        branch_id: str | None,
        values: dict[str, Any],
        *,
        seen: int,
    ) -> None:
        """Adds to a transaction what `put` writes. Raises TooLarge."""
        row = _row(variables_place(owner_id, chat_id, branch_id), values, seen + 1)
        write.save(row, condition=VariablesRow.pk.does_not_exist() if seen == 0 else VariablesRow.revision == seen)

    @staticmethod
    def give(write: TransactWrite, owner_id: str, chat_id: str, branch_id: str, values: dict[str, Any]) -> None:
        """Adds to the transaction that makes a branch what it begins with."""
        write.save(_row(variables_place(owner_id, chat_id, branch_id), values, 1))

    @staticmethod
    def drop(write: TransactWrite, owner_id: str, chat_id: str, branch_id: str) -> None:
        """Adds to the transaction that deletes a branch: its own go with it."""
        write.delete(VariablesRow(*variables_place(owner_id, chat_id, branch_id)))


def variables_place(owner_id: str, chat_id: str | None, branch_id: str | None = None) -> tuple[str, str]:
    """Partition and sort key of the item."""
    if chat_id is None:
        return owner_id, _SK
    return inside(owner_id, chat_id), f"{_SK}#{branch_id}" if branch_id else _SK


def _row(place: tuple[str, str], values: dict[str, Any], revision: int) -> VariablesRow:
    """Raises TooLarge."""
    packed = gzip.compress(json.dumps(values, ensure_ascii=False).encode("utf-8", "replace"), 6, mtime=0)
    if len(packed) > PACKED_BYTES_MOST:
        raise TooLarge("That is more than the variables of one place can hold. Delete some first.")
    return VariablesRow(*place, packed=packed, revision=revision)
