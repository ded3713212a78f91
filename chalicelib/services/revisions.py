"""Stale changes: a change names the revision it was made on, and another one is a Conflict that shows both."""

from collections.abc import Mapping
from typing import Protocol

from chalicelib.errors import Conflict
from chalicelib.models.shapes import Held


class _Revised(Protocol):
    @property
    def revision(self) -> int: ...

    def model_dump(self, *, mode: str) -> dict[str, object]: ...


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
