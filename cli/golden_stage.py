"""The stage a recorded case is played on: its settings and its chat, read as an import reads them."""

import copy
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from chalicelib.cards.reading import read_card_file
from chalicelib.chatfiles.reading import read_messages
from chalicelib.models.chats import Message
from chalicelib.models.prompt import Prompt
from chalicelib.models.scenes import Action, Actor, Group, History, Injection, Scene, Shelf, Variables
from chalicelib.models.scripts import RegexScript
from chalicelib.models.worlds import Timed
from chalicelib.presetfiles.chat import read_preset
from chalicelib.presetfiles.fields import inner, many
from chalicelib.presetfiles.groups import read_group
from chalicelib.presetfiles.metadata import (
    read_chat_hash,
    read_injections,
    read_overrides,
    read_pick_reroll,
    read_variables,
)
from chalicelib.presetfiles.preferences import read_character_note, read_note, read_persona, read_preferences
from chalicelib.presetfiles.scripts import read_script
from chalicelib.presetfiles.text import read_templates
from chalicelib.presetfiles.worlds import from_book, read_settings, read_world
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.tokens import counter, encoder
from chalicelib.prompting.words import received

Json = dict[str, Any]


@dataclass
class Stage:
    """One case while it is played: its settings, and the chat as it grows."""

    given: Json
    settings: Json
    patterns: Patterns
    baseline: Json
    actors: list[Actor] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    injections: list[Injection] = field(default_factory=list)
    timed: Timed = field(default_factory=Timed)
    variables: Variables = field(default_factory=Variables)
    prompts: list[Prompt] = field(default_factory=list)

    @property
    def metadata(self) -> Json:
        found = self.given.get("chat_metadata", {})
        return found if isinstance(found, dict) else {}

    @property
    def api(self) -> Literal["chat", "text"]:
        return "chat" if self.settings["main_api"] == "openai" else "text"

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(str(self.given.get("now") or self.baseline["frozen_clock"]))

    @property
    def persona(self) -> Json:
        return {**self.baseline["default_persona"], **self.given.get("persona", {})}


def stage_of(given: Json, baseline: Json, patterns: Patterns) -> Stage:
    settings = _merged(baseline["settings"], given.get("settings", {}))
    cards = given.get("characters") or [given["character"]]
    files = [json.dumps(card).encode() for card in cards]
    actors = [Actor(id="", card=read_card_file(file, "card.json").card.data) for file in files]
    actors = [replace(actor, id=actor.card.name) for actor in actors]
    settings = _named(settings, actors)
    tags = settings.get("tag_map", {})
    actors = [replace(actor, tags=frozenset(tags.get(f"{actor.id}.png", ()))) for actor in actors]
    stage = Stage(given, settings, patterns, baseline, actors)
    stage.injections = list(read_injections(stage.metadata))
    global_variables = settings["extension_settings"].get("variables", {}).get("global", {})
    stage.variables = Variables(read_variables(stage.metadata), copy.deepcopy(global_variables))
    if "chat" in given:
        stage.messages = list(_messages(given["chat"], stage))
    elif actors[0].card.first_mes and "group" not in given:
        scene = scene_of(stage, actors[0], Action(), [])
        text = received(scene, actors[0].card.first_mes, patterns)
        say(stage, "assistant", actors[0].card.name, text)
    return stage


def scene_of(stage: Stage, actor: Actor, action: Action, messages: list[Message]) -> Scene:
    settings, persona = stage.settings, stage.persona
    power_user, extensions = settings["power_user"], settings["extension_settings"]
    encoding = "cl100k_base" if stage.api == "chat" else "bytes"
    model = settings["oai_settings"]["custom_model"]
    if stage.api == "text":
        model = settings["textgenerationwebui_settings"]["generic_model"]
    return Scene(
        api=stage.api,
        speaker=actor,
        group=group_of(stage),
        history=history_of(messages),
        now=stage.now,
        dice=random.Random(1),
        count=counter(encoding),
        encode=encoder("cl100k_base"),
        encoding=encoding,
        action=action,
        persona=read_persona(persona, persona["name"]),
        note=read_note(stage.metadata, extensions["note"]),
        character_note=read_character_note(extensions["note"], actor.id),
        overrides=read_overrides(stage.metadata),
        injections=tuple(stage.injections),
        shelves=tuple(_shelves(stage, actor)),
        lore=read_settings(settings["world_info_settings"]),
        timed=stage.timed,
        scripts=tuple(_scripts(stage, actor)),
        preset=read_preset(settings["oai_settings"]),
        templates=read_templates(settings=settings),
        preferences=read_preferences(power_user),
        variables=stage.variables,
        model=model,
        chat_hash=read_chat_hash(stage.metadata) or 0,
        pick_reroll=read_pick_reroll(stage.metadata),
    )


def group_of(stage: Stage) -> Group | None:
    given = stage.given.get("group")
    if given is None:
        return None
    files = [f"{actor.id}.png" for actor in stage.actors]
    members = [files[number] for number in given.get("members", range(len(files)))]
    muted = [files[number] for number in given.get("disabled", ())]
    whole = {
        **stage.baseline["group_defaults"],
        "name": given["name"],
        "members": members,
        "disabled_members": muted,
        **given.get("settings", {}),
    }
    return read_group(whole, dict(zip(files, stage.actors, strict=True)))


def history_of(messages: list[Message]) -> History:
    return History(reversed(messages))


def say(stage: Stage, role: str, name: str, text: str, actor_id: str | None = None) -> None:
    stage.messages.append(
        Message.model_validate(
            {
                "id": f"m.{len(stage.messages)}.{len(stage.prompts)}",
                "chat_id": "c",
                "role": role,
                "name": name,
                "text": text,
                "character_id": actor_id,
                "created_at": stage.now,
            }
        )
    )


def _messages(lines: list[Json], stage: Stage) -> Iterator[Message]:
    head = {"chat_metadata": {}, "user_name": "unused", "character_name": "unused"}
    data = "\n".join(json.dumps(line) for line in [head, *lines]).encode()
    for number, (line, part) in enumerate(zip(lines, read_messages(data, now=stage.now), strict=True)):
        actor = line.get("original_avatar")
        yield Message(
            id=f"m.{number}",
            chat_id="c",
            role=part.role,
            name=part.name,
            text=part.chosen.text,
            reasoning=part.chosen.reasoning,
            hidden=part.hidden,
            character_id=stage.actors[actor].id if isinstance(actor, int) else None,
            swipe_index=part.swipe_index,
            swipe_count=len(part.swipes),
            created_at=part.chosen.created_at,
            extra=part.chosen.extra | ({"line": part.line} if part.line else {}),
        )


def _shelves(stage: Stage, actor: Actor) -> Iterator[Shelf]:
    worlds = stage.given.get("worlds", {})
    chosen = stage.settings["world_info_settings"]["world_info"]
    for name in filter(None, [stage.metadata.get("world_info")]):
        yield Shelf(world=_world(name, worlds), source="chat")
    for name in filter(None, [stage.persona.get("lorebook")]):
        yield Shelf(world=_world(name, worlds), source="persona")
    extra = [book for one in chosen.get("charLore", []) if one["name"] == actor.id for book in one["extraBooks"]]
    for name in filter(None, [actor.card.extensions.get("world"), *extra]):
        yield Shelf(world=_world(name, worlds), source="character")
    if stage.given.get("import_embedded_lorebook") and actor.card.character_book is not None:
        yield Shelf(world=from_book(actor.card.character_book, id="embedded"), source="character")
    for name in chosen.get("globalSelect", []):
        yield Shelf(world=_world(name, worlds), source="global")


def _world(name: str, worlds: Json) -> Any:
    return _read_world(name, json.dumps(worlds.get(name, {})))


@lru_cache(maxsize=64)
def _read_world(name: str, data: str) -> Any:
    return read_world(json.loads(data), name=name, id=name)


def _scripts(stage: Stage, actor: Actor) -> Iterator[RegexScript]:
    """Those that may run: a preset's and a card's ones need to have been allowed."""
    settings = stage.settings
    extensions, presets = settings["extension_settings"], settings["oai_settings"]
    for script in extensions.get("regex", []):
        yield read_script(script, source="global")
    allowed = extensions.get("preset_allowed_regex", {}).get("openai", [])
    if presets.get("preset_settings_openai") in allowed:
        for script in many(inner(presets, "extensions"), "regex_scripts"):
            yield read_script(script, source="preset")
    if f"{actor.id}.png" in extensions.get("character_allowed_regex", []):
        for script in many(actor.card.extensions, "regex_scripts"):
            yield read_script(script, source="character")


def _named(settings: Json, actors: list[Actor]) -> Json:
    """`@avatar0` stands for the name of a card's file."""
    text = json.dumps(settings)
    for number, actor in enumerate(actors):
        text = text.replace(json.dumps(f"@avatar{number}")[1:-1], json.dumps(f"{actor.id}.png")[1:-1])
    found = json.loads(text)
    return found if isinstance(found, dict) else {}


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> Json:
    """Objects merged, everything else replaced."""
    found = copy.deepcopy(dict(below))
    for key, value in above.items():
        inner = found.get(key)
        found[key] = _merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return found
