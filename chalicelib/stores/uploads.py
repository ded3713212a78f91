"""Uploads on their way in `main`: they go when their job has done with them, or a day later.

upload   pk owner   sk upload#{id}    index1 open-uploads by time
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DeleteError, DoesNotExist

from chalicelib.errors import NotFound
from chalicelib.stores.tables import MainMeta, MainRow, time_text

_OPEN = "open-uploads"


class UploadRow(MainRow):
    class Meta(MainMeta):
        pass

    filename = UnicodeAttribute()
    size = NumberAttribute()
    purpose = UnicodeAttribute()
    character_id = UnicodeAttribute(null=True)
    group_id = UnicodeAttribute(null=True)


class StoredUpload(NamedTuple):
    """An upload and what it is for; a chat belongs to the character or the group."""

    id: str
    filename: str
    size: int
    purpose: str
    character_id: str | None = None
    group_id: str | None = None


class UploadStore:
    def add(self, owner_id: str, upload: StoredUpload, *, now: datetime) -> None:
        UploadRow(
            pk=owner_id,
            sk=f"upload#{upload.id}",
            i1pk=_OPEN,
            i1sk=f"{time_text(now)}#{owner_id}#{upload.id}",
            filename=upload.filename,
            size=upload.size,
            purpose=upload.purpose,
            character_id=upload.character_id,
            group_id=upload.group_id,
        ).save()

    def get(self, owner_id: str, upload_id: str) -> StoredUpload:
        """Raises NotFound."""
        try:
            return _upload_of(UploadRow.get(owner_id, f"upload#{upload_id}", consistent_read=True))
        except DoesNotExist:
            raise NotFound("There is no such upload, or it is done.") from None

    def delete(self, owner_id: str, upload_id: str) -> bool:
        """Whether it was there: only who deleted it gives its space back."""
        try:
            UploadRow(owner_id, f"upload#{upload_id}").delete(condition=UploadRow.sk.exists())
        except DeleteError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def list_old(self, *, before: datetime, limit: int) -> Iterable[tuple[str, StoredUpload]]:
        """Owners and uploads that were begun before that time."""
        for row in UploadRow.index1.query(_OPEN, UploadRow.i1sk < time_text(before), limit=limit):
            yield row.pk, _upload_of(row)


def _upload_of(row: UploadRow) -> StoredUpload:
    upload_id = row.sk.removeprefix("upload#")
    return StoredUpload(upload_id, row.filename, int(row.size), row.purpose, row.character_id, row.group_id)
