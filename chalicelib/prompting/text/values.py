"""The templates' own strings, for macros that name them. As written: their macros are not resolved."""

from chalicelib.models.templates import TextTemplates


def template_values(templates: TextTemplates, *, card_system_prompt: str = "") -> dict[str, str]:
    """`card_system_prompt` is the card's where it takes the place of the template's. Without instruct its are empty."""
    instruct, context, system = templates.instruct, templates.context, templates.system
    texts = {
        "instructStoryStringPrefix": instruct.story_string_prefix,
        "instructStoryStringSuffix": instruct.story_string_suffix,
        "instructUserPrefix": instruct.input_sequence,
        "instructUserSuffix": instruct.input_suffix,
        "instructAssistantPrefix": instruct.output_sequence,
        "instructAssistantSuffix": instruct.output_suffix,
        "instructSystemPrefix": instruct.system_sequence,
        "instructSystemSuffix": instruct.system_suffix,
        "instructFirstAssistantPrefix": instruct.first_output_sequence or instruct.output_sequence,
        "instructLastAssistantPrefix": instruct.last_output_sequence or instruct.output_sequence,
        "instructFirstUserPrefix": instruct.first_input_sequence or instruct.input_sequence,
        "instructLastUserPrefix": instruct.last_input_sequence or instruct.input_sequence,
        "instructSystemInstructionPrefix": instruct.last_system_sequence,
        "instructStop": instruct.stop_sequence,
        "instructUserFiller": instruct.user_alignment,
    }
    return {
        **{name: text if instruct.enabled else "" for name, text in texts.items()},
        "defaultSystemPrompt": system.text if system.enabled else "",
        "systemPrompt": (card_system_prompt or system.text) if system.enabled else "",
        "exampleSeparator": context.example_separator,
        "chatStart": context.chat_start,
    }
