"""Single files of any program, told apart by what is in them."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.chatfiles.others import OtherChat, read_others
from chalicelib.chatfiles.reading import read_head, read_messages
from chalicelib.errors import Invalid, InvalidCard
from chalicelib.models.cards import Card, CardData
from chalicelib.models.characters import CharacterQuery
from chalicelib.models.chats import ChatImportQuery
from chalicelib.models.kept_templates import TemplateKind
from chalicelib.models.moves import MoveKind
from chalicelib.models.scripts import ScriptFiles
from chalicelib.moving.layout import Item
from chalicelib.moving.pieces import read_json
from chalicelib.presetfiles.kinds import kind_of
from chalicelib.presetfiles.quick_replies import is_quick_set
from chalicelib.presetfiles.scripts import is_script
from chalicelib.services.move_items import Errand, Read, Taken, Taker, changed, left_out, taken
from chalicelib.services.templates import parts_of

if TYPE_CHECKING:
    from chalicelib.services.characters import Characters
    from chalicelib.services.chat_arrivals import ChatArrivals
    from chalicelib.services.move_files import MovedTemplates
    from chalicelib.services.scripts import Scripts

_PICTURES_AND_ARCHIVES = (b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"\xff\xd8\xff")
_FOLDERS = {"instruct": "instruct", "context": "context", "system": "sysprompt", "reasoning": "reasoning"}
_OF_CARDS = {"spec", "first_mes", "data"}
_RISU_PACKED = (".risup", ".risum", ".risupreset")


class _Kept(NamedTuple):
    kind: MoveKind
    folder: str = ""


class MovedFiles:
    """What became of a file has an id of two parts: its kind and its own."""

    def __init__(
        self,
        *,
        takers: Mapping[MoveKind, Taker],
        templates: "MovedTemplates",
        characters: "Characters",
        arrivals: "ChatArrivals",
        scripts: "Scripts",
    ) -> None:
        self._templates = templates
        self._takers, self._characters, self._chats, self._scripts_here = takers, characters, arrivals, scripts

    def is_here(self, errand: Errand, became: str) -> bool:
        kind, _, inner = became.partition(":")
        taker = next((taker for name, taker in self._takers.items() if name == kind), None)
        return taker is not None and taker.is_here(errand, inner)

    def take(self, errand: Errand, read: Read) -> Taken:
        name = read.item.name.rpartition("/")[2]
        if name.lower().endswith(_RISU_PACKED):
            return left_out("risu_packed")
        if name.lower().endswith(".jsonl"):
            return self._chat_lines(errand, read)
        if read.data.startswith(_PICTURES_AND_ARCHIVES) or not _may_be_json(read.data):
            return self._by(errand, read, _Kept("characters"))
        given = read_json(read.data)
        if isinstance(given, list) and given and all(isinstance(one, dict) and is_script(one) for one in given):
            return self._scripts(errand, read, given)
        if not isinstance(given, dict):
            return left_out("unknown_file")
        chats = read_others(given)
        if chats:
            return self._other_chats(errand, read, chats)
        if is_script(given):
            return self._scripts(errand, read, [given])
        return self._object(errand, read, given)

    def _object(self, errand: Errand, read: Read, given: dict[str, Any]) -> Taken:
        if is_quick_set(given):
            return self._by(errand, read, _Kept("quick_replies"))
        if "main_text_color" in given or "blur_strength" in given:
            return self._by(errand, read, _Kept("themes", "themes"))
        if _is_world(given):
            return self._by(errand, read, _Kept("worlds"))
        if isinstance(given.get("members"), list) and "activation_strategy" in given:
            return self._by(errand, read, _Kept("groups"))
        parts, others = parts_of(given, None)
        wrapped = others or any(part is not given for _, part in parts)
        if wrapped and not _OF_CARDS & given.keys():
            return self._several(errand, read, given, parts)
        # A prompt's preset and a plain template share no fields; a card's JSON may look like a template.
        if kind_of(given) is not None and "first_mes" not in given:
            return self._by(errand, read, _Kept("presets", "OpenAI Settings"))
        try:
            return self._by(errand, read, _Kept("characters"))
        except InvalidCard as error:
            if len(parts) != 1:
                raise Invalid("Nothing here knows what this file is.", code="unknown_file") from error
        return self._by(errand, read, _Kept("templates", _FOLDERS[parts[0][0]]))

    def _by(self, errand: Errand, read: Read, kept: _Kept) -> Taken:
        """Has those take it who know its kind."""
        name = read.item.name.rpartition("/")[2]
        stem = name.rpartition(".")[0] or name
        place = f"{kept.folder or kept.kind}/{name}"
        item = Item(kept.kind, read.item.path, stem, place, kept.folder)
        became = self._takers[kept.kind].take(errand, read._replace(item=item))
        return became._replace(id=f"{kept.kind}:{became.id}" if became.id else None, also=())

    def _scripts(self, errand: Errand, read: Read, files: list[dict[str, Any]]) -> Taken:
        base = errand.id_of(read.position)
        for number, file in enumerate(files):
            script_id = f"{base}-{number}"
            if not self._takers["scripts"].is_here(errand, script_id):
                self._scripts_here.take(errand.user, ScriptFiles(files=[file]), script_id=script_id)
        return taken(f"scripts:{base}-0")

    def _several(
        self, errand: Errand, read: Read, given: dict[str, Any], parts: Sequence[tuple[TemplateKind, Mapping[str, Any]]]
    ) -> Taken:
        """What belongs together in one file: templates of several kinds, and samplers."""
        base = errand.id_of(read.position)
        stem = read.item.name.rpartition("/")[2].rpartition(".")[0] or read.item.name
        kept: list[tuple[str, Taken]] = []
        for number, (kind, part) in enumerate(parts):
            called = part.get("name")
            name = called if isinstance(called, str) and called.strip() else stem
            became = self._templates.keep(errand, kind, name, dict(part), f"{base}-{number}")
            kept.append((kind, became._replace(id=f"templates:{became.id}")))
        if isinstance(given.get("preset"), dict):
            inner = read._replace(data=json.dumps(given["preset"]).encode())
            kept.append(("samplers", self._by(errand, inner, _Kept("presets", "TextGen Settings"))))
        first = kept[0][1]
        if len(kept) == 1:
            return first
        return changed(first.id, "several_parts", names=", ".join(name for name, _ in kept))

    # --- chats

    def _chat_lines(self, errand: Errand, read: Read) -> Taken:
        head = read_head(read.data)
        said = next((one for one in read_messages(read.data, now=errand.now) if one.role != "user" and one.name), None)
        name = head.character_name or (said.name if said else "")
        title = read.item.name.rpartition("/")[2].removesuffix(".jsonl")
        return self._other_chats(errand, read, [OtherChat(name, title, read.data)])

    def _other_chats(self, errand: Errand, read: Read, chats: list[OtherChat]) -> Taken:
        """A chat needs a character: the one of its name, else one that is made for it."""
        made, stem = "", read.item.name.rpartition("/")[2].rpartition(".")[0]
        base = errand.id_of(read.position)
        last = ""
        for number, chat in enumerate(chats):
            name = " ".join((chat.character or stem or "Unnamed").split())[:200]
            character_id = self._by_name(errand, name)
            if character_id is None:
                card = Card(data=CardData(name=name))
                character_id = self._characters.add_card(
                    errand.owner_id, card, picture=None, files={}, character_id=f"{base}-c{number}"
                ).id
                made = name
            title = (f"{stem} {chat.title}" if len(chats) > 1 else chat.title or stem)[:200]
            query = ChatImportQuery(character_id=character_id, filename=title.replace("/", " ").replace("\\", " "))
            last = self._chats.take(errand.owner_id, query, chat.data, f"{base}-{number}").id
        became = f"chats:{last}"
        return changed(became, "made_character", name=made) if made else taken(became)

    def _by_name(self, errand: Errand, name: str) -> str | None:
        page = self._characters.list_page(errand.user, CharacterQuery(search=name, sort="name", limit=50))
        return next((one.id for one in page.items if one.name.casefold() == name.casefold()), None)


def _is_world(given: Mapping[str, Any]) -> bool:
    spec = given.get("spec")
    return (
        (isinstance(given.get("entries"), dict | list) and "first_mes" not in given)
        or (given.get("type") == "risu" and isinstance(given.get("data"), list))
        or (isinstance(spec, str) and spec.startswith("lorebook"))
    )


def _may_be_json(data: bytes) -> bool:
    return data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))
