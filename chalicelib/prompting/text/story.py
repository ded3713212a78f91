"""The story string: system prompt, card, persona and worlds as the context template puts them together."""

from collections.abc import Sequence

from chalicelib.models.scenes import Place
from chalicelib.prompting.material import Material
from chalicelib.prompting.text.handlebars import render
from chalicelib.prompting.text.plain import plain_examples
from chalicelib.prompting.text.speech import Cast, Hand

STORY_KEY = "__STORY_STRING__"
"""Its place among other texts at one depth, when the template puts it there."""


def system_prompt(material: Material) -> str:
    """The template's, or the card's in its place; empty when system prompts are switched off."""
    template, macros = material.scene.templates.system, material.macros
    if not template.enabled:
        return ""
    text = macros.expand_override(material.fields.system_prompt, template.text)
    # SillyTavern looks at it once more under instruct, which macros that bring other macros in can tell.
    return macros.expand(text) if material.scene.templates.instruct.enabled else text


def post_history(material: Material) -> str:
    """What is said after the history: the template's, or the card's in its place."""
    template = material.scene.templates.system
    if not template.enabled:
        return ""
    return material.macros.expand_override(material.fields.post_history, template.post_history)


def story(material: Material, cast: Cast, hand: Hand, blocks: Sequence[str]) -> str:
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
    if context.place == "in_chat":
        return text.strip()
    ended = not instruct.enabled or (instruct.wrap and not instruct.story_string_suffix)
    if text and ended and not text.endswith("\n"):
        text += "\n"
    return hand.story(text)


def _anchor(material: Material, place: Place) -> str:
    return "\n".join(one.text for one in material.extras if one.place == place).strip()
