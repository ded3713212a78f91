"""Keepsakes in `main`: files of other programs that are kept for the way back; the file itself lies in the bucket.

keepsake   pk owner   sk keepsake#{folder}#{id}
"""

from collections.abc import Iterable
from datetime import datetime

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.errors import NotFound
from chalicelib.models.keepsakes import Keepsake
from chalicelib.models.media import StoredPicture
from chalicelib.stores.tables import MainMeta, MainRow, time_text


class KeepsakeRow(MainRow):
    class Meta(MainMeta):
        pass

    name = UnicodeAttribute()
    key = UnicodeAttribute()
    size = NumberAttribute()
    created_at = UnicodeAttribute()
    picture = JSONAttribute(null=True)


class KeepsakeStore:
    def put(self, owner_id: str, keepsake: Keepsake) -> None:
        KeepsakeRow(
            owner_id,
            _sort_key(keepsake.folder, keepsake.id),
            name=keepsake.name,
            key=keepsake.key,
            size=keepsake.bytes,
            created_at=time_text(keepsake.created_at),
            picture=keepsake.picture.model_dump() if keepsake.picture else None,
        ).save()

    def get(self, owner_id: str, folder: str, keepsake_id: str) -> Keepsake:
        try:
            return _keepsake_of(KeepsakeRow.get(owner_id, _sort_key(folder, keepsake_id), consistent_read=True))
        except KeepsakeRow.DoesNotExist:
            raise NotFound("There is no such file.") from None

    def find_all(self, owner_id: str, folder: str, ids: Iterable[str]) -> dict[str, Keepsake]:
        """Those of a folder that are there, by their ids; at most 200 at once."""
        keys = [(owner_id, _sort_key(folder, one)) for one in sorted(set(ids))]
        return {(found := _keepsake_of(row)).id: found for row in KeepsakeRow.batch_get(keys)} if keys else {}

    def list(self, owner_id: str, folder: str | None = None) -> list[Keepsake]:
        """All of them, or those of a folder; by folder, the oldest first."""
        start = "keepsake#" if folder is None else _sort_key(folder, "")
        return [_keepsake_of(row) for row in KeepsakeRow.query(owner_id, KeepsakeRow.sk.startswith(start))]

    def delete(self, owner_id: str, folder: str, keepsake_id: str) -> None:
        KeepsakeRow(owner_id, _sort_key(folder, keepsake_id)).delete()


def _keepsake_of(row: KeepsakeRow) -> Keepsake:
    _, folder, keepsake_id = row.sk.split("#", 2)
    return Keepsake(
        id=keepsake_id,
        folder=folder,
        name=row.name,
        key=row.key,
        bytes=int(row.size),
        created_at=datetime.fromisoformat(row.created_at),
        picture=StoredPicture.model_validate(row.picture) if row.picture else None,
    )


def _sort_key(folder: str, keepsake_id: str) -> str:
    return f"keepsake#{folder}#{keepsake_id}"
