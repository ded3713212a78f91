"""Whole characters out of deltas that were cut between the halves of one.

Some servers cut their JSON strings between UTF-16 units, so that half a character ends one delta and the other half
begins the next. Python keeps such a half as a lone surrogate, which no socket and no database takes.
"""

import re

_LONE = re.compile("[\ud800-\udfff]")
REPLACEMENT = "\ufffd"


class Characters:
    """One stream of text: `feed` gives what is whole, `rest` what is left at the end."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, delta: str) -> str:
        if not self._half and not _LONE.search(delta):
            return delta
        text, self._half = self._half + delta, ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return _joined(text)

    def rest(self) -> str:
        half, self._half = self._half, ""
        return REPLACEMENT if half else ""


def _joined(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") if _LONE.search(text) else text
