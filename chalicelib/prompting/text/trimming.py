"""Small things done to texts: line breaks collapsed, replies cut at their last whole sentence or first line."""

import re

_NEWLINES = re.compile(r"\n+")
# What ends a sentence in the scripts of the field; a quotation mark or bracket may close it.
_ENDS = frozenset('.!?*"”’)}`]$_。！？」』）】…')
_EMOJI = re.compile("[\u2600-\u27bf\ufe0f\U0001f1e6-\U0001faff]")


def collapsed(text: str) -> str:
    """The text with each run of line breaks as one."""
    return _NEWLINES.sub("\n", text)


def whole_sentences(text: str) -> str:
    """The text up to the end of its last whole sentence; all of it when none ends.

    An emoji ends one too; a mark inside of a word or number does not. A mark after a space opens what was cut off.
    """
    for place in range(len(text) - 1, -1, -1):
        letter, following = text[place], text[place + 1 : place + 2]
        if _EMOJI.match(letter):
            return text[: place + 1]
        inside = (letter.isascii() or letter == "’") and following.isalnum()
        if letter in _ENDS and not inside:
            opens = place > 0 and text[place - 1].isspace()
            return text[: place if opens else place + 1].rstrip()
    return text.rstrip()


def first_line(text: str) -> str:
    return text.lstrip("\n").partition("\n")[0]
