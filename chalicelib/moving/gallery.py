"""Where pictures of chats lie in a data folder, and which of them an address in a message means."""

import hashlib
import unicodedata
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
