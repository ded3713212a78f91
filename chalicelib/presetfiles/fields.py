"""Values of foreign JSON as what they must be; anything else counts as missing."""

from collections.abc import Mapping
from typing import Any

from chalicelib.models.shapes import MessageRole

JsonObject = Mapping[str, Any]
_ROLES: dict[Any, MessageRole] = {
    0: "system",
    1: "user",
    2: "assistant",
    "system": "system",
    "user": "user",
    "assistant": "assistant",
}


def text(given: JsonObject, key: str, otherwise: str = "") -> str:
    value = given.get(key)
    return value if isinstance(value, str) else otherwise


def whole(given: JsonObject, key: str, otherwise: int) -> int:
    """A whole number, also when it is written as a text, as fields of the page leave it."""
    value = given.get(key)
    if isinstance(value, bool):
        return otherwise
    try:
        return int(value) if isinstance(value, int | float | str) else otherwise
    except (ValueError, OverflowError):
        return otherwise


def number(given: JsonObject, key: str) -> float | None:
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return found if abs(found) < 1e12 else None


def flag(given: JsonObject, key: str, otherwise: bool = False) -> bool:
    value = given.get(key)
    return value if isinstance(value, bool) else otherwise


def role(given: JsonObject, key: str, otherwise: MessageRole = "system") -> MessageRole:
    value = given.get(key)
    return _ROLES.get(value, otherwise) if isinstance(value, int | str) else otherwise


def inner(given: JsonObject, key: str) -> JsonObject:
    value = given.get(key)
    return value if isinstance(value, Mapping) else {}


def many(given: JsonObject, key: str) -> list[JsonObject]:
    """The objects of a list."""
    value = given.get(key)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
