"""Where the assets of a card are. Source: character-card-spec-v3, "assets" (its spelling is `embeded`)."""

import re

from chalicelib.models.cards import Asset, Card

_EMBEDDED = re.compile(r"(?:embeded|embedded)://(.+)|(__asset:.+)", re.IGNORECASE | re.DOTALL)


def icon_of(card: Card) -> Asset | None:
    """The asset that is the portrait: the icon named main, else the first icon."""
    icons = [asset for asset in card.data.assets or [] if asset.type.lower() == "icon"]
    return next((icon for icon in icons if icon.name.lower() == "main"), icons[0] if icons else None)


def embedded_path(uri: str) -> str | None:
    """The path of a file that travels with the card, None for an address elsewhere."""
    match = _EMBEDDED.fullmatch(uri)
    return (match[1] or match[2]).lstrip("/") if match else None
