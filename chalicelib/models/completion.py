"""Presets of chat completion: the prompts of the prompt manager, their order, and the texts around a chat."""

from typing import Literal

from pydantic import Field

from chalicelib.models.prompt import PictureDetail
from chalicelib.models.shapes import Held, MessageRole

MARKERS = (
    "worldInfoBefore",
    "personaDescription",
    "charDescription",
    "charPersonality",
    "scenario",
    "worldInfoAfter",
    "dialogueExamples",
    "chatHistory",
)
"""Prompts whose text comes from the scene. The names are SillyTavern's, since presets of the field carry them."""


class PromptPart(Held):
    """One prompt of a preset."""

    id: str
    name: str = ""
    role: MessageRole = "system"
    text: str = ""
    marker: bool = False
    """Its text comes from the scene."""
    custom: bool = False
    """Made by the person. Built-in parts that nobody knows are not sent."""
    in_chat: bool = False
    """Stands in the history at `depth` instead of at its place in the order."""
    depth: int = 4
    order: int = 100
    """Among prompts at one depth the lowest stands first."""
    triggers: list[str] = []
    """Kinds of action it is for; empty means all."""
    keeps: bool = False
    """Whether a card may not take its place (`forbid_overrides`)."""


class OrderedPart(Held):
    id: str
    enabled: bool = True


class ChatPreset(Held):
    """How a prompt for chat completion is put together, and how the model is asked."""

    parts: list[PromptPart] = []
    order: list[OrderedPart] = []
    names: Literal["none", "default", "completion", "content"] = "default"
    lore_format: str = "{0}"
    scenario_format: str = "{{scenario}}"
    personality_format: str = "{{personality}}"
    impersonation: str = ""
    new_chat: str = ""
    new_group_chat: str = ""
    new_example: str = ""
    continue_nudge: str = ""
    group_nudge: str = ""
    send_if_empty: str = ""
    continue_prefill: bool = False
    continue_joint: str = ""
    """What stands between a message and its continuation, unless the message ends with a space."""
    squash: bool = False
    postprocessing: Literal["", "merge", "merge_tools", "semi", "semi_tools", "strict", "strict_tools", "single"] = ""
    context_tokens: int = 16_384
    reply_tokens: int = 600
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    top_a: float | None = None
    min_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    repetition_penalty: float | None = None
    seed: int = -1
    """Negative: none."""
    replies: int = 1
    """How many answers are asked for at once (`n`)."""
    reasoning_effort: str | None = None
    verbosity: str | None = None
    """How much a model is to say, where the service knows such a setting: low, medium, high."""
    prefill: str = ""
    """Words a model of Anthropic's finds in its mouth, and goes on from."""
    impersonation_prefill: str = ""
    system_apart: bool = True
    """Whether system texts at the beginning go into the service's field for them (Anthropic, Gemini)."""
    web_search: bool = False
    """Whether a service that searches the web by itself may do so."""
    pictures: bool = True
    """Whether pictures of messages are shown to a model that sees."""
    picture_detail: PictureDetail = "auto"
    """How closely it is to look at them."""
    bias: list[tuple[str, float]] = Field(default=[])
    """Texts whose tokens become likelier or less likely."""
