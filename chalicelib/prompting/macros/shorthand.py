"""What a variable's shorthand does: `{{.name}}` and `{{$name}}` with their operators."""

from collections.abc import Callable
from typing import Any

from chalicelib.prompting.macros import variables as held
from chalicelib.prompting.macros.known import put
from chalicelib.prompting.macros.parsing import Call


def operated(store: dict[str, Any], call: Call, value: Callable[[], str]) -> str:
    """What the shorthand shows, with the variable changed. `value` is asked once, and only where it is needed."""
    name = call.name
    current = store.get(name)
    match call.operator:
        case "":
            return held.shown(current)
        case "++" | "--":
            put(store, name, held.added(current, 1 if call.operator == "++" else -1))
            return held.shown(store[name])
        case "=":
            put(store, name, value())
            return ""
        case "+=":
            # The value may change this very variable, and comes first; to a comparison it comes second.
            by = value()
            put(store, name, held.added(store.get(name), by))
            return ""
        case "-=":
            number = held.converted(value())
            if number is not None:
                put(store, name, held.added(store.get(name), -number))
            return ""
        case "||" | "??":
            absent = name not in store if call.operator == "??" else _is_falsy(current)
            return value() if absent else held.shown(current)
        case "||=" | "??=":
            if name not in store if call.operator == "??=" else _is_falsy(current):
                given = value()
                put(store, name, given)
                return given
            return held.shown(current)
        case operator:
            return "true" if _compares(current, operator, value()) else "false"


def _is_falsy(value: Any) -> bool:
    text = held.shown(value)
    return text == "" or held.is_false(text)


def _compares(current: Any, operator: str, value: str) -> bool:
    """Equality is one of texts, order one of numbers; nothing counts as 0."""
    if operator in ("==", "!="):
        return (held.shown(current) == value) is (operator == "==")
    first, second = held.converted(held.shown(current)), held.converted(value)
    if first is None or second is None:
        return False
    match operator:
        case ">":
            return first > second
        case "<":
            return first < second
        case ">=":
            return first >= second
        case _:
            return first <= second
