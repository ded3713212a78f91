"""What was exported beside what SillyTavern has of it. What it adds itself (its own examples, dates) does not count."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from chalicelib.cards.reading import read_card_file
from chalicelib.cards.writing import to_document
from tests.sillytavern.program import Program

_LINES_MOST = 5
_TEMPLATES = {"instruct": "instruct", "context": "context", "sysprompt": "sysprompt", "reasoning": "reasoning"}
_PRESETS = {
    "OpenAI Settings": ("openai_setting_names", "openai_settings"),
    "TextGen Settings": ("textgenerationwebui_preset_names", "textgenerationwebui_presets"),
}
_IN_PAGE = """() => {
  const { powerUserSettings, tags, tagMap, extensionSettings, characters, groups, name1 } = SillyTavern.getContext()
  const { personas, persona_descriptions, default_persona, instruct, context, sysprompt, reasoning } = powerUserSettings
  const { chatCompletionSettings } = SillyTavern.getContext()
  return { personas, persona_descriptions, default_persona, tags, tagMap, name1, extensionSettings,
    chosen: { instruct: instruct.preset, context: context.preset, sysprompt: sysprompt.name, reasoning: reasoning.name,
      chat: chatCompletionSettings.preset_settings_openai },
    avatars: characters.map(({ avatar }) => avatar), groups: groups.map(({ id }) => id) }
}"""
_OPENED = """async (avatar) => {
  const index = SillyTavern.getContext().characters.findIndex((one) => one.avatar === avatar)
  await SillyTavern.getContext().selectCharacterById(index)
  const until = Date.now() + 20000
  while (Date.now() < until) {
    const { chat, chatId, characterId, chatMetadata } = SillyTavern.getContext()
    const is = String(characterId) === String(index) && chat.length
    if (is) return { name: chatId, said: chat.map(({ mes }) => mes), about: chatMetadata }
    await new Promise((settled) => setTimeout(settled, 200))
  }
  return { said: [], about: {} }
}"""
_GROUP_OPENED = """async ([id, name]) => {
  await SillyTavern.getContext().executeSlashCommandsWithOptions(`/go ${name}`)
  const until = Date.now() + 20000
  while (Date.now() < until) {
    const { chat, chatId, groupId, chatMetadata } = SillyTavern.getContext()
    const is = String(groupId) === id && chat.length
    if (is) return { name: chatId, said: chat.map(({ mes }) => mes), about: chatMetadata }
    await new Promise((settled) => setTimeout(settled, 200))
  }
  return { said: [], about: {} }
}"""
_BYTES = """async (path) => {
  const answer = await fetch(path)
  if (!answer.ok) return ''
  const digest = await crypto.subtle.digest('SHA-256', await answer.arrayBuffer())
  return [...new Uint8Array(digest)].map((one) => one.toString(16).padStart(2, '0')).join('')
}"""

_WORLDS = """async () => {
  const inside = await import('/scripts/world-info.js')
  const names = Object.keys(inside).filter((name) => name.startsWith('world_info_'))
  const settings = Object.fromEntries(names.map((name) => [name, inside[name]]))
  return { ...settings, everywhere: [...inside.selected_world_info] }
}"""
_SPRITES = "async (name) => (await fetch('/api/sprites/get?name=' + encodeURIComponent(name))).json()"


class Finding(NamedTuple):
    what: str
    lines: list[str]
    """What differs."""

    @property
    def same(self) -> bool:
        return not self.lines


def compare(folder: Path, program: Program) -> list[Finding]:
    """A finding for each kind of thing."""
    looks: list[Callable[[Path, Program], Iterator[str]]] = [
        _characters,
        _expressions,
        _chats,
        _groups,
        _worlds,
        _presets,
        _templates,
        _quick_replies,
        _backgrounds,
        _pictures,
        _page,
        _chosen,
        _opened,
    ]
    findings = []
    for look in looks:
        lines = list(look(folder, program))
        more = [f"… and {len(lines) - _LINES_MOST} more"] if len(lines) > _LINES_MOST else []
        findings.append(Finding(f"{look.__doc__} ({_count(folder, look)})", [*lines[:_LINES_MOST], *more]))
    return findings


def _characters(folder: Path, program: Program) -> Iterator[str]:
    """characters: all fields of their cards, books included"""
    for file in sorted((folder / "characters").glob("*.png")):
        ours = to_document(read_card_file(file.read_bytes(), file.name).card)["data"]
        theirs = program.ask("/api/characters/get", {"avatar_url": file.name})
        yield from _differences(file.name, ours, theirs["data"])
        yield from _differences(file.name, {"name": ours["name"]}, theirs)


def _expressions(folder: Path, program: Program) -> Iterator[str]:
    """expressions beside characters"""
    for file in sorted((folder / "characters").glob("*/*")):
        found = {sprite["label"] for sprite in program.look(_SPRITES, file.parent.name)}
        if file.stem.casefold() not in found:
            yield f"{file.parent.name}/{file.name} is missing"


def _chats(folder: Path, program: Program) -> Iterator[str]:
    """chats: every line"""
    for file in sorted((folder / "chats").glob("*/*.jsonl")):
        avatar = f"{file.parent.name}.png"
        listed = program.ask("/api/characters/chats", {"avatar_url": avatar, "simple": True})
        if file.name not in [one["file_name"] for one in listed]:
            yield f"{avatar}: {file.name} is not listed"
        theirs = program.ask("/api/chats/get", {"avatar_url": avatar, "file_name": file.stem})
        yield from _same_lines(file, theirs)


def _groups(folder: Path, program: Program) -> Iterator[str]:
    """groups and their chats"""
    theirs = {group["id"]: group for group in program.ask("/api/groups/all")}
    for file in sorted((folder / "groups").glob("*.json")):
        ours = _read(file)
        yield from _differences(file.name, ours, theirs.get(ours["id"], {}))
        for chat in ours["chats"]:
            lines = program.ask("/api/chats/group/get", {"id": chat})
            yield from _same_lines(folder / "group chats" / f"{chat}.jsonl", lines)


def _worlds(folder: Path, program: Program) -> Iterator[str]:
    """worlds: all entries with all fields"""
    names = program.ask("/api/settings/get")["world_names"]
    for file in sorted((folder / "worlds").glob("*.json")):
        if file.stem not in names:
            yield f"{file.name} is not listed"
        yield from _differences(file.name, _read(file), program.ask("/api/worldinfo/get", {"name": file.stem}))


def _presets(folder: Path, program: Program) -> Iterator[str]:
    """presets for chat and text completion"""
    told = program.ask("/api/settings/get")
    for place, (names, contents) in _PRESETS.items():
        theirs = dict(zip(told[names], map(json.loads, told[contents]), strict=True))
        for file in sorted((folder / place).glob("*.json")):
            yield from _differences(f"{place}/{file.name}", _read(file), theirs.get(file.stem, {}))


def _templates(folder: Path, program: Program) -> Iterator[str]:
    """templates: instruct, context, system prompt, reasoning"""
    told = program.ask("/api/settings/get")
    for place, key in _TEMPLATES.items():
        theirs = {one.get("name"): one for one in told[key]}
        for file in sorted((folder / place).glob("*.json")):
            ours = _read(file)
            yield from _differences(f"{place}/{file.name}", ours, theirs.get(ours["name"], {}))


def _quick_replies(folder: Path, program: Program) -> Iterator[str]:
    """quick replies"""
    theirs = {one["name"]: one for one in program.ask("/api/settings/get")["quickReplyPresets"]}
    for file in sorted((folder / "QuickReplies").glob("*.json")):
        ours = _read(file)
        yield from _differences(file.name, ours, theirs.get(ours["name"], {}))


def _backgrounds(folder: Path, program: Program) -> Iterator[str]:
    """backgrounds, byte by byte"""
    listed = {one["filename"] for one in program.ask("/api/backgrounds/all")["images"]}
    for file in sorted((folder / "backgrounds").iterdir()):
        if file.name not in listed:
            yield f"{file.name} is not listed"
        yield from _same_bytes(file, f"/backgrounds/{quote(file.name)}", program)


def _pictures(folder: Path, program: Program) -> Iterator[str]:
    """pictures inside of chats, where messages say they are"""
    for file in sorted((folder / "user" / "images").rglob("*.*")):
        yield from _same_bytes(file, "/" + quote(file.relative_to(folder).as_posix()), program)


def _same_bytes(file: Path, address: str, program: Program) -> Iterator[str]:
    if program.look(_BYTES, address) != hashlib.sha256(file.read_bytes()).hexdigest():
        yield f"{address} is not what was written"


def _page(folder: Path, program: Program) -> Iterator[str]:
    """what its page shows: everybody is there; personas, tags, scripts, the name"""
    page, ours = program.look(_IN_PAGE), _read(folder / "settings.json")
    characters = {file.name for file in (folder / "characters").glob("*.png")}
    groups = {file.stem for file in (folder / "groups").glob("*.json")}
    yield from (f"{name} is not in the page" for name in characters - set(page["avatars"]))
    yield from (f"group {name} is not in the page" for name in groups - set(page["groups"]))
    for key in ("personas", "persona_descriptions"):
        yield from _differences(key, ours["power_user"][key], page[key])
    names = {tag["id"]: tag["name"] for tag in ours["tags"]}
    names_there = {tag["id"]: tag["name"] for tag in page["tags"]}
    for avatar, ids in ours["tag_map"].items():
        before, after = {names[one] for one in ids}, {names_there.get(one) for one in page["tagMap"].get(avatar, [])}
        if not before <= after:
            yield f"{avatar} has the tags {after}, not {before}"
    there = {script["scriptName"]: script for script in page["extensionSettings"]["regex"]}
    for script in ours["extension_settings"]["regex"]:
        name = script["scriptName"]
        yield from _differences(f"script {name}", script, there.get(name, {}))
    extensions = ours["extension_settings"]
    yield from _differences("variables", extensions["variables"], page["extensionSettings"]["variables"])
    sets = page["extensionSettings"]["quickReplyV2"]["config"]["setList"]
    # By then its page has the sets themselves where their names were.
    named = [{**one, "set": one["set"]["name"] if isinstance(one["set"], dict) else one["set"]} for one in sets]
    yield from _differences("quick sets", extensions["quickReplyV2"]["config"]["setList"], named)
    colours = {tag["id"]: tag for tag in page["tags"]}
    for tag in ours["tags"]:
        yield from _differences(f"tag {tag['name']}", tag, colours.get(tag["id"], {}))
    if page["name1"] != _username(ours):
        yield f"the person is called {page['name1']!r}, not {_username(ours)!r}"


def _opened(folder: Path, program: Program) -> Iterator[str]:
    """a chat of each character and group, opened in its page: every message, its note, variables and world"""
    for file in sorted((folder / "characters").glob("*.png")):
        chats = sorted((folder / "chats" / file.stem).glob("*.jsonl"))
        if not chats:
            continue
        yield from _shown(file.name, program.look(_OPENED, file.name), chats)
    for file in sorted((folder / "groups").glob("*.json")):
        group = _read(file)
        chats = [folder / "group chats" / f"{chat}.jsonl" for chat in group["chats"]]
        if chats:
            yield from _shown(group["name"], program.look(_GROUP_OPENED, [group["id"], group["name"]]), chats)


def _shown(name: str, shown: Any, chats: list[Path]) -> Iterator[str]:
    """Where what the page shows is not the chat it says it is."""
    chat = next((one for one in chats if one.stem == shown.get("name")), None)
    if chat is None:
        yield f"{name}: its page shows {shown.get('name')!r}, which is none of its {len(chats)} chats"
        return
    head, *lines = _lines(chat)
    yield from _differences(f"{name} › {chat.stem}", [line["mes"] for line in lines], shown["said"])
    yield from _differences(f"{name} › {chat.stem}", head["chat_metadata"], shown["about"])


def _chosen(folder: Path, program: Program) -> Iterator[str]:
    """what is chosen: the preset, the templates, the worlds of everywhere and how they are scanned"""
    ours, page = _read(folder / "settings.json"), program.look(_IN_PAGE)
    power_user = ours["power_user"]
    for kind, key in (("instruct", "preset"), ("context", "preset"), ("sysprompt", "name"), ("reasoning", "name")):
        yield from _differences(kind, power_user[kind][key], page["chosen"][kind])
    yield from _differences("preset", ours["oai_settings"]["preset_settings_openai"], page["chosen"]["chat"])
    worlds = program.look(_WORLDS)
    for key, value in ours["world_info_settings"].items():
        if key in worlds:
            yield from _differences(key, value, worlds[key])
    everywhere = ours["world_info_settings"]["world_info"]["globalSelect"]
    yield from _differences("worlds everywhere", everywhere, worlds["everywhere"])


def _username(settings: Any) -> str:
    """The persona in use gives the name."""
    return str(settings["power_user"]["personas"].get(settings["user_avatar"]) or settings["username"])


def _count(folder: Path, look: Callable[[Path, Program], Iterator[str]]) -> str:
    places = {
        "_characters": "characters/*.png",
        "_expressions": "characters/*/*",
        "_chats": "chats/*/*.jsonl",
        "_groups": "groups/*.json",
        "_worlds": "worlds/*.json",
        "_presets": "*Settings/*.json",
        "_templates": "[irsc]*[tg]/*.json",
        "_quick_replies": "QuickReplies/*.json",
        "_backgrounds": "backgrounds/*",
        "_pictures": "user/images/*/*",
        "_page": "settings.json",
        "_chosen": "settings.json",
        "_opened": "*chats/*",
    }
    return str(len(list(folder.glob(places[look.__name__]))))


def _same_lines(file: Path, theirs: Any) -> Iterator[str]:
    ours = _lines(file)
    if len(theirs) != len(ours):
        yield f"{file.name} has {len(theirs)} lines, not {len(ours)}"
        return
    for number, (one, other) in enumerate(zip(ours, theirs, strict=True), 1):
        yield from _differences(f"{file.name} line {number}", one, other)


def _lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def _read(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


def _differences(what: str, ours: Any, theirs: Any) -> Iterator[str]:
    """Where what we wrote is not what is there; what is there besides does not count."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key, value in ours.items():
            yield from _differences(f"{what} › {key}", value, theirs.get(key))
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _differences(f"{what} [{number}]", one, other)
    elif ours != theirs:
        yield f"{what}: {_short(theirs)} instead of {_short(ours)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 90 else f"{text[:90]}…"
