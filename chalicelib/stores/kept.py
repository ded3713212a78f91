"""What was read is kept in the process by a key that says its content, so that the next reply need not read it."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """The things used last, as many as their sizes allow. They are shared: nobody changes them."""

    def __init__(self, *, sizes_most: int) -> None:
        self._most, self._sum = sizes_most, 0
        self._things: OrderedDict[str, tuple[T, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str, read: Callable[[], tuple[T, int]]) -> T:
        """The thing under a key; `read` gets it with its size when it is not here."""
        with self._lock:
            found = self._things.get(key)
            if found is not None:
                self._things.move_to_end(key)
                return found[0]
        thing, size = read()
        with self._lock:
            if key not in self._things and size <= self._most:
                self._things[key] = (thing, size)
                self._sum += size
            while self._sum > self._most:
                _, (_, gone) = self._things.popitem(last=False)
                self._sum -= gone
        return thing
