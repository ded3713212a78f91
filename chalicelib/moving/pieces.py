"""What stands inside of SillyTavern's settings: personas, tags, scripts, what is chosen."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.errors import Invalid, TooLarge
from chalicelib.moving.addresses import without_addresses

_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")
PARTS_MOST = 5_000_000
"""Of a JSON text: `[[],[],…` takes three bytes a part, and a hundred when it is read."""
DEPTH_MOST = 100
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
    """A JSON object of a stranger. Raises Invalid (`broken_json`, `too_deep`, `not_an_object`) or TooLarge."""
    value = read_json(data)
    if not isinstance(value, dict):
        raise Invalid("The data of this file is not an object.", code="not_an_object")
    return value


def read_json(data: bytes) -> Any:
    """The JSON of a stranger, with what no store holds replaced: NUL, halves of characters, numbers that are none.

    Raises Invalid (`broken_json`, `too_deep`) or TooLarge.
    """
    check_weight(data)
    try:
        value = json.loads(data.decode("utf-8-sig", "replace"), parse_constant=lambda _: None)
    except ValueError:
        raise Invalid("This file is no valid JSON.", code="broken_json") from None
    except RecursionError:
        raise _too_deep() from None
    return _holdable(value, DEPTH_MOST)


def check_weight(data: bytes) -> None:
    """Raises TooLarge for JSON that would fill the memory once it is read."""
    if sum(data.count(mark) for mark in (b",", b"[", b"{")) > PARTS_MOST:
        raise TooLarge("This file has too many parts to be read.", most=PARTS_MOST)


def _holdable(value: Any, depth: int) -> Any:
    if depth == 0:
        raise _too_deep()
    if isinstance(value, str):
        return _UNHOLDABLE.sub("\ufffd", value) if _UNHOLDABLE.search(value) else value
    if isinstance(value, dict):
        return {_holdable(key, depth): _holdable(one, depth - 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_holdable(one, depth - 1) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _too_deep() -> Invalid:
    return Invalid("This file is nested too deeply.", code="too_deep")


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
