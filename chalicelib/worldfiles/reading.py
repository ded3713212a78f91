"""A world from SillyTavern's file, from a card's book, and the settings of scans from its settings.

What is missing has the value SillyTavern gives it; what is odd counts as missing. Keys we have no use for are kept.
"""

from collections.abc import Mapping
from typing import Any, Literal, cast

from chalicelib.models.cards import Book, BookEntry
from chalicelib.models.worlds import EntryFilter, EntryPlace, Logic, Role, World, WorldEntry, WorldSettings
from chalicelib.worldfiles.values import flag, maybe, number, strings, switch, text, whole

_POSITIONS: tuple[EntryPlace, ...] = (
    "before", "after", "note_top", "note_bottom", "in_chat", "examples_top", "examples_bottom", "outlet",
)  # fmt: skip
_LOGICS: tuple[Logic, ...] = ("and_any", "not_all", "not_any", "and_all")
_ROLES: tuple[Role, ...] = ("system", "user", "assistant")
_STRATEGIES: tuple[Literal["evenly", "character_first", "global_first"], ...] = (
    "evenly",
    "character_first",
    "global_first",
)
Source = Literal["persona", "description", "personality", "card_note", "scenario", "creator_notes"]
_MATCHES: dict[str, Source] = {
    "matchPersonaDescription": "persona",
    "matchCharacterDescription": "description",
    "matchCharacterPersonality": "personality",
    "matchCharacterDepthPrompt": "card_note",
    "matchScenario": "scenario",
    "matchCreatorNotes": "creator_notes",
}
# What an entry of a card's book calls in its extensions what a file of worlds has at its top.
_IN_EXTENSIONS = {
    "exclude_recursion": "excludeRecursion",
    "prevent_recursion": "preventRecursion",
    "delay_until_recursion": "delayUntilRecursion",
    "display_index": "displayIndex",
    "probability": "probability",
    "useProbability": "useProbability",
    "depth": "depth",
    "selectiveLogic": "selectiveLogic",
    "outlet_name": "outletName",
    "group": "group",
    "group_override": "groupOverride",
    "group_weight": "groupWeight",
    "scan_depth": "scanDepth",
    "match_whole_words": "matchWholeWords",
    "use_group_scoring": "useGroupScoring",
    "case_sensitive": "caseSensitive",
    "automation_id": "automationId",
    "role": "role",
    "vectorized": "vectorized",
    "sticky": "sticky",
    "cooldown": "cooldown",
    "delay": "delay",
    "match_persona_description": "matchPersonaDescription",
    "match_character_description": "matchCharacterDescription",
    "match_character_personality": "matchCharacterPersonality",
    "match_character_depth_prompt": "matchCharacterDepthPrompt",
    "match_scenario": "matchScenario",
    "match_creator_notes": "matchCreatorNotes",
    "triggers": "triggers",
    "ignore_budget": "ignoreBudget",
}
_READ = frozenset(_IN_EXTENSIONS.values()) | {
    "uid", "key", "keysecondary", "comment", "content", "constant", "selective", "order", "position", "disable",
    "characterFilter",
}  # fmt: skip


def read_world(given: Mapping[str, Any], *, name: str, id: str = "") -> World:
    """A file of worlds. Its entries keep their order."""
    entries = given.get("entries")
    found = list(entries.values()) if isinstance(entries, Mapping) else entries if isinstance(entries, list) else []
    return World(
        id=id,
        name=name,
        entries=[read_entry(entry, place) for place, entry in enumerate(found) if isinstance(entry, Mapping)],
        extra={key: value for key, value in given.items() if key != "entries"},
    )


def read_entry(given: Mapping[str, Any], number_: int = 0) -> WorldEntry:
    delay = given.get("delayUntilRecursion")
    position = given.get("position")
    group = text(given, "group")
    return WorldEntry(
        uid=whole(given, "uid", number_),
        title=text(given, "comment"),
        content=text(given, "content"),
        keys=strings(given, "key"),
        secondary_keys=strings(given, "keysecondary"),
        selective=flag(given, "selective", True),
        logic=_LOGICS[whole(given, "selectiveLogic", 0) % len(_LOGICS)],
        constant=flag(given, "constant"),
        disabled=flag(given, "disable"),
        order=number(given, "order", 100),
        place=_POSITIONS[position] if isinstance(position, int) and 0 <= position < len(_POSITIONS) else "nowhere",
        depth=max(whole(given, "depth", 4), 0),
        role=_ROLES[whole(given, "role", 0) % len(_ROLES)],
        outlet=text(given, "outletName").strip(),
        ignore_budget=flag(given, "ignoreBudget"),
        exclude_recursion=flag(given, "excludeRecursion"),
        prevent_recursion=flag(given, "preventRecursion"),
        delay_until_recursion=int(delay) if isinstance(delay, bool) else max(whole(given, "delayUntilRecursion", 0), 0),
        probability=number(given, "probability", 100),
        use_probability=flag(given, "useProbability", True),
        groups=[part.strip() for part in group.split(",") if part.strip()],
        group_text=group.strip(),
        group_override=flag(given, "groupOverride"),
        group_weight=number(given, "groupWeight", 100),
        group_scoring=switch(given, "useGroupScoring"),
        scan_depth=maybe(given, "scanDepth"),
        case_sensitive=switch(given, "caseSensitive"),
        whole_words=switch(given, "matchWholeWords"),
        sticky=maybe(given, "sticky"),
        cooldown=maybe(given, "cooldown"),
        delay=maybe(given, "delay"),
        triggers=strings(given, "triggers"),
        filter=_filter(given.get("characterFilter")),
        matches=[source for key, source in _MATCHES.items() if flag(given, key)],
        vectorized=flag(given, "vectorized"),
        automation_id=text(given, "automationId"),
        extra={key: value for key, value in given.items() if key not in _READ},
    )


def from_book(book: Book, *, id: str = "") -> World:
    """A card's book as a world."""
    return World(
        id=id,
        name=book.name or id,
        entries=[_from_book_entry(entry, number_) for number_, entry in enumerate(book.entries)],
        extra={"description": book.description} if book.description else {},
    )


def _from_book_entry(entry: BookEntry, number_: int) -> WorldEntry:
    given = {name: entry.extensions[key] for key, name in _IN_EXTENSIONS.items() if key in entry.extensions}
    given["uid"] = entry.id if isinstance(entry.id, int) else number_
    position = entry.extensions.get("position")
    given["position"] = position if isinstance(position, int) else 0 if entry.position == "before_char" else 1
    given.update(
        key=entry.keys,
        keysecondary=entry.secondary_keys or [],
        comment=entry.comment or entry.name or "",
        content=entry.content,
        constant=bool(entry.constant),
        selective=bool(entry.selective),
        order=entry.insertion_order,
        disable=not entry.enabled,
    )
    if given.get("caseSensitive") is None and entry.case_sensitive is not None:
        given["caseSensitive"] = entry.case_sensitive
    return read_entry(given, number_)


def read_settings(given: Mapping[str, Any]) -> WorldSettings:
    """How SillyTavern's `world_info_settings` say that worlds are scanned."""
    return WorldSettings(
        depth=max(whole(given, "world_info_depth", 2), 0),
        min_activations=max(whole(given, "world_info_min_activations", 0), 0),
        min_activations_depth=max(whole(given, "world_info_min_activations_depth_max", 0), 0),
        budget_percent=number(given, "world_info_budget", 25),
        budget_cap=max(whole(given, "world_info_budget_cap", 0), 0),
        include_names=flag(given, "world_info_include_names", True),
        recursive=flag(given, "world_info_recursive"),
        case_sensitive=flag(given, "world_info_case_sensitive"),
        whole_words=flag(given, "world_info_match_whole_words"),
        group_scoring=flag(given, "world_info_use_group_scoring"),
        strategy=_STRATEGIES[whole(given, "world_info_character_strategy", 1) % len(_STRATEGIES)],
        recursion_most=max(whole(given, "world_info_max_recursion_steps", 0), 0),
    )


def _filter(given: Any) -> EntryFilter | None:
    if not isinstance(given, Mapping):
        return None
    found = EntryFilter(
        excludes=flag(cast(Mapping[str, Any], given), "isExclude"),
        names=strings(given, "names"),
        tags=strings(given, "tags"),
    )
    return found if found.names or found.tags else None
