"""Which scripts run in a chat: the person's own, then the preset's, then the card's, the last two if they may.

What came with somebody's card or preset is a stranger's. It does not run until its owner here has seen it and said so,
and what they said counts for those scripts only: when others take their place, they are asked anew.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from chalicelib.errors import Conflict
from chalicelib.models.cards import CardData
from chalicelib.models.scenes import Actor, History, Scene, Who
from chalicelib.models.scripts import (
    FoundPlace,
    PermissionAsked,
    RegexScript,
    ScriptPermission,
    ScriptPlace,
    ScriptsInChat,
    ScriptsOf,
    ScriptTried,
    ScriptTry,
    Source,
)
from chalicelib.models.users import User
from chalicelib.presetfiles.fields import JsonObject, inner, many
from chalicelib.presetfiles.scripts import read_script
from chalicelib.prompting.preparing import all_macros
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.scripts.running import Scripts as Running
from chalicelib.services.scripts import shown
from chalicelib.stores.ahead import Place
from chalicelib.stores.scripts import script_places

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.characters import Characters
    from chalicelib.services.presets import Presets
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.scripts import ScriptStore
    from chalicelib.stores.users import UserStore

FOUND_MOST = 2_000
"""Places of matches that a trial tells."""


class SceneScripts:
    def __init__(
        self,
        *,
        store: "ScriptStore",
        user_store: "UserStore",
        characters: "Characters",
        presets: "Presets",
        chat_store: "ChatStore",
        patterns: Patterns,
        clock: "Clock",
    ) -> None:
        self._store, self._users, self._characters, self._presets = store, user_store, characters, presets
        self._chats, self._patterns, self._clock = chat_store, patterns, clock

    def places(self, owner_id: str, *, character_id: str | None, preset_id: str | None) -> list[Place]:
        """The rows that `for_scene` is going to ask for."""
        return script_places(owner_id, character_id=character_id, preset_id=preset_id)

    def for_scene(
        self, owner_id: str, *, character_id: str, card: CardData, preset_id: str, preset: JsonObject
    ) -> tuple[RegexScript, ...]:
        """Those that may run, in their order. `preset` is the file of the preset, {} where there is none."""
        kept = self._store.get(owner_id)
        if not kept.came:
            return tuple(shown(one) for one in kept.items)
        return (
            *(shown(one) for one in kept.items),
            *self._allowed(owner_id, "preset", preset_id, of_file(preset)),
            *self._allowed(owner_id, "character", character_id, of_card(card)),
        )

    def touch_typed(self, owner_id: str) -> bool:
        """Whether there may be scripts that change what the person types."""
        kept = self._store.get(owner_id)
        return kept.came or any(_changes(shown(one), "user_input") for one in kept.items)

    def touch_edited(self, owner_id: str, place: ScriptPlace) -> bool:
        """Whether there may be scripts that change what the person edits."""
        kept = self._store.get(owner_id)
        scripts = [shown(one) for one in kept.items]
        return kept.came or any(script.on_edit and _changes(script, place) for script in scripts)

    # --- what came with cards and presets

    def of_character(self, user: User, character_id: str) -> ScriptsOf:
        card = self._characters.get_body(user.id, character_id).card.data
        return self._of(user.id, "character", character_id, card.name, of_card(card))

    def of_preset(self, user: User, preset_id: str) -> ScriptsOf:
        preset = self._presets.get(user.id, preset_id)
        return self._of(user.id, "preset", preset_id, preset.name, of_file(preset.file))

    def answer(self, user: User, found: Callable[[User, str], ScriptsOf], id: str, said: PermissionAsked) -> ScriptsOf:
        """Notes what a person said. Raises Conflict when it was said to other scripts than are there now."""
        there = found(user, id)
        if there.digest != said.digest:
            raise Conflict(
                "These scripts were changed meanwhile. Look at them again.",
                yours=said.model_dump(),
                theirs=there.model_dump(mode="json"),
            )
        permission = ScriptPermission(digest=said.digest, allowed=said.allowed, decided_at=self._clock.now())
        self._store.put_permission(user.id, there.source, id, permission)
        return there.model_copy(update={"allowed": said.allowed})

    # --- what the page asks

    def in_chat(self, user: User, chat_id: str) -> ScriptsInChat:
        """What is run for the display of a chat, and what waits for the person's word."""
        chat = self._chats.get(user.id, chat_id)
        preset = self._presets.chosen(user.id, self._users.get(user.id).account.choices.preset_id)
        came = [self._of(user.id, "preset", preset.id, preset.name, of_file(preset.file))]
        if chat.character_id:
            came.append(self.of_character(user, chat.character_id))
        running: list[RegexScript] = [shown(one) for one in self._store.get(user.id).items]
        running += [script for one in came if one.allowed for script in one.items]
        return ScriptsInChat(
            display=[one for one in running if one.display_only and one.find and not one.disabled],
            asks=[one for one in came if one.items and one.allowed is None],
        )

    def tried(self, user: User, asked: ScriptTry) -> ScriptTried:
        """A script on a text, wherever it is meant for and whether it is switched on or not."""
        card = CardData(name="")
        if asked.character_id:
            card = self._characters.get_body(user.id, asked.character_id).card.data
        given = asked.script.model_dump() | {"disabled": False, "display_only": False, "prompt_only": False}
        script = RegexScript(**given | {"places": ["reply"], "depth_least": None, "depth_most": None})
        scene = Scene(
            speaker=Actor(id=asked.character_id or "", card=card),
            history=History([]),
            now=self._clock.now(),
            dice=self._clock.dice(),
            count=len,
            persona=Who(name=self._users.get(user.id).account.name),
        )
        running = Running([script], self._patterns, all_macros(scene).expand)
        text = running.apply(asked.text, place="reply", purpose="stored")
        found = running.found(script, asked.text) if script.find and not running.refused else []
        return ScriptTried(
            text=text,
            found=[FoundPlace(start=start, end=end) for start, end in found[:FOUND_MOST]],
            refused=running.refused[0].why if running.refused else "",
        )

    def _of(self, owner_id: str, source: Source, id: str, name: str, files: Sequence[JsonObject]) -> ScriptsOf:
        digest = digest_of(files)
        return ScriptsOf(
            source=source,
            id=id,
            name=name,
            items=[read_script(file, source=source) for file in files],
            digest=digest,
            allowed=self._said(owner_id, source, id, digest) if files else None,
        )

    def _allowed(self, owner_id: str, source: Source, id: str, files: Sequence[JsonObject]) -> list[RegexScript]:
        if not files or not self._said(owner_id, source, id, digest_of(files)):
            return []
        return [read_script(file, source=source) for file in files]

    def _said(self, owner_id: str, source: Source, id: str, digest: str) -> bool | None:
        said = self._store.find_permission(owner_id, source, id)
        return said.allowed if said is not None and said.digest == digest else None


def _changes(script: RegexScript, place: ScriptPlace) -> bool:
    """Whether it changes what is stored there."""
    return place in script.places and not (script.disabled or script.display_only or script.prompt_only)


def of_card(card: CardData) -> list[JsonObject]:
    """The scripts that came in a card."""
    return many(card.extensions, "regex_scripts")


def of_file(file: JsonObject) -> list[JsonObject]:
    """The scripts that came in a preset's file."""
    return many(inner(file, "extensions"), "regex_scripts")


def digest_of(files: Sequence[JsonObject]) -> str:
    """What a decision is tied to: whoever changes a pattern asks anew, whoever reorders keys does not."""
    text = json.dumps(list(files), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32] if files else ""
