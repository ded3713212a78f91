"""Keepsakes: files of other programs that are kept whole for the way back; pictures of them can be shown."""

from typing import Annotated

from pydantic import Field

from chalicelib.models.characters import Picture
from chalicelib.models.media import StoredPicture
from chalicelib.models.shapes import Asked, Held, Instant

PLACES_MOST = 100


class Keepsake(Held):
    id: str
    folder: str
    """The folder of SillyTavern's that it came from: `themes`, `backgrounds`, `user` …; `settings` for its settings."""
    name: str
    """Of the file; in `user` with the folders it lies in."""
    key: str
    bytes: int
    created_at: Instant
    picture: StoredPicture | None = None
    """What is shown of it, where it is a picture in a chat."""


class PictureQuery(Asked):
    """Addresses as messages of SillyTavern's chats have them: `/user/images/Name/one.png`."""

    places: list[Annotated[str, Field(max_length=2_000)]] = Field(min_length=1, max_length=PLACES_MOST)


class FileQuery(Asked):
    """One such address."""

    place: str = Field(max_length=2_000)


class AttachedFile(Held):
    """A file in a chat that is no picture we can show: a video, a sound, a text."""

    name: str
    bytes: int


class PicturesFound(Held):
    """What there is at each of the places, in their order."""

    pictures: list[Picture | None]
    files: list[AttachedFile | None]
    """What is no picture: it can be fetched, and is never shown."""
