"""What was set in general in the place somebody comes from: how worlds are scanned, what is chosen, and all the rest.

What a person has set here themselves stays; the report offers to take theirs all the same.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from chalicelib.errors import Conflict, NotFound
from chalicelib.models.notes import DefaultNoteChange, NoteOfCharacterChange
from chalicelib.models.users import AccountChange, ChoicesChange
from chalicelib.models.world_links import WorldLinksChange, WorldSettingsChange
from chalicelib.models.worlds import WorldSettings
from chalicelib.presetfiles.fields import flag, inner, many, text
from chalicelib.presetfiles.preferences import read_character_note, read_note
from chalicelib.presetfiles.worlds import read_settings
from chalicelib.services.keepsakes import SETTINGS
from chalicelib.services.move_items import Errand, Read, Taken, changed, left_out, taken

if TYPE_CHECKING:
    from chalicelib.models.moves import MoveKind
    from chalicelib.services.accounts import Accounts
    from chalicelib.services.keepsakes import Keepsakes
    from chalicelib.services.notes import Notes
    from chalicelib.services.world_links import WorldLinking

WORDS_MOST = 2_000


class MovedPreferences:
    def __init__(
        self, *, accounts: "Accounts", linking: "WorldLinking", notes: "Notes", keepsakes: "Keepsakes"
    ) -> None:
        self._accounts, self._linking, self._notes, self._keepsakes = accounts, linking, notes, keepsakes

    def is_here(self, errand: Errand, became: str) -> bool:
        return False

    def take(self, errand: Errand, read: Read) -> Taken:
        settings = errand.plan.pieces.settings
        match read.item.name:
            case "worlds":
                return self._worlds(errand, settings)
            case "chosen":
                return self._chosen(errand, settings)
            case _:
                data = json.dumps(settings, ensure_ascii=False, indent=4).encode()
                self._keepsakes.keep(
                    errand.owner_id, SETTINGS, "settings.json", data, keepsake_id=errand.id_of(read.position)
                )
                return changed(None, "kept_for_export")

    def _worlds(self, errand: Errand, settings: Mapping[str, Any]) -> Taken:
        given = inner(settings, "world_info_settings")
        if not given:
            return left_out("nothing_set")
        user = errand.user
        mine = self._linking.settings(user) != WorldSettings() or self._linking.everywhere(user).world_ids
        if mine and not errand.again:
            return left_out("set_already")
        found = read_settings(given)
        self._linking.change_settings(user, WorldSettingsChange.model_validate(found.model_dump()))
        chosen = inner(given, "world_info").get("globalSelect")
        names = [one for one in chosen if isinstance(one, str)] if isinstance(chosen, list) else []
        ids = [errand.became("worlds", f"worlds/{name}.json") for name in names]
        if any(ids):
            self._linking.choose(user, WorldLinksChange(world_ids=[one for one in ids if one][:50]))
        return taken(None)

    def _chosen(self, errand: Errand, settings: Mapping[str, Any]) -> Taken:
        now = self._accounts.get(errand.owner_id).choices
        wanted: dict[str, str | bool] = {
            field: became
            for field, kind, place in _choices(settings)
            if (became := errand.became(kind, place)) is not None
        }
        free: dict[str, str | bool] = {
            field: one for field, one in wanted.items() if errand.again or getattr(now, field) in (None, "")
        }
        words = text(inner(settings, "power_user"), "user_prompt_bias")[:WORDS_MOST]
        if words and (errand.again or not now.start_reply_with):
            wanted["start_reply_with"] = free["start_reply_with"] = words
            shown = flag(inner(settings, "power_user"), "show_user_prompt_bias", True)
            free["show_reply_start"] = shown
        if not flag(inner(settings, "power_user"), "experimental_macro_engine", True) and not now.legacy_macros:
            wanted["legacy_macros"] = free["legacy_macros"] = True
        noted = self._notes_of(errand, inner(inner(settings, "extension_settings"), "note"))
        if not wanted and not noted:
            return left_out("nothing_set")
        if not free:
            return taken(None) if noted else left_out("set_already")
        change = ChoicesChange.model_validate(free)
        self._accounts.change(errand.user, AccountChange(choices=change))
        return taken(None)

    def _notes_of(self, errand: Errand, given: Mapping[str, Any]) -> bool:
        """The note that new chats begin with, and those of characters, where there are none yet."""
        found = False
        if text(given, "default") and self._notes.default(errand.owner_id).revision == 0:
            note = read_note({}, given)
            self._notes.change_default(
                errand.owner_id,
                DefaultNoteChange(
                    revision=0,
                    text=note.text[:50_000],
                    interval=min(max(note.interval, 0), 1_000),
                    place=note.place,
                    depth=min(max(note.depth, 0), 1_000),
                    role=note.role,
                    scanned=note.scanned,
                ),
            )
            found = True
        for one in many(given, "chara"):
            character_id = errand.became("characters", f"characters/{text(one, 'name')}.png")
            note_of = read_character_note({"chara": [{**one, "useChara": True}]}, text(one, "name"))
            if character_id is None or note_of is None or not note_of.text:
                continue
            with suppress(NotFound, Conflict):
                change = NoteOfCharacterChange(
                    revision=0, text=note_of.text, merge=note_of.merge, enabled=flag(one, "useChara")
                )
                self._notes.change_of_character(errand.owner_id, character_id, change)
                found = True
        return found


def _choices(settings: Mapping[str, Any]) -> "list[tuple[str, MoveKind, str]]":
    """Fields of our choices, and where what is chosen lies."""
    power_user = inner(settings, "power_user")
    found: list[tuple[str, MoveKind, str]] = [
        (
            "preset_id",
            "presets",
            f"OpenAI Settings/{text(inner(settings, 'oai_settings'), 'preset_settings_openai')}.json",
        ),
        ("text_preset_id", "presets", f"TextGen Settings/{_textgen(settings)}.json"),
        ("instruct_id", "templates", f"instruct/{text(inner(power_user, 'instruct'), 'preset')}.json"),
        ("context_id", "templates", f"context/{text(inner(power_user, 'context'), 'preset')}.json"),
        ("system_prompt_id", "templates", f"sysprompt/{text(inner(power_user, 'sysprompt'), 'name')}.json"),
        ("reasoning_id", "templates", f"reasoning/{text(inner(power_user, 'reasoning'), 'name')}.json"),
        ("persona_id", "personas", f"personas/{text(power_user, 'default_persona')}"),
    ]
    return found


def _textgen(settings: Mapping[str, Any]) -> str:
    return text(inner(settings, "textgenerationwebui_settings"), "preset")
