"""Variables: what macros of a branch of a chat, and of all chats, have put down."""

from typing import Any

from pydantic import Field

from chalicelib.models.shapes import Asked, Held, Id

NAME_CHARACTERS_MOST = 200


class VariableQuery(Asked):
    """Whose variables of a chat: a branch's, without one those of the branch the chat opens with."""

    branch_id: Id | None = None


class VariableSet(Held):
    """All variables of a branch, or of everywhere, by their names."""

    values: dict[str, Any] = {}
    revision: int = 0
    """0: nothing was ever put down here; what the chat had before, or its file said, may be there all the same."""


class VariableChange(Asked):
    """Names in `put` get these values, those in `drop` go, all others stay."""

    revision: int
    put: dict[str, Any] = Field(default={}, max_length=500)
    drop: list[str] = Field(default=[], max_length=500)
