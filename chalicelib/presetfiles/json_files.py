"""A file that holds one JSON object, from anywhere."""

import json
import math
from typing import Any

from chalicelib.errors import InvalidPreset, TooLarge

BYTES_MOST = 4_194_304
_DEEPEST = 100


def read_object(data: bytes) -> dict[str, Any]:
    """The object inside a file. Raises InvalidPreset, TooLarge."""
    if len(data) > BYTES_MOST:
        raise TooLarge("This file is larger than 4 MB, the most that fits here.", most_bytes=BYTES_MOST)
    try:
        found = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse, parse_float=_number)
    except (ValueError, RecursionError):
        raise InvalidPreset("This is no JSON file, or only a part of one.") from None
    if not isinstance(found, dict):
        raise InvalidPreset("This file holds no preset.")
    check_object(found)
    return found


def write_object(given: dict[str, Any]) -> bytes:
    """The object as a file, its fields in their order."""
    return json.dumps(given, ensure_ascii=False, indent=4).encode()


def check_object(given: dict[str, Any]) -> None:
    """Raises InvalidPreset for what cannot be kept or shown: nested without end, or no proper text; TooLarge."""
    pending: list[tuple[Any, int]] = [(given, 1)]
    while pending:
        value, depth = pending.pop()
        if depth > _DEEPEST:
            raise InvalidPreset("This file is nested too deeply.")
        if isinstance(value, dict):
            pending.extend((one, depth + 1) for one in value.values())
        elif isinstance(value, list):
            pending.extend((one, depth + 1) for one in value)
    try:
        size = len(json.dumps(given, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        raise InvalidPreset("This file holds characters that are no proper text.") from None
    if size > BYTES_MOST:
        raise TooLarge("This preset is larger than 4 MB, the most that fits here.", most_bytes=BYTES_MOST)


def _refuse(name: str) -> float:
    raise ValueError(name)


def _number(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(text)
    return found
