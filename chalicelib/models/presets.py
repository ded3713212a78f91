"""Presets: how a prompt is put together and a model is asked. None means the provider's own default.

A plain preset is a handful of texts and samplers. One with a file holds a preset of SillyTavern whole, as its JSON:
for chat completion (prompts, their order, formats) or for text completion (samplers).
"""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from chalicelib.models.characters import Download
from chalicelib.models.jobs import ReportLine
from chalicelib.models.shapes import Asked, Held, Instant

PresetKind = Literal["plain", "chat", "text"]


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
    """Samplers and the prompts around a chat, as lists show them: without the file."""

    id: str
    name: str
    kind: PresetKind = "plain"
    folds: bool = False
    """Whether it was a plain preset before it was opened in full, and can be one again."""
    scripts: int = 0
    """How many regex scripts its file brings along. None of them runs unasked."""
    samplers: Samplers = Field(default_factory=Samplers)
    """Of a plain preset; one with a file has its own."""
    main_prompt: str = ""
    post_history: str = ""
    continue_nudge: str = ""
    impersonation_prompt: str = ""
    created_at: Instant
    updated_at: Instant
    revision: int = 1


class OpenPreset(Preset):
    """A preset with its file: SillyTavern's JSON as it came, with what was changed since. Empty for a plain one."""

    file: dict[str, Any] = {}


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
    kind: Literal["plain", "chat"] | None = None
    """`chat` opens a plain preset in full, `plain` folds it back to what it was before."""
    samplers: Samplers | None = None
    main_prompt: str | None = Field(default=None, max_length=30_000)
    post_history: str | None = Field(default=None, max_length=30_000)
    continue_nudge: str | None = Field(default=None, max_length=10_000)
    impersonation_prompt: str | None = Field(default=None, max_length=10_000)
    fields: dict[str, Any] | None = None
    """Fields of the file to be set; the others stay as they are."""
    without: list[Annotated[str, Field(max_length=200)]] | None = Field(default=None, max_length=200)
    """Fields of the file to be taken away."""


class PresetCopy(Asked):
    name: str = Field(min_length=1, max_length=200)


class PresetImportQuery(Asked):
    filename: str = Field(default="", max_length=255)
    there: Literal["tell", "add", "replace"] = "tell"
    """What becomes of a file where a preset of its kind and name is there already: nothing but being told so
    (`duplicate` when they say the same, `same_name` when not), a second one, or the one that is there says what the
    file says.
    """


class ImportedPreset(Held):
    """What became of a preset file."""

    line: ReportLine
    preset: Preset | None = None


class PresetDownload(Download):
    dropped: list[str] = []
    """Fields that were left out because they would set where a connection leads."""


class TextsToCount(Asked):
    texts: list[Annotated[str, Field(max_length=200_000)]] = Field(max_length=500)
    tokenizer: Literal["o200k_base", "cl100k_base"] = "o200k_base"


class TokenCounts(Held):
    tokens: list[int]
    """In the order of the texts; macros are not resolved."""
