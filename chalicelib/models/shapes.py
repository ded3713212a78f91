"""The two kinds of model: what we hold, which is frozen, and what strangers send, which forbids unknown fields."""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Instant = AwareDatetime
"""A moment in UTC."""

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
"""An id as strangers send it: never longer than a key may be."""

MessageRole = Literal["user", "assistant", "system"]
"""Who a text is said by, towards a model. What somebody may do here is an account's `Role`."""

T = TypeVar("T")


class Held(BaseModel):
    """Something of ours: trusted, never changed in place."""

    # An error that is logged shall not carry what somebody wrote.
    model_config = ConfigDict(frozen=True, defer_build=True, hide_input_in_errors=True)


class Asked(BaseModel):
    """The body or query of a request: checked at the door, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, hide_input_in_errors=True)


class PageQuery(Asked):
    """Which stretch of a list is asked for."""

    cursor: str | None = Field(default=None, max_length=2000)
    limit: int = Field(default=50, ge=1, le=100)


class Page(Held, Generic[T]):
    """A stretch of a list. `next` goes back as `cursor`; None means there is no more."""

    items: list[T]
    next: str | None = None
