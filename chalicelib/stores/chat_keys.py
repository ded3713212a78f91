"""Keys of the rows of chats: (pk, sk). chat_rows.py lists them.

An id that cannot exist is not found before DynamoDB is asked.
"""

import re

from chalicelib.errors import NotFound

Key = tuple[str, str]
_ID = re.compile(r"[0-9A-Za-z_-]{1,40}")
_MESSAGE_ID = re.compile(r"([0-9A-Za-z_-]{1,40})\.(0|[1-9][0-9]{0,8})")


def chat_key(owner_id: str, chat_id: str) -> Key:
    return owner_id, f"chat#{_known_shape(chat_id, 'chat')}"


def inside(owner_id: str, chat_id: str) -> str:
    """The partition key of all that lies in a chat."""
    return f"{owner_id}#{_known_shape(chat_id, 'chat')}"


def branch_key(owner_id: str, chat_id: str, branch_id: str) -> Key:
    return inside(owner_id, chat_id), f"branch#{_known_shape(branch_id, 'branch')}"


def segment_key(owner_id: str, chat_id: str, segment: str) -> Key:
    return inside(owner_id, chat_id), f"segment#{segment}"


def cut_key(owner_id: str, chat_id: str, message_id: str, branch_id: str = "") -> Key:
    """Without a branch: how the keys of all cuts at the message begin, each of another branch that led through it."""
    segment, position = split_message_id(message_id)
    return inside(owner_id, chat_id), f"cut#{segment}#{position:09d}#{branch_id and _known_shape(branch_id, 'branch')}"


def message_key(owner_id: str, chat_id: str, message_id: str) -> Key:
    segment, position = split_message_id(message_id)
    return inside(owner_id, chat_id), message_sort_key(segment, position)


def message_sort_key(segment: str, position: int) -> str:
    return f"message#{segment}#{position:09d}"


def swipe_key(owner_id: str, chat_id: str, message_id: str, index: int) -> Key:
    segment, position = split_message_id(message_id)
    return inside(owner_id, chat_id), f"swipe#{segment}#{position:09d}#{index:05d}"


def split_message_id(message_id: str) -> tuple[str, int]:
    """Segment and position. Raises NotFound for what cannot be a message's id."""
    parts = _MESSAGE_ID.fullmatch(message_id)
    if parts is None:
        raise NotFound("There is no such message.")
    return parts[1], int(parts[2])


def _known_shape(some_id: str, noun: str) -> str:
    if not _ID.fullmatch(some_id):
        raise NotFound(f"There is no such {noun}.")
    return some_id
