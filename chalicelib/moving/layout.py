"""A folder's files, told apart: what each is by where it lies, in the order in which they are taken.

Known is the folder in which SillyTavern keeps what belongs to one person, wherever in an archive it lies. Everything
else is looked at file by file.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chalicelib.models.moves import KINDS, MoveKind
from chalicelib.moving.gallery import USER, is_of_chats
from chalicelib.moving.sources import SourceFile

SETTINGS, SECRETS, AVATARS = "settings.json", "secrets.json", "User Avatars"
_FOLDERS: dict[str, MoveKind] = {
    "characters": "characters",
    "chats": "chats",
    "group chats": "chats",
    "groups": "groups",
    "worlds": "worlds",
    "OpenAI Settings": "presets",
    "TextGen Settings": "presets",
    "KoboldAI Settings": "presets",
    "NovelAI Settings": "presets",
    "instruct": "templates",
    "context": "templates",
    "sysprompt": "templates",
    "reasoning": "templates",
    "QuickReplies": "quick_replies",
    "themes": "themes",
    "backgrounds": "backgrounds",
    AVATARS: "personas",
}
_NEVER: dict[str, str] = {
    "thumbnails": "made_anew",
    "vectors": "made_anew",
    "_cache": "made_anew",
    "backups": "older_copies",
    "extensions": "other_program",
    "assets": "not_taken",
    "movingUI": "not_taken",
    "_uploads": "not_taken",
    "_storage": "other_program",
    "_webpack": "other_program",
}
"""Folders that are told in one line, and why they are not taken."""
_ALONE = {"settings.json", "secrets.json", "stats.json", "content.log"}
_LITTER = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".gitkeep"}
_DEPTH_MOST = 6
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".apng")
_CARDS = (".png", ".json", ".charx", ".yaml", ".yml", ".apng")


class Item(NamedTuple):
    """Something that becomes one thing here."""

    kind: MoveKind
    path: str
    """Where it is read; for what comes out of the settings, a name for it."""
    name: str
    """As the report shows it."""
    place: str
    """Where it lies inside the data folder: the same in every archive of one place, so it tells what came before."""
    folder: str = ""
    """For a chat the character's folder, for a template what it is."""
    beside: tuple[str, ...] = ()
    """Paths of what belongs to it: a character's expressions, a persona's picture."""
    note: str = ""


class LeftOut(NamedTuple):
    """Something that is told and not taken; `values` fill the reason."""

    kind: MoveKind
    name: str
    reason: str
    values: dict[str, str] = {}


class Layout(NamedTuple):
    root: str
    """The folder everything known lies in, with a slash at its end; empty for none."""
    items: list[Item]
    left_out: list[LeftOut]
    settings: str | None
    secrets: str | None
    avatars: dict[str, str]
    """Paths of personas' pictures by their names."""


def lay_out(files: Sequence[SourceFile]) -> Layout:
    """What the files are; the items of one kind by their names."""
    root = find_root([file.path for file in files])
    found = _Found(root)
    for file in files:
        found.see(file)
    return found.layout()


def kind_of(path: str, root: str) -> MoveKind | None:
    """What a file belongs to; None for what is never read."""
    inside = _inside(path, root)
    if inside is None or _is_litter(path):
        return None
    head, _, rest = inside.partition("/")
    if inside == SETTINGS:
        return "preferences"
    if inside == SECRETS:
        return "secrets"
    if head in _NEVER or inside in _ALONE:
        return None
    if rest and head in _FOLDERS:
        return _FOLDERS[head]
    return "pictures" if is_of_chats(inside) else "files"


def find_root(paths: Iterable[str]) -> str:
    """The folder that holds the most known folders, and of equal ones the shortest."""
    roots: Counter[tuple[str, ...]] = Counter()
    for path in paths:
        parts = path.split("/")
        if _is_litter(path):
            continue
        for depth, part in enumerate(parts[:_DEPTH_MOST]):
            is_file = depth == len(parts) - 1
            if (part in _FOLDERS and not is_file) or (part == SETTINGS and is_file):
                roots[tuple(parts[:depth])] += 1
                break
    if not roots:
        return ""
    best = min(roots, key=lambda root: (-roots[root], "default-user" not in root, len(root), root))
    return "".join(f"{part}/" for part in best)


class _Found:
    def __init__(self, root: str) -> None:
        self._root = root
        self._items: dict[MoveKind, list[Item]] = defaultdict(list)
        self._never: Counter[tuple[str, str]] = Counter()
        self._sprites: dict[str, list[str]] = defaultdict(list)
        self._avatars: dict[str, str] = {}
        self._settings: str | None = None
        self._secrets: str | None = None
        self._folded: set[str] = set()

    def see(self, file: SourceFile) -> None:
        inside = _inside(file.path, self._root)
        if _is_litter(file.path):
            return
        if inside is None:
            self._never[_beside(file.path, self._root)] += 1
            return
        head, _, rest = inside.partition("/")
        if inside == SETTINGS:
            self._settings = file.path
        elif inside == SECRETS:
            self._secrets = file.path
        elif head in _NEVER:
            self._never[head, _NEVER[head]] += 1
        elif inside in _ALONE:
            self._never[inside, "not_taken"] += 1
        elif rest and head in _FOLDERS:
            self._known(file, inside, head, rest)
        elif is_of_chats(inside):
            self._add("pictures", file, inside, rest)
        elif self._root or not file.path:
            self._never[head if rest else inside, "not_taken"] += 1
        else:
            self._add("files", file, inside, file.path)

    def layout(self) -> Layout:
        left_out = [
            LeftOut("others", name, reason, {"count": str(count)})
            for (name, reason), count in sorted(self._never.items())
        ]
        characters = {_stem(item.place.partition("/")[2]) for item in self._items["characters"]}
        for folder in sorted(self._sprites.keys() - characters):
            left_out.append(LeftOut("characters", folder, "pictures_only", {"count": str(len(self._sprites[folder]))}))
        items = [self._with_sprites(item) for kind in KINDS for item in sorted(self._items[kind], key=_by_place)]
        return Layout(self._root, items, left_out, self._settings, self._secrets, self._avatars)

    def _known(self, file: SourceFile, inside: str, head: str, rest: str) -> None:
        name, ending = rest.rpartition("/")[2], _ending(rest)
        deep = rest.count("/")
        if head == "characters":
            if deep == 0 and ending in _CARDS:
                self._add("characters", file, inside, _stem(name))
            elif deep == 1 and ending in _PICTURES:
                self._sprites[rest.partition("/")[0]].append(file.path)
            else:
                self._never[f"characters/{rest.partition('/')[0]}", "not_taken"] += 1
        elif head == "chats" and deep == 1 and ending == ".jsonl":
            self._add("chats", file, inside, rest.removesuffix(".jsonl"), folder=rest.partition("/")[0])
        elif head == "group chats" and deep == 0 and ending == ".jsonl":
            self._add("chats", file, inside, _stem(name))
        elif head == AVATARS and deep == 0 and ending in _PICTURES:
            self._avatars[name] = file.path
        elif head == "backgrounds" and deep == 0:
            self._add("backgrounds", file, inside, name)
        elif deep == 0 and ending == ".json" and _FOLDERS[head] not in ("characters", "chats", "personas"):
            self._add(_FOLDERS[head], file, inside, _stem(name), folder=head)
        else:
            self._never[head, "not_taken"] += 1

    def _add(self, kind: MoveKind, file: SourceFile, inside: str, name: str, *, folder: str = "") -> None:
        note = file.note
        if inside.casefold() in self._folded:
            note = note or "same_but_case"
        self._folded.add(inside.casefold())
        self._items[kind].append(Item(kind, file.path, name, inside, folder, note=note))

    def _with_sprites(self, item: Item) -> Item:
        if item.kind != "characters":
            return item
        return item._replace(beside=tuple(sorted(self._sprites.get(_stem(item.place.partition("/")[2]), []))))


def _inside(path: str, root: str) -> str | None:
    return path.removeprefix(root) if path.startswith(root) else None


def _beside(path: str, root: str) -> tuple[str, str]:
    """What to call a file outside of the root, and why it is not taken."""
    parent = root.rstrip("/").rpartition("/")[0]
    inside = _inside(path, f"{parent}/" if parent else "")
    head, _, rest = (inside or path).partition("/")
    if head in _NEVER:
        return head, _NEVER[head]
    is_person = inside is not None and rest.partition("/")[0] in {*_FOLDERS, *_NEVER, *_ALONE, USER}
    return head, "other_person" if is_person else "outside"


def _is_litter(path: str) -> bool:
    parts = path.split("/")
    return any(part in _LITTER or part.startswith("._") for part in parts)


def _by_place(item: Item) -> str:
    return item.place


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name


def _ending(name: str) -> str:
    return name[name.rfind(".") :].lower() if "." in name else ""
