"""Every frame on the socket. The JSON Schemas in docs/socket.md are generated from here.

Keys of the frequent `d` frame are single letters: its envelope is held to 45 bytes.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.models.generations import GenerationKind, GenerationStatus
from chalicelib.models.prompt import FinishReason, TokenUsage
from chalicelib.models.shapes import Held, Instant

CONTRACT = 1
SNAPSHOT_PART_BYTES = 96 * 1024
EPOCH_MOST, PIECE_MOST = 9_999, 99_999_999
"""What a log's keys have room for. Redis takes a number above 64 bits for an error, and we that for its absence."""


class Up(BaseModel):
    """A frame from a client: unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, hide_input_in_errors=True)


class Hello(Up):
    type: Literal["hello"]
    contract: int
    locale: str = "en"


class Follow(Up):
    type: Literal["follow"]
    chat_id: str = Field(max_length=64)
    revision: int = 0


class Unfollow(Up):
    type: Literal["unfollow"]
    chat_id: str = Field(max_length=64)


class Resume(Up):
    """Asks for the pieces after `after` of `epoch`."""

    type: Literal["resume"]
    generation_id: str = Field(max_length=64)
    epoch: int = Field(ge=0, le=EPOCH_MOST)
    after: int = Field(ge=0, le=PIECE_MOST)


class Stop(Up):
    type: Literal["stop"]
    turn_id: str = Field(max_length=64)


class Ping(Up):
    type: Literal["ping"]


UpFrame = Annotated[Hello | Follow | Unfollow | Resume | Stop | Ping, Field(discriminator="type")]


class Welcome(Held):
    type: Literal["welcome"] = "welcome"
    contract: int = CONTRACT
    socket_id: str


class Following(Held):
    type: Literal["following"] = "following"
    chat_id: str
    revision: int
    generation_ids: list[str] = []


class Start(Held):
    type: Literal["start"] = "start"
    generation_id: str
    g: str
    """Handle of this attempt's `d` frames: three letters made from generation and epoch, the same on every socket. A
    `start` of a higher epoch makes what came under the lower one void."""
    turn_id: str
    epoch: int
    chat_id: str
    branch_id: str
    message_id: str | None = None
    kind: GenerationKind
    character_id: str
    place: int | None = None


class Piece(Held):
    """Text `x` and reasoning `r` of the pieces `n[0]` to `n[1]`, counted from 1 in each epoch."""

    type: Literal["d"] = "d"
    g: str
    n: tuple[int, int]
    x: str | None = None
    r: str | None = None


class Snapshot(Held):
    """Everything up to piece `upto`, in parts numbered from 1: their texts are joined, the rest is repeated."""

    type: Literal["snapshot"] = "snapshot"
    generation_id: str
    g: str
    turn_id: str
    epoch: int
    chat_id: str
    branch_id: str
    message_id: str | None = None
    kind: GenerationKind
    character_id: str
    status: GenerationStatus
    upto: int
    part: int = 1
    parts: int = 1
    text: str = ""
    reasoning: str = ""


class FrameError(Held):
    code: str
    message: str


class Next(Held):
    """The reply of a group that begins as another one has ended, in the same turn."""

    generation_id: str
    message_id: str | None = None
    character_id: str
    waits_until: Instant | None = None
    """When it begins; None means now."""


class End(Held):
    """The last frame of a generation. A reader whose text does not hash to `sha256` fetches the message.

    `seq` is the number of the last piece: pieces up to it are still to be waited for. `length` and `sha256` (in hex, of
    UTF-8 bytes) speak of the stored text: of a `continue` that is the message's old text and the pieces after it.
    """

    type: Literal["end"] = "end"
    generation_id: str
    turn_id: str
    chat_id: str
    epoch: int
    seq: int
    finish_reason: FinishReason
    error: FrameError | None = None
    message_id: str | None = None
    revision: int | None = None
    length: int
    """Characters (code points) of the stored text."""
    sha256: str
    changed: bool = False
    """Whether the stored text differs from the streamed one."""
    usage: TokenUsage | None = None
    chat_revision: int | None = None
    next: Next | None = None
    """Who speaks next in a group."""


class Changed(Held):
    """Another device changed the chat."""

    type: Literal["changed"] = "changed"
    chat_id: str
    what: Literal["message", "swipe", "delete", "branch", "chat", "turn"]
    revision: int
    message_id: str | None = None


class Pong(Held):
    type: Literal["pong"] = "pong"


class Refused(Held):
    """Answers a frame that could not be obeyed."""

    type: Literal["error"] = "error"
    code: str
    message: str
    about: str | None = None
    """Type of the frame it answers."""
    retry_after_seconds: float | None = None
    """Frames came too fast: send none before, then ask again for what has no answer."""


DownFrame = Annotated[
    Welcome | Following | Start | Piece | Snapshot | End | Changed | Pong | Refused, Field(discriminator="type")
]
