"""A card edited field by field, and what the library shows of it."""

from datetime import datetime
from typing import Any

from chalicelib.cards.bounds import CARD_BYTES_MOST, check_size
from chalicelib.cards.library import tagline_of, tags_of
from chalicelib.cards.plain import write_json
from chalicelib.cards.writing import to_document
from chalicelib.errors import Invalid
from chalicelib.models.cards import Card, CardData
from chalicelib.models.characters import CharacterChange

NAME_CHARACTERS_MOST = 200


def shown_of(card: Card) -> dict[str, Any]:
    """What the library shows of a card."""
    name = " ".join(card.data.name.split())[:NAME_CHARACTERS_MOST] or "Unnamed"
    return {
        "name": name,
        "tagline": tagline_of(card.data),
        "tags": tags_of(card.data),
        "creator": card.data.creator[:NAME_CHARACTERS_MOST],
    }


def _as_written(given: Any, before: Any) -> Any:
    """What was given, without the nulls a client fills in for keys the card never had: an edit adds none of them."""
    if isinstance(given, dict):
        old = before if isinstance(before, dict) else {}
        return {
            key: _as_written(value, old.get(key)) for key, value in given.items() if value is not None or key in old
        }
    if isinstance(given, list):
        olds = before if isinstance(before, list) else []
        return [_as_written(value, olds[place] if place < len(olds) else None) for place, value in enumerate(given)]
    return given


def changed(card: Card, body: CharacterChange, now: datetime) -> Card:
    """The card with the given fields in place of the old ones; fields that were not given stay."""
    fields = card.data.model_dump(exclude_unset=True)
    if body.data:
        fields |= _as_written(body.data.model_dump(exclude_unset=True), fields)
    if body.tags is not None:
        fields["tags"] = body.tags
    if not str(fields.get("name", "")).strip():
        raise Invalid("A character needs a name.", fields={"data.name": "This must not be empty."})
    fields["modification_date"] = int(now.timestamp())
    after = card.model_copy(update={"data": CardData.model_validate(fields)})
    check_size(len(write_json(to_document(after))), CARD_BYTES_MOST, "The card's text")
    return after
