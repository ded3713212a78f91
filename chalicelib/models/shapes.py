"""The two kinds of model: what we hold, which is frozen, and what strangers send, which forbids unknown fields."""

from typing import Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

Instant = AwareDatetime
"""A moment in UTC."""


T = TypeVar("T")


class Held(BaseModel):
    """Something of ours: trusted, never changed in place."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class Asked(BaseModel):
    """The body or query of a request: checked at the door, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Page(Held, Generic[T]):
    """A stretch of a list. `next` goes back as `cursor`; None means there is no more."""

    items: list[T]
    next: str | None = None
