"""Regex scripts as SillyTavern keeps them."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from chalicelib.models.scripts import RegexScript, ScriptPlace
from chalicelib.presetfiles.fields import JsonObject, flag, text, whole

_PLACES: dict[int, ScriptPlace] = {1: "user_input", 2: "reply", 3: "slash_command", 5: "world", 6: "reasoning"}
_MACROS: dict[int, Literal["none", "raw", "escaped"]] = {0: "none", 1: "raw", 2: "escaped"}


def read_script(given: JsonObject, *, source: Literal["global", "preset", "character"]) -> RegexScript:
    places = given.get("placement")
    numbers: list[Any] = places if isinstance(places, list) else []
    trims = given.get("trimStrings")
    return RegexScript(
        id=text(given, "id"),
        name=text(given, "scriptName"),
        find=text(given, "findRegex"),
        replace=text(given, "replaceString"),
        trim=[one for one in trims if isinstance(one, str)] if isinstance(trims, list) else [],
        places=[_PLACES[one] for one in numbers if isinstance(one, int) and one in _PLACES],
        disabled=flag(given, "disabled"),
        display_only=flag(given, "markdownOnly"),
        prompt_only=flag(given, "promptOnly"),
        on_edit=flag(given, "runOnEdit"),
        macros=_macros(given),
        depth_least=_depth(given, "minDepth"),
        depth_most=_depth(given, "maxDepth"),
        source=source,
    )


def write_script(script: RegexScript, original: JsonObject) -> dict[str, Any]:
    """The file with those keys changed whose meaning was changed; an empty one is written in full."""
    before = read_script(original, source=script.source) if original else None
    written = dict(original)
    for name, (key, put) in _KEYS.items():
        value = getattr(script, name)
        if before is None or value != getattr(before, name):
            written[key] = put(value)
    return written


def is_script(given: JsonObject) -> bool:
    return isinstance(given.get("findRegex"), str) and isinstance(given.get("scriptName"), str)


def _as_it_is(value: Any) -> Any:
    return value


_KEYS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "id": ("id", _as_it_is),
    "name": ("scriptName", _as_it_is),
    "find": ("findRegex", _as_it_is),
    "replace": ("replaceString", _as_it_is),
    "trim": ("trimStrings", _as_it_is),
    "places": ("placement", lambda places: [number for number, place in _PLACES.items() if place in places]),
    "disabled": ("disabled", _as_it_is),
    "display_only": ("markdownOnly", _as_it_is),
    "prompt_only": ("promptOnly", _as_it_is),
    "on_edit": ("runOnEdit", _as_it_is),
    "macros": ("substituteRegex", lambda word: next(number for number, one in _MACROS.items() if one == word)),
    "depth_least": ("minDepth", _as_it_is),
    "depth_most": ("maxDepth", _as_it_is),
}


def _macros(given: JsonObject) -> Literal["none", "raw", "escaped"]:
    # Older files have a switch in place of the number.
    if isinstance(given.get("substituteRegex"), bool):
        return "raw" if given["substituteRegex"] else "none"
    return _MACROS.get(whole(given, "substituteRegex", 0), "none")


def _depth(given: JsonObject, key: str) -> int | None:
    found = whole(given, key, -1_000)
    return None if found == -1_000 else found
