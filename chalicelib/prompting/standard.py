"""The prompts of ours: what a plain preset means, with texts of our own where it says nothing."""

from chalicelib.models.completion import MARKERS, ChatPreset, OrderedPart, PromptPart
from chalicelib.models.presets import Preset, Samplers
from chalicelib.models.templates import ContextTemplate, SystemPrompt, TextSamplers, TextTemplates

MAIN_PROMPT = (
    "You and {{user}} are telling a story together. Write what {{char}} says and does next, true to the character "
    "and to what has happened so far. Leave {{user}}'s own words, thoughts and actions to {{user}}."
)
CONTINUE_NUDGE = "[Go on with the last message from exactly where it stops. Do not repeat any of it.]"
IMPERSONATION_PROMPT = "[Write the next message as {{user}}, in {{user}}'s voice. Do not write for {{char}}.]"
EXAMPLE_MARK = "[How {{char}} speaks, an example]"
STORY_MARK = "[Here the story begins]"
GROUP_MARK = "[Here the story begins. In it are {{group}} and {{user}}.]"
GROUP_NUDGE = "[Write only what {{char}} says and does.]"
_ORDER = ("main", *MARKERS, "jailbreak")
_WRITTEN = ("main", "jailbreak")
STORY_STRING = "".join(
    f"{{{{#if {name}}}}}{{{{{name}}}}}\n{{{{/if}}}}"
    for name in (
        "anchorBefore",
        "system",
        "wiBefore",
        "persona",
        "description",
        "personality",
        "scenario",
        "wiAfter",
        "anchorAfter",
    )
)
"""The same parts in the same order for text completion, a line each."""


def standard_preset(preset: Preset, samplers: Samplers) -> ChatPreset:
    """A plain preset in full. `samplers` are the preset's within what the model can hold."""
    texts = {"main": preset.main_prompt or MAIN_PROMPT, "jailbreak": preset.post_history}
    return ChatPreset(
        parts=[PromptPart(id=id, text=texts.get(id, ""), marker=id not in _WRITTEN, triggers=[]) for id in _ORDER],
        order=[OrderedPart(id=id) for id in _ORDER],
        impersonation=preset.impersonation_prompt or IMPERSONATION_PROMPT,
        new_chat=STORY_MARK,
        new_group_chat=GROUP_MARK,
        new_example=EXAMPLE_MARK,
        continue_nudge=preset.continue_nudge or CONTINUE_NUDGE,
        group_nudge=GROUP_NUDGE,
        **{name: getattr(samplers, name) for name in _SAMPLERS},
        seed=-1 if samplers.seed is None else samplers.seed,
    )


def standard_templates(preset: Preset, samplers: Samplers) -> TextTemplates:
    """The same preset for text completion: `Name:` lines, no instruct sequences."""
    return TextTemplates(
        context=ContextTemplate(
            story_string=STORY_STRING,
            chat_start=STORY_MARK,
            example_separator=EXAMPLE_MARK,
        ),
        system=SystemPrompt(text=preset.main_prompt or MAIN_PROMPT, post_history=preset.post_history),
        context_tokens=samplers.context_tokens,
        reply_tokens=samplers.reply_tokens,
        samplers=TextSamplers(
            temp=samplers.temperature,
            top_p=samplers.top_p,
            top_k=samplers.top_k,
            top_a=samplers.top_a,
            min_p=samplers.min_p,
            typical_p=samplers.typical_p,
            freq_pen=samplers.frequency_penalty,
            presence_pen=samplers.presence_penalty,
            rep_pen=samplers.repetition_penalty,
            seed=-1 if samplers.seed is None else samplers.seed,
        ),
    )


def templates_of(preset: ChatPreset, *, typical_p: float | None = None) -> TextTemplates:
    """What a preset of chat completion means for text completion: its main and its post-history prompt, its samplers.

    Of a plain preset in full this is what `standard_templates` makes of the plain one.
    """
    texts = {part.id: part.text for part in preset.parts}
    on = {entry.id for entry in preset.order if entry.enabled}
    return TextTemplates(
        context=ContextTemplate(
            story_string=STORY_STRING, chat_start=preset.new_chat, example_separator=preset.new_example
        ),
        system=SystemPrompt(
            text=texts.get("main", "") if "main" in on else "",
            post_history=texts.get("jailbreak", "") if "jailbreak" in on else "",
        ),
        context_tokens=preset.context_tokens,
        reply_tokens=preset.reply_tokens,
        samplers=TextSamplers(
            temp=preset.temperature,
            top_p=preset.top_p,
            top_k=preset.top_k,
            top_a=preset.top_a,
            min_p=preset.min_p,
            typical_p=typical_p,
            freq_pen=preset.frequency_penalty,
            presence_pen=preset.presence_penalty,
            rep_pen=preset.repetition_penalty,
            seed=preset.seed,
            bias=preset.bias,
        ),
    )


_SAMPLERS = (
    "context_tokens",
    "reply_tokens",
    "temperature",
    "top_p",
    "top_k",
    "top_a",
    "min_p",
    "frequency_penalty",
    "presence_penalty",
    "repetition_penalty",
    "reasoning_effort",
)
