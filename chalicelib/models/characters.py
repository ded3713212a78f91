"""Characters: a card somebody keeps, and what the library shows of it."""

from typing import Any, Literal

from pydantic import Field

from chalicelib.models.cards import Card, CardData
from chalicelib.models.jobs import ReportLine
from chalicelib.models.media import StoredFile, StoredPicture
from chalicelib.models.shapes import Asked, Held, Instant


class Picture(Held):
    """Addresses of one picture in its sizes. They stay the same for a day, so that browsers cache them."""

    full: str
    thumb: str
    width: int
    height: int
    accent: str | None = None
    """`#rrggbb` taken from the picture."""


class CharacterSummary(Held):
    """A portrait on the library's wall."""

    id: str
    name: str
    tagline: str = ""
    tags: list[str] = []
    favourite: bool = False
    picture: Picture | None = None
    created_at: Instant
    updated_at: Instant
    last_used_at: Instant | None = None
    deleted_at: Instant | None = None
    revision: int = 1


class Character(CharacterSummary):
    """A character with its card."""

    card: Card
    allow_outside_media: bool = False
    """Whether images and styles from other hosts may load in this character's texts."""


class NewCharacter(Asked):
    card: dict[str, Any]
    """Any version of a card, as JSON."""


class CharacterChange(Asked):
    """Fields left out stay. `revision` is the one the change was made on."""

    revision: int
    data: CardData | None = None
    favourite: bool | None = None
    tags: list[str] | None = Field(default=None, max_length=200)
    allow_outside_media: bool | None = None


class CharacterQuery(Asked):
    cursor: str | None = Field(default=None, max_length=2000)
    limit: int = Field(default=60, ge=1, le=200)
    sort: Literal["name", "recent", "created"] = "recent"
    search: str = Field(default="", max_length=200)
    tag: str | None = Field(default=None, max_length=200)
    favourite: bool | None = None
    trash: bool = False
    ids: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.-]{1,64}(,[A-Za-z0-9_.-]{1,64}){0,99}$")
    """Up to a hundred ids with commas between: these, also from the trash, in this order, and no other filter counts.
    An id that names nothing is left out."""


class TagCount(Held):
    tag: str
    count: int


class Download(Held):
    """Where to fetch a file, for an hour."""

    url: str
    filename: str
    expires_at: Instant


class ImportQuery(Asked):
    filename: str = Field(default="", max_length=255)


class ImportedCharacter(Held):
    """What became of one file."""

    line: ReportLine
    character: CharacterSummary | None = None
    """None when the file was left out."""


class ExportQuery(Asked):
    format: Literal["png", "json", "charx"] = "png"


class CharacterRecord(Held):
    """A character as it is stored, without its card and without addresses."""

    id: str
    name: str
    tagline: str = ""
    creator: str = ""
    tags: list[str] = []
    favourite: bool = False
    allow_outside_media: bool = False
    picture: StoredPicture | None = None
    file_hash: str | None = None
    """SHA-256 of the file it came from, as long as nobody has changed it since."""
    file_bytes: int = 0
    """What its pictures and files take in the bucket."""
    created_at: Instant
    updated_at: Instant
    last_used_at: Instant | None = None
    deleted_at: Instant | None = None
    revision: int = 1


class CardBody(Held):
    """A card with the files that came with it, by their paths."""

    card: Card
    files: dict[str, StoredFile] = {}
