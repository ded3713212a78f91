"""Parts of search indexes: files in S3 that are never changed, and those of them that this process keeps in memory."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from chalicelib.models.search import Entry

if TYPE_CHECKING:
    from chalicelib.stores.files import Files

KEPT_BYTES_MOST = 96_000_000
"""Of texts in memory: some 150,000 messages, of everybody whom this process serves."""
_AT_ONCE = 12


class _Sized(Protocol):
    size: int
    """Bytes of text."""


P = TypeVar("P", bound=_Sized)


class SearchParts(Generic[P]):
    def __init__(
        self, *, files: "Files", pack: Callable[[Iterable[Entry]], bytes], unpack: Callable[[bytes], P]
    ) -> None:
        """`pack` and `unpack` make the file of a part and read it."""
        self._files, self._pack, self._unpack = files, pack, unpack
        self._kept: OrderedDict[str, P] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def put(self, owner_id: str, part_id: str, entries: Iterable[Entry]) -> P:
        data = self._pack(entries)
        self._files.put(_key(owner_id, part_id), data, "application/octet-stream")
        part = self._unpack(data)
        self._keep(_key(owner_id, part_id), part)
        return part

    def get_all(self, owner_id: str, part_ids: Sequence[str]) -> list[P]:
        """These parts in order; those that are not in memory are read at once. Raises NotFound."""
        keys = [_key(owner_id, part_id) for part_id in part_ids]
        with self._lock:
            found = {key: self._kept[key] for key in keys if key in self._kept}
            for key in found:
                self._kept.move_to_end(key)
        missing = [key for key in keys if key not in found]
        read = self._threads.map(self._read, missing) if len(missing) > 1 else map(self._read, missing)
        found.update(zip(missing, read, strict=True))
        return [found[key] for key in keys]

    def drop(self, owner_id: str, part_id: str) -> None:
        self._files.delete(_key(owner_id, part_id))
        with self._lock:
            gone = self._kept.pop(_key(owner_id, part_id), None)
            self._bytes -= gone.size if gone else 0

    def _read(self, key: str) -> P:
        part = self._unpack(self._files.get(key))
        self._keep(key, part)
        return part

    def _keep(self, key: str, part: P) -> None:
        with self._lock:
            before = self._kept.pop(key, None)
            self._kept[key] = part
            self._bytes += part.size - (before.size if before else 0)
            while self._bytes > KEPT_BYTES_MOST and len(self._kept) > 1:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= oldest.size

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="search")


def _key(owner_id: str, part_id: str) -> str:
    return f"{owner_id}/search/{part_id}"
