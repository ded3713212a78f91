"""The story string: system prompt, card, persona and worlds as the context template puts them together."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.models.scenes import Place
from chalicelib.prompting.budget import Span
from chalicelib.prompting.material import Material
from chalicelib.prompting.text.handlebars import render
from chalicelib.prompting.text.plain import plain_examples
from chalicelib.prompting.text.speech import Cast, Hand
from chalicelib.prompting.values import blank_fields

_SOURCES = {
    "system": "main",
    "wiBefore": "world_before",
    "description": "description",
    "personality": "personality",
    "scenario": "scenario",
    "wiAfter": "world_after",
    "persona": "persona",
    "anchorBefore": "note",
    "anchorAfter": "note",
}
"""What manifests call the fields of a story string."""


def system_prompt(material: Material) -> str:
    """The template's, or the card's in its place; empty when system prompts are switched off."""
    template, macros = material.scene.templates.system, material.macros
    if not template.enabled:
        return ""
    text = _own(material, template.text)
    if material.fields.system_prompt:
        text = macros.expand_override(material.fields.system_prompt, template.text)
    # SillyTavern looks at it once more under instruct, which macros that bring other macros in can tell.
    return macros.expand(text) if material.scene.templates.instruct.enabled else text


def post_history(material: Material) -> str:
    """What is said after the history: the template's, or the card's in its place."""
    template = material.scene.templates.system
    if not template.enabled:
        return ""
    if not material.fields.post_history:
        return _own(material, template.post_history)
    return material.macros.expand_override(material.fields.post_history, template.post_history)


def _own(material: Material, text: str) -> str:
    """A template's text. As in a card's field the card's fields are blank in it: they have their place in the story."""
    return material.macros.with_values(blank_fields()).expand(text)


@dataclass(frozen=True, slots=True)
class Story:
    text: str
    parts: Sequence[tuple[str, str]]
    """The texts it was made of, by their sources."""

    def spans(self, content: str) -> list[Span]:
        """Where its parts stand in what was written from it; the rest is the template's."""
        found: list[Span] = []
        for source, text in self.parts:
            start = content.find(text.strip()) if text.strip() else -1
            span = Span(source, start, len(text.strip()), 0)
            if start >= 0 and not any(_overlap(span, other) for other in found):
                found.append(span)
        spans, place = list[Span](), 0
        for span in [*sorted(found, key=lambda span: span.start), Span("", len(content), 0, 0)]:
            if content[place : span.start].strip():
                spans.append(Span("story", place, span.start - place, 0))
            spans += [span] if span.source else []
            place = span.start + span.length
        return spans


def story(material: Material, cast: Cast, hand: Hand, blocks: Sequence[str]) -> Story:
    """`blocks` are the example dialogues. Ends with a line break where the templates leave the next line to it."""
    context, instruct = material.scene.templates.context, material.scene.templates.instruct
    fields = material.fields
    before, after = _anchor(material, "before_main"), _anchor(material, "after_main")
    written = hand.examples(blocks)
    values = {
        "system": system_prompt(material),
        "description": fields.description,
        "personality": fields.personality,
        "scenario": fields.scenario,
        "persona": material.persona,
        "char": material.char,
        "user": material.user,
        "wiBefore": material.placement.before,
        "wiAfter": material.placement.after,
        "loreBefore": material.placement.before,
        "loreAfter": material.placement.after,
        "anchorBefore": before,
        "anchorAfter": after,
        "mesExamples": "".join(written),
        "mesExamplesRaw": "".join(plain_examples(cast, blocks)),
    }
    text = material.macros.expand(render(context.story_string, values)).lstrip("\n")
    parts = [(source, values[name]) for name, source in _SOURCES.items()]
    if context.place == "in_chat":
        return Story(text.strip(), parts)
    ended = not instruct.enabled or (instruct.wrap and not instruct.story_string_suffix)
    if text and ended and not text.endswith("\n"):
        text += "\n"
    return Story(hand.story(text), parts)


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.start + other.length and other.start < one.start + one.length


def _anchor(material: Material, place: Place) -> str:
    found = sorted((one for one in material.extras if one.place == place), key=lambda one: one.key.encode("utf-16-be"))
    return "\n".join(one.text.strip() for one in found).strip()
