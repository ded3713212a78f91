"""Worlds as SillyTavern keeps them, the lorebook inside a card, and the settings of a scan.

Keys that nobody here knows are kept in `extra`, for the way back.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from chalicelib.models.cards import Book, BookEntry
from chalicelib.models.worlds import EntryFilter, EntryPlace, Logic, World, WorldEntry, WorldSettings
from chalicelib.presetfiles.fields import JsonObject, flag, inner, number, role, text, whole

_PLACES: dict[int, EntryPlace] = {
    0: "before",
    1: "after",
    2: "note_top",
    3: "note_bottom",
    4: "in_chat",
    5: "examples_top",
    6: "examples_bottom",
    7: "outlet",
}
_LOGICS: dict[int, Logic] = {0: "and_any", 1: "not_all", 2: "not_any", 3: "and_all"}
_Match = Literal["persona", "description", "personality", "card_note", "scenario", "creator_notes"]
_MATCHES: dict[str, _Match] = {
    "matchPersonaDescription": "persona",
    "matchCharacterDescription": "description",
    "matchCharacterPersonality": "personality",
    "matchCharacterDepthPrompt": "card_note",
    "matchScenario": "scenario",
    "matchCreatorNotes": "creator_notes",
}
OF_BOOKS = {
    "position": "position",
    "excludeRecursion": "exclude_recursion",
    "preventRecursion": "prevent_recursion",
    "delayUntilRecursion": "delay_until_recursion",
    "probability": "probability",
    "useProbability": "useProbability",
    "depth": "depth",
    "selectiveLogic": "selectiveLogic",
    "outletName": "outlet_name",
    "group": "group",
    "groupOverride": "group_override",
    "groupWeight": "group_weight",
    "scanDepth": "scan_depth",
    "matchWholeWords": "match_whole_words",
    "useGroupScoring": "use_group_scoring",
    "caseSensitive": "case_sensitive",
    "automationId": "automation_id",
    "role": "role",
    "vectorized": "vectorized",
    "sticky": "sticky",
    "cooldown": "cooldown",
    "delay": "delay",
    "matchPersonaDescription": "match_persona_description",
    "matchCharacterDescription": "match_character_description",
    "matchCharacterPersonality": "match_character_personality",
    "matchCharacterDepthPrompt": "match_character_depth_prompt",
    "matchScenario": "match_scenario",
    "matchCreatorNotes": "match_creator_notes",
    "triggers": "triggers",
    "ignoreBudget": "ignore_budget",
}
"""Where the extensions of a card's entry keep what a world's entry has a key for."""
_KNOWN = {
    *("uid", "comment", "content", "key", "keysecondary", "selective", "constant", "disable", "order"),
    *("characterFilter", *OF_BOOKS),
}
_STRATEGIES: dict[int, Literal["evenly", "character_first", "global_first"]] = {
    0: "evenly",
    1: "character_first",
    2: "global_first",
}


def read_world(given: JsonObject, *, name: str, id: str = "") -> World:
    """A world's file; its entries in the order of the file."""
    entries = given.get("entries")
    found: list[Any] = list(entries.values()) if isinstance(entries, Mapping) else entries or []
    return World(
        id=id,
        name=name,
        entries=[read_entry(one, number) for number, one in enumerate(found) if isinstance(one, Mapping)],
        extra={key: value for key, value in given.items() if key != "entries"},
    )


def from_book(book: Book, *, name: str = "", id: str = "") -> World:
    """The lorebook inside a card."""
    entries = [read_entry(as_world_entry(one, number), number) for number, one in enumerate(book.entries)]
    return World(id=id, name=book.name or name, entries=entries)


def read_settings(given: JsonObject) -> WorldSettings:
    """`world_info_settings`."""
    budget = number(given, "world_info_budget")
    return WorldSettings(
        depth=max(whole(given, "world_info_depth", 2), 0),
        min_activations=max(whole(given, "world_info_min_activations", 0), 0),
        min_activations_depth=max(whole(given, "world_info_min_activations_depth_max", 0), 0),
        budget_percent=25 if budget is None else budget,
        budget_cap=max(whole(given, "world_info_budget_cap", 0), 0),
        include_names=flag(given, "world_info_include_names", True),
        recursive=flag(given, "world_info_recursive", True),
        case_sensitive=flag(given, "world_info_case_sensitive"),
        whole_words=flag(given, "world_info_match_whole_words", True),
        group_scoring=flag(given, "world_info_use_group_scoring"),
        strategy=_STRATEGIES.get(whole(given, "world_info_character_strategy", 1), "character_first"),
        recursion_most=max(whole(given, "world_info_max_recursion_steps", 0), 0),
    )


def read_entry(given: JsonObject, place: int) -> WorldEntry:
    """An entry of a world's file; `place` is its number where it has none itself.

    What a file does not say is what SillyTavern makes of that: no chance is thrown, secondary keys do not count, and a
    chance that is thrown without a number is lost.
    """
    groups = text(given, "group")
    weight, probability, order = number(given, "groupWeight"), number(given, "probability"), number(given, "order")
    return WorldEntry(
        uid=whole(given, "uid", place),
        title=text(given, "comment"),
        content=text(given, "content"),
        keys=list(_texts(given, "key")),
        secondary_keys=list(_texts(given, "keysecondary")),
        selective=flag(given, "selective"),
        logic=_LOGICS.get(whole(given, "selectiveLogic", 0), "and_any"),
        constant=flag(given, "constant"),
        disabled=flag(given, "disable"),
        order=100 if order is None else order,
        place=_PLACES.get(whole(given, "position", -1), "nowhere"),
        depth=whole(given, "depth", 4),
        role=role(given, "role"),
        outlet=text(given, "outletName"),
        ignore_budget=flag(given, "ignoreBudget"),
        exclude_recursion=flag(given, "excludeRecursion"),
        prevent_recursion=flag(given, "preventRecursion"),
        delay_until_recursion=_level(given),
        probability=probability or 0,
        use_probability=flag(given, "useProbability"),
        groups=[one.strip() for one in groups.split(",") if one.strip()],
        group_text=groups,
        group_override=flag(given, "groupOverride"),
        group_weight=100 if weight is None else weight,
        group_scoring=_choice(given, "useGroupScoring"),
        scan_depth=_number(given, "scanDepth"),
        case_sensitive=_choice(given, "caseSensitive"),
        whole_words=_choice(given, "matchWholeWords"),
        sticky=_number(given, "sticky"),
        cooldown=_number(given, "cooldown"),
        delay=_number(given, "delay"),
        triggers=list(_texts(given, "triggers")),
        filter=_filter(inner(given, "characterFilter")),
        matches=[name for key, name in _MATCHES.items() if flag(given, key)],
        vectorized=flag(given, "vectorized"),
        automation_id=text(given, "automationId"),
        extra={key: value for key, value in given.items() if key not in _KNOWN},
    )


def as_world_entry(entry: BookEntry, place: int) -> dict[str, Any]:
    """A card's entry with the keys of a world's. Its place is before the card unless it says otherwise."""
    extensions = entry.extensions
    given: dict[str, Any] = {key: extensions[name] for key, name in OF_BOOKS.items() if name in extensions}
    if not isinstance(given.get("position"), int):
        given["position"] = 0 if entry.position in (None, "before_char") else 1
    for key, usual in (("useProbability", True), ("probability", 100)):
        if given.get(key) is None:
            given[key] = usual
    if entry.case_sensitive is not None and given.get("caseSensitive") is None:
        given["caseSensitive"] = entry.case_sensitive
    return given | {
        "uid": entry.id if isinstance(entry.id, int) else place,
        "comment": entry.comment or entry.name or "",
        "content": entry.content,
        "key": entry.keys,
        "keysecondary": entry.secondary_keys or [],
        "selective": bool(entry.selective),
        "constant": bool(entry.constant),
        "disable": not entry.enabled,
        "order": entry.insertion_order,
    }


def _filter(given: JsonObject) -> EntryFilter | None:
    names, tags = list(_texts(given, "names")), list(_texts(given, "tags"))
    return EntryFilter(excludes=flag(given, "isExclude"), names=names, tags=tags) if names or tags else None


def _level(given: JsonObject) -> int:
    value = given.get("delayUntilRecursion")
    return int(value) if isinstance(value, bool) else max(whole(given, "delayUntilRecursion", 0), 0)


def _texts(given: JsonObject, key: str) -> Iterator[str]:
    value = given.get(key)
    if isinstance(value, str):
        yield from (one.strip() for one in value.split(",") if one.strip())
    elif isinstance(value, list):
        yield from (one for one in value if isinstance(one, str))


def _choice(given: JsonObject, key: str) -> bool | None:
    value = given.get(key)
    return value if isinstance(value, bool) else None


def _number(given: JsonObject, key: str) -> int | None:
    return None if given.get(key) is None else whole(given, key, 0)
