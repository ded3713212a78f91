"""Stale changes: a change names the revision it was made on, and another one is a Conflict that shows both."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

from chalicelib.errors import Conflict
from chalicelib.models.shapes import Held


class _Revised(Protocol):
    @property
    def revision(self) -> int: ...

    def model_dump(self, *, mode: str) -> dict[str, object]: ...


class _Kept(Protocol):
    """A thing as it is kept."""

    @property
    def revision(self) -> int: ...

    def model_copy(self, *, update: Mapping[str, Any]) -> Any: ...


K = TypeVar("K", bound=_Kept)
S = TypeVar("S", bound=_Revised)


class _Store(Protocol[K]):
    def get(self, owner_id: str, thing_id: str, /) -> K: ...

    def replace(self, owner_id: str, thing: K, /, *, seen: int) -> None: ...


def write_over(
    store: _Store[K],
    owner_id: str,
    thing_id: str,
    given: Mapping[str, object],
    *,
    yours: Mapping[str, object],
    now: datetime,
    shown: Callable[[K], S],
) -> S:
    """The thing with what is given over what is kept. Raises Conflict with both versions, NotFound."""
    theirs = store.get(owner_id, thing_id)
    check_revision(shown(theirs), given)
    changed: K = theirs.model_copy(update={**given, "revision": theirs.revision + 1, "updated_at": now})
    try:
        store.replace(owner_id, changed, seen=theirs.revision)
    except Conflict:
        raise stale(shown(store.get(owner_id, thing_id)), yours) from None
    return shown(changed)


def check_revision(theirs: _Revised, yours: Mapping[str, object]) -> None:
    """Raises Conflict when `yours` was made on another revision than the stored one."""
    if theirs.revision != yours["revision"]:
        raise stale(theirs, yours)


def stale(theirs: _Revised | Held, yours: Mapping[str, object]) -> Conflict:
    return Conflict(
        "This was changed elsewhere meanwhile. Both versions are here: choose one.",
        yours=dict(yours),
        theirs=theirs.model_dump(mode="json"),
    )
