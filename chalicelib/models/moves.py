"""A move: what somebody brings along from another program, and what became of each item."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from chalicelib.models.shapes import Asked, Held, Instant

MoveKind = Literal[
    "worlds",
    "presets",
    "templates",
    "scripts",
    "quick_replies",
    "characters",
    "personas",
    "tags",
    "groups",
    "chats",
    "preferences",
    "themes",
    "backgrounds",
    "pictures",
    "secrets",
    "files",
    "others",
]
"""In the order in which they are taken: what others name comes before them. `pictures` are those in
chats and what else messages show, `files` single files of any program, `others` what is never taken."""
KINDS: tuple[MoveKind, ...] = get_args(MoveKind)
MoveOutcome = Literal["left_out", "changed", "taken"]
OUTCOMES: tuple[MoveOutcome, ...] = get_args(MoveOutcome)
MoveStatus = Literal["uploading", "running", "stopped", "done", "failed"]
MOVE_BYTES_MOST = 8_000_000_000
SLICE_BYTES = 8 * 1024 * 1024
"""An upload comes in slices of this size, so that a broken one goes on where it was."""
LOOKED_MOST = 60_000


class Tally(Held):
    """How many items of a kind there are, and what became of those that are done."""

    total: int = 0
    taken: int = 0
    changed: int = 0
    left_out: int = 0


class Move(Held):
    id: str
    name: str
    """Of the folder or archive."""
    status: MoveStatus
    kinds: list[MoveKind]
    """What was asked for."""
    size: int = 0
    """Bytes of the archive; 0 where the command line reads a folder itself."""
    done: int = 0
    total: int | None = None
    counts: dict[MoveKind, Tally] = {}
    again: bool = False
    """Whether something was left out that could be taken all the same, and still can."""
    error: str | None = None
    code: str | None = None
    job_id: str | None = None
    created_at: Instant
    updated_at: Instant


class MoveLine(Held):
    """What became of one item."""

    position: int
    kind: MoveKind
    name: str
    outcome: MoveOutcome
    reason: str = ""
    """Why, as a word that the page knows a sentence for; `values` fill it."""
    values: dict[str, str] = {}
    note: str = ""
    """The same in English, and what else is to be told."""
    code: str | None = None
    """Of the error, where one was the reason."""
    id: str | None = None
    """Of what it became, or of what is here already."""
    again: bool = False
    """Whether it can be taken all the same."""


class FoundFile(Asked):
    path: Annotated[str, Field(max_length=1_000)]
    size: int = Field(ge=0)


class NewLook(Asked):
    """The names inside a folder or archive, before anything is sent."""

    files: list[FoundFile] = Field(max_length=LOOKED_MOST)


class KindFound(Held):
    kind: MoveKind
    count: int
    bytes: int
    told: bool = True
    """False where the count shows only while it is read."""


class MoveLook(Held):
    """What would be taken."""

    kinds: list[KindFound]
    files: list[int]
    """For each file that was named, the place of its kind in `kinds`; -1 for those that are never read."""


class NewMove(Asked):
    name: str = Field(min_length=1, max_length=255)
    size: int = Field(ge=1, le=MOVE_BYTES_MOST)
    kinds: list[MoveKind] = Field(min_length=1, max_length=len(KINDS))


class NewSlices(Asked):
    numbers: list[Annotated[int, Field(ge=0, lt=1_000)]] = Field(min_length=1, max_length=20)


class SlicesThere(Held):
    """How far an upload has come."""

    slice_bytes: int = SLICE_BYTES
    count: int
    there: list[int]


class MoveQuery(Asked):
    outcome: MoveOutcome | None = None
    kind: MoveKind | None = None
    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=100, ge=1, le=500)


class TakeAgain(Asked):
    """Items that were left out because they are here already in another state."""

    positions: list[Annotated[int, Field(ge=0)]] = Field(min_length=1, max_length=1_000)
