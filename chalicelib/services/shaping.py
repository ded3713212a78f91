"""What a chosen preset means for a prompt: one shape for models that chat, one for those that complete text.

A preset for one kind of model serves the other too: a chat preset has a main prompt and samplers for a text model, and
a sampler preset of text completion is used with the prompts everybody starts with.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from chalicelib.models.completion import ChatPreset
from chalicelib.models.presets import OpenPreset, Preset, Samplers
from chalicelib.models.templates import TextSamplers, TextTemplates
from chalicelib.presetfiles.chat import read_preset
from chalicelib.presetfiles.chat_writing import write_preset
from chalicelib.presetfiles.fields import JsonObject
from chalicelib.presetfiles.kinds import stops_of, typical_of, with_ours
from chalicelib.presetfiles.text import read_samplers, sizes_of
from chalicelib.prompting.standard import standard_preset, standard_templates, templates_of

_READ_LATELY = 32
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
NOTHING_SAID = Preset(id="", name="", created_at=_LONG_AGO, updated_at=_LONG_AGO)
"""A preset that says nothing: everything is as everybody has it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a prompt is put together and a model is asked."""

    preset: ChatPreset
    templates: TextTemplates
    stop: tuple[str, ...] = ()
    preset_id: str = ""
    file: JsonObject = field(default_factory=dict)
    """Of the preset: the scripts in it run only where the person has allowed it."""

    def within(self, context_tokens: int | None) -> "Shape":
        """The same within what the model can hold; None sets no limit."""
        most = context_tokens or self.preset.context_tokens
        if most >= max(self.preset.context_tokens, self.templates.context_tokens):
            return self
        return replace(
            self,
            preset=self.preset.model_copy(update={"context_tokens": min(most, self.preset.context_tokens)}),
            templates=self.templates.model_copy(update={"context_tokens": min(most, self.templates.context_tokens)}),
        )


def shape_of(preset: OpenPreset, text: OpenPreset | None = None) -> Shape:
    """The shape a preset gives; `text` is another one whose samplers a text model is asked with."""
    shape = _read(_Whole(preset))
    if text is None or text.id == preset.id:
        return shape
    asked = _read(_Whole(text))
    sizes = {"context_tokens": asked.templates.context_tokens, "reply_tokens": asked.templates.reply_tokens}
    templates = shape.templates.model_copy(update={**sizes, "samplers": asked.templates.samplers})
    return replace(shape, templates=templates)


def in_full(preset: Preset) -> dict[str, Any]:
    """The file of SillyTavern that makes the same prompt as a plain preset."""
    written = write_preset(standard_preset(preset, preset.samplers))
    return with_ours(written, {"stop": preset.samplers.stop, "typical_p": preset.samplers.typical_p})


class _Whole:
    """A preset as a key of what was read lately: a file of 300 KB takes some milliseconds."""

    __slots__ = ("preset",)

    def __init__(self, preset: OpenPreset) -> None:
        self.preset = preset

    def __hash__(self) -> int:
        return hash((self.preset.id, self.preset.revision))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Whole) and self.preset == other.preset


@lru_cache(_READ_LATELY)
def _read(whole: _Whole) -> Shape:
    preset = whole.preset
    match preset.kind:
        case "chat":
            return _of_chat(preset)
        case "text":
            return _of_text(preset)
        case _:
            return _of_plain(preset)


def _of_plain(preset: Preset) -> Shape:
    samplers = preset.samplers
    return Shape(
        standard_preset(preset, samplers),
        standard_templates(preset, samplers),
        tuple(stop for stop in samplers.stop if stop.strip()),
        preset_id=preset.id,
    )


def _of_chat(preset: OpenPreset) -> Shape:
    """What the file does not say at all is as everybody has it: a file of samplers only comes without prompts."""
    chat = read_preset({**_otherwise(), **preset.file})
    return Shape(
        chat,
        templates_of(chat, typical_p=typical_of(preset.file)),
        tuple(stops_of(preset.file)),
        preset.id,
        preset.file,
    )


def _of_text(preset: OpenPreset) -> Shape:
    context, reply = sizes_of(preset.file)
    sizes = Samplers()
    given = read_samplers(preset.file)
    sampled = {
        "context_tokens": context or sizes.context_tokens,
        "reply_tokens": reply or sizes.reply_tokens,
        "temperature": given.temp,
        "top_p": given.top_p,
        "top_k": given.top_k or None,
        "top_a": given.top_a or None,
        "min_p": given.min_p or None,
        "frequency_penalty": given.freq_pen,
        "presence_penalty": given.presence_pen,
        "repetition_penalty": None if given.rep_pen == 1 else given.rep_pen,
        "seed": given.seed,
        "bias": given.bias,
    }
    plain = preset.model_copy(update={"samplers": sizes, "main_prompt": "", "post_history": ""})
    chat = standard_preset(plain, sizes).model_copy(update=sampled)
    templates = templates_of(chat).model_copy(update={"samplers": _sent(given)})
    return Shape(chat, templates, tuple(stops_of(preset.file)), preset.id, preset.file)


def _sent(given: TextSamplers) -> TextSamplers:
    """The samplers without the file they were read from."""
    return given.model_copy(update={"original": {}})


@lru_cache(1)
def _otherwise() -> dict[str, Any]:
    """What a file says that says nothing."""
    return write_preset(standard_preset(NOTHING_SAID, NOTHING_SAID.samplers))
