"""Templates of text completion: instruct sequences, the story string, the system prompt, reasoning, and the samplers.

`original` of each is the file it was read from: what has not been changed since is written back as it was.
"""

from typing import Any, Literal

from pydantic import Field

from chalicelib.models.shapes import Held, MessageRole


class Instruct(Held):
    """Sequences around turns, for models that were trained with them. {{name}} in one is who speaks."""

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
    """Whether sequences stand on lines of their own."""
    macro: bool = True
    """Whether macros in sequences are resolved."""
    names: Literal["none", "force", "always"] = "force"
    """`force` names speakers in groups, and who speaks under another's name."""
    activation: str = ""
    """A pattern: models whose name it matches use this template."""
    skip_examples: bool = False
    user_alignment: str = ""
    """What the user says where a chat does not begin with the user."""
    system_same_as_user: bool = False
    sequences_as_stops: bool = True
    original: dict[str, Any] = {}


class ContextTemplate(Held):
    name: str = ""
    story_string: str = ""
    chat_start: str = ""
    example_separator: str = ""
    use_stops: bool = False
    """Whether the two above end a reply."""
    names_as_stops: bool = True
    place: Literal["in_prompt", "in_chat", "before_prompt"] = "in_prompt"
    depth: int = 1
    role: MessageRole = "system"
    force_name: bool = True
    """Whether the character's name stands at the end, where no instruct template is used."""
    trim_sentences: bool = False
    """Whether replies are cut at the end of their last whole sentence."""
    single_line: bool = False
    original: dict[str, Any] = {}


class SystemPrompt(Held):
    enabled: bool = True
    name: str = ""
    text: str = ""
    post_history: str = ""
    original: dict[str, Any] = {}


class ReasoningTemplate(Held):
    """What stands around thoughts, in replies and in prompts."""

    name: str = ""
    prefix: str = ""
    suffix: str = ""
    separator: str = ""
    original: dict[str, Any] = {}


class TextSamplers(Held):
    """How a text model is asked, under the names of SillyTavern's presets. None: what the service does by itself.

    Numbers of foreign presets are taken as they are: the service says which it will not have.
    """

    temp: float | None = None
    temperature_last: bool | None = None
    top_p: float | None = None
    top_k: int | None = None
    top_a: float | None = None
    min_p: float | None = None
    tfs: float | None = None
    typical_p: float | None = None
    epsilon_cutoff: float | None = None
    eta_cutoff: float | None = None
    rep_pen: float | None = None
    rep_pen_range: int | None = None
    rep_pen_slope: float | None = None
    rep_pen_decay: float | None = None
    encoder_rep_pen: float | None = None
    no_repeat_ngram_size: int | None = None
    freq_pen: float | None = None
    presence_pen: float | None = None
    dynatemp: bool | None = None
    min_temp: float | None = None
    max_temp: float | None = None
    dynatemp_exponent: float | None = None
    smoothing_factor: float | None = None
    smoothing_curve: float | None = None
    dry_multiplier: float | None = None
    dry_base: float | None = None
    dry_allowed_length: int | None = None
    dry_penalty_last_n: int | None = None
    dry_breakers: list[str] = []
    xtc_threshold: float | None = None
    xtc_probability: float | None = None
    nsigma: float | None = None
    min_keep: int | None = None
    skew: float | None = None
    adaptive_target: float | None = None
    """Negative: off."""
    adaptive_decay: float | None = None
    mirostat_mode: int | None = None
    mirostat_tau: float | None = None
    mirostat_eta: float | None = None
    guidance_scale: float | None = None
    negative_prompt: str = ""
    grammar: str = ""
    json_schema: dict[str, Any] | None = None
    banned: list[str] = []
    """Texts a reply shall not contain."""
    bias: list[tuple[str, float]] = Field(default=[])
    """Texts whose tokens become likelier or less likely."""
    order: list[int] = []
    """KoboldCpp's order of samplers."""
    llamacpp_order: list[str] = []
    ooba_order: list[str] = []
    add_bos_token: bool | None = None
    ban_eos_token: bool | None = None
    skip_special_tokens: bool | None = None
    seed: int = -1
    """Negative: none."""
    original: dict[str, Any] = {}


class TextTemplates(Held):
    """All that shapes a text prompt."""

    instruct: Instruct = Instruct()
    context: ContextTemplate = ContextTemplate()
    system: SystemPrompt = SystemPrompt()
    context_tokens: int = 16_384
    reply_tokens: int = 600
    samplers: TextSamplers = TextSamplers()
