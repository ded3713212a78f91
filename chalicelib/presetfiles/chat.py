"""A preset of chat completion: SillyTavern's file, or the same inside its settings, where some fields have other names.

What would set an address, a key, a proxy or a header of a connection is not even read.
"""

from typing import Literal, cast

from chalicelib.models.completion import ChatPreset, OrderedPart, PromptPart
from chalicelib.models.prompt import PictureDetail
from chalicelib.presetfiles.fields import JsonObject, flag, inner, many, number, role, text, whole

ORDER_ID = 100_001
"""Of the lists of an order, the one in use; older files have only the legacy one."""
LEGACY_ORDER_ID = 100_000
CONTEXT_TOKENS_LEAST = 512
"""What SillyTavern's slider lets one choose at least."""
NAMES: dict[int, Literal["none", "default", "completion", "content"]] = {
    -1: "none",
    0: "default",
    1: "completion",
    2: "content",
}
_JOININGS = ("merge", "merge_tools", "semi", "semi_tools", "strict", "strict_tools", "single")
# Not every model that thinks knows `minimal`.
_EFFORTS = {"min": "low", "max": "high"}


def read_preset(given: JsonObject) -> ChatPreset:
    """The preset. What is missing or odd has the value of SillyTavern's defaults."""
    return ChatPreset(
        parts=[_part(part) for part in many(given, "prompts") if text(part, "identifier") and _has_place(part)],
        order=_order(given),
        names=NAMES.get(whole(given, "names_behavior", 0), "default"),
        lore_format=text(given, "wi_format", "{0}"),
        scenario_format=text(given, "scenario_format", "{{scenario}}"),
        personality_format=text(given, "personality_format", "{{personality}}"),
        impersonation=text(given, "impersonation_prompt"),
        new_chat=text(given, "new_chat_prompt"),
        new_group_chat=text(given, "new_group_chat_prompt"),
        new_example=text(given, "new_example_chat_prompt"),
        continue_nudge=text(given, "continue_nudge_prompt"),
        group_nudge=text(given, "group_nudge_prompt"),
        send_if_empty=text(given, "send_if_empty"),
        continue_prefill=flag(given, "continue_prefill"),
        continue_joint=text(given, "continue_postfix", " "),
        squash=flag(given, "squash_system_messages"),
        postprocessing=_joining(text(given, "custom_prompt_post_processing")),
        context_tokens=max(whole(given, "openai_max_context", 4_095), CONTEXT_TOKENS_LEAST),
        reply_tokens=max(whole(given, "openai_max_tokens", 300), 1),
        temperature=_either(given, "temp_openai", "temperature"),
        top_p=_either(given, "top_p_openai", "top_p"),
        top_k=_unless(_either(given, "top_k_openai", "top_k"), 0),
        top_a=_unless_number(_either(given, "top_a_openai", "top_a"), 0),
        min_p=_unless_number(_either(given, "min_p_openai", "min_p"), 0),
        frequency_penalty=_either(given, "freq_pen_openai", "frequency_penalty"),
        presence_penalty=_either(given, "pres_pen_openai", "presence_penalty"),
        repetition_penalty=_unless_number(_either(given, "repetition_penalty_openai", "repetition_penalty"), 1),
        seed=whole(given, "seed", -1),
        replies=max(whole(given, "n", 1), 1),
        reasoning_effort=_effort(text(given, "reasoning_effort")),
        bias=_bias(given),
        prefill=text(given, "assistant_prefill"),
        impersonation_prefill=text(given, "assistant_impersonation"),
        system_apart=flag(given, "use_sysprompt", True),
        verbosity=_verbosity(text(given, "verbosity")),
        web_search=flag(given, "enable_web_search"),
        pictures=flag(given, "media_inlining", True),
        picture_detail=_detail(text(given, "inline_image_quality")),
    )


def _part(given: JsonObject) -> PromptPart:
    triggers = given.get("injection_trigger")
    return PromptPart(
        id=text(given, "identifier"),
        name=text(given, "name"),
        role=role(given, "role"),
        text=text(given, "content"),
        marker=flag(given, "marker"),
        custom=given.get("system_prompt") is False,
        in_chat=whole(given, "injection_position", 0) == 1,
        depth=whole(given, "injection_depth", 4),
        order=whole(given, "injection_order", 100),
        triggers=[one for one in triggers if isinstance(one, str)] if isinstance(triggers, list) else [],
        keeps=flag(given, "forbid_overrides"),
    )


def _has_place(given: JsonObject) -> bool:
    """A prompt in the chat that does not say how deep it stands, or whose it is, stands nowhere."""
    in_chat = whole(given, "injection_position", 0) == 1 and not flag(given, "marker")
    return not in_chat or (given.get("injection_depth") is not None and bool(text(given, "role")))


def _order(given: JsonObject) -> list[OrderedPart]:
    lists = {whole(one, "character_id", 0): one for one in many(given, "prompt_order")}
    chosen = lists.get(ORDER_ID) or lists.get(LEGACY_ORDER_ID) or {}
    return [
        OrderedPart(id=text(entry, "identifier"), enabled=flag(entry, "enabled", True))
        for entry in many(chosen, "order")
        if text(entry, "identifier")
    ]


def _joining(
    mode: str,
) -> Literal["", "merge", "merge_tools", "semi", "semi_tools", "strict", "strict_tools", "single"]:
    # `claude` is what older files call the mode that merges.
    mode = "merge" if mode == "claude" else mode
    return cast(
        Literal["", "merge", "merge_tools", "semi", "semi_tools", "strict", "strict_tools", "single"],
        mode if mode in _JOININGS else "",
    )


def _either(given: JsonObject, in_settings: str, in_file: str) -> float | None:
    found = number(given, in_settings)
    return number(given, in_file) if found is None else found


def _unless(value: float | None, neutral: int) -> int | None:
    return None if value is None or value == neutral else int(value)


def _unless_number(value: float | None, neutral: float) -> float | None:
    return None if value == neutral else value


def _effort(given: str) -> str | None:
    found = _EFFORTS.get(given, given)
    return found if found in ("minimal", "low", "medium", "high") else None


def _verbosity(given: str) -> str | None:
    return given if given in ("low", "medium", "high") else None


def _detail(given: str) -> PictureDetail:
    return "low" if given == "low" else "high" if given == "high" else "auto"


def _bias(given: JsonObject) -> list[tuple[str, float]]:
    """The entries of the list that is chosen."""
    entries = many(inner(given, "bias_presets"), text(given, "bias_preset_selected"))
    found = ((text(entry, "text"), number(entry, "value")) for entry in entries)
    return [(words, value) for words, value in found if words and value is not None]
