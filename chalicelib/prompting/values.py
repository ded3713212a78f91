"""The named texts macros may ask for: who speaks, the card's fields, sizes. Those of a chat are with the macros."""

from collections.abc import Callable, Mapping

from chalicelib.models.scenes import Group, Scene
from chalicelib.prompting.fields import CARD_VALUES
from chalicelib.prompting.material import Fields
from chalicelib.prompting.text.values import template_values

Value = str | Callable[[], str]


def names(scene: Scene, *, user: str, char: str) -> dict[str, Value]:
    """Who takes part. Among a group {{notChar}} is who else is not muted; legacy, all others and the user."""
    everybody, heard, others = char, char, user
    if scene.group is not None:
        everybody = ", ".join(actor.card.name for actor in scene.group.actors)
        able = [actor.card.name for actor in scene.group.actors if not actor.muted]
        heard = ", ".join(able)
        if scene.preferences.legacy_macros:
            able = [*(actor.card.name for actor in scene.group.actors), user]
        others = ", ".join(name for name in able if name != scene.speaker.card.name)
    return {
        "user": user,
        "char": char,
        "group": everybody,
        "charIfNotGroup": everybody,
        "groupNotMuted": heard,
        "notChar": others,
    }


def sizes(scene: Scene) -> dict[str, Value]:
    context, reply = context_sizes(scene)
    return {
        "model": scene.model,
        "maxPrompt": str(context - reply),
        "maxPromptTokens": str(context - reply),
        "maxContext": str(context),
        "maxContextTokens": str(context),
        "maxResponse": str(reply),
        "maxResponseTokens": str(reply),
        "isMobile": "false",
        "lastGenerationType": scene.action.kind,
        "input": scene.action.input,
        **scene.values,
    }


def blank_fields() -> dict[str, Value]:
    return dict.fromkeys(CARD_VALUES, "")


def field_values(scene: Scene, fields: Fields) -> dict[str, Value]:
    card = scene.speaker.card
    return {
        "description": fields.description,
        "personality": fields.personality,
        "scenario": fields.scenario,
        "persona": fields.persona,
        "mesExamplesRaw": fields.examples,
        "charPrompt": fields.system_prompt,
        "charInstruction": fields.post_history,
        "charDepthPrompt": fields.card_note,
        "creatorNotes": fields.creator_notes,
        "charCreatorNotes": fields.creator_notes,
        "charVersion": fields.version,
        "charFirstMessage": card.first_mes,
        **{f"greeting {number}": text for number, text in enumerate(card.alternate_greetings, 1)},
        **template_values(scene.templates, card_system_prompt=fields.system_prompt),
    }


def context_sizes(scene: Scene) -> tuple[int, int]:
    """Tokens of the context, and those of them that are kept for the reply."""
    shape = scene.preset if scene.api == "chat" else scene.templates
    return shape.context_tokens, shape.reply_tokens


def heard(group: Group | None) -> list[str]:
    return [] if group is None else [actor.card.name for actor in group.actors]


def outlets(texts: Mapping[str, str]) -> dict[str, Value]:
    return {f"outlet::{name}": text for name, text in texts.items()}
