"""Names of files: such as every system takes and shows as they are; each once in its folder, whatever the case of its
letters."""

import re
from unicodedata import normalize

# Besides what systems refuse: halves of letters, and marks that turn the direction of writing, so the ending, around.
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_CHARACTERS_MOST = 80
_BYTES_MOST = 200


class FreeNames:
    """Gives names out, in folders."""

    def __init__(self) -> None:
        self._taken: dict[str, set[str]] = {}

    def give(self, folder: str, wanted: str, *, other: str) -> str:
        """The name, with a number behind it where somebody has it; `other` for one of which no letter is left."""
        stem = safe(wanted) or safe(other) or "unnamed"
        taken = self._taken.setdefault(folder, set())
        name, number = stem, 2
        while _same(name) in taken:
            name, number = f"{stem} {number}", number + 1
        taken.add(_same(name))
        return name


def _same(name: str) -> str:
    """What two names share that are one on some systems: letters in either case, and accents in either form."""
    return normalize("NFC", normalize("NFC", name).casefold())


def safe(name: str) -> str:
    """What of a name every system takes; "" where nothing is left."""
    kept = _NOT_IN_NAMES.sub(" ", name)
    kept = " ".join(kept.split())[:_CHARACTERS_MOST].encode()[:_BYTES_MOST].decode("utf-8", "ignore").strip(" .")
    return f"{kept}_" if _RESERVED.fullmatch(kept) else kept
