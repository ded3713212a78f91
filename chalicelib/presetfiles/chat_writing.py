"""A preset of chat completion as SillyTavern's file, such that reading it gives the same preset again."""

from typing import Any

from chalicelib.models.completion import ChatPreset, PromptPart
from chalicelib.presetfiles.chat import LEGACY_ORDER_ID, NAMES, ORDER_ID

BIAS_NAME = "TavernAI Plus"
_ROLES_OF_PARTS = {"main": "Main prompt", "jailbreak": "After the history"}


def write_preset(preset: ChatPreset) -> dict[str, Any]:
    """Samplers that leave the choice to the model are not written."""
    written: dict[str, Any] = {
        "temperature": preset.temperature,
        "frequency_penalty": preset.frequency_penalty,
        "presence_penalty": preset.presence_penalty,
        "top_p": preset.top_p,
        "top_k": preset.top_k,
        "top_a": preset.top_a,
        "min_p": preset.min_p,
        "repetition_penalty": preset.repetition_penalty,
        "reasoning_effort": preset.reasoning_effort,
    }
    written = {field: value for field, value in written.items() if value is not None}
    order = [{"identifier": entry.id, "enabled": entry.enabled} for entry in preset.order]
    written |= {
        "openai_max_context": preset.context_tokens,
        "openai_max_tokens": preset.reply_tokens,
        "seed": preset.seed,
        "n": preset.replies,
        "names_behavior": next(number for number, word in NAMES.items() if word == preset.names),
        "wi_format": preset.lore_format,
        "scenario_format": preset.scenario_format,
        "personality_format": preset.personality_format,
        "impersonation_prompt": preset.impersonation,
        "new_chat_prompt": preset.new_chat,
        "new_group_chat_prompt": preset.new_group_chat,
        "new_example_chat_prompt": preset.new_example,
        "continue_nudge_prompt": preset.continue_nudge,
        "group_nudge_prompt": preset.group_nudge,
        "send_if_empty": preset.send_if_empty,
        "continue_prefill": preset.continue_prefill,
        "continue_postfix": preset.continue_joint,
        "squash_system_messages": preset.squash,
        "custom_prompt_post_processing": preset.postprocessing,
        "assistant_prefill": preset.prefill,
        "assistant_impersonation": preset.impersonation_prefill,
        "use_sysprompt": preset.system_apart,
        "verbosity": preset.verbosity or "auto",
        "enable_web_search": preset.web_search,
        "media_inlining": preset.pictures,
        "inline_image_quality": preset.picture_detail,
        "prompts": [_part(part) for part in preset.parts],
        "prompt_order": [{"character_id": id, "order": order} for id in (LEGACY_ORDER_ID, ORDER_ID)],
    }
    if preset.bias:
        written["bias_preset_selected"] = BIAS_NAME
        written["bias_presets"] = {BIAS_NAME: [{"text": text, "value": value} for text, value in preset.bias]}
    return written


def _part(part: PromptPart) -> dict[str, Any]:
    written: dict[str, Any] = {
        "identifier": part.id,
        "name": part.name or _ROLES_OF_PARTS.get(part.id, part.id),
        "system_prompt": not part.custom,
        "marker": part.marker,
    }
    if not part.marker:
        written |= {"role": part.role, "content": part.text}
    return written | {
        "injection_position": int(part.in_chat),
        "injection_depth": part.depth,
        "injection_order": part.order,
        "injection_trigger": part.triggers,
        "forbid_overrides": part.keeps,
    }
