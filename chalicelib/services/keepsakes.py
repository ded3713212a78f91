"""Keepsakes: themes, backgrounds, pictures of chats that came with a move, kept whole for the way back."""

import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from chalicelib.errors import NotFound
from chalicelib.models.characters import Download
from chalicelib.models.keepsakes import Keepsake
from chalicelib.moving.addresses import without_addresses
from chalicelib.moving.pieces import read_object
from chalicelib.services.move_items import Errand, Read, Taken, changed

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.models.media import StoredPicture
    from chalicelib.services.limits import Limits
    from chalicelib.stores.files import Files
    from chalicelib.stores.keepsakes import KeepsakeStore

SETTINGS = "settings"
"""The folder of `settings.json`, which has none."""
_NAME_CHARACTERS_MOST = 1_000


class Keepsakes:
    def __init__(self, *, store: "KeepsakeStore", files: "Files", limits: "Limits", clock: "Clock") -> None:
        self._store, self._files, self._limits, self._clock = store, files, limits, clock

    def keep(
        self,
        owner_id: str,
        folder: str,
        name: str,
        data: bytes,
        *,
        keepsake_id: str,
        picture: "StoredPicture | None" = None,
    ) -> Keepsake:
        """A file, counted as space. Raises QuotaExceeded. With an id that exists already, that file as it is.

        `picture` is what is shown of it; its space is counted here.
        """
        try:
            return self._store.get(owner_id, folder, keepsake_id)
        except NotFound:
            pass
        size = len(data) + (picture.bytes if picture else 0)
        self._limits.add_storage(owner_id, size)
        kept = Keepsake(
            id=keepsake_id,
            folder=folder,
            name=name[:_NAME_CHARACTERS_MOST],
            key=self.key_of(owner_id, data),
            bytes=size,
            created_at=self._clock.now(),
            picture=picture,
        )
        self._files.put(kept.key, data, "application/octet-stream")  # never shown: only given back as a file
        self._store.put(owner_id, kept)
        return kept

    def list(self, owner_id: str, folder: str | None = None) -> list[Keepsake]:
        return self._store.list(owner_id, folder)

    @staticmethod
    def key_of(owner_id: str, data: bytes) -> str:
        """Where a file of this content lies in the bucket."""
        return f"{owner_id}/keepsakes/{hashlib.sha256(data).hexdigest()[:32]}"

    def find_all(self, owner_id: str, folder: str, ids: Iterable[str]) -> dict[str, Keepsake]:
        return self._store.find_all(owner_id, folder, ids)

    def read(self, keepsake: Keepsake) -> bytes:
        return self._files.get(keepsake.key)

    def download(self, keepsake: Keepsake) -> Download:
        """Where a browser may fetch the file: it is saved, whatever is in it, and never opened."""
        return self._files.download(keepsake.key, keepsake.name.rpartition("/")[2])

    # --- as what takes items of a move

    def is_here(self, errand: Errand, became: str) -> bool:
        folder, _, keepsake_id = became.partition("#")
        try:
            self._store.get(errand.owner_id, folder, keepsake_id)
        except NotFound:
            return False
        return True

    def take(self, errand: Errand, read: Read) -> Taken:
        folder = read.item.place.rpartition("/")[0]
        data = read.data
        if read.item.place.endswith(".json"):
            # What has an address or a key in it must not come back with it either.
            data = json.dumps(without_addresses(read_object(data))[0], ensure_ascii=False, indent=4).encode()
        name = read.item.place.rpartition("/")[2]
        kept = self.keep(errand.owner_id, folder, name, data, keepsake_id=errand.id_of(read.position))
        return changed(f"{folder}#{kept.id}", "kept_for_export")
