"""What macros do with variables: numbers add up, texts join, lists of JSON grow.

A variable holds what SillyTavern's files hold: text, number, or a list or object of JSON; most are texts.
"""

import json
import math
import re
from decimal import Decimal
from typing import Any

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|Infinity)\Z")
_OTHER_BASE = re.compile(r"0(?:[xX][0-9A-Fa-f]+|[bB][01]+|[oO][0-7]+)\Z")
VARIABLES_MOST = 10_000
VALUE_CHARACTERS_MOST = 1_000_000


def number_of(value: Any) -> float | None:
    """As JavaScript reads it; None for what is no number, and for an empty text."""
    if isinstance(value, int | float):
        return float(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if len(text) > 400:
        return None
    if _NUMBER.match(text):
        return float(text.replace("Infinity", "inf"))
    return float(int(text, 0)) if _OTHER_BASE.match(text) else None


def number_text(number: float) -> str:
    """As JavaScript writes it."""
    if math.isinf(number) or math.isnan(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    if 1e-6 <= abs(number) < 1e21:
        digits = f"{Decimal(repr(number)):f}"
        return digits.removesuffix(".0")
    mantissa, exponent = repr(number).split("e")
    return f"{mantissa.removesuffix('.0')}e{'+' if int(exponent) > 0 else '-'}{abs(int(exponent))}"


def converted(text: str) -> float | None:
    """A text as a number; nothing at all counts as 0."""
    return number_of(text) if text.strip() else 0.0


def shown(value: Any) -> str:
    """The value as text; what looks like a number is written as one."""
    if value is None:
        return ""
    number = number_of(value)
    if number is not None:
        return number_text(number)
    return value if isinstance(value, str) else _json(value)


def is_false(text: str) -> bool:
    return text.strip().lower() in ("0", "false", "off")


def added(current: Any, value: str | float) -> Any:
    """What a variable holds after `addvar`."""
    items = _structure(current)
    if isinstance(items, list):
        return _json([*items, value])
    before = shown(current)
    step, number = converted(value) if isinstance(value, str) else value, converted(before)
    if step is None or number is None:
        return f"{'' if before == '0' else before}{value if isinstance(value, str) else number_text(value)}"
    total = number + step
    return int(total) if total.is_integer() and abs(total) < 1e15 else total


def item(value: Any, key: str) -> str:
    """One item of a list or object; "" when it is not there. A text that is neither is shown itself."""
    held = _structure(value)
    number = converted(key)
    if isinstance(held, list):
        if key == "length":
            return str(len(held))
        place = int(number) if number is not None and number.is_integer() else -1
        return _shown_item(held[place]) if 0 <= place < len(held) else ""
    if isinstance(held, dict):
        name = key if number is None else number_text(number)
        return _shown_item(held[name]) if name in held else ""
    return shown(value) if number_of(value) is None else ""


def _shown_item(item: Any) -> str:
    return "null" if item is None else shown(item)


def with_item(value: Any, key: str, new: str) -> str | None:
    """The list or object with one item set, as JSON; None where that cannot be. What was not there becomes one."""
    held = _structure(value)
    number = converted(key)
    if value is None:
        held = {} if number is None else []
    if isinstance(held, dict):
        return _json(_in_order({**held, key if number is None else number_text(number): new}))
    if not isinstance(held, list):
        return None
    items = list(held)
    if number is not None and number.is_integer() and 0 <= number < VARIABLES_MOST:
        items += [None] * (int(number) + 1 - len(items))
        items[int(number)] = new
    return _json(items)


def _in_order(held: dict[str, Any]) -> dict[str, Any]:
    """Keys that are whole numbers come first, as JavaScript keeps them."""
    whole = sorted((key for key in held if re.fullmatch(r"0|[1-9]\d{0,8}", key)), key=int)
    return {**{key: held[key] for key in whole}, **held} if whole else held


def _structure(value: Any) -> Any:
    if isinstance(value, list | dict):
        return value
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return None
    return None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
