"""Values of foreign JSON as what they must be; anything else counts as missing."""

from collections.abc import Mapping
from typing import Any


def text(given: Mapping[str, Any], key: str) -> str:
    value = given.get(key)
    return value if isinstance(value, str) else ""


def strings(given: Mapping[str, Any], key: str) -> list[str]:
    """The texts of a list; one text with commas is a list too, as old files have it."""
    value = given.get(key)
    if isinstance(value, str):
        return [part for part in value.split(",") if part.strip()]
    return [str(one) for one in value if isinstance(one, str | int | float)] if isinstance(value, list) else []


def number(given: Mapping[str, Any], key: str, otherwise: float) -> float:
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return otherwise
    try:
        found = float(value)
    except ValueError:
        return otherwise
    return found if abs(found) < 1e12 else otherwise


def whole(given: Mapping[str, Any], key: str, otherwise: int) -> int:
    return int(number(given, key, otherwise))


def maybe(given: Mapping[str, Any], key: str) -> int | None:
    """A whole number from 0 on; None when there is none."""
    found = number(given, key, -1)
    return int(found) if found >= 0 else None


def flag(given: Mapping[str, Any], key: str, otherwise: bool = False) -> bool:
    value = given.get(key)
    return value if isinstance(value, bool) else otherwise


def switch(given: Mapping[str, Any], key: str) -> bool | None:
    """True, False, or None for whatever the settings say."""
    value = given.get(key)
    return value if isinstance(value, bool) else None
