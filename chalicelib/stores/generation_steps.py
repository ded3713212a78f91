"""What the steps of a generation write at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.models.chats import Branch, Message, Swipe
from chalicelib.models.frames import End
from chalicelib.models.generations import GenerationRecord, Turn
from chalicelib.models.worlds import Timed
from chalicelib.stores.transactions import Join


class Stale(Exception):
    """A condition did not hold: somebody was faster. Read again and decide anew."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a turn writes at once."""

    branch: Branch
    turn: Turn
    generation: GenerationRecord
    message: Message | None
    """What the user said."""
    reserved: int
    """Positions the branch grows by: the user's message and the reply."""
    join: Join | None = None
    """Adds the idempotency item."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What a turn writes that nobody is to answer."""

    branch: Branch
    turn: Turn
    message: Message
    join: Join | None = None


@dataclass(frozen=True, slots=True)
class Follow:
    """The reply that begins in the transaction that ends another one of its turn."""

    generation: GenerationRecord
    branch: Branch
    turn: Turn
    """As it is from then on."""
    join: Join
    """Counts the reply."""

    @property
    def by_itself(self) -> bool:
        """Whether the chat's auto mode is why."""
        return self.generation.waits_until is not None


@dataclass(frozen=True, slots=True)
class Ending:
    """What the end of a generation writes at once."""

    end: End
    text: str
    """What the generation's row keeps: texts that went into a message are not kept twice."""
    reasoning: str
    connection: str
    model: str
    message: Message | None = None
    """The message as it shall be. Revision 1: it is new; else it replaces the revision before."""
    replaced: Swipe | None = None
    """The alternative that was shown till now, when a new one takes its place."""
    beside: Sequence[Swipe] = ()
    """Further alternatives that come with it."""
    timed: Timed | None = None
    """Which entries of worlds stick or rest from now on; None: as before."""
    follow: Follow | None = None
