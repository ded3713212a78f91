"""What stands inside of SillyTavern's settings: personas, tags, scripts, what is chosen."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.errors import Invalid
from chalicelib.moving.addresses import without_addresses

_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")
JsonObject = Mapping[str, Any]


class PersonaPiece(NamedTuple):
    avatar: str
    name: str
    given: dict[str, Any]
    """Of `persona_descriptions`, whole."""
    is_default: bool


class Pieces(NamedTuple):
    personas: list[PersonaPiece]
    tags: list[str]
    """Names, as they are sorted there."""
    tags_of: dict[str, list[str]]
    """Names of tags by the names of pictures of characters (or the ids of groups)."""
    scripts: list[dict[str, Any]]
    settings: dict[str, Any]
    """All of it without addresses, proxies and keys."""


NOTHING = Pieces([], [], {}, [], {})


def read_object(data: bytes) -> dict[str, Any]:
    """A JSON object of a stranger. Raises Invalid (`broken_json`, `not_an_object`)."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("utf-8-sig", "replace")
    try:
        value = json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        raise Invalid("This file is no valid JSON.", code="broken_json") from None
    if not isinstance(value, dict):
        raise Invalid("The data of this file is not an object.", code="not_an_object")
    mended: dict[str, Any] = holdable(value)
    return mended


def holdable(value: Any) -> Any:
    """The value with what no store holds replaced: NUL, halves of characters, numbers that are none."""
    if isinstance(value, str):
        return _UNHOLDABLE.sub("\ufffd", value) if _UNHOLDABLE.search(value) else value
    if isinstance(value, dict):
        return {holdable(key): holdable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [holdable(one) for one in value]
    return None if isinstance(value, float) and value != value else value


def read_pieces(settings: JsonObject) -> Pieces:
    """What the settings hold; anything of an odd form counts as missing."""
    names = {_text(tag, "id"): _text(tag, "name").strip() for tag in _many(settings.get("tags"))}
    tag_map = settings.get("tag_map")
    return Pieces(
        personas=_personas(_inner(settings, "power_user")),
        tags=[name for name in dict.fromkeys(names.values()) if name],
        tags_of={
            key: [names[one] for one in ids if isinstance(one, str) and names.get(one)]
            for key, ids in (tag_map.items() if isinstance(tag_map, dict) else ())
            if isinstance(ids, list)
        },
        scripts=[dict(script) for script in _many(_inner(settings, "extension_settings").get("regex"))],
        settings=without_addresses(dict(settings))[0],
    )


def _personas(power_user: JsonObject) -> list[PersonaPiece]:
    descriptions = _inner(power_user, "persona_descriptions")
    default = power_user.get("default_persona")
    return [
        PersonaPiece(avatar, name.strip() or "Unnamed", dict(_inner(descriptions, avatar)), avatar == default)
        for avatar, name in _inner(power_user, "personas").items()
        if isinstance(avatar, str) and isinstance(name, str)
    ]


def _inner(given: JsonObject, key: str) -> JsonObject:
    value = given.get(key)
    return value if isinstance(value, Mapping) else {}


def _many(value: Any) -> list[JsonObject]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _text(given: JsonObject, key: str) -> str:
    value = given.get(key)
    return value if isinstance(value, str) else ""
