"""Presets: how a model is asked. None means the provider's own default."""

from typing import Annotated

from pydantic import ConfigDict, Field

from chalicelib.models.shapes import Asked, Held, Instant


class Samplers(Held):
    """Sampler settings in the field's usual words. A misspelt one is refused, not forgotten."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    context_tokens: int = Field(default=16_384, ge=512, le=2_000_000)
    reply_tokens: int = Field(default=600, ge=1, le=200_000)
    temperature: float | None = Field(default=None, ge=0, le=5)
    top_p: float | None = Field(default=None, ge=0, le=1)
    top_k: int | None = Field(default=None, ge=0, le=1000)
    min_p: float | None = Field(default=None, ge=0, le=1)
    top_a: float | None = Field(default=None, ge=0, le=1)
    typical_p: float | None = Field(default=None, ge=0, le=1)
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    repetition_penalty: float | None = Field(default=None, ge=0, le=3)
    seed: int | None = None
    stop: list[Annotated[str, Field(max_length=500)]] = Field(default=[], max_length=16)
    reasoning_effort: str | None = Field(default=None, pattern="^(minimal|low|medium|high)$")


class Preset(Held):
    """Samplers and the prompts around a chat."""

    id: str
    name: str
    samplers: Samplers = Field(default_factory=Samplers)
    main_prompt: str = ""
    post_history: str = ""
    continue_nudge: str = ""
    impersonation_prompt: str = ""
    created_at: Instant
    updated_at: Instant
    revision: int = 1


class NewPreset(Asked):
    name: str = Field(min_length=1, max_length=200)
    samplers: Samplers = Field(default_factory=Samplers)
    main_prompt: str = Field(default="", max_length=30_000)
    post_history: str = Field(default="", max_length=30_000)
    continue_nudge: str = Field(default="", max_length=10_000)
    impersonation_prompt: str = Field(default="", max_length=10_000)


class PresetChange(Asked):
    revision: int
    name: str | None = Field(default=None, min_length=1, max_length=200)
    samplers: Samplers | None = None
    main_prompt: str | None = Field(default=None, max_length=30_000)
    post_history: str | None = Field(default=None, max_length=30_000)
    continue_nudge: str | None = Field(default=None, max_length=10_000)
    impersonation_prompt: str | None = Field(default=None, max_length=10_000)
