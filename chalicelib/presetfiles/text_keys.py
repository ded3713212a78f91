"""How the fields of text templates are called and written in SillyTavern's files, and what older files said instead."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.presetfiles.fields import JsonObject

_NUMBER_MOST = 1e12


@dataclass(frozen=True, slots=True)
class Key:
    """One field in a file. `read` gives None for a value that is none."""

    name: str
    read: Callable[[Any], Any]
    write: Callable[[Any], Any] = lambda value: value


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) < _NUMBER_MOST else None


def _whole(value: Any) -> int | None:
    found = _number(value)
    return None if found is None else int(found)


def _object(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) and value else None


def _wholes(value: Any) -> list[int] | None:
    return [one for one in value if type(one) is int] if isinstance(value, list) else None


def _words(value: Any) -> list[str] | None:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else None


def _chosen(words: Mapping[Any, str]) -> Callable[[Any], str | None]:
    return lambda value: words.get(value) if isinstance(value, int | str) else None


def _number_of(words: Mapping[Any, str]) -> Callable[[Any], Any]:
    return lambda value: next(key for key, word in words.items() if word == value)


def _lines(value: Any) -> list[str] | None:
    return [line for line in value.split("\n") if line.strip()] if isinstance(value, str) else None


def _breakers(value: Any) -> list[str] | None:
    """The inside of a JSON list, as the page lets one type it; or the list itself."""
    if isinstance(value, str):
        inside = value.strip().removeprefix("[").removesuffix("]")
        try:
            value = json.loads(f"[{inside}]")
        except ValueError:
            return None
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else None


def _bias(value: Any) -> list[tuple[str, float]] | None:
    if not isinstance(value, list):
        return None
    found = []
    for one in value:
        weight = _number(one.get("value")) if isinstance(one, dict) else None
        if isinstance(one, dict) and isinstance(one.get("text"), str) and weight is not None:
            found.append((one["text"], weight))
    return found


_PLACES = {0: "in_prompt", 1: "in_chat", 2: "before_prompt"}
_ROLES = {0: "system", 1: "user", 2: "assistant"}
_NAMES = {name: name for name in ("none", "force", "always")}


def _table(read: Callable[[Any], Any], *names: str) -> dict[str, Key]:
    return {name: Key(name, read) for name in names}


INSTRUCT: dict[str, Key] = {
    **_table(
        _text,
        "name",
        "input_sequence",
        "output_sequence",
        "system_sequence",
        "input_suffix",
        "output_suffix",
        "system_suffix",
        "first_input_sequence",
        "first_output_sequence",
        "last_input_sequence",
        "last_output_sequence",
        "last_system_sequence",
        "story_string_prefix",
        "story_string_suffix",
        "stop_sequence",
    ),
    **_table(_flag, "enabled", "wrap", "macro", "skip_examples", "system_same_as_user"),
    "names": Key("names_behavior", _chosen(_NAMES)),
    "activation": Key("activation_regex", _text),
    "user_alignment": Key("user_alignment_message", _text),
    "sequences_as_stops": Key("sequences_as_stop_strings", _flag),
}
CONTEXT: dict[str, Key] = {
    **_table(_text, "name", "story_string", "chat_start", "example_separator"),
    **_table(_flag, "trim_sentences", "single_line"),
    "use_stops": Key("use_stop_strings", _flag),
    "names_as_stops": Key("names_as_stop_strings", _flag),
    "place": Key("story_string_position", _chosen(_PLACES), _number_of(_PLACES)),
    "depth": Key("story_string_depth", _whole),
    "role": Key("story_string_role", _chosen(_ROLES), _number_of(_ROLES)),
    "force_name": Key("always_force_name2", _flag),
}
SYSTEM: dict[str, Key] = {
    **_table(_text, "name", "post_history"),
    "enabled": Key("enabled", _flag),
    "text": Key("content", _text),
}
REASONING: dict[str, Key] = _table(_text, "name", "prefix", "suffix", "separator")
SAMPLERS: dict[str, Key] = {
    **_table(
        _number,
        "temp",
        "top_p",
        "top_a",
        "min_p",
        "tfs",
        "typical_p",
        "epsilon_cutoff",
        "eta_cutoff",
        "rep_pen",
        "rep_pen_slope",
        "rep_pen_decay",
        "freq_pen",
        "presence_pen",
        "min_temp",
        "max_temp",
        "dynatemp_exponent",
        "smoothing_factor",
        "smoothing_curve",
        "dry_multiplier",
        "dry_base",
        "xtc_threshold",
        "xtc_probability",
        "nsigma",
        "mirostat_tau",
        "mirostat_eta",
        "guidance_scale",
        "encoder_rep_pen",
        "skew",
        "adaptive_target",
        "adaptive_decay",
    ),
    **_table(
        _whole,
        "top_k",
        "rep_pen_range",
        "no_repeat_ngram_size",
        "dry_allowed_length",
        "dry_penalty_last_n",
        "mirostat_mode",
        "min_keep",
        "seed",
    ),
    **_table(_flag, "temperature_last", "dynatemp", "add_bos_token", "ban_eos_token", "skip_special_tokens"),
    **_table(_text, "negative_prompt"),
    "grammar": Key("grammar_string", _text),
    "json_schema": Key("json_schema", _object),
    "dry_breakers": Key("dry_sequence_breakers", _breakers, json.dumps),
    "banned": Key("banned_tokens", _lines, "\n".join),
    "bias": Key("logit_bias", _bias, lambda pairs: [{"text": text, "value": weight} for text, weight in pairs]),
    "order": Key("sampler_order", _wholes),
    "llamacpp_order": Key("samplers", _words),
    "ooba_order": Key("sampler_priority", _words),
}


def instruct_of(given: JsonObject) -> dict[str, Any]:
    """An instruct template under today's names."""
    now = dict(given)
    if "names_behavior" not in now and ("names" in now or "names_force_groups" in now):
        now["names_behavior"] = (
            "always" if now.get("names") is True else "force" if now.get("names_force_groups", True) is True else "none"
        )
    for old, new in (
        ("system_sequence_prefix", "story_string_prefix"),
        ("system_sequence_suffix", "story_string_suffix"),
        ("separator_sequence", "output_suffix"),
    ):
        if new not in now and isinstance(now.get(old), str):
            now[new] = now[old]
    return now
