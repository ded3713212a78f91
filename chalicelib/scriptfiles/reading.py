"""A regex script of SillyTavern, alone in a file, in a preset or in a card."""

from collections.abc import Mapping
from typing import Any, Literal

from chalicelib.models.scripts import RegexScript, ScriptPlace

_PLACES: dict[Any, ScriptPlace] = {1: "user_input", 2: "reply", 3: "slash_command", 5: "world", 6: "reasoning"}
_MACROS: dict[Any, Literal["none", "raw", "escaped"]] = {1: "raw", 2: "escaped"}


def read_script(given: Mapping[str, Any], *, source: Literal["global", "preset", "character"]) -> RegexScript:
    """The script. What is missing or odd counts as not set."""
    return RegexScript(
        id=_text(given, "id"),
        name=_text(given, "scriptName"),
        find=_text(given, "findRegex"),
        replace=_text(given, "replaceString"),
        trim=[one for one in _list(given, "trimStrings") if isinstance(one, str) and one],
        places=[_PLACES[one] for one in _list(given, "placement") if isinstance(one, int) and one in _PLACES],
        disabled=given.get("disabled") is True,
        display_only=given.get("markdownOnly") is True,
        prompt_only=given.get("promptOnly") is True,
        on_edit=given.get("runOnEdit") is True,
        macros=_MACROS.get(_whole(given, "substituteRegex"), "none"),
        depth_least=_whole(given, "minDepth"),
        depth_most=_whole(given, "maxDepth"),
        source=source,
    )


def _text(given: Mapping[str, Any], key: str) -> str:
    value = given.get(key)
    return value if isinstance(value, str) else ""


def _list(given: Mapping[str, Any], key: str) -> list[Any]:
    value = given.get(key)
    return value if isinstance(value, list) else []


def _whole(given: Mapping[str, Any], key: str) -> int | None:
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(float(value))
    except (ValueError, OverflowError):
        return None
