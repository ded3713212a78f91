"""How many tokens a prompt may have, and what still fits."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from chalicelib.models.prompt import PromptPicture
from chalicelib.models.shapes import MessageRole

# What chat formats spend around a message, on a name, and to open the reply, as SillyTavern counts them.
MESSAGE_TOKENS = 5
NAME_TOKENS = 1
REPLY_TOKENS = 3


class Full(Exception):
    """Something that must be there does not fit any more."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a message, and where it came from."""

    source: str
    start: int
    length: int
    tokens: int


@dataclass(slots=True)
class Piece:
    """A message on its way into a prompt."""

    role: MessageRole
    content: str
    source: str
    name: str | None = None
    tokens: int = 0
    separate: bool = False
    """Never joined with its neighbours: the marks between parts, and the group nudge."""
    pictures: list[PromptPicture] = field(default_factory=list)
    """What stands beside the words, in the order of their places."""
    spans: list[Span] = field(default_factory=list)
    """Of a piece that was joined: what it is made of. Empty: all of it is `source`."""

    def made_of(self) -> list[Span]:
        return self.spans or [Span(self.source, 0, len(self.content), self.tokens)]

    def append(self, other: "Piece", joint: str) -> None:
        """Puts another piece's text at the end."""
        # A picture without words stands where the words before it end.
        joint = joint if other.content else ""
        shift = len(self.content) + len(joint)
        self.pictures = [*self.pictures, *moved(other.pictures, shift)]
        self.spans = [*self.made_of(), *(replace(span, start=span.start + shift) for span in other.made_of())]
        self.content += joint + other.content
        self.tokens += other.tokens

    def prefix(self, text: str) -> None:
        self.spans = [replace(span, start=span.start + len(text)) for span in self.made_of()]
        self.pictures = moved(self.pictures, len(text))
        self.content = text + self.content


def moved(pictures: Iterable[PromptPicture], letters: int) -> list[PromptPicture]:
    """Pictures of a text that comes to stand so much further on."""
    return [picture.model_copy(update={"at": picture.at + letters}) for picture in pictures]


class Budget:
    """Counts what is taken. Reserved tokens are missing from what is left until they are given back."""

    def __init__(self, tokens: int, count: Callable[[str], int]) -> None:
        self._count = count
        self.left = tokens - REPLY_TOKENS

    def counted(self, piece: Piece, *, known: int | None = None) -> Piece:
        """The piece with its tokens: none for an empty one. `known` is what its text was counted with before.

        Pictures cost what they cost, also where nothing is said beside them.
        """
        if piece.content:
            piece.tokens = (self._count(piece.content) if known is None else known) + MESSAGE_TOKENS
            if piece.name:
                piece.tokens += self._count(piece.name) + NAME_TOKENS
        if piece.pictures:
            piece.tokens = (piece.tokens if piece.content else 0) + sum(one.tokens for one in piece.pictures)
        return piece

    def take(self, piece: Piece) -> None:
        """Raises Full when it does not fit."""
        if piece.tokens > self.left:
            raise Full
        self.left -= piece.tokens

    def fits(self, pieces: Iterable[Piece]) -> bool:
        return sum(piece.tokens for piece in pieces) <= self.left

    def reserve(self, tokens: int) -> None:
        self.left -= tokens

    def free(self, tokens: int) -> None:
        self.left += tokens
