"""What a model is shown of a message it shall continue: all of it, or the end, where that alone fits its context."""

from collections.abc import Callable

SHARE = 2
"""The end of a long message takes at most this part of the prompt; character and instructions need the rest."""
_WORD_CHARACTERS_MOST = 40


def end_that_fits(text: str, tokens_most: int, count: Callable[[str], int]) -> str:
    """The text, or as much of its end as takes at most so many tokens, from the beginning of a word."""
    # A token takes a byte at least: most texts need not be counted.
    while len(text.encode()) > tokens_most and (tokens := count(text)) > tokens_most:
        kept = text[-max(1, len(text) * tokens_most // tokens * 15 // 16) :]
        word_ends = kept.find(" ", 0, _WORD_CHARACTERS_MOST)
        text = kept[word_ends + 1 :]
    return text
