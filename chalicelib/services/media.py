"""Pictures in the bucket: two sizes each, on addresses that only their owner gets and browsers may keep."""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from chalicelib.errors import AppError
from chalicelib.models.characters import Picture
from chalicelib.models.media import StoredPicture

if TYPE_CHECKING:
    from chalicelib.services.limits import Limits
    from chalicelib.stores.files import Files

T = TypeVar("T")


class Encoded(NamedTuple):
    """A picture in its two sizes."""

    full: bytes
    thumb: bytes
    width: int
    height: int
    accent: str | None

    @property
    def full_kind(self) -> str:
        return "webp" if self.full.startswith(b"RIFF") else "jpeg"


class Pictured(Protocol):
    """A thing as it is kept, with its picture."""

    @property
    def stored_picture(self) -> StoredPicture | None: ...


class Media:
    def __init__(self, *, files: "Files", limits: "Limits") -> None:
        self._files, self._limits = files, limits

    def keep_picture(self, owner_id: str, folder: str, data: bytes) -> StoredPicture:
        """The picture, encoded and stored under `{owner_id}/{folder}/`. Raises Invalid, TooLarge, QuotaExceeded."""
        return self.keep_encoded(owner_id, folder, self.encode(data))

    def encode(self, data: bytes) -> Encoded:
        """A picture of a stranger in our two sizes. Raises Invalid (`invalid_picture`, `svg`) or TooLarge."""
        # Pillow takes 40 ms to load, and listing characters needs none of it.
        from chalicelib.services import pictures

        return pictures.encode(data)

    def keep_encoded(self, owner_id: str, folder: str, picture: Encoded, *, counted: bool = True) -> StoredPicture:
        """`counted` is False where the caller counts the space. Raises QuotaExceeded."""
        size = len(picture.full) + len(picture.thumb)
        if counted:
            self._limits.add_storage(owner_id, size)
        name = hashlib.sha256(picture.full).hexdigest()[:24]
        stored = StoredPicture(
            full_key=f"{owner_id}/{folder}/full-{name}.{picture.full_kind}",
            thumb_key=f"{owner_id}/{folder}/thumb-{name}.webp",
            width=picture.width,
            height=picture.height,
            accent=picture.accent,
            bytes=size,
        )
        self._files.put(stored.full_key, picture.full, f"image/{picture.full_kind}")
        self._files.put(stored.thumb_key, picture.thumb, "image/webp")
        return stored

    def drop_picture(self, owner_id: str, stored: StoredPicture) -> None:
        """Deletes both files and gives their space back."""
        self.let_go(owner_id, stored, still=None)

    def replace_picture(
        self,
        owner_id: str,
        folder: str,
        data: bytes,
        *,
        find: Callable[[], Pictured | None],
        write: Callable[[StoredPicture], T],
    ) -> T:
        """The answer of `write`, which puts a new picture in the place of that of the thing that `find` finds.

        When `write` finds that somebody was quicker, nothing of this picture stays.
        """

        def kept() -> StoredPicture | None:
            found = find()
            return found.stored_picture if found else None

        before = kept()
        stored = self.keep_picture(owner_id, folder, data)
        try:
            written = write(stored)
        except AppError:
            self.let_go(owner_id, stored, still=kept())
            raise
        if before:
            self.let_go(owner_id, before, still=stored)
        return written

    def let_go(self, owner_id: str, gone: StoredPicture, *, still: StoredPicture | None) -> None:
        """Gives a picture's space back, and deletes its files unless `still` is the same picture in the same place."""
        if still is None or still.full_key != gone.full_key:
            self._files.delete(gone.full_key)
            self._files.delete(gone.thumb_key)
        self._limits.add_storage(owner_id, -gone.bytes)

    def picture(self, stored: StoredPicture) -> Picture:
        """Addresses of the two sizes."""
        return Picture(
            full=self._files.address(stored.full_key),
            thumb=self._files.address(stored.thumb_key),
            width=stored.width,
            height=stored.height,
            accent=stored.accent,
        )

    def read_png(self, stored: StoredPicture | None) -> bytes:
        """The large size as PNG, for export; a plain one where there is no picture."""
        from chalicelib.services import pictures  # late, as above

        return pictures.blank_png() if stored is None else pictures.to_png(self._files.get(stored.full_key))
