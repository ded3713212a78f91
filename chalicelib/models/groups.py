"""Groups: several characters in one chat, and how they take turns."""

from typing import Any, Literal

from pydantic import Field

from chalicelib.models.characters import Picture
from chalicelib.models.media import StoredPicture
from chalicelib.models.shapes import Asked, Held, Id, Instant

GroupOrder = Literal["natural", "list", "manual", "pooled"]
GroupCards = Literal["swap", "join", "join_all"]
MEMBERS_MOST = 200
AUTO_DELAY_SECONDS_MOST = 600
"""A queue keeps an order back for at most fifteen minutes."""


class Member(Held):
    """Somebody who belongs to a group."""

    character_id: str | None
    """None for one that SillyTavern's file names and that is not here."""
    file: str = ""
    """The name of its picture's file, by which SillyTavern's group names it; "" for one that was added here."""
    muted: bool = False
    """Speaks only when asked to."""


class GroupSettings(Held):
    """How a group behaves."""

    name: str
    order: GroupOrder = "natural"
    cards: GroupCards = "swap"
    """Whether the prompt has the speaker's card, or those of all (also the muted ones) joined."""
    join_prefix: str = ""
    join_suffix: str = ""
    self_replies: bool = False
    """Whether who spoke last may speak again though nobody else said anything."""
    auto_delay_seconds: int = 5
    """How long the group waits before it goes on by itself, in chats whose auto mode is on."""
    favourite: bool = False


class Group(GroupSettings):
    id: str
    members: list[Member] = []
    """In the order they stand in, which is the one they speak in when the order is `list`."""
    picture: Picture | None = None
    """None: the page shows the members' portraits together."""
    created_at: Instant
    updated_at: Instant
    revision: int = 1


class StoredGroup(Group):
    """A group as it is kept: with SillyTavern's file, if it came from one, and its picture by the keys of its files."""

    file: dict[str, Any] = {}
    stored_picture: StoredPicture | None = None


class AskedMember(Asked):
    character_id: Id | None
    file: str = Field(default="", max_length=300)
    """As it was given: it leads back to SillyTavern."""
    muted: bool = False


class NewGroup(Asked):
    name: str = Field(min_length=1, max_length=200)
    members: list[AskedMember] = Field(default=[], max_length=MEMBERS_MOST)
    order: GroupOrder = "natural"
    cards: GroupCards = "swap"
    join_prefix: str = Field(default="", max_length=2000)
    join_suffix: str = Field(default="", max_length=2000)
    self_replies: bool = False
    auto_delay_seconds: int = Field(default=5, ge=1, le=AUTO_DELAY_SECONDS_MOST)
    favourite: bool = False


class GroupChange(Asked):
    """Fields left out stay. `revision` is the one the change was made on."""

    revision: int
    name: str | None = Field(default=None, min_length=1, max_length=200)
    members: list[AskedMember] | None = Field(default=None, max_length=MEMBERS_MOST)
    order: GroupOrder | None = None
    cards: GroupCards | None = None
    join_prefix: str | None = Field(default=None, max_length=2000)
    join_suffix: str | None = Field(default=None, max_length=2000)
    self_replies: bool | None = None
    auto_delay_seconds: int | None = Field(default=None, ge=1, le=AUTO_DELAY_SECONDS_MOST)
    favourite: bool | None = None


class GroupImportQuery(Asked):
    filename: str = Field(default="", max_length=255)
