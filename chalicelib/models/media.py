"""Pictures as they are stored, and uploads of files too large for a request."""

from typing import Literal

from pydantic import Field

from chalicelib.models.shapes import Asked, Held, Id, Instant


class NewUpload(Asked):
    filename: str = Field(min_length=1, max_length=255)
    size: int = Field(ge=1, le=200_000_000)
    content_type: str = Field(max_length=100)
    purpose: Literal["character", "chat", "world"] = "character"
    character_id: Id | None = None
    """The character a chat belongs to."""
    group_id: Id | None = None
    """Or the group: one of the two."""


class Upload(Held):
    """A form for a presigned POST: exactly this key, size and type."""

    id: str
    url: str
    fields: dict[str, str]
    expires_at: Instant


class StoredPicture(Held):
    """One picture in its two sizes, by the keys of its files."""

    full_key: str
    thumb_key: str
    width: int
    height: int
    accent: str | None = None
    bytes: int = 0
    """Of both files together."""


class StoredFile(Held):
    """A file that came with something: a sprite, a sound."""

    key: str
    bytes: int
