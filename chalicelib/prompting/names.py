"""Names of speakers in prompts: clean, allowed by the services, and before what they say."""

import re

from chalicelib.models.chats import Message
from chalicelib.models.completion import ChatPreset

NAME_CHARACTERS_MOST = 200
_SERVICE_CHARACTERS_MOST = 64
_FORBIDDEN = re.compile(r"[^a-zA-Z0-9_]")


def clean_name(name: str) -> str:
    """A name on one line: control characters gone, white space single, so that it cannot break out of a prompt."""
    kept = "".join(letter if letter.isprintable() else " " for letter in name[:NAME_CHARACTERS_MOST])
    return " ".join(kept.split())


def service_name(name: str) -> str:
    """A name as chat services allow it. A letter beyond the first 65,536 counts as two, as everywhere in the field."""
    replaced = _FORBIDDEN.sub(lambda found: "__" if ord(found[0]) > 0xFFFF else "_", name)
    return replaced[:_SERVICE_CHARACTERS_MOST]


def spoken(message: Message, text: str, preset: ChatPreset, *, user: str, grouped: bool) -> str:
    """What a message says, with its speaker's name where the preset wants it in the text."""
    narrated = is_narrated(message)
    if preset.names == "content" and not narrated:
        return f"{message.name}: {text}"
    # In a group everybody is named but the user; else only who speaks through another's mouth.
    named = message.name != user and (grouped or (is_borrowed(message) and not narrated))
    return f"{message.name}: {text}" if named and preset.names == "default" else text


def is_narrated(message: Message) -> bool:
    return message.role == "system" or _extra(message).get("type") == "narrator"


def is_borrowed(message: Message) -> bool:
    """Whether it was said under a name that is no character's here (`force_avatar`)."""
    line = message.extra.get("line")
    return bool(message.extra.get("force_avatar") or (isinstance(line, dict) and line.get("force_avatar")))


def _extra(message: Message) -> dict[str, object]:
    extra = message.extra.get("extra")
    return extra if isinstance(extra, dict) else {}
