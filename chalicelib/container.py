"""The only place that builds things: each part once, when first needed.

The list of properties is the table of contents. Imports stand inside them, so that a Lambda pays only for what its door
opens. Only entrypoints call `container()`; a test makes its own and may set a part before it is used.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.settings import Settings, settings

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock


class Container:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    # --- clients

    @cached_property
    def clock(self) -> "Clock":
        from chalicelib.clients.clock import Clock

        return Clock()


_current: list[Container] = []


def container() -> Container:
    """This process's container, made at the first call."""
    if not _current:
        _current.append(Container(settings()))
    return _current[0]


def use(replacement: Container | None) -> None:
    """Puts another container in place, or with None forgets the present one: for tests and the command line."""
    _current[:] = [] if replacement is None else [replacement]
