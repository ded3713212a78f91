"""Uploads of files too large for a request, and their tickets."""

from typing import Literal

from pydantic import Field

from chalicelib.models.shapes import Asked, Held, Id, Instant


class NewUpload(Asked):
    filename: str = Field(min_length=1, max_length=255)
    size: int = Field(ge=1, le=200_000_000)
    content_type: str = Field(max_length=100)
    purpose: Literal["character", "chat"] = "character"
    character_id: Id | None = None
    """The character a chat belongs to."""


class Upload(Held):
    """A form for a presigned POST: exactly this key, size and type."""

    id: str
    url: str
    fields: dict[str, str]
    expires_at: Instant
