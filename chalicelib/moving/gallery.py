"""Where pictures of chats lie in a data folder, and which of them an address in a message means."""

import hashlib
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

USER = "user"
"""The folder of what messages show: `images`, `files`, and `workflows` of who draws."""
_INSIDE = ("images", "files", "workflows")


def is_of_chats(place: str) -> bool:
    """Whether a file of the data folder is one that messages may show."""
    head, _, rest = place.partition("/")
    inside, _, name = rest.partition("/")
    return head == USER and inside in _INSIDE and bool(name)


def gallery_id(place: str) -> str:
    """The id of what lies at a place of the data folder: an address leads there without being looked up."""
    return hashlib.sha256(place.encode("utf-8", "replace")).hexdigest()[:32]


def places_of(address: str) -> list[str]:
    """Places that an address may mean: as it is written, and with its escapes undone; none for one of elsewhere."""
    if address.startswith(("//", "\\")):
        return []
    try:
        if urlsplit(address).scheme:
            return []
    except ValueError:
        return []
    written = [address, unquote(address.partition("?")[0])]
    found = [unicodedata.normalize("NFC", one.replace("\\", "/").lstrip("/")) for one in written]
    return [one for one in dict.fromkeys(found) if is_of_chats(one)]


def shown_in(extra: Mapping[str, Any]) -> list[str]:
    """Addresses of the pictures that a message shows, in its order: of a gallery the one that is turned to."""
    held = extra.get("extra")
    if not isinstance(held, dict):
        return []
    media = held.get("media")
    listed = [one for one in media if isinstance(one, dict)] if isinstance(media, list) else []
    if listed and held.get("media_display") == "gallery":
        turned = held.get("media_index")
        listed = listed[turned : turned + 1] if isinstance(turned, int) and turned >= 0 else listed[:1]
    if isinstance(media, list):
        found = [one.get("url") for one in listed if one.get("type", "image") == "image"]
    else:
        # Older chats have one picture, which is one of its alternatives.
        found = [held.get("image")]
    return [one for one in found if isinstance(one, str) and one]
