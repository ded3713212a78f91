"""The log of a reply: its pieces in order. It lies in Redis or in DynamoDB; the generation's row says where.

Whoever appends says which piece it believes to be the last. The answer is

    ok       it stands there now (or did already: an append may be repeated)
    fenced   somebody else wrote under this epoch or a higher one: stop
    lost     the log has a hole or is gone: write everything again with a `whole` entry
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from chalicelib.stores.sockets import Channel

Outcome = Literal["ok", "fenced", "lost"]


class LogFailed(Exception):
    """The log does not answer."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a log lies."""

    owner_id: str
    chat_id: str
    generation_id: str
    turn_id: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A `piece`; or the `whole` text up to `seq`; or the `end`, whose number is one above the last piece's."""

    seq: int
    text: str = ""
    reasoning: str = ""
    kind: Literal["piece", "whole", "end"] = "piece"


@dataclass(frozen=True, slots=True)
class Signals:
    """What a worker learns with each append."""

    stop: bool = False
    followers: tuple[str, ...] = ()
    fenced: bool = False


@dataclass(frozen=True, slots=True)
class Appended:
    outcome: Outcome
    signals: Signals = Signals()


def signals_in(channel: Channel, place: Place) -> Signals:
    """What the chat's channel says to whoever writes there."""
    own = next((one for one in channel.running if one.generation_id == place.generation_id), None)
    if own is None:
        return Signals(followers=channel.followers, fenced=True)
    return Signals(stop=own.stop, followers=channel.followers, fenced=own.epoch > place.epoch)


class Log(Protocol):
    """Either log. Raises LogFailed."""

    async def append(self, place: Place, entry: Entry, *, after: int) -> Appended:
        """Adds an entry when `after` is the number of the last one; a `whole` entry also into a log that is lost."""
        ...

    async def signals(self, place: Place) -> Signals:
        """Whether to stop, and who listens."""
        ...

    async def read(self, place: Place, *, after: int) -> list[Entry]:
        """The entries of the epoch above `after`, in order; as many as there are, also when some are missing before."""
        ...

    async def ask_stop(self, place: Place) -> None:
        """Makes the stop flag known as fast as this log can."""
        ...

    async def forget_followers(self, chat_id: str) -> None:
        """Called after followers have changed and before the log is read for them."""
        ...
