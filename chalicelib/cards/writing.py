"""A card -> PNG with both versions, JSON, CHARX.

Source: character-card-spec-v3, "Embedding Methods" and "Backfilling".
"""

import base64
import re
from typing import Any

from chalicelib.cards import archive, png
from chalicelib.cards.plain import write_json
from chalicelib.cards.reading import RISU_ASSET
from chalicelib.cards.uris import embedded_path, icon_of
from chalicelib.models.cards import Card

_V1 = ("name", "description", "personality", "scenario", "first_mes", "mes_example")
_REQUIRED: dict[str, Any] = {
    **dict.fromkeys((*_V1, "creator_notes", "system_prompt", "post_history_instructions"), ""),
    **dict.fromkeys(("creator", "character_version"), ""),
    "alternate_greetings": [],
    "tags": [],
    "extensions": {},
    "group_only_greetings": [],
}
_REQUIRED_OF_BOOK: dict[str, Any] = {"extensions": {}, "entries": []}
_REQUIRED_OF_ENTRY: dict[str, Any] = {
    "keys": [],
    "content": "",
    "extensions": {},
    "enabled": True,
    "insertion_order": 100,
    "use_regex": False,
}
_DECORATORS = re.compile(r"\A(?:[ \t]*@@[^\n]*(?:\n|\Z))+")
_ICON_PATH = "assets/icon/images/main.png"


def to_document(card: Card) -> dict[str, Any]:
    """The card as version 3's JSON object: what was given, and what the specification requires."""
    held = card.model_dump(exclude_unset=True)
    data = _REQUIRED | held.pop("data", {})
    if data.get("character_book"):
        data["character_book"] = _book(data["character_book"])
    beside = {key: value for key, value in held.items() if key not in ("spec", "spec_version")}
    mirrored = {key: data[key] for key in _V1 if key in beside}
    return {"spec": card.spec, "spec_version": card.spec_version, "data": data, **beside, **mirrored}


def to_json(card: Card) -> bytes:
    return write_json(to_document(card))


def to_png(card: Card, picture: bytes, files: dict[str, bytes]) -> bytes:
    """A PNG picture with the card as version 3 and, for older readers, as version 2 with version 1 beside it."""
    document = to_document(card)
    texts = {"chara": write_json(_older(document)), "ccv3": write_json(document)}
    assets = {path.removeprefix("__asset:"): data for path, data in files.items() if path.startswith("__asset:")}
    return png.with_texts(
        picture,
        {
            **{f"{RISU_ASSET}{path}": base64.b64encode(data) for path, data in assets.items()},
            **{keyword: base64.b64encode(text) for keyword, text in texts.items()},
        },
    )


def to_charx(card: Card, picture: bytes, files: dict[str, bytes]) -> bytes:
    """An archive of the card, the files it came with, and the PNG `picture` where they hold no portrait."""
    document, packed = to_document(card), dict(files)
    assets: list[dict[str, Any]] = document["data"].get("assets") or []
    icon = icon_of(card)
    path = embedded_path(icon.uri) if icon else None
    if path not in packed:
        packed[_ICON_PATH] = picture
        main = {"type": "icon", "uri": f"embeded://{_ICON_PATH}", "name": "main", "ext": "png"}
        others = [asset for asset in assets if not _is_main(asset)]
        document["data"]["assets"] = [main, *others]
    return archive.pack({archive.CARD_PATH: write_json(document), **packed})


def _is_main(asset: dict[str, Any]) -> bool:
    return str(asset.get("type", "")).lower() == "icon" and str(asset.get("name", "")).lower() == "main"


def _book(book: dict[str, Any]) -> dict[str, Any]:
    entries = [_REQUIRED_OF_ENTRY | entry for entry in book.get("entries", [])]
    return _REQUIRED_OF_BOOK | book | {"entries": entries}


def _older(document: dict[str, Any]) -> dict[str, Any]:
    """The same card for readers of version 2: no decorators in its book, version 1's fields at the top."""
    data = dict(document["data"])
    if not data.get("character_book"):
        data.pop("character_book", None)  # version 2 knows no null here
    else:
        entries = [e | {"content": _DECORATORS.sub("", e["content"])} for e in data["character_book"]["entries"]]
        data["character_book"] = data["character_book"] | {"entries": entries}
    mirrored = {key: data[key] for key in _V1}
    return {**document, **mirrored, "spec": "chara_card_v2", "spec_version": "2.0", "data": data}
