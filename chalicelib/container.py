"""The only place that builds things: each part once, when first needed.

`wiring/` says how, an area a module: a row of classes in which each knows those below it, so that parts find each other
by name and stand in one order. Imports stand inside the properties, so that a Lambda pays only for what its door opens.
Only entrypoints call `container()`; a test makes its own and may set a part before it is used.
"""

from threading import Lock

from chalicelib.settings import settings
from chalicelib.wiring.moving import MovingWiring


class Container(MovingWiring):
    """Every part of the back end, by its name."""


_current: list[Container] = []
_making = Lock()


def container() -> Container:
    """This process's container, made at the first call. Of threads that come first together one makes it."""
    if not _current:
        with _making:
            if not _current:
                _current.append(_make())
    return _current[0]


def _make() -> Container:
    from chalicelib.clients.direct import shorten
    from chalicelib.stores.tables import place_tables

    knobs = settings()
    place_tables(prefix=knobs.table_prefix, region=knobs.region, endpoint=knobs.aws_endpoint, prepare=shorten)
    return Container(knobs)


def use(replacement: Container | None) -> None:
    """Puts another container in place, or with None forgets the present one: for tests and the command line."""
    _current[:] = [] if replacement is None else [replacement]
