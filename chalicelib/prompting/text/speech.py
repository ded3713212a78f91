"""What a text prompt is written from, and the ways to write it: plain lines, or an instruct template's sequences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from chalicelib.models.scenes import Scene
from chalicelib.models.shapes import MessageRole
from chalicelib.prompting.macros.expander import Macros

Which = Literal["", "first", "last"]
"""Whether a turn is the first of the chat or the last of the user, or the one that is continued."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Something said, on its way into a prompt."""

    role: MessageRole
    name: str
    """Empty: nobody's. A narrator's is told to templates only."""
    text: str
    source: str = ""
    borrowed: bool = False
    """Said under a name that is no character's here."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part, and what resolves macros."""

    scene: Scene
    macros: Macros
    user: str
    char: str
    group: Sequence[str] = ()
    """Names of all members of a group; empty: the chat is no group's."""

    @property
    def grouped(self) -> bool:
        return bool(self.group)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a prompt shall end."""

    quiet: str = ""
    bias: str = ""
    continued: Turn | None = None
    alone: bool = False
    """The message that is continued is the only one of the chat."""


class Hand(Protocol):
    """A way to write. Each piece comes with the line breaks that belong to it."""

    def story(self, story: str) -> str:
        """The story string with what stands around it; empty if it is."""
        ...

    def turn(self, turn: Turn, which: Which = "") -> str: ...

    def unfinished(self, turn: Turn) -> str:
        """A turn that the reply goes on with: nothing follows its text."""
        ...

    def alignment(self) -> str:
        """What the user says where a chat does not begin with the user; empty: nothing."""
        ...

    def examples(self, blocks: Sequence[str]) -> list[str]:
        """Example dialogues; each piece is taken or left as one."""
        ...

    def end(self, told: str, ending: Ending) -> str:
        """The history with what asks for the reply."""
        ...

    def stops(self) -> list[str]:
        """Sequences that end a reply."""
        ...


def before_text(turn: Turn, written: str) -> str:
    """What is written, up to the end of the turn's text."""
    end = written.rfind(turn.text) if turn.text else -1
    return written if end < 0 else written[: end + len(turn.text)]
