"""Templates of text completion: instruct sequences, the story string, the system prompt, and the samplers."""

from typing import Any, Literal

from chalicelib.models.shapes import Held

Role = Literal["system", "user", "assistant"]


class Instruct(Held):
    enabled: bool = False
    name: str = ""
    input_sequence: str = ""
    output_sequence: str = ""
    system_sequence: str = ""
    input_suffix: str = ""
    output_suffix: str = ""
    system_suffix: str = ""
    first_input_sequence: str = ""
    first_output_sequence: str = ""
    last_input_sequence: str = ""
    last_output_sequence: str = ""
    last_system_sequence: str = ""
    story_string_prefix: str = ""
    story_string_suffix: str = ""
    stop_sequence: str = ""
    wrap: bool = True
    macro: bool = True
    names: Literal["none", "force", "always"] = "force"
    activation: str = ""
    skip_examples: bool = False
    user_alignment: str = ""
    system_same_as_user: bool = False
    sequences_as_stops: bool = True


class ContextTemplate(Held):
    name: str = ""
    story_string: str = ""
    chat_start: str = ""
    example_separator: str = ""
    use_stops: bool = False
    names_as_stops: bool = True
    place: Literal["in_prompt", "in_chat", "before_prompt"] = "in_prompt"
    depth: int = 1
    role: Role = "system"
    force_name: bool = True
    trim_sentences: bool = False
    single_line: bool = False


class SystemPrompt(Held):
    enabled: bool = True
    name: str = ""
    text: str = ""
    post_history: str = ""


class TextTemplates(Held):
    """All that shapes a text prompt. Owned by the side that builds text prompts."""

    instruct: Instruct = Instruct()
    context: ContextTemplate = ContextTemplate()
    system: SystemPrompt = SystemPrompt()
    context_tokens: int = 16_384
    reply_tokens: int = 600
    samplers: dict[str, Any] = {}
    """Under the names of SillyTavern's presets."""
