"""One departure: everything somebody has here, file by file, as SillyTavern's data folder has it.

    characters/{name}.png  characters/{name}/{expression}.png   chats/{name}/{title}.jsonl
    groups/{id}.json  group chats/{title}.jsonl   worlds/{name}.json
    OpenAI Settings/  TextGen Settings/  instruct/  context/  sysprompt/  reasoning/   {name}.json
    QuickReplies/{name}.json   User Avatars/{name}.png   settings.json   user/images/{folder}/{name}
    and what came along and is only kept: themes …

What others name comes first, so that they can name it by its file. What is in the trash stays here, save characters
whose chats are not in it, and so do connections and their keys. Of a chat with several branches each is a file; those
besides the first say whose they are.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from chalicelib.cards.uris import embedded_path
from chalicelib.cards.writing import to_png
from chalicelib.errors import NotFound
from chalicelib.leaving.names import FreeNames, safe
from chalicelib.leaving.settings_file import Settings, write_settings
from chalicelib.models.cards import Card
from chalicelib.models.characters import CharacterQuery, CharacterSummary
from chalicelib.models.chats import ChatQuery, ChatSummary
from chalicelib.models.kept_templates import TemplateQuery
from chalicelib.models.kept_worlds import WorldQuery
from chalicelib.models.shapes import Page, PageQuery
from chalicelib.models.users import User
from chalicelib.services.departing_beside import Sink, There, Things, name_personas, write_keepsakes, write_personas

if TYPE_CHECKING:
    from chalicelib.services.jobs import Progress

_TEMPLATES = {"instruct": "instruct", "context": "context", "system": "sysprompt", "reasoning": "reasoning"}
Q = TypeVar("Q", bound=BaseModel)
M = TypeVar("M", bound=BaseModel)


class Departure:
    def __init__(self, things: Things, user: User, sink: Sink, progress: "Progress") -> None:
        self._things, self._user, self._sink, self._progress = things, user, sink, progress
        self._names = FreeNames()
        self._settings = Settings()
        self._worlds: dict[str, str] = {}
        """Names of worlds' files by our ids; so it is with the characters' (`Name.png`) and the chats'."""
        self._characters: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        self._personas: dict[str, str] = {}
        self._group_chats: dict[str, list[str]] = {}

    def write(self) -> None:
        """Writes all of it."""
        things, user = self._things, self._user
        characters = list(_all(things.characters.list_page, user, CharacterQuery(limit=200)))
        chats = list(_all(things.chats.list, user, ChatQuery(limit=100)))
        # A chat has no place without its character: one in the trash goes along with the chats that are not.
        partners = {chat.character_id for chat in chats if chat.group_id is None}
        trash = _all(things.characters.list_page, user, CharacterQuery(limit=200, trash=True))
        characters += [one for one in trash if one.id in partners]
        total = len(characters) + len(chats)
        self._write_worlds()
        self._personas = name_personas(things, user, self._names)
        for one in reversed(characters):
            name = self._names.give("characters", one.name, other=one.id)
            self._characters[one.id] = f"{name}.png"
        latest: dict[str, str] = {}
        for done, chat in enumerate(chats):
            self._progress(done, total)
            for name in self._write_chat(chat):
                latest.setdefault(chat.character_id, name)
        for done, one in enumerate(characters, len(chats)):
            self._progress(done, total)
            self._write_character(one, latest.get(one.id, ""))
        self._write_groups()
        self._write_presets()
        write_personas(things, user, sink=self._sink, settings=self._settings, there=self._there())
        write_keepsakes(things, user, sink=self._sink, names=self._names, settings=self._settings)
        account = things.accounts.get(user.id)
        self._settings.username = self._settings.username or account.name
        self._settings.reply_start = account.choices.start_reply_with
        self._settings.shows_reply_start = account.choices.show_reply_start
        self._settings.scripts = [dict(file) for file in things.scripts.files(user.id)]
        self._settings.variables = dict(things.variables.everywhere(user.id).values)
        self._put_json("settings.json", write_settings(self._settings))

    # --- worlds

    def _write_worlds(self) -> None:
        things, user = self._things, self._user
        for world in _all(things.worlds.list_page, user, WorldQuery()):
            name, data = things.world_files.pack(user.id, world.id)
            self._worlds[world.id] = self._names.give("worlds", name, other=world.id)
            self._sink.put(f"worlds/{self._worlds[world.id]}.json", [data])
        self._settings.worlds_everywhere = self._named(things.world_links.everywhere(user).world_ids)
        self._settings.world_settings = things.world_links.settings(user)

    def _there(self) -> There:
        return There(worlds=self._named, characters=self._characters, groups=self._groups, personas=self._personas)

    def _named(self, world_ids: Iterable[str]) -> list[str]:
        return [self._worlds[world_id] for world_id in world_ids if world_id in self._worlds]

    # --- chats and groups

    def _write_chat(self, chat: ChatSummary) -> Iterator[str]:
        """Writes each branch; gives the name of the file of the one the chat opens with."""
        things, owner_id = self._things, self._user.id
        if chat.group_id is None and chat.character_id not in self._characters:
            return  # deleted for good, or while we were writing
        folder = "group chats"
        if chat.group_id is None:
            folder = f"chats/{self._characters[chat.character_id].removesuffix('.png')}"
        held = things.chat_store.get(owner_id, chat.id)
        name = self._names.give(folder, chat.title, other=chat.id)
        worlds = self._named(things.world_links.of_chat(self._user, chat.id).world_ids)
        titles = {branch.id: branch.title for branch in things.chat_store.list_branches(owner_id, chat.id)}
        for branch_id, lines in things.chat_files.pack(owner_id, chat.id, self._characters):
            more: dict[str, Any] = {"world_info": worlds[0]} if worlds else {}
            if held.persona_id in self._personas:
                more["persona"] = self._personas[held.persona_id]
            file = name
            if branch_id != held.branch_id:
                file = self._names.give(folder, f"{name} - {titles.get(branch_id) or 'Branch'}", other=branch_id)
                more["main_chat"] = name
            self._sink.put(f"{folder}/{file}.jsonl", _with_metadata(lines, more))
            if chat.group_id:
                self._group_chats.setdefault(chat.group_id, []).append(file)
        yield name

    def _write_groups(self) -> None:
        things, user = self._things, self._user
        for group in _all(things.groups.list, user, PageQuery(limit=100)):
            file = things.group_files.write(user.id, group.id, self._characters)
            group_id = self._names.give("groups", str(file.get("id") or group.id), other=group.id)
            self._groups[group.id] = group_id
            chats = self._group_chats.get(group.id, [])
            file |= {"id": group_id, "chats": chats, "chat_id": chats[0] if chats else group_id}
            self._put_json(f"groups/{group_id}.json", file)

    # --- characters

    def _write_character(self, one: CharacterSummary, chat: str) -> None:
        things, owner_id = self._things, self._user.id
        file = self._characters[one.id]
        try:
            held, body = things.characters.get_record(owner_id, one.id), things.characters.get_body(owner_id, one.id)
        except NotFound:
            return  # deleted while we were writing
        stem = file.removesuffix(".png")
        worlds = self._named(things.world_links.of_character(self._user, one.id).world_ids)
        self._settings.more_worlds[stem] = worlds[1:]
        self._settings.tags_of[file] = list(one.tags)
        kept = dict(body.files)
        assets = list(body.card.data.assets or [])
        for asset in list(assets):
            path = embedded_path(asset.uri)
            if asset.type == "emotion" and path in kept:
                # SillyTavern has expressions beside the card, and finds them by their names.
                name = f"{safe(asset.name) or 'expression'}.{safe(asset.ext) or 'png'}"
                self._sink.put(f"characters/{stem}/{name}", [things.files.get(kept.pop(path).key)])
                assets.remove(asset)
        card = _as_kept_there(body.card, assets, favourite=one.favourite, world=worlds[0] if worlds else "", chat=chat)
        rest = {path: things.files.get(inside.key) for path, inside in kept.items()}
        self._sink.put(f"characters/{file}", [to_png(card, things.media.read_png(held.picture), rest)])

    # --- presets, templates, personas

    def _write_presets(self) -> None:
        things, user = self._things, self._user
        choices = things.accounts.get(user.id).choices
        self._settings.legacy_macros = choices.legacy_macros
        for listed in _all(things.presets.list, user, PageQuery(limit=100)):
            preset = things.presets.get(user.id, listed.id)
            folder = "TextGen Settings" if preset.kind == "text" else "OpenAI Settings"
            name = self._names.give(folder, preset.name, other=preset.id)
            self._sink.put(f"{folder}/{name}.json", [things.preset_files.pack(preset)])
            if preset.id == choices.text_preset_id or (preset.kind == "text" and preset.id == choices.preset_id):
                self._settings.text_preset = name
            elif preset.id == choices.preset_id:
                self._settings.chat_preset = name
        chosen = {choices.instruct_id, choices.context_id, choices.system_prompt_id, choices.reasoning_id}
        for template in _all(things.templates.list, user, TemplateQuery(limit=100)):
            folder = _TEMPLATES[template.kind]
            name = self._names.give(folder, template.name, other=template.id)
            self._put_json(f"{folder}/{name}.json", {**things.templates.file(user.id, template.id).file, "name": name})
            if template.id in chosen:
                self._settings.templates[template.kind] = name
        for quick in _all(things.quick_replies.list, user, PageQuery(limit=100)):
            name = self._names.give("QuickReplies", quick.name, other=quick.id)
            file = {**things.quick_replies.export(user.id, quick.id).file, "name": name}
            self._put_json(f"QuickReplies/{name}.json", file)
            self._settings.quick_sets.append((name, quick.shown))

    def _put_json(self, path: str, value: object) -> None:
        self._sink.put(path, [json.dumps(value, ensure_ascii=False, indent=4).encode("utf-8", "replace")])


def _as_kept_there(card: Card, assets: list[Any], *, favourite: bool, world: str, chat: str) -> Card:
    """The card as it lies in SillyTavern's folder, which says a little more than a card that travels."""
    extensions = {**card.data.extensions, "fav": favourite}
    if world:
        extensions["world"] = world
    given: dict[str, Any] = {"extensions": extensions}
    if card.data.assets is not None:
        given["assets"] = assets or None
    beside: dict[str, Any] = {"chat": chat} if chat else {}
    if "fav" in (card.model_extra or {}):
        beside["fav"] = favourite
    return card.model_copy(update={"data": card.data.model_copy(update=given), **beside})


def _with_metadata(lines: Iterator[str], more: dict[str, Any]) -> Iterator[bytes]:
    """The chat's file, with more in the metadata of its first line."""
    first = next(lines, "")
    if more:
        head = json.loads(first)
        head["chat_metadata"] = {**head.get("chat_metadata", {}), **more}
        first = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    yield first.encode("utf-8", "replace")
    for piece in lines:
        yield piece.encode("utf-8", "replace")


def _all(list_page: Callable[[User, Q], Page[M]], user: User, query: Q) -> Iterator[M]:
    """Every item of a list, page by page."""
    while True:
        page = list_page(user, query)
        yield from page.items
        if page.next is None:
            return
        query = query.model_copy(update={"cursor": page.next})
