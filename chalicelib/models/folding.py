"""Text in the form in which it is compared, searched and sorted."""

import unicodedata


def folded(text: str) -> str:
    """No case, no accents, no width, single spaces: "Éowyn  ＡＢ" becomes "eowyn ab"."""
    if text.isascii():
        return " ".join(text.casefold().split())
    parts = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(letter for letter in parts if not unicodedata.combining(letter)).split())
