"""The texts of a card, the persona and the chat as prompts get them: trimmed, macros resolved, a group's cards joined.

Inside such a text the others are blank: SillyTavern does so, and it keeps them from growing without end.
"""

import re
from collections.abc import Callable
from typing import Any

from chalicelib.models.cards import CardData
from chalicelib.models.scenes import Actor, Scene
from chalicelib.prompting.macros.expander import Macros
from chalicelib.prompting.material import Fields

CARD_VALUES = (
    "description",
    "personality",
    "scenario",
    "persona",
    "mesexamples",
    "mesexamplesraw",
    "charprompt",
    "charinstruction",
    "chardepthprompt",
    "charcreatornotes",
    "creatornotes",
    "charversion",
)
_FIELD_NAME = re.compile("<FIELDNAME>", re.IGNORECASE)
_START = "<START>"
_NEWLINES = re.compile(r"\n+")


def card_fields(scene: Scene, macros: Macros) -> Fields:
    """`macros` have the card's fields blank."""
    card, chosen = scene.speaker.card, scene.preferences

    def ready(text: str) -> str:
        return _ready(text, macros, collapse=chosen.collapse_newlines)

    fields = Fields(
        persona=ready(scene.persona.description.strip()),
        system_prompt=ready((scene.overrides.system_prompt or card.system_prompt).strip())
        if chosen.card_system_prompt
        else "",
        post_history=ready(card.post_history_instructions.strip()) if chosen.card_post_history else "",
        card_note=ready(card_note_text(card).strip()),
        creator_notes=ready(card.creator_notes.strip()),
        version=card.character_version,
    )
    joined = joined_actors(scene)
    if joined:
        _join(fields, scene, joined, ready, macros)
    else:
        fields.description = ready(card.description.strip())
        fields.personality = ready(card.personality.strip())
        fields.scenario = ready((scene.overrides.scenario or card.scenario).strip())
        fields.examples = ready((scene.overrides.mes_example or card.mes_example).strip())
    return fields


def joined_actors(scene: Scene) -> list[Actor]:
    """The members whose cards stand in the prompt together; [] when only the speaker's does."""
    group = scene.group
    if group is None or group.cards == "swap":
        return []
    return [
        actor for actor in group.actors if group.cards == "join_all" or not actor.muted or actor.id == scene.speaker.id
    ]


def card_note_text(card: CardData) -> str:
    """The text of the note in a card's `extensions.depth_prompt`: a foreign field, so that it may be odd or missing."""
    note = card_note(card)
    text = note.get("prompt")
    return text if isinstance(text, str) else ""


def card_note(card: CardData) -> dict[str, Any]:
    note = card.extensions.get("depth_prompt")
    return note if isinstance(note, dict) else {}


def _join(fields: Fields, scene: Scene, actors: list[Actor], ready: Callable[[str], str], macros: Macros) -> None:
    def joined(name: str, texts: list[tuple[str, str]]) -> str:
        return "\n".join(filter(None, (_member(scene, macros, name, char, text) for char, text in texts)))

    fields.description = joined("Description", [(one.card.name, one.card.description) for one in actors])
    fields.personality = joined("Personality", [(one.card.name, one.card.personality) for one in actors])
    scenario, examples = scene.overrides.scenario.strip(), scene.overrides.mes_example.strip()
    fields.scenario = (
        ready(scenario) if scenario else joined("Scenario", [(one.card.name, one.card.scenario) for one in actors])
    )
    fields.examples = (
        ready(examples)
        if examples
        else joined("Example Messages", [(one.card.name, _started(one.card.mes_example)) for one in actors])
    )


def _member(scene: Scene, macros: Macros, field: str, char: str, text: str) -> str:
    """One member's text between the group's prefix and suffix, {{char}} being that member."""
    group = scene.group
    if group is None or not text.strip():
        return ""
    own = macros.with_values({}, char=char)

    def ready(part: str) -> str:
        return _ready(_FIELD_NAME.sub(field, part), own, collapse=scene.preferences.collapse_newlines)

    return ready(group.join_prefix) + ready(text.strip()) + ready(group.join_suffix)


def _started(examples: str) -> str:
    text = examples.strip()
    return f"{_START}\n{text}" if text and not text.startswith(_START) else text


def _ready(text: str, macros: Macros, *, collapse: bool) -> str:
    if not text:
        return ""
    expanded = macros.expand(text).replace("\r", "")
    return _NEWLINES.sub("\n", expanded) if collapse else expanded
