"""What the library shows and finds of a card: its tagline and its tags."""

import re

from chalicelib.models.cards import CardData
from chalicelib.models.folding import folded

TAGLINE_CHARACTERS_MOST = 140
TAGS_MOST = 40
TAG_CHARACTERS_MOST = 60
_MARKUP = re.compile(r"<[^>]{0,2000}>|!\[[^\]]*\]\([^)]*\)|[*_`#>|~]+|\[([^\]]*)\]\([^)]*\)")
_NOT_PROSE = re.compile(r"^\W*$|^[\[({]|\{\{|^\W{3,}|https?://")
_SENTENCE = re.compile(r".+?[.!?。！？…](?=\s|$|[^\x00-\x7f])")


def tagline_of(data: CardData) -> str:
    """A line under the name: the beginning of what the creator says of the character, else of its description."""
    for text in (data.creator_notes, data.description):
        for line in text[:4000].splitlines():
            plain = " ".join(_MARKUP.sub(lambda found: found[1] or "", line).split())
            if plain and not _NOT_PROSE.search(plain):
                return _shortened(plain.replace("{{char}}", data.name))
    return ""


def tags_of(data: CardData) -> list[str]:
    """The first forty tags, trimmed, each once whatever its case."""
    found: dict[str, str] = {}
    for tag in data.tags:
        trimmed = " ".join(tag.split())[:TAG_CHARACTERS_MOST]
        if trimmed and folded(trimmed):
            found.setdefault(folded(trimmed), trimmed)
    return list(found.values())[:TAGS_MOST]


def _shortened(line: str) -> str:
    sentence = _SENTENCE.match(line)
    if sentence and len(sentence[0]) >= 20:
        line = sentence[0]
    if len(line) <= TAGLINE_CHARACTERS_MOST:
        return line
    cut = line[: TAGLINE_CHARACTERS_MOST - 1]
    return (cut[: cut.rfind(" ")] if cut.rfind(" ") > TAGLINE_CHARACTERS_MOST // 2 else cut) + "…"
