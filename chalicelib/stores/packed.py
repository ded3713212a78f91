"""JSON that may be large: gzipped inside of a row, above 300 KB in the bucket under a name made from what it says."""

import gzip
import hashlib
from typing import TYPE_CHECKING

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.stores.tables import MainMeta, MainRow

if TYPE_CHECKING:
    from chalicelib.stores.files import Files

ITEM_BYTES_MOST = 300_000


class PackedRow(MainRow):
    """A row with a text that is packed away."""

    class Meta(MainMeta):
        pass

    body = BinaryAttribute(null=True, legacy_encoding=False)
    body_key = UnicodeAttribute(null=True)
    size = NumberAttribute(default=0)
    """Characters of the text."""


class Packing:
    """Puts texts into rows. `folder` is the place in the owner's part of the bucket, with a slash at its end."""

    def __init__(self, files: "Files", folder: str) -> None:
        self._files, self._folder = files, folder

    def pack(self, row: PackedRow, owner_id: str, text: str) -> None:
        data = gzip.compress(text.encode(), 5, mtime=0)
        row.size = len(text)
        if len(data) <= ITEM_BYTES_MOST:
            row.body = data
            return
        row.body_key = f"{owner_id}/{self._folder}{hashlib.sha256(data).hexdigest()[:32]}.json.gz"
        self._files.put(row.body_key, data, "application/gzip")

    def unpack(self, row: PackedRow) -> str:
        data = self._files.get(row.body_key) if row.body_key else row.body
        return gzip.decompress(data).decode()

    def drop(self, before: PackedRow, after: PackedRow | None = None) -> None:
        """Deletes the file that a row had, unless the one in its place has the same."""
        if before.body_key and (after is None or after.body_key != before.body_key):
            self._files.delete(before.body_key)
