"""What somebody types into the field of the search, as the words that a message must hold."""

import re

from chalicelib.searching.letters import folded

WORDS_MOST = 8
_TERM = re.compile(r'"([^"]+)"?|([^\s"]+)')


def read_words(text: str) -> tuple[str, ...]:
    """The words to find, folded, each once, the longest first; what stands in quotation marks is one.

    () when there is nothing to look for.
    """
    terms = (quoted or plain for quoted, plain in _TERM.findall(folded(text)))
    words = {" ".join(term.split()) for term in terms} - {""}
    kept = sorted(words, key=lambda word: (-len(word.encode()), word))
    # A word that lies in another one is found with it.
    return tuple(word for place, word in enumerate(kept) if not any(word in longer for longer in kept[:place]))[
        :WORDS_MOST
    ]
