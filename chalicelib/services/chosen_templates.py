"""Which templates a text prompt is made with, and how a short chat comes out of some that are only being tried.

The context and system-prompt templates that a person chose take the place of the preset's texts. The instruct template
they chose marks the turns, unless the connection names a format itself.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.models.cards import CardData
from chalicelib.models.chats import Message
from chalicelib.models.kept_templates import Preview, PreviewAsked, TemplateKind
from chalicelib.models.scenes import Actor, History, Reasoning, Scene, Who
from chalicelib.models.templates import ContextTemplate, Instruct, ReasoningTemplate, SystemPrompt, TextTemplates
from chalicelib.models.users import Choices
from chalicelib.prompting.assemble import assemble
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.standard import standard_templates
from chalicelib.prompting.text.formats import formatted
from chalicelib.prompting.tokens import ESTIMATE, counter
from chalicelib.providers.provider import Access
from chalicelib.services.preset_seeds import seeds
from chalicelib.services.templates import KINDS
from chalicelib.stores.ahead import Place

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.stores.templates import TemplateStore


class ChosenTemplates:
    def __init__(self, *, store: "TemplateStore", patterns: Patterns, clock: "Clock") -> None:
        self._store, self._patterns, self._clock = store, patterns, clock

    def places(self, owner_id: str, choices: Choices) -> list[Place]:
        """The rows that `for_text` and `thoughts` are going to ask for."""
        return [(owner_id, f"template#{template_id}") for template_id in _ids(choices).values() if template_id]

    def for_text(self, owner_id: str, choices: Choices, access: Access, preset: TextTemplates) -> TextTemplates:
        """The preset's templates with those laid over that were chosen; one that is gone changes nothing."""
        instruct: Instruct | None = None
        if access.text_format == "auto":
            instruct = self._find(owner_id, choices, "instruct")
        context: ContextTemplate | None = self._find(owner_id, choices, "context")
        system: SystemPrompt | None = self._find(owner_id, choices, "system")
        marked = _marked(preset, instruct) if instruct else formatted(preset, access.text_format, access.model)
        return marked.model_copy(
            update={
                **({"context": context} if context else {}),
                **({"system": system.model_copy(update={"enabled": True})} if system else {}),
            }
        )

    def thoughts(self, owner_id: str, choices: Choices) -> Reasoning:
        """What stands around thoughts of earlier replies, and in how many of those they are sent."""
        chosen: ReasoningTemplate | None = self._find(owner_id, choices, "reasoning")
        most = choices.thoughts_sent
        if chosen is None:
            return Reasoning(included=most > 0, most=most)
        return Reasoning(
            included=most > 0,
            most=most,
            prefix=chosen.prefix,
            suffix=chosen.suffix,
            separator=chosen.separator,
        )

    def preview(self, asked: PreviewAsked) -> Preview:
        """How a short chat comes out: what is not given is as it is for everybody."""
        preset = seeds(self._clock.now())[0]
        base = standard_templates(preset, preset.samplers)
        templates = _marked(base, asked.instruct) if asked.instruct else base
        templates = templates.model_copy(
            update={
                **({"context": asked.context} if asked.context else {}),
                **({"system": asked.system} if asked.system else {}),
            }
        )
        prompt = assemble(_sample(asked, templates, self._clock), self._patterns)
        return Preview(text=prompt.flat, stops=list(prompt.flat_stop))

    def _find(self, owner_id: str, choices: Choices, kind: TemplateKind) -> Any:
        template_id = _ids(choices)[kind]
        kept = self._store.find(owner_id, template_id) if template_id else None
        return None if kept is None or kept.kind != kind else KINDS[kind].read(kept.file)


def _ids(choices: Choices) -> Mapping[TemplateKind, str | None]:
    return {
        "instruct": choices.instruct_id,
        "context": choices.context_id,
        "system": choices.system_prompt_id,
        "reasoning": choices.reasoning_id,
    }


def _marked(templates: TextTemplates, instruct: Instruct) -> TextTemplates:
    """Turns marked by a template: what our own texts put between them would belong to nobody."""
    context = templates.context.model_copy(update={"chat_start": "", "example_separator": ""})
    return templates.model_copy(update={"instruct": instruct.model_copy(update={"enabled": True}), "context": context})


def _sample(asked: PreviewAsked, templates: TextTemplates, clock: "Clock") -> Scene:
    now = clock.now()
    told = [
        Message(id=f"a.{place}", chat_id="a", role=line.role, name=line.name, text=line.text, created_at=now)
        for place, line in enumerate(asked.lines)
    ]
    card = CardData(
        name=asked.character, description=asked.description, scenario=asked.scenario, mes_example=asked.examples
    )
    return Scene(
        api="text",
        speaker=Actor(id="a", card=card),
        history=History(list(reversed(told)), length=len(told)),
        now=now,
        dice=clock.dice(),
        count=counter(ESTIMATE),
        persona=Who(name=asked.user, description=asked.persona),
        templates=templates,
    )
