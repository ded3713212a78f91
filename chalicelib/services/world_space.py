"""How much of its owner's storage a world takes: the bytes of its entries and of what else its file said."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chalicelib.models.kept_worlds import StoredEntry, WorldRecord

if TYPE_CHECKING:
    from chalicelib.services.limits import Limits
    from chalicelib.stores.worlds import WorldStore

Edit = tuple[StoredEntry | None, StoredEntry]
"""An entry as it was, None for a new one, and as it shall be."""


class WorldSpace:
    def __init__(self, *, store: "WorldStore", limits: "Limits") -> None:
        self._store, self._limits = store, limits

    @contextmanager
    def taken(self, owner_id: str, size: int) -> Iterator[None]:
        """Counts bytes that are written inside, or given back when negative; nothing where that fails.

        Raises QuotaExceeded when they do not fit.
        """
        if size > 0:
            self._limits.add_storage(owner_id, size)
        try:
            yield
        except BaseException:
            if size > 0:
                self._limits.add_storage(owner_id, -size)
            raise
        if size < 0:
            self._limits.add_storage(owner_id, size)

    @contextmanager
    def counted(self, owner_id: str, world: WorldRecord) -> Iterator[int]:
        """What is counted of a world. One from before worlds were counted is counted now, whatever is allowed, if what
        is done inside keeps that with the world."""
        if world.stored_bytes is not None:
            yield world.stored_bytes
            return
        size = size_of(self._store.all_entries(owner_id, world.id), self._store.rest(owner_id, world.id))
        yield size
        self._limits.settle_storage(owner_id, size)

    def give_back(self, owner_id: str, size: int) -> None:
        self._limits.settle_storage(owner_id, -size)


def size_of(entries: Iterable[StoredEntry], rest: dict[str, Any] | None = None) -> int:
    return sum(map(_bytes, entries)) + (len(_json(rest)) if rest else 0)


def growth(edits: Sequence[Edit], count: int) -> int:
    """By how much edits change the size; `count` is by how much each changes the number of entries.

    A deleted entry counts no more, though it can be brought back for a day.
    """
    before = sum(_bytes(one) for one, _ in edits if one is not None) if count <= 0 else 0
    after = sum(_bytes(one) for _, one in edits) if count >= 0 else 0
    return after - before


def _bytes(stored: StoredEntry) -> int:
    return len(_json(stored.entry))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
