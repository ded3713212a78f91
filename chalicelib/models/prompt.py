"""The prompt a provider gets, and the pieces of reply it gives back."""

from typing import Any, Literal

from chalicelib.models.presets import Samplers
from chalicelib.models.shapes import Held

FinishReason = Literal["stop", "length", "stopped", "interrupted", "filtered", "tool_limit", "error"]


class PromptMessage(Held):
    role: Literal["system", "user", "assistant"]
    content: str
    name: str | None = None
    """Set when it is neither the character nor the user who speaks; `content` then begins with the name."""
    source: str = ""
    """Where it came from: main, description, history:<message id> …"""
    tokens: int = 0


class Prompt(Held):
    """A request in provider-neutral form."""

    messages: list[PromptMessage]
    samplers: Samplers
    model: str
    stop: list[str] = []
    prefill: str = ""
    """Text the reply continues (kind `continue`)."""
    tools: list[dict[str, Any]] = []
    speaker: str = ""
    """Name of who speaks next: the character, or the user when impersonated."""
    character_name: str = ""
    user_name: str = ""
    tokens: int = 0
    flat: str = ""
    """The same as one text, for services that complete text."""
    flat_stop: list[str] = []


class TokenUsage(Held):
    prompt_tokens: int = 0
    reply_tokens: int = 0
    reasoning_tokens: int = 0


class Delta(Held):
    """One piece of a reply, in the order the provider sent it. The last one carries `finish_reason`."""

    text: str = ""
    reasoning: str = ""
    finish_reason: FinishReason | None = None
    usage: TokenUsage | None = None
    tool_calls: list[dict[str, Any]] = []
