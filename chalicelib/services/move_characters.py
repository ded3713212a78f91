"""Characters of a move: their cards, with tags and expressions that lie beside them."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from chalicelib.cards.reading import CardFile, read_card_file
from chalicelib.cards.uris import embedded_path
from chalicelib.errors import Conflict, Invalid, NotFound, TooLarge
from chalicelib.models.cards import Asset, Card
from chalicelib.services.move_items import Errand, Read, Taken, changed, left_out, taken

if TYPE_CHECKING:
    from chalicelib.services.characters import Characters
    from chalicelib.services.media import Encoded, Media
    from chalicelib.services.world_links import WorldLinking

_NOT_IN_PATHS = re.compile(r"[^\w .()+-]+")
_FOLDER = "assets/emotion/images/"


class MovedCharacters:
    def __init__(self, *, characters: "Characters", media: "Media", linking: "WorldLinking") -> None:
        self._characters, self._media, self._linking = characters, media, linking

    def is_here(self, errand: Errand, became: str) -> bool:
        try:
            return self._characters.get_record(errand.owner_id, became).deleted_at is None
        except NotFound:
            return False

    def take(self, errand: Errand, read: Read) -> Taken:
        file_hash = hashlib.sha256(read.data).hexdigest()
        character_id = errand.id_of(read.position)
        existing = self._characters.find_by_file(errand.owner_id, file_hash)
        if existing and existing != character_id and not errand.again:
            return left_out("here_already", existing)
        found = read_card_file(read.data, read.item.path)
        avatar = read.item.place.rpartition("/")[2]
        card = with_tags(found.card, errand.plan.pieces.tags_of.get(avatar, []))
        card, files = with_expressions(card, found.files, read.beside)
        picture, notes = self._picture(found)
        try:
            made = self._characters.add_card(
                errand.owner_id,
                card,
                picture=picture,
                files=files,
                # Another state of a file that is here is not that file.
                file_hash=None if existing and existing != character_id else file_hash,
                character_id=character_id,
                favourite=_is_favourite(found.card),
            )
        except Conflict:
            existing = self._characters.find_by_file(errand.owner_id, file_hash)
            if existing is None:
                raise
            return left_out("here_already", existing)
        if worlds := errand.links(card.data.extensions.get("world")):
            with suppress(NotFound):  # taken once, and deleted since
                self._linking.link(errand.owner_id, made.id, worlds)
        if notes:
            return taken(made.id, *notes)
        if read.beside:
            return changed(made.id, "sprites", count=len(read.beside))._replace(outcome="taken")
        return taken(made.id)

    def _picture(self, found: CardFile) -> "tuple[Encoded | None, list[str]]":
        if found.picture is None:
            return None, found.notes
        try:
            return self._media.encode(found.picture), found.notes
        except (Invalid, TooLarge) as error:
            return None, [*found.notes, f"The portrait was left out. {error.message}"]


def with_tags(card: Card, tags: Sequence[str]) -> Card:
    """The card with the tags that its owner gave it, besides its own."""
    own = {tag.casefold() for tag in card.data.tags}
    more = [tag for tag in tags if tag.casefold() not in own]
    if not more:
        return card
    return card.model_copy(update={"data": card.data.model_copy(update={"tags": [*card.data.tags, *more]})})


def with_expressions(
    card: Card, files: Mapping[str, bytes], sprites: Mapping[str, bytes]
) -> tuple[Card, dict[str, bytes]]:
    """The card with pictures of expressions as assets, which is where version 3 has them."""
    kept = dict(files)
    assets = list(card.data.assets or [])
    known = {embedded_path(asset.uri) for asset in assets}
    for path in sorted(sprites):
        name = path.rpartition("/")[2]
        stem, _, ending = name.rpartition(".")
        inside = _FOLDER + _NOT_IN_PATHS.sub("_", name)
        if inside in known or inside in kept:
            continue
        kept[inside] = sprites[path]
        assets.append(Asset(type="emotion", uri=f"embeded://{inside}", name=stem, ext=ending.lower()))
    if len(kept) == len(files):
        return card, kept
    return card.model_copy(update={"data": card.data.model_copy(update={"assets": assets})}), kept


def _is_favourite(card: Card) -> bool:
    beside: dict[str, Any] = card.model_extra or {}
    return card.data.extensions.get("fav") in (True, "true") or beside.get("fav") in (True, "true")
