"""Takeout: everything somebody keeps here as one zip of files that other programs read.

    account.json  sessions.json  usage.json  personas.json  presets.json  connections.json  variables.json
    notes.json  persona-locks.json
    moves.json  moves/{id}.json       what was brought along from other programs, and what became of each item
    keepsakes.json  keepsakes/{folder}/{name} ({id})      files that came along and are kept as they are
    groups/{name} ({id}).json         as SillyTavern has them
    templates/{name} ({id}).json  scripts.json  quick replies/{name} ({id}).json
    characters/{name} ({id}).png      cards, with what came with them
    presets/{name} ({id}).json        presets that are kept in full, as SillyTavern's files
    chats/{title} ({id})/{branch}.jsonl
    worlds/{name} ({id}).json
    prompts/{chat id}/{generation id}.json     what replies were made from, of the last 30 days

Keys of connections are left out: they never leave the server.
"""

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from chalicelib.leaving.names import safe
from chalicelib.models.characters import CharacterQuery, CharacterSummary
from chalicelib.models.chats import ChatQuery, ChatSummary
from chalicelib.models.kept_templates import TemplateQuery
from chalicelib.models.kept_worlds import WorldQuery
from chalicelib.models.shapes import Page, PageQuery
from chalicelib.models.users import User
from chalicelib.services.jobs import Outcome, Progress, Work

if TYPE_CHECKING:
    from chalicelib.services.accounts import Accounts
    from chalicelib.services.card_files import CardFiles
    from chalicelib.services.characters import Characters
    from chalicelib.services.chat_files import ChatFiles
    from chalicelib.services.chats import Chats
    from chalicelib.services.connections import Connections
    from chalicelib.services.group_files import GroupFiles
    from chalicelib.services.groups import Groups
    from chalicelib.services.keepsakes import Keepsakes
    from chalicelib.services.limits import Limits
    from chalicelib.services.moves import Moves
    from chalicelib.services.notes import Notes
    from chalicelib.services.personas import Personas
    from chalicelib.services.preset_files import PresetFiles
    from chalicelib.services.presets import Presets
    from chalicelib.services.quick_replies import QuickReplies
    from chalicelib.services.scripts import Scripts
    from chalicelib.services.sessions import Sessions
    from chalicelib.services.templates import Templates
    from chalicelib.services.variables import VariableSets
    from chalicelib.services.world_files import WorldFiles
    from chalicelib.services.worlds import Worlds
    from chalicelib.stores.files import Files
    from chalicelib.stores.manifests import ManifestStore

Q = TypeVar("Q", bound=BaseModel)
M = TypeVar("M", bound=BaseModel)


class Takeout:
    def __init__(
        self,
        *,
        accounts: "Accounts",
        sessions: "Sessions",
        limits: "Limits",
        characters: "Characters",
        card_files: "CardFiles",
        chats: "Chats",
        chat_files: "ChatFiles",
        personas: "Personas",
        groups: "Groups",
        group_files: "GroupFiles",
        variables: "VariableSets",
        notes: "Notes",
        presets: "Presets",
        preset_files: "PresetFiles",
        connections: "Connections",
        worlds: "Worlds",
        world_files: "WorldFiles",
        manifests: "ManifestStore",
        templates: "Templates",
        scripts: "Scripts",
        quick_replies: "QuickReplies",
        moves: "Moves",
        keepsakes: "Keepsakes",
        files: "Files",
    ) -> None:
        self._accounts, self._sessions, self._limits = accounts, sessions, limits
        self._characters, self._card_files = characters, card_files
        self._chats, self._chat_files = chats, chat_files
        self._groups, self._group_files = groups, group_files
        self._variables, self._notes = variables, notes
        self._personas, self._presets, self._connections = personas, presets, connections
        self._worlds, self._world_files = worlds, world_files
        self._preset_files = preset_files
        self._manifests, self._files = manifests, files
        self._templates, self._scripts, self._quick_replies = templates, scripts, quick_replies
        self._moves, self._keepsakes = moves, keepsakes

    def run(self, work: Work) -> Outcome:
        """The job `export_account`."""
        key = f"{work.owner_id}/exports/{work.job_id}.zip"
        with tempfile.TemporaryFile() as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                self._write(archive, work.owner_id, work.progress)
            file.seek(0)
            self._files.put_file(key, file, "application/zip")
        return Outcome(result={"key": key, "filename": "TavernAI Plus.zip"})

    def _write(self, archive: zipfile.ZipFile, owner_id: str, progress: Progress) -> None:
        # The services ask for a user; a job acts as its owner.
        user = User(id=owner_id, session_id="")
        characters = [*_all(self._characters.list_page, user, CharacterQuery(limit=200))]
        characters += _all(self._characters.list_page, user, CharacterQuery(limit=200, trash=True))
        chats = [*_all(self._chats.list, user, ChatQuery(limit=100))]
        chats += _all(self._chats.list, user, ChatQuery(limit=100, trash=True))
        _put_json(archive, "account.json", self._accounts.get(owner_id))
        _put_json(archive, "sessions.json", self._sessions.list(user))
        _put_json(archive, "usage.json", self._limits.usage(owner_id))
        _put_json(archive, "personas.json", list(_all(self._personas.list, user, PageQuery(limit=100))))
        presets = list(_all(self._presets.list, user, PageQuery(limit=100)))
        _put_json(archive, "presets.json", presets)
        for preset in presets:
            if preset.kind != "plain":
                data = self._preset_files.pack(self._presets.get(owner_id, preset.id))
                archive.writestr(f"presets/{_named(preset.name, preset.id)}.json", data)
        _put_json(archive, "connections.json", self._connections.list_all(user))
        _put_json(archive, "variables.json", self._variables.everywhere(owner_id))
        own = {one: note.model_dump(mode="json") for one, note in self._notes.all_of_characters(owner_id).items()}
        notes = {"default": self._notes.default(owner_id).model_dump(mode="json"), "characters": own}
        archive.writestr("notes.json", json.dumps(notes, ensure_ascii=False, indent=2))
        _put_json(archive, "persona-locks.json", self._personas.locks(owner_id))
        for group in _all(self._groups.list, user, PageQuery(limit=100)):
            file = json.dumps(self._group_files.write(owner_id, group.id, {}), ensure_ascii=False, indent=2)
            archive.writestr(f"groups/{_named(group.name, group.id)}.json", file)
        self._write_files(archive, user)
        self._write_moves(archive, user)
        total = len(characters) + len(chats)
        for done, character in enumerate(characters):
            progress(done, total)
            self._write_character(archive, owner_id, character)
        for done, chat in enumerate(chats, len(characters)):
            progress(done, total)
            self._write_chat(archive, owner_id, chat)
        for trash in (False, True):
            for world in _all(self._worlds.list_page, user, WorldQuery(trash=trash)):
                name, data = self._world_files.pack(owner_id, world.id)
                archive.writestr(f"worlds/{_named(name, world.id)}.json", data)
        for kept, request in self._manifests.list_all(owner_id):
            name = f"prompts/{kept.chat_id}/{kept.generation_id}.json"
            told = kept.model_dump(mode="json") | {"request": request.decode()}
            archive.writestr(name, json.dumps(told, ensure_ascii=False, indent=2))

    def _write_files(self, archive: zipfile.ZipFile, user: User) -> None:
        """What came in files of its own goes as those files, with what was changed since."""
        for template in _all(self._templates.list, user, TemplateQuery(limit=100)):
            file = self._templates.file(user.id, template.id).file
            archive.writestr(f"templates/{_named(template.name, template.id)}.json", _json(file))
        for quick in _all(self._quick_replies.list, user, PageQuery(limit=100)):
            file = self._quick_replies.export(user.id, quick.id).file
            archive.writestr(f"quick replies/{_named(quick.name, quick.id)}.json", _json(file))
        archive.writestr("scripts.json", _json(self._scripts.files(user.id)))

    def _write_moves(self, archive: zipfile.ZipFile, user: User) -> None:
        moves = self._moves.list(user)
        _put_json(archive, "moves.json", moves)
        for move in moves:
            lines = [line.model_dump(mode="json") for line in self._moves.all_lines(user.id, move.id)]
            archive.writestr(f"moves/{move.id}.json", _json(lines))
        keepsakes = self._keepsakes.list(user.id)
        _put_json(archive, "keepsakes.json", keepsakes)
        for kept in keepsakes:
            stem, dot, ending = kept.name.rpartition(".")
            name = f"{_named(stem if dot else kept.name, kept.id)}{dot}{safe(ending)}"
            archive.writestr(f"keepsakes/{kept.folder}/{name}", self._keepsakes.read(kept))

    def _write_character(self, archive: zipfile.ZipFile, owner_id: str, character: CharacterSummary) -> None:
        data = self._card_files.pack(owner_id, character.id, "png")
        archive.writestr(f"characters/{_named(character.name, character.id)}.png", data)

    def _write_chat(self, archive: zipfile.ZipFile, owner_id: str, chat: ChatSummary) -> None:
        for branch_id, lines in self._chat_files.pack(owner_id, chat.id):
            name = f"chats/{_named(chat.title, chat.id)}/{branch_id}.jsonl"
            with archive.open(name, "w", force_zip64=True) as entry:
                _write_lines(entry, lines)


def _all(list_page: Callable[[User, Q], Page[M]], user: User, query: Q) -> Iterator[M]:
    """Every item of a list, page by page."""
    while True:
        page = list_page(user, query)
        yield from page.items
        if page.next is None:
            return
        query = query.model_copy(update={"cursor": page.next})


def _put_json(archive: zipfile.ZipFile, name: str, value: BaseModel | list[Any]) -> None:
    held = (
        [item.model_dump(mode="json") for item in value] if isinstance(value, list) else value.model_dump(mode="json")
    )
    archive.writestr(name, _json(held))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _write_lines(entry: IO[bytes], lines: Iterator[str]) -> None:
    for line in lines:
        entry.write(line.encode())


def _named(name: str, id: str) -> str:
    kept = safe(name)
    return f"{kept} ({id})" if kept else id
