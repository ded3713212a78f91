"""Which kind of preset a file holds, and what both kinds carry besides SillyTavern's fields."""

from typing import Any, Literal

from chalicelib.presetfiles.fields import JsonObject, inner, many, number

OURS = "tavernai_plus"
"""Our part of a file's `extensions`."""
_CHAT_FIELDS = (
    "prompts",
    "prompt_order",
    "openai_max_context",
    "openai_max_tokens",
    "names_behavior",
    "chat_completion_source",
    "temp_openai",
)
_TEXT_FIELDS = ("rep_pen", "temp", "genamt", "max_length", "typical_p", "rep_pen_range", "sampler_order")


def kind_of(given: JsonObject) -> Literal["chat", "text"] | None:
    """None where the file is no preset of these kinds."""
    if any(field in given for field in _CHAT_FIELDS) or {"temperature", "top_p"} <= given.keys():
        return "chat"
    return "text" if sum(field in given for field in _TEXT_FIELDS) >= len(("temp", "rep_pen")) else None


def scripts_of(given: JsonObject) -> list[JsonObject]:
    """The regex scripts that a preset brings along, as SillyTavern writes them."""
    return many(inner(given, "extensions"), "regex_scripts")


def stops_of(given: JsonObject) -> list[str]:
    """Texts that end a reply. SillyTavern has them for all presets together; ours travel with the preset."""
    stops = inner(inner(given, "extensions"), OURS).get("stop")
    return [one for one in stops if isinstance(one, str) and one.strip()][:16] if isinstance(stops, list) else []


def typical_of(given: JsonObject) -> float | None:
    """What services for text are told besides, of a plain preset that was opened in full."""
    return number(inner(inner(given, "extensions"), OURS), "typical_p")


def with_ours(given: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    """The file with our part of its extensions; where there is nothing to say, as it is."""
    said = {field: value for field, value in ours.items() if value not in (None, [])}
    if not said:
        return given
    extensions = dict(inner(given, "extensions"))
    return {**given, "extensions": {**extensions, OURS: {**inner(extensions, OURS), **said}}}
