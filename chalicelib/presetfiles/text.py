"""Templates and presets of text completion: SillyTavern's files, the master export, and the same inside its settings.

What is missing or odd has our default. Writing gives back the file that was read, with only those keys changed whose
meaning was changed: unknown keys, odd values and old names stay.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from chalicelib.models.shapes import Held
from chalicelib.models.templates import (
    ContextTemplate,
    Instruct,
    ReasoningTemplate,
    SystemPrompt,
    TextSamplers,
    TextTemplates,
)
from chalicelib.presetfiles.fields import JsonObject, inner, whole
from chalicelib.presetfiles.text_keys import (
    CONTEXT,
    INSTRUCT,
    REASONING,
    SAMPLERS,
    SYSTEM,
    Key,
    instruct_of,
)

CONTEXT_TOKENS_LEAST = 512
"""What SillyTavern's slider lets one choose at least."""

T = TypeVar("T", bound=Held)


class TextFiles(NamedTuple):
    """What one file may hold: a single template, or the master export with any of them."""

    instruct: Instruct | None = None
    context: ContextTemplate | None = None
    system: SystemPrompt | None = None
    reasoning: ReasoningTemplate | None = None
    samplers: TextSamplers | None = None


def read_instruct(given: JsonObject) -> Instruct:
    return _read(Instruct, instruct_of(given), INSTRUCT, given)


def read_context(given: JsonObject) -> ContextTemplate:
    return _read(ContextTemplate, given, CONTEXT, given)


def read_system(given: JsonObject) -> SystemPrompt:
    return _read(SystemPrompt, given, SYSTEM, given)


def read_reasoning(given: JsonObject) -> ReasoningTemplate:
    return _read(ReasoningTemplate, given, REASONING, given)


def read_samplers(given: JsonObject) -> TextSamplers:
    return _read(TextSamplers, given, SAMPLERS, given)


def sizes_of(given: JsonObject) -> tuple[int | None, int | None]:
    """Tokens of the context and of the reply that a text completion preset was saved with."""
    context, reply = whole(given, "max_length", 0), whole(given, "genamt", 0)
    return max(context, CONTEXT_TOKENS_LEAST) if context > 0 else None, reply if reply > 0 else None


def write_instruct(template: Instruct) -> dict[str, Any]:
    return _write(template, INSTRUCT, read_instruct)


def write_context(template: ContextTemplate) -> dict[str, Any]:
    return _write(template, CONTEXT, read_context)


def write_system(template: SystemPrompt) -> dict[str, Any]:
    return _write(template, SYSTEM, read_system)


def write_reasoning(template: ReasoningTemplate) -> dict[str, Any]:
    return _write(template, REASONING, read_reasoning)


def write_samplers(samplers: TextSamplers) -> dict[str, Any]:
    return _write(samplers, SAMPLERS, read_samplers)


def read_any(given: JsonObject) -> TextFiles:
    """Whatever a file of this kind holds, told by its keys; nothing of it where it is something else."""
    parts = {name: inner(given, name) for name in ("instruct", "context", "sysprompt", "reasoning", "preset")}
    if any(parts.values()):
        return TextFiles(
            instruct=read_instruct(parts["instruct"]) if parts["instruct"] else None,
            context=read_context(parts["context"]) if parts["context"] else None,
            system=read_system(parts["sysprompt"]) if parts["sysprompt"] else None,
            reasoning=read_reasoning(parts["reasoning"]) if parts["reasoning"] else None,
            samplers=read_samplers(parts["preset"]) if parts["preset"] else None,
        )
    if "input_sequence" in given and "output_sequence" in given:
        return TextFiles(instruct=read_instruct(given))
    if "story_string" in given:
        return TextFiles(context=read_context(given))
    if "prefix" in given and "suffix" in given:
        return TextFiles(reasoning=read_reasoning(given))
    if "content" in given and "prompts" not in given:
        return TextFiles(system=read_system(given))
    if "temp" in given and "rep_pen" in given:
        return TextFiles(samplers=read_samplers(given))
    return TextFiles()


def read_templates(*, settings: JsonObject) -> TextTemplates:
    """What is in use by SillyTavern's `settings.json`."""
    power_user = inner(settings, "power_user")
    # Three of a context template's choices hold as they are set in general; the template brings them along only.
    general = ("always_force_name2", "trim_sentences", "single_line")
    context = {**inner(power_user, "context"), **{key: power_user[key] for key in general if key in power_user}}
    return TextTemplates(
        instruct=read_instruct(inner(power_user, "instruct")),
        context=read_context(context),
        system=read_system(inner(power_user, "sysprompt")),
        context_tokens=max(whole(settings, "max_context", 8_192), CONTEXT_TOKENS_LEAST),
        reply_tokens=max(whole(settings, "amount_gen", 300), 1),
        # These two are always sent, also by settings that are older than they are.
        samplers=read_samplers({"freq_pen": 0, "presence_pen": 0, **inner(settings, "textgenerationwebui_settings")}),
    )


def _read(model: type[T], given: JsonObject, keys: Mapping[str, Key], original: JsonObject) -> T:
    found = {name: key.read(given[key.name]) for name, key in keys.items() if key.name in given}
    known = {name: value for name, value in found.items() if value is not None}
    return model(**known, **{"original": dict(original)})


def _write(held: T, keys: Mapping[str, Key], read: Any) -> dict[str, Any]:
    original: dict[str, Any] = held.original  # type: ignore[attr-defined]  # every template has it
    before = read(original)
    written = dict(original)
    for name, key in keys.items():
        value = getattr(held, name)
        if value != getattr(before, name) or (not original and value is not None):
            written[key.name] = key.write(value)
    return written
