"""The prompt manager: which parts of a preset stand in a prompt, in which order and role, and with which text.

A part may stand at its place in the order or in the chat at a depth. Markers get their text from the scene; the card
may take the place of the main and the post-history prompt. Source of the rules: docs/prompting.md.
"""

from dataclasses import dataclass

from chalicelib.models.completion import ChatPreset, OrderedPart, PromptPart
from chalicelib.models.prompt import LeftOut
from chalicelib.models.shapes import MessageRole
from chalicelib.prompting.material import Material

MAIN = "main"
POST_HISTORY = "jailbreak"
HISTORY = "chatHistory"
EXAMPLES = "dialogueExamples"
AUXILIARY = "nsfw"
ENHANCE = "enhanceDefinitions"
FIRST = (
    "worldInfoBefore",
    MAIN,
    "worldInfoAfter",
    "charDescription",
    "charPersonality",
    "scenario",
    "personaDescription",
)
"""Taken first, in this order, wherever they stand."""
TEXTS = ("worldInfoBefore", "worldInfoAfter", "charDescription", "charPersonality", "scenario", "personaDescription")
"""Markers that a text of the scene fills: sent at the very end when the order does not know them."""
SOURCES = {
    "worldInfoBefore": "world_before",
    "worldInfoAfter": "world_after",
    "charDescription": "description",
    "charPersonality": "personality",
    "personaDescription": "persona",
    POST_HISTORY: "post_history",
    AUXILIARY: "auxiliary",
    ENHANCE: "enhance",
}
"""What manifests call the built-in parts."""
_UNWANTED = {MAIN: "system_prompt", POST_HISTORY: "post_history_instructions"}
"""Parts that an entry of a world may do away with (`@@disable_ui_prompt`)."""


@dataclass(slots=True)
class Part:
    """A part of this prompt, its macros resolved."""

    id: str
    role: MessageRole
    text: str
    in_chat: bool = False
    depth: int = 4
    order: int = 100
    custom: bool = False
    late: bool = False
    """Stands even after the words the reply shall begin with."""

    @property
    def source(self) -> str:
        return SOURCES.get(self.id) or (f"part:{self.id}" if self.custom else self.id)


def arranged(material: Material) -> tuple[list[Part], list[tuple[PromptPart, str]]]:
    """The parts that are switched on and meant for this action, in their order; and what was left out, why.

    A main prompt that is switched off or meant for other actions stays as an empty anchor for what stands before and
    after it; in the latter case a card's text may still take its place.
    """
    preset, kind = material.scene.preset, material.scene.action.kind
    known = {part.id: part for part in preset.parts}
    parts: list[Part] = []
    left_out: list[tuple[PromptPart, str]] = []
    for entry in preset.order:
        part = known.get(entry.id)
        if part is None:
            continue
        reason = "switched_off" if not entry.enabled else "trigger" if not _is_for(part, kind) else ""
        if reason:
            left_out.append((part, reason))
            if part.id == MAIN:
                parts.append(Part(MAIN, part.role, "", part.in_chat, part.depth, part.order))
        else:
            text = "" if part.marker else material.macros.expand(part.text)
            parts.append(Part(part.id, part.role, text, part.in_chat, part.depth, part.order, part.custom))
    _fill(parts, material, preset)
    _override(parts, material, MAIN, material.fields.system_prompt)
    _override(parts, material, POST_HISTORY, material.fields.post_history)
    unwanted = material.scanned.without if material.scanned is not None else frozenset()
    for made in parts:
        if _UNWANTED.get(made.id, "") in unwanted:
            made.text = ""
    return parts, left_out


def empty_parts(material: Material, parts: list[Part], off: list[tuple[PromptPart, str]]) -> list[LeftOut]:
    """Parts that are on and have nothing to say: a card without a scenario, say."""
    names = {part.id: part.name for part in material.scene.preset.parts}
    anchors = {HISTORY, EXAMPLES, *(part.id for part, _ in off)}
    return [
        LeftOut(source=f"part:{part.id}", title=names.get(part.id, ""), reason="empty")
        for part in parts
        if not part.text.strip() and part.id not in anchors
    ]


def is_overridden(material: Material, id: str) -> bool:
    """Whether the card's text stands in for the main or the post-history prompt."""
    text = material.fields.system_prompt if id == MAIN else material.fields.post_history
    part = {part.id: part for part in material.scene.preset.parts}.get(id)
    return bool(text) and part is not None and not part.keeps and not _is_off(material.scene.preset.order, id)


def _fill(parts: list[Part], material: Material, preset: ChatPreset) -> None:
    """Gives the markers their texts. One that the order does not know, or that is for other actions, stands last."""
    present = {part.id: part for part in parts}
    off = {entry.id for entry in preset.order if not entry.enabled}
    for id, text in _marker_texts(material, preset).items():
        expanded = material.macros.expand(text)
        if id in present:
            present[id].text = expanded
        elif id not in off:
            parts.append(Part(id, "system", expanded, late=id == "personaDescription"))


def _marker_texts(material: Material, preset: ChatPreset) -> dict[str, str]:
    fields, macros, placement = material.fields, material.macros, material.placement
    personality, scenario = fields.personality, fields.scenario
    if personality and preset.personality_format:
        personality = macros.expand(preset.personality_format)
    if scenario and preset.scenario_format:
        scenario = macros.expand(preset.scenario_format)
    return {
        "worldInfoBefore": _formatted(placement.before, preset.lore_format),
        "worldInfoAfter": _formatted(placement.after, preset.lore_format),
        "charDescription": fields.description,
        "charPersonality": personality,
        "scenario": scenario,
        "personaDescription": material.persona,
    }


def _formatted(text: str, form: str) -> str:
    return form.replace("{0}", text) if text and form.strip() else text


def _override(parts: list[Part], material: Material, id: str, text: str) -> None:
    """Puts a card's text in the place of a part that is switched on and lets itself be replaced."""
    part = next((part for part in parts if part.id == id), None)
    if part is None or not is_overridden(material, id):
        return
    part.text = material.macros.expand_override(text, part.text)


def _is_for(part: PromptPart, kind: str) -> bool:
    return not part.triggers or kind in part.triggers


def _is_off(order: list[OrderedPart], id: str) -> bool:
    return not any(entry.enabled for entry in order if entry.id == id)
