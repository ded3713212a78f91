"""Files of worlds: SillyTavern's, the book inside a card and on its own, and those of three other programs.

All become SillyTavern's entries, which are what is kept. What came in SillyTavern's own form is kept as it is.
"""

import copy
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from chalicelib.errors import InvalidWorld
from chalicelib.models.cards import Book
from chalicelib.models.kept_worlds import ENTRIES_MOST, UID_MOST, EntryJson, WorldFile
from chalicelib.presetfiles.fields import JsonObject, flag, inner, many, number, text, whole
from chalicelib.presetfiles.worlds import OF_BOOKS, as_world_entry

USUAL: EntryJson = {
    "key": [],
    "keysecondary": [],
    "comment": "",
    "content": "",
    "constant": False,
    "vectorized": False,
    "selective": True,
    "selectiveLogic": 0,
    "addMemo": False,
    "order": 100,
    "position": 0,
    "disable": False,
    "ignoreBudget": False,
    "excludeRecursion": False,
    "preventRecursion": False,
    "matchPersonaDescription": False,
    "matchCharacterDescription": False,
    "matchCharacterPersonality": False,
    "matchCharacterDepthPrompt": False,
    "matchScenario": False,
    "matchCreatorNotes": False,
    "delayUntilRecursion": 0,
    "probability": 100,
    "useProbability": True,
    "depth": 4,
    "outletName": "",
    "group": "",
    "groupOverride": False,
    "groupWeight": 100,
    "scanDepth": None,
    "caseSensitive": None,
    "matchWholeWords": None,
    "useGroupScoring": None,
    "automationId": "",
    "role": 0,
    "sticky": None,
    "cooldown": None,
    "delay": None,
    "triggers": [],
}
"""What a new entry says. (What a file leaves out is another matter: `worlds.read_entry`.)"""
_NOT_USUAL_UNSAID = ("selective", "position", "probability", "useProbability")
"""Fields that are not as usual where a file leaves them out."""
_PATTERN = re.compile(r"/.+/[a-z]*", re.DOTALL)
_AGNAI_PRIORITY = 100


def new_entry(fields: Mapping[str, Any]) -> EntryJson:
    return copy.deepcopy(USUAL) | {"addMemo": True} | dict(fields)


def light(entry: Mapping[str, Any], content_characters: int) -> EntryJson:
    """The entry without what it says anyway, and the beginning of its content.

    Where leaving a field out means something else than its usual value, a light entry says null for it.
    """
    kept = {key: value for key, value in entry.items() if key not in USUAL or value != USUAL[key]}
    kept.pop("uid", None)
    kept |= {key: None for key in _NOT_USUAL_UNSAID if key not in entry}
    content = kept.get("content")
    if isinstance(content, str) and len(content) > content_characters:
        kept["content"] = content[:content_characters]
    return kept


def read_lorebook(given: object, *, name: str = "") -> WorldFile:
    """The world in a file's JSON; `name` is the file's. Raises InvalidWorld."""
    if not isinstance(given, Mapping):
        raise InvalidWorld("This file holds no world: it should be a JSON object.")
    found = _read(given, name)
    if len(found.entries) > ENTRIES_MOST:
        raise InvalidWorld(f"This world has {len(found.entries):,} entries; at most {ENTRIES_MOST:,} fit.")
    return found.model_copy(update={"entries": list(_numbered(found.entries))})


def write_world(entries: Iterable[EntryJson], rest: Mapping[str, Any]) -> dict[str, Any]:
    """The file SillyTavern reads; each entry has its `uid`."""
    return {**rest, "entries": {str(entry["uid"]): entry for entry in entries}}


def book_of_world(entries: Iterable[EntryJson], *, name: str, rest: Mapping[str, Any]) -> Book:
    """The world as the book that travels inside a card."""
    kept = inner(rest, "originalData")
    about = {key: value for key, value in kept.items() if key not in ("entries", "name")}
    came = {_id_of(one, place): one for place, one in enumerate(many(kept, "entries"))}
    made = [_as_book_entry(one, came.get(one["uid"], {})) for one in entries]
    return Book.model_validate({**about, "name": name, "entries": made})


def _read(given: JsonObject, name: str) -> WorldFile:
    if given.get("type") == "risu" and isinstance(given.get("data"), list):
        return WorldFile(name=name, entries=[_from_risu(one) for one in many(given, "data")], format="risu")
    if given.get("spec") == "lorebook_v3" and isinstance(given.get("data"), Mapping):
        return _from_book(given["data"], name)
    book = inner(inner(given, "data"), "character_book") or inner(given, "character_book")
    if book:
        return _from_book(book, name)
    entries = given.get("entries")
    if isinstance(entries, Mapping):
        return _from_sillytavern(given, [one for _, one in sorted(entries.items(), key=_by_number)], name)
    if not isinstance(entries, list):
        raise InvalidWorld("This file holds no world: there are no entries in it.")
    if "lorebookVersion" in given:
        return WorldFile(name=name, entries=[_from_novelai(one) for one in many(given, "entries")], format="novelai")
    if given.get("kind") == "memory":
        found = [_from_agnai(one) for one in many(given, "entries")]
        return WorldFile(name=text(given, "name") or name, entries=found, format="agnai")
    if any(isinstance(one, Mapping) and "keys" in one for one in entries):
        return _from_book(given, name)
    return _from_sillytavern(given, entries, name)


def _from_sillytavern(given: JsonObject, entries: list[Any], name: str) -> WorldFile:
    return WorldFile(
        name=text(given, "name") or name,
        entries=[dict(one) for one in entries if isinstance(one, Mapping)],
        rest={key: value for key, value in given.items() if key != "entries"},
    )


def _from_book(given: JsonObject, name: str) -> WorldFile:
    try:
        book = Book.model_validate(given)
    except ValidationError:
        raise InvalidWorld("The book in this file is damaged: its entries cannot be read.") from None
    return WorldFile(
        name=book.name or name, entries=entries_of_book(book), rest={"originalData": dict(given)}, format="card"
    )


def entries_of_book(book: Book) -> list[EntryJson]:
    """The book of a card as a world's entries; what SillyTavern has no field for stays in `extensions`."""
    found = []
    for place, one in enumerate(book.entries):
        names = set(OF_BOOKS.values())
        more = {key: value for key, value in one.extensions.items() if key not in names}
        entry = new_entry(as_world_entry(one, place))
        if "display_index" in more:
            entry["displayIndex"] = more.pop("display_index")
        if more:
            entry["extensions"] = more
        found.append(entry)
    return found


def _as_book_entry(entry: EntryJson, came: JsonObject) -> dict[str, Any]:
    """`came` is the book's entry that it once was: what a world has no field for is taken from there."""
    known = {name: entry[key] for key, name in OF_BOOKS.items() if key in entry}
    if "displayIndex" in entry:
        known["display_index"] = entry["displayIndex"]
    return {
        **came,
        "id": entry["uid"],
        "keys": entry.get("key", []),
        "secondary_keys": entry.get("keysecondary", []),
        "comment": text(entry, "comment"),
        "content": text(entry, "content"),
        "constant": flag(entry, "constant"),
        "selective": flag(entry, "selective", True),
        "insertion_order": number(entry, "order") if number(entry, "order") is not None else 100,
        "enabled": not flag(entry, "disable"),
        "position": "before_char" if entry.get("position", 0) == 0 else "after_char",
        "use_regex": True,
        "extensions": {**inner(came, "extensions"), **inner(entry, "extensions"), **known},
    }


def _id_of(entry: JsonObject, place: int) -> int:
    found = entry.get("id")
    return found if isinstance(found, int) else place


def _from_risu(given: JsonObject) -> EntryJson:
    keys, pattern = _listed(text(given, "key")), flag(given, "useRegex")
    probability = number(given, "activationPercent")
    fields: dict[str, Any] = {
        "key": keys if not pattern else [one if _PATTERN.fullmatch(one) else f"/{one}/" for one in keys],
        "keysecondary": _listed(text(given, "secondkey")),
        "comment": text(given, "comment"),
        "content": text(given, "content"),
        "constant": flag(given, "alwaysActive"),
        "selective": flag(given, "selective"),
        "order": whole(given, "insertorder", 100),
    }
    if probability is not None:
        fields["probability"] = probability
    if folder := text(given, "folder"):
        fields["folder"] = folder
    return new_entry(fields)


def _from_novelai(given: JsonObject) -> EntryJson:
    order = number(inner(given, "contextConfig"), "budgetPriority")
    fields: dict[str, Any] = {
        "key": [one for one in given.get("keys") or [] if isinstance(one, str)],
        "comment": text(given, "displayName"),
        "content": text(given, "text"),
        "constant": flag(given, "forceActivation"),
        "selective": False,
        "order": 100 if order is None else order,
        "disable": not flag(given, "enabled", True),
    }
    return new_entry(fields)


def _from_agnai(given: JsonObject) -> EntryJson:
    weight = number(given, "weight")
    fields: dict[str, Any] = {
        "key": [one for one in given.get("keywords") or [] if isinstance(one, str)],
        "comment": text(given, "name"),
        "content": text(given, "entry"),
        "selective": False,
        "order": _AGNAI_PRIORITY if weight is None else weight,
        "disable": not flag(given, "enabled", True),
    }
    return new_entry(fields)


def _listed(keys: str) -> list[str]:
    return [one.strip() for one in keys.split(",") if one.strip()]


def _by_number(item: tuple[str, Any]) -> tuple[bool, int, str]:
    """JavaScript's order of an object's keys: numbers first, rising."""
    key = item[0]
    is_number = key.isascii() and key.isdigit()
    return not is_number, int(key[:20]) if is_number else 0, "" if is_number else key


def _numbered(entries: Iterable[EntryJson]) -> Iterable[EntryJson]:
    """The entries with numbers of their own: those that came without one, or with another's, get the next."""
    found = list(entries)
    taken: set[int] = set()
    good: list[bool] = []
    for entry in found:
        uid = entry.get("uid")
        fits = isinstance(uid, int) and not isinstance(uid, bool) and 0 <= uid <= UID_MOST and uid not in taken
        good.append(fits)
        if fits:
            taken.add(entry["uid"])
    following = 0
    for entry, fits in zip(found, good, strict=True):
        if not fits:
            while following in taken:
                following += 1
            taken.add(following)
            entry["uid"] = following
    return sorted(found, key=lambda entry: int(entry["uid"]))
