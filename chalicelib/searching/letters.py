"""Letters as they are compared: no case, no accents, no width, one kind of quotation mark, every white space a space.

Each letter is folded by itself, whatever stands beside it. So a place in a folded text leads back to the place in the
text it came from, and a text folded in pieces is the same as one folded at once.
"""

import unicodedata
from collections.abc import Sequence
from itertools import accumulate

_ALIKE = {
    "‘": "'",
    "’": "'",
    "‚": "'",
    "‛": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "‟": '"',
    "…": "...",
    "–": "-",
    "—": "-",
}
_ACCENTS = range(0x0300, 0x0370)
_SOFT = {"\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"}


class _Table(dict[int, str]):
    """What each letter becomes, worked out when it comes by for the first time."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_letter(chr(code))
        return folded


def folded(text: str) -> str:
    """The text in the form in which it is searched."""
    if text.isascii():
        text = text.lower()
        return text if text.isprintable() else text.translate(_TABLE)
    return text.translate(_TABLE)


def places(text: str) -> Sequence[int]:
    """For each letter where it begins in the folded text, and at the end how long that is."""
    if text.isascii():
        return range(len(text) + 1)
    return list(accumulate((len(_TABLE[ord(letter)]) for letter in text), initial=0))


def _fold_letter(letter: str) -> str:
    if letter in _SOFT:
        return ""
    if letter.isspace() or letter < " ":
        return " "
    if letter in _ALIKE:
        return _ALIKE[letter]
    parts = unicodedata.normalize("NFKD", letter).casefold()
    return "".join(part for part in parts if ord(part) not in _ACCENTS)


_TABLE = _Table()
