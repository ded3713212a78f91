"""Text of a stranger -> plain JSON values that every part of the product can hold.

Plain means: dicts with string keys, lists, strings that are valid UTF-8 without NUL, finite numbers, booleans, None; at
most 64 levels deep. What had to be mended is noted.
"""

import json
import math
import re
from typing import Any

from chalicelib.cards.bounds import CARD_BYTES_MOST, DEPTH_MOST, check_size
from chalicelib.errors import InvalidCard

_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")
MENDED_LETTERS = "Some characters could not be read and were replaced."


def read_json(data: bytes, notes: list[str]) -> Any:
    """The plain value inside JSON text; appends to `notes` what was mended. Raises InvalidCard or TooLarge."""
    check_size(len(data), CARD_BYTES_MOST, "The card's text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("utf-8-sig", "replace")
        _note(notes, MENDED_LETTERS)
    try:
        value = json.loads(text, parse_float=_finite, parse_constant=lambda _: None)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise InvalidCard(f"The card's text is not valid JSON{where}.", code="broken_json") from None
    return plain(value, notes)


def plain(value: Any, notes: list[str], depth: int = 0) -> Any:
    """`value` with every string mended and everything else JSON cannot hold written as text."""
    if isinstance(value, str):
        return _mended(value, notes) if _UNHOLDABLE.search(value) else value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth >= DEPTH_MOST:
        raise _too_deep()
    if isinstance(value, dict):
        return {plain(str(key), notes): plain(item, notes, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item, notes, depth + 1) for item in value]
    return _mended(str(value), notes)


def write_json(value: Any) -> bytes:
    """UTF-8 JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _mended(text: str, notes: list[str]) -> str:
    """NUL and lone halves of surrogate pairs replaced; pairs that came as two halves joined."""
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\x00", "�")
    if "�" in joined:
        _note(notes, MENDED_LETTERS)
    return joined


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def _too_deep() -> InvalidCard:
    return InvalidCard(f"The card's data is nested more than {DEPTH_MOST} levels deep.", code="too_deep")


def _note(notes: list[str], text: str) -> None:
    if text not in notes:
        notes.append(text)
