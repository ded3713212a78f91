"""Regex scripts as SillyTavern keeps them."""

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


def _macros(given: JsonObject) -> Literal["none", "raw", "escaped"]:
    # Older files have a switch in place of the number.
    if isinstance(given.get("substituteRegex"), bool):
        return "raw" if given["substituteRegex"] else "none"
    return _MACROS.get(whole(given, "substituteRegex", 0), "none")


def _depth(given: JsonObject, key: str) -> int | None:
    found = whole(given, key, -1_000)
    return None if found == -1_000 else found
