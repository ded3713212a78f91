"""The id that ties together what one request sets off: from its door through the queue to the worker's last line.

It goes along with the task or thread at work, and with orders in the queue. Every line of the log has it. What a
request turns out to be about is noted beside it, for the one line that its door writes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("correlation_id", default="")
_about: ContextVar[dict[str, str] | None] = ContextVar("about", default=None)


def correlation_id() -> str:
    """The id of what is being done; "" outside of any request."""
    return _current.get()


def note(**about: str) -> None:
    """Ids (never texts) of what the request at work is about, for the line of its door."""
    noted = _about.get()
    if noted is not None:
        noted.update(about)


@contextmanager
def correlated(known_as: str) -> Iterator[dict[str, str]]:
    """All that is done in here, and in tasks begun here, goes by this id. Gives what is noted meanwhile."""
    noted: dict[str, str] = {}
    tokens = _current.set(known_as), _about.set(noted)
    try:
        yield noted
    finally:
        _current.reset(tokens[0])
        _about.reset(tokens[1])
