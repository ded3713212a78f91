"""The author's note and the other texts that stand between the preset's prompts and the history.

Source of the rules: what SillyTavern 1.19 was seen to send (docs/prompting.md).
"""

from chalicelib.models.scenes import Actor, AuthorsNote, History, Place, Scene
from chalicelib.models.shapes import MessageRole
from chalicelib.prompting.fields import card_note, card_note_text, joined_actors
from chalicelib.prompting.macros.expander import Macros
from chalicelib.prompting.material import Extra, Fields

NOTE_KEY = "2_floating_prompt"
CARD_NOTE_KEY = "DEPTH_PROMPT"
PERSONA_KEY = "PERSONA_DESCRIPTION"
CARD_NOTE_DEPTH = 4
DEPTH_MOST = 1000


def is_due(note: AuthorsNote, history: History) -> bool:
    """Whether the note stands in this prompt: every so many messages of the user, this one included."""
    if note.interval <= 0:
        return False
    if note.interval == 1:
        return True
    said = sum(1 for message in history if message.role == "user" and message.deleted_at is None)
    return said > 0 and said % note.interval == 0


def note_text(scene: Scene) -> str:
    """The author's note with the character's in its place, above or below; macros not resolved."""
    own = scene.note.text
    match scene.character_note:
        case None:
            return own
        case note if note.merge == "before":
            return f"{note.text}\n{own}"
        case note if note.merge == "after":
            return f"{own}\n{note.text}"
        case note:
            return note.text


def wrapped_note(text: str, scene: Scene, top: list[str], bottom: list[str]) -> str:
    """A note that is due, between the entries of worlds and the persona that belong to it; macros not resolved."""
    persona = scene.persona.description
    if top or bottom:
        text = "\n".join(["\n".join(top), text, "\n".join(bottom)]).removeprefix("\n").removesuffix("\n")
    if persona and scene.persona.place == "top_of_note":
        return f"{persona}\n{text}"
    if persona and scene.persona.place == "bottom_of_note":
        return f"{text}\n{persona}"
    return text


def card_notes(scene: Scene, fields: Fields, macros: Macros) -> list[Extra]:
    """The card's own note; those of all members where the cards of a group are joined."""
    found = []
    for number, actor in enumerate(joined_actors(scene)):
        if actor.muted and actor.id != scene.speaker.id:
            # Also where the cards of all members are joined.
            continue
        own = macros.with_values({}, char=actor.card.name)
        text = own.expand(card_note_text(actor.card).strip()).strip()
        if text:
            found.append(_card_note(actor, text, f"{CARD_NOTE_KEY}_{number}"))
    if not found and fields.card_note:
        found.append(_card_note(scene.speaker, fields.card_note, CARD_NOTE_KEY))
    return found


def injections(scene: Scene, macros: Macros) -> list[Extra]:
    found = []
    for one in scene.injections:
        text = trimmed(macros.expand(one.text), one.place)
        if text and one.place != "nowhere":
            found.append(Extra(f"script_inject_{one.id}", text, one.place, one.depth, one.role, f"inject:{one.id}"))
    return found


def persona_at_depth(scene: Scene, macros: Macros) -> list[Extra]:
    who = scene.persona
    text = macros.expand(who.description.strip()) if who.place == "in_chat" else ""
    return [Extra(PERSONA_KEY, text, "in_chat", who.depth, who.role, "persona")] if text.strip() else []


def trimmed(text: str, place: Place) -> str:
    """What stands in the chat is trimmed, what stands beside the main prompt is said as it was written."""
    return text.strip() if place == "in_chat" else text


def _card_note(actor: Actor, text: str, key: str) -> Extra:
    given = card_note(actor.card)
    depth, role = given.get("depth"), given.get("role")
    known: MessageRole = "user" if role == "user" else "assistant" if role == "assistant" else "system"
    return Extra(
        key,
        text,
        "in_chat",
        depth if isinstance(depth, int) and 0 <= depth <= DEPTH_MOST else CARD_NOTE_DEPTH,
        known,
        f"card_note:{actor.id}",
    )
