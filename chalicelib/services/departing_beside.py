"""What leaves beside characters and chats: personas with what they are locked to, and what is kept for the way back."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from chalicelib.leaving.names import FreeNames, safe
from chalicelib.leaving.settings_file import Settings
from chalicelib.models.personas import StoredPersona
from chalicelib.models.users import User
from chalicelib.moving.gallery import USER
from chalicelib.services.keepsakes import SETTINGS

if TYPE_CHECKING:
    from chalicelib.services.accounts import Accounts
    from chalicelib.services.characters import Characters
    from chalicelib.services.chat_files import ChatFiles
    from chalicelib.services.chats import Chats
    from chalicelib.services.group_files import GroupFiles
    from chalicelib.services.groups import Groups
    from chalicelib.services.keepsakes import Keepsakes
    from chalicelib.services.media import Media
    from chalicelib.services.preset_files import PresetFiles
    from chalicelib.services.presets import Presets
    from chalicelib.services.quick_replies import QuickReplies
    from chalicelib.services.scripts import Scripts
    from chalicelib.services.templates import Templates
    from chalicelib.services.variables import VariableSets
    from chalicelib.services.world_files import WorldFiles
    from chalicelib.services.world_links import WorldLinking
    from chalicelib.services.worlds import Worlds
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.files import Files
    from chalicelib.stores.personas import PersonaStore


class Sink(Protocol):
    """Where files go: a folder, or an archive."""

    def put(self, path: str, pieces: Iterable[bytes]) -> None: ...


class Things(NamedTuple):
    """Who has what leaves."""

    accounts: "Accounts"
    characters: "Characters"
    chats: "Chats"
    chat_files: "ChatFiles"
    chat_store: "ChatStore"
    groups: "Groups"
    group_files: "GroupFiles"
    worlds: "Worlds"
    world_files: "WorldFiles"
    world_links: "WorldLinking"
    presets: "Presets"
    preset_files: "PresetFiles"
    templates: "Templates"
    scripts: "Scripts"
    quick_replies: "QuickReplies"
    persona_store: "PersonaStore"
    variables: "VariableSets"
    keepsakes: "Keepsakes"
    media: "Media"
    files: "Files"


class There(NamedTuple):
    """By which files others are named."""

    worlds: Callable[[Iterable[str]], list[str]]
    characters: Mapping[str, str]
    groups: Mapping[str, str]
    personas: Mapping[str, str]


def name_personas(things: Things, user: User, names: FreeNames) -> dict[str, str]:
    """Names of their pictures' files by our ids: chats, too, name a persona by its file."""
    return {one.id: f"{names.give('User Avatars', one.name, other=one.id)}.png" for one in _personas_of(things, user)}


def write_personas(things: Things, user: User, *, sink: Sink, settings: Settings, there: There) -> None:
    chosen = things.accounts.get(user.id).choices.persona_id
    locked: dict[str, list[dict[str, str]]] = {}
    for target_id, persona_id in things.persona_store.locks(user.id).items():
        if target_id in there.characters:
            locked.setdefault(persona_id, []).append({"type": "character", "id": there.characters[target_id]})
        elif target_id in there.groups:
            locked.setdefault(persona_id, []).append({"type": "group", "id": there.groups[target_id]})
    for persona in _personas_of(things, user):
        file = there.personas.get(persona.id)
        if file is None:
            continue  # made while we were writing
        sink.put(f"User Avatars/{file}", [things.media.read_png(persona.stored_picture)])
        settings.personas[file] = persona.model_dump(mode="json")
        settings.persona_locks[file] = locked.get(persona.id, [])
        worlds = there.worlds(things.world_links.of_persona(user, persona.id).world_ids)
        settings.persona_worlds[file] = worlds[0] if worlds else ""
        if persona.id == chosen:
            # SillyTavern calls the person what the persona in use is called.
            settings.chosen_persona, settings.username = file, persona.name


def write_keepsakes(things: Things, user: User, *, sink: Sink, names: FreeNames, settings: Settings) -> None:
    shown: set[str] = set()
    for one in things.keepsakes.list(user.id):
        data = things.keepsakes.read(one)
        if one.folder == SETTINGS:
            settings.kept = _object(data)  # of several the one that came last
            continue
        stem, dot, ending = one.name.rpartition(".")
        if one.folder == USER:
            # Messages name it by its place, so that must stay as it was.
            path = f"{USER}/{one.name}"
            if path in shown:
                path = f"{USER}/{stem} {one.id[-12:]}{dot}{ending}" if dot else f"{path} {one.id[-12:]}"
            shown.add(path)
            if _stays_inside(path):
                sink.put(path, [data])
            continue
        name = names.give(one.folder, stem if dot else one.name, other=one.id)
        sink.put(f"{safe(one.folder)}/{name}{dot}{safe(ending) if dot else ''}", [data])


def _personas_of(things: Things, user: User) -> Iterator[StoredPersona]:
    cursor: str | None = None
    while True:
        page = things.persona_store.list(user.id, cursor=cursor, limit=100)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def _stays_inside(path: str) -> bool:
    return not any(part in ("", ".", "..") for part in path.split("/")) and "\\" not in path and "\0" not in path


def _object(data: bytes) -> dict[str, Any]:
    found = json.loads(data)
    return found if isinstance(found, dict) else {}
