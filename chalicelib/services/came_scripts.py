"""The scripts inside a card or a preset, edited by whose it is.

What was said to them stays said: whoever writes a script has seen it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.errors import Conflict, Invalid, NotFound
from chalicelib.models.cards import CardData
from chalicelib.models.characters import CharacterChange
from chalicelib.models.presets import PresetChange
from chalicelib.models.scripts import (
    CameList,
    CameScriptsChange,
    NewScript,
    PermissionAsked,
    RegexScript,
    ScriptsOf,
    Source,
)
from chalicelib.models.users import User
from chalicelib.presetfiles.fields import JsonObject, inner
from chalicelib.presetfiles.scripts import read_script, write_script
from chalicelib.services.revisions import stale
from chalicelib.services.scene_scripts import digest_of, of_card, of_file

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.characters import Characters
    from chalicelib.services.presets import Presets
    from chalicelib.services.scene_scripts import SceneScripts
    from chalicelib.stores.scripts import ScriptStore

LISTED_MOST = 100
_KEY = "regex_scripts"
_Files = Sequence[JsonObject]


class CameScripts:
    def __init__(
        self,
        *,
        store: "ScriptStore",
        scene_scripts: "SceneScripts",
        characters: "Characters",
        presets: "Presets",
        clock: "Clock",
    ) -> None:
        self._store, self._scene, self._clock = store, scene_scripts, clock
        self._characters, self._presets = characters, presets

    def list(self, user: User) -> CameList:
        """Those that were answered, as they are now; what is gone or has no scripts any more is left out."""
        found = []
        for source, id in self._store.list_answered(user.id)[:LISTED_MOST]:
            try:
                one = self._scene.of_preset(user, id) if source == "preset" else self._scene.of_character(user, id)
            except NotFound:
                continue
            if one.items:
                found.append(one)
        return CameList(items=sorted(found, key=lambda one: one.name.casefold()))

    def change_of_character(self, user: User, character_id: str, asked: CameScriptsChange) -> ScriptsOf:
        """Writes them into the card. Raises Conflict with what is there when that is not what was seen."""
        seen = self._scene.of_character(user, character_id)
        record = self._characters.get_record(user.id, character_id)
        card = self._characters.get_body(user.id, character_id).card.data
        files = self._written(seen, of_card(card), asked)
        data = CardData.model_validate({"extensions": {**card.extensions, _KEY: files}, "name": card.name})
        change = CharacterChange(revision=record.revision, data=data)
        try:
            self._characters.change(user, character_id, change)
        except Conflict:
            raise stale(self._scene.of_character(user, character_id), asked.model_dump()) from None
        return self._still_said(user, seen, self._scene.of_character(user, character_id))

    def change_of_preset(self, user: User, preset_id: str, asked: CameScriptsChange) -> ScriptsOf:
        """Writes them into the preset's file. Raises Conflict with what is there when that is not what was seen."""
        seen = self._scene.of_preset(user, preset_id)
        preset = self._presets.get(user.id, preset_id)
        files = self._written(seen, of_file(preset.file), asked)
        fields = {"extensions": {**inner(preset.file, "extensions"), _KEY: files}}
        try:
            self._presets.change(user, preset_id, PresetChange(revision=preset.revision, fields=fields))
        except Conflict:
            raise stale(self._scene.of_preset(user, preset_id), asked.model_dump()) from None
        return self._still_said(user, seen, self._scene.of_preset(user, preset_id))

    def _written(self, seen: ScriptsOf, before: _Files, asked: CameScriptsChange) -> _Files:
        """The files as they shall be; those that were not touched stay letter by letter."""
        if digest_of(before) != asked.digest:
            raise stale(seen, asked.model_dump())
        places = [one.place for one in asked.items if one.place is not None]
        if len(set(places)) < len(places) or any(place >= len(before) for place in places):
            raise Invalid("Each script can stand in the list once.")
        return [
            self._file(before[one.place] if one.place is not None else {}, one.script, seen.source)
            for one in asked.items
        ]

    def _file(self, original: JsonObject, script: NewScript | None, source: Source) -> JsonObject:
        if script is None:
            if not original:
                raise Invalid("A new script needs what it looks for.")
            return original
        id = read_script(original, source=source).id if original else self._clock.new_id()
        return write_script(RegexScript(id=id, source=source, **script.model_dump()), original)

    def _still_said(self, user: User, seen: ScriptsOf, now: ScriptsOf) -> ScriptsOf:
        if seen.allowed is None or not now.items:
            return now
        find = self._scene.of_preset if now.source == "preset" else self._scene.of_character
        return self._scene.answer(user, find, now.id, PermissionAsked(digest=now.digest, allowed=seen.allowed))
