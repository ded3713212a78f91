"""What a person has set for all chats (`power_user`, the note's settings), and who they are."""

import json

from chalicelib.models.scenes import AuthorsNote, CharacterNote, PersonaPlace, Place, Preferences, Reasoning, Who
from chalicelib.presetfiles.fields import JsonObject, flag, inner, many, role, text, whole

NOTE_PLACES: dict[int, Place] = {0: "after_main", 1: "in_chat", 2: "before_main", -1: "nowhere"}
_PERSONA_PLACES: dict[int, PersonaPlace] = {
    0: "in_prompt",
    1: "in_prompt",
    2: "top_of_note",
    3: "bottom_of_note",
    4: "in_chat",
    9: "nowhere",
}


def read_preferences(power_user: JsonObject) -> Preferences:
    reasoning = inner(power_user, "reasoning")
    return Preferences(
        card_system_prompt=flag(power_user, "prefer_character_prompt", True),
        card_post_history=flag(power_user, "prefer_character_jailbreak", True),
        start_reply_with=text(power_user, "user_prompt_bias"),
        pin_examples=flag(power_user, "pin_examples"),
        strip_examples=flag(power_user, "strip_examples"),
        trim_sentences=flag(power_user, "trim_sentences"),
        collapse_newlines=flag(power_user, "collapse_newlines"),
        custom_stops=_stops(text(power_user, "custom_stopping_strings")),
        custom_stops_macros=flag(power_user, "custom_stopping_strings_macro", True),
        reasoning=Reasoning(
            included=flag(reasoning, "add_to_prompts"),
            prefix=text(reasoning, "prefix"),
            suffix=text(reasoning, "suffix"),
            separator=text(reasoning, "separator"),
            most=whole(reasoning, "max_additions", 1),
        ),
        legacy_macros=not flag(power_user, "experimental_macro_engine", True),
        token_padding=whole(power_user, "token_padding", 0),
    )


def read_persona(given: JsonObject, name: str) -> Who:
    """One of `persona_descriptions`."""
    return Who(
        name=name,
        description=text(given, "description"),
        place=_PERSONA_PLACES.get(whole(given, "position", 0), "in_prompt"),
        depth=whole(given, "depth", 2),
        role=role(given, "role"),
    )


def read_note(metadata: JsonObject, settings: JsonObject) -> AuthorsNote:
    """The author's note of a chat; where the chat says nothing, the default of `extension_settings.note`."""
    own = "note_prompt" in metadata
    return AuthorsNote(
        text=text(metadata, "note_prompt") if own else text(settings, "default"),
        interval=whole(metadata, "note_interval", whole(settings, "defaultInterval", 1)),
        place=NOTE_PLACES.get(whole(metadata, "note_position", whole(settings, "defaultPosition", 1)), "in_chat"),
        depth=whole(metadata, "note_depth", whole(settings, "defaultDepth", 4)),
        role=role(metadata, "note_role", role(settings, "defaultRole")),
        scanned=flag(settings, "allowWIScan"),
    )


def read_character_note(settings: JsonObject, actor_id: str) -> CharacterNote | None:
    """The note of `extension_settings.note.chara` that belongs to a character and is switched on."""
    for note in many(settings, "chara"):
        if text(note, "name") == actor_id and flag(note, "useChara"):
            merge = {1: "before", 2: "after"}.get(whole(note, "position", 0), "replace")
            return CharacterNote(
                text=text(note, "prompt"),
                merge="before" if merge == "before" else "after" if merge == "after" else "replace",
            )
    return None


def _stops(given: str) -> tuple[str, ...]:
    try:
        found = json.loads(given) if given.strip() else []
    except ValueError:
        return ()
    return tuple(one for one in found if isinstance(one, str) and one) if isinstance(found, list) else ()
