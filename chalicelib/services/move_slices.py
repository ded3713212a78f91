"""An archive in the bucket, in slices: a file one can seek in, of which a few slices are in memory at a time."""

import io
from collections import OrderedDict
from typing import TYPE_CHECKING

from chalicelib.models.moves import SLICE_BYTES

if TYPE_CHECKING:
    from chalicelib.stores.files import Files

_KEPT_MOST = 4


class Slices(io.RawIOBase):
    """Not for several threads at once."""

    def __init__(self, files: "Files", folder: str, size: int) -> None:
        self._files, self._folder, self._size = files, folder, size
        self._at = 0
        self._kept: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # RawIOBase is vague about what it hands in
        number, offset = divmod(self._at, SLICE_BYTES)
        if self._at >= self._size:
            return 0
        part = memoryview(self._slice(number))[offset : offset + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _slice(self, number: int) -> bytes:
        if number not in self._kept:
            self._kept[number] = self._files.get(slice_key(self._folder, number))
            if len(self._kept) > _KEPT_MOST:
                self._kept.popitem(last=False)
        self._kept.move_to_end(number)
        return self._kept[number]


def slice_key(folder: str, number: int) -> str:
    return f"{folder}{number:04d}"


def slice_size(size: int, number: int) -> int:
    """Bytes of one slice; 0 or less for one beyond the end."""
    return min(SLICE_BYTES, size - number * SLICE_BYTES)


def slice_count(size: int) -> int:
    return -(-size // SLICE_BYTES)
