"""The two characters that come with the product: original cards, their art drawn by cli/art.py."""

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Literal, NamedTuple

from chalicelib.cards.spec import to_card
from chalicelib.models.cards import Card
from chalicelib.services.media import Encoded

NAMES = ("wen", "ottoline")


class Demo(NamedTuple):
    id: str
    """The same for everybody: each person has it once."""
    card: Card
    picture: Encoded


def demos(locale: Literal["en", "zh-CN"]) -> Iterator[Demo]:
    """The cards in somebody's language, with their portraits as they go into the bucket."""
    folder = files("chalicelib") / "welcome"
    facts = json.loads((folder / "art.json").read_bytes())
    for name in NAMES:
        card = to_card(json.loads((folder / f"{name}.{locale}.json").read_bytes()), [])
        full, thumb = (folder / f"{name}.jpg").read_bytes(), (folder / f"{name}.thumb.webp").read_bytes()
        yield Demo(f"welcome-{name}", card, Encoded(full, thumb, **facts[name]))
