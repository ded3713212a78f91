"""A chat as a file holds it, without ids.

What a file says and we have no field for is kept in `extra`, and written back:

    of a swipe     send_date, gen_started, gen_finished as written, `extra`, and `info`: what else `swipe_info` says
    of a message   those of its chosen swipe, and `line`: what else the line says, whichever swipe is shown
    of a chat      `metadata` is chat_metadata; `_header` in it is what else the first line says
"""

from typing import Any, TypeVar

from chalicelib.models.chats import NotePlace, Swipe
from chalicelib.models.shapes import Held, MessageRole

W = TypeVar("W")
HEADER = "_header"
SWIPED = "_swiped"
"""Key in `line`: a single alternative was written with the arrays of swipes."""
STALE = "_stale_swipe"
"""Key in `line`: what `swipes` said of the chosen alternative where it differed from `mes`."""
OURS = "tavernai_plus"
"""Key in SillyTavern's `extra` under which our own facts of a reply travel."""


_PLACES: dict[Any, NotePlace] = {0: "after_main", 1: "in_chat", 2: "before_main", -1: "nowhere"}
_ROLES: dict[Any, MessageRole] = {0: "system", 1: "user", 2: "assistant"}


class FileHead(Held):
    user_name: str = ""
    character_name: str = ""
    metadata: dict[str, Any] = {}
    authors_note: str = ""
    authors_note_depth: int = 4
    authors_note_interval: int = 1
    authors_note_place: NotePlace = "in_chat"
    authors_note_role: MessageRole = "system"


class FileMessage(Held):
    role: MessageRole
    name: str
    hidden: bool = False
    line: dict[str, Any] = {}
    swipe_index: int = 0
    swipes: list[Swipe]
    """All alternatives; there is at least one."""

    @property
    def chosen(self) -> Swipe:
        return self.swipes[self.swipe_index]


def note_of(metadata: dict[str, Any]) -> str:
    note = metadata.get("note_prompt")
    return note if isinstance(note, str) else ""


def note_depth_of(metadata: dict[str, Any]) -> int:
    depth = metadata.get("note_depth")
    return depth if type(depth) is int and 0 <= depth <= 1000 else 4


def note_interval_of(metadata: dict[str, Any]) -> int:
    interval = metadata.get("note_interval")
    return interval if type(interval) is int and 0 <= interval <= 1000 else 1


def note_place_of(metadata: dict[str, Any]) -> NotePlace:
    return _word(_PLACES, metadata.get("note_position"), "in_chat")


def note_role_of(metadata: dict[str, Any]) -> MessageRole:
    return _word(_ROLES, metadata.get("note_role"), "system")


def note_place_number(place: NotePlace) -> int:
    return next(int(number) for number, word in _PLACES.items() if word == place)


def note_role_number(role: MessageRole) -> int:
    return next(int(number) for number, word in _ROLES.items() if word == role)


def _word(words: dict[Any, W], number: Any, otherwise: W) -> W:
    return words.get(number, otherwise) if type(number) is int else otherwise
