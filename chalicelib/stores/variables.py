"""Variables in `main`, compressed: one item for a chat, one for everywhere.

variables   pk owner#chat   sk variables     those of a chat; without it those of its metadata count
variables   pk owner        sk variables     those of everywhere
"""

import gzip
import json
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute
from pynamodb.exceptions import PutError

from chalicelib.errors import Conflict, TooLarge
from chalicelib.models.variables import VariableSet
from chalicelib.stores.chat_rows import inside
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
    """A chat's variables, or with None as the chat those of everywhere."""

    def find(self, owner_id: str, chat_id: str | None) -> VariableSet | None:
        try:
            row = VariablesRow.get(*variables_place(owner_id, chat_id), consistent_read=True)
        except VariablesRow.DoesNotExist:
            return None
        return VariableSet(values=json.loads(gzip.decompress(row.packed)), revision=int(row.revision))

    def put(self, owner_id: str, chat_id: str | None, values: dict[str, Any], *, seen: int) -> VariableSet:
        """Writes them over revision `seen`; 0 when there were none. Raises Conflict, TooLarge."""
        packed = gzip.compress(json.dumps(values, ensure_ascii=False).encode("utf-8", "replace"), 6, mtime=0)
        if len(packed) > PACKED_BYTES_MOST:
            raise TooLarge("That is more than the variables of one place can hold. Delete some first.")
        row = VariablesRow(*variables_place(owner_id, chat_id), packed=packed, revision=seen + 1)
        try:
            row.save(condition=VariablesRow.pk.does_not_exist() if seen == 0 else VariablesRow.revision == seen)
        except PutError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            raise Conflict("These variables were changed elsewhere meanwhile.") from None
        return VariableSet(values=values, revision=seen + 1)


def variables_place(owner_id: str, chat_id: str | None) -> tuple[str, str]:
    """Partition and sort key of the item."""
    return (owner_id if chat_id is None else inside(owner_id, chat_id)), _SK
