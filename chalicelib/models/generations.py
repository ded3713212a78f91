"""Turns and generations: what one action of the user sets off. The words are those of docs/streaming.md."""

from typing import Literal

from pydantic import Field

from chalicelib.models.chats import MESSAGE_CHARACTERS_MOST, Branch, Chat, Message, MessagePage
from chalicelib.models.prompt import FinishReason, TokenUsage
from chalicelib.models.shapes import Asked, Held, Id, Instant

GenerationKind = Literal["reply", "swipe", "continue", "impersonate", "quiet"]
GenerationStatus = Literal["queued", "running", "done"]
LogKind = Literal["redis", "dynamo"]


class NewTurn(Asked):
    """An action of the user. `text` is what they say; a `reply` without it just asks the character to speak again."""

    kind: GenerationKind = "reply"
    branch_id: Id | None = None
    text: str | None = Field(default=None, max_length=MESSAGE_CHARACTERS_MOST)
    message_id: Id | None = None
    """The message to swipe or continue; None means the branch's last."""
    revision: int | None = None
    """The revision seen of that message."""
    instruction: str = Field(default="", max_length=50_000)
    """What a quiet generation asks for."""
    connection_id: Id | None = None
    repeats: Id | None = None
    """Of a swipe: the generation whose request is sent once more, byte for byte, to the same connection and model."""
    character_id: Id | None = None
    """In a group: who shall speak, whoever's turn it is."""


class Generation(Held):
    """One reply on its way, or come to its end."""

    id: str
    turn_id: str
    chat_id: str
    branch_id: str
    character_id: str
    kind: GenerationKind
    status: GenerationStatus
    epoch: int = 0
    """Which attempt; 0 before the first claim."""
    message_id: str | None = None
    """The message the text goes to; None for quiet and impersonate."""
    log: LogKind = "dynamo"
    queued_at: Instant
    waits_until: Instant | None = None
    """The group goes on by itself, and only then; until it is queued for that moment."""
    started_at: Instant | None = None
    ended_at: Instant | None = None
    seq: int = 0
    """Number of the last piece, known at the end."""
    text: str = ""
    """The text so far as stored; for quiet and impersonate the result lives here."""
    reasoning: str = ""
    finish_reason: FinishReason | None = None
    error_code: str | None = None
    error_message: str | None = None
    usage: TokenUsage | None = None
    connection: str = ""
    model: str = ""


class GenerationRecord(Generation):
    """A generation with what only the server knows of it."""

    owner_id: str
    lease_until: Instant | None = None
    """A running generation whose lease has run out has lost its worker."""
    read_at: Instant | None = None
    """When somebody last read it without a socket, about."""
    stop_asked: bool = False
    instruction: str = ""
    connection_id: str | None = None
    repeats: str | None = None

    @property
    def locks(self) -> bool:
        """Whether it writes a message and so holds the branch's lock."""
        return self.kind in ("reply", "swipe", "continue")

    @property
    def public(self) -> Generation:
        """What its owner may see."""
        return Generation.model_validate(self.model_dump(include=set(Generation.model_fields)))


class Turn(Held):
    id: str
    chat_id: str
    branch_id: str
    kind: GenerationKind
    generation_ids: list[str]
    """In the order of their beginnings; in a group the next one begins when one has ended."""
    speakers: list[str] = []
    """Ids of the characters that are to speak after that, in their order."""
    stopped: bool = False
    created_at: Instant


class TurnStarted(Held):
    """Answer to a turn: the user's message as stored, and the generations that will answer.

    None answers where a group is asked by hand and somebody has said something.
    """

    turn: Turn
    message: Message | None = None
    generations: list[Generation]


class ChatOpened(Held):
    """All a page needs to show a chat."""

    chat: Chat
    branch: Branch
    page: MessagePage
    active: list[Generation] = []
    """Unfinished generations of the branch."""
