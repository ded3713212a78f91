"""SillyTavern's settings.json: what came from one is kept, and what is known here stands in it as it is by now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from chalicelib.models.worlds import WorldSettings

_STRATEGIES = {"evenly": 0, "character_first": 1, "global_first": 2}
_PLACES = {"in_prompt": 0, "top_of_note": 2, "bottom_of_note": 3, "in_chat": 4, "nowhere": 9}
_ROLES = {"system": 0, "user": 1, "assistant": 2}
_WHOLE = ("tag_map",)
_CHOSEN = {
    "instruct": ("instruct", "preset"),
    "context": ("context", "preset"),
    "system": ("sysprompt", "name"),
    "reasoning": ("reasoning", "name"),
}


@dataclass
class Settings:
    """What stands in settings.json. Things are named by their files, as SillyTavern does."""

    username: str = ""
    personas: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Personas, as their models say, by their pictures' files."""
    persona_worlds: dict[str, str] = field(default_factory=dict)
    persona_locks: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    """What personas are locked to, by their pictures' files: `{type, id}` as SillyTavern has it."""
    chosen_persona: str = ""
    tags_of: dict[str, list[str]] = field(default_factory=dict)
    """By characters' files."""
    worlds_everywhere: list[str] = field(default_factory=list)
    more_worlds: dict[str, list[str]] = field(default_factory=dict)
    """Worlds of a character besides the one its card names, by the file's name without its ending."""
    world_settings: WorldSettings = field(default_factory=WorldSettings)
    scripts: list[dict[str, Any]] = field(default_factory=list)
    quick_sets: list[tuple[str, bool]] = field(default_factory=list)
    """Names of sets, and whether they are shown."""
    variables: dict[str, Any] = field(default_factory=dict)
    chat_preset: str = ""
    text_preset: str = ""
    templates: dict[str, str] = field(default_factory=dict)
    """Names of the chosen ones, by what they are."""
    reply_start: str = ""
    """Words every reply begins with."""
    shows_reply_start: bool = True
    legacy_macros: bool = False
    kept: dict[str, Any] = field(default_factory=dict)
    """Settings that somebody brought along."""


def write_settings(settings: Settings) -> dict[str, Any]:
    """The file. What stands in none of ours has SillyTavern's defaults when it is opened."""
    tags, tag_map = _tags(settings.tags_of, settings.kept.get("tags"))
    sets = [{"set": name, "isVisible": shown} for name, shown in settings.quick_sets]
    power_user: dict[str, Any] = {
        "personas": {file: persona.get("name", "") for file, persona in settings.personas.items()},
        "persona_descriptions": {
            file: _described(persona, settings.persona_worlds.get(file, ""), settings.persona_locks.get(file, []))
            for file, persona in settings.personas.items()
        },
        "default_persona": settings.chosen_persona or None,
        "user_prompt_bias": settings.reply_start,
        "show_user_prompt_bias": settings.shows_reply_start,
        "experimental_macro_engine": not settings.legacy_macros,
    }
    for kind, name in settings.templates.items():
        key, field_of_name = _CHOSEN[kind]
        power_user[key] = {field_of_name: name}
    given: dict[str, Any] = {
        "firstRun": False,
        "username": settings.username,
        "user_avatar": settings.chosen_persona,
        "power_user": power_user,
        "extension_settings": {
            "regex": settings.scripts,
            "quickReplyV2": {"isEnabled": bool(sets), "config": {"setList": sets}},
            "variables": {"global": settings.variables},
        },
        "tags": tags,
        "tag_map": tag_map,
        "world_info_settings": _worlds(settings),
    }
    if settings.chat_preset:
        given["oai_settings"] = {"preset_settings_openai": settings.chat_preset}
    if settings.text_preset:
        given["textgenerationwebui_settings"] = {"preset": settings.text_preset}
    return _over(settings.kept, given)


def _over(kept: Mapping[str, Any], given: Mapping[str, Any], depth: int = 2) -> dict[str, Any]:
    """What was kept, and over it what is given: at the top and one level below key by key, deeper as a whole."""
    merged = {**kept, **given}
    for key, value in given.items():
        before = kept.get(key)
        if depth > 1 and key not in _WHOLE and isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[key] = _over(before, value, depth - 1)
    return merged


def _described(persona: Mapping[str, Any], world: str, locks: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """One of `persona_descriptions`: what came, under what is said here."""
    kept = persona.get("file") or {}
    said: dict[str, Any] = {
        "description": persona.get("description", ""),
        "position": _PLACES.get(str(persona.get("place")), 0),
        "depth": persona.get("depth", 2),
        "role": _ROLES.get(str(persona.get("role")), 0),
        "title": persona.get("title", ""),
    }
    if world or "lorebook" in kept:
        said["lorebook"] = world
    if locks:
        said["connections"] = list(locks)
    return {**kept, **said}


def _tags(tags_of: Mapping[str, Sequence[str]], kept: Any) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    """Tags with their colours where they came along, and who has them."""
    tags: dict[str, dict[str, Any]] = {}
    for one in kept if isinstance(kept, list) else []:
        if isinstance(one, dict) and isinstance(one.get("name"), str) and isinstance(one.get("id"), str):
            tags.setdefault(one["name"].casefold(), one)
    ids = {one["id"] for one in tags.values()}
    for given in tags_of.values():
        for name in given:
            if name.casefold() not in tags:
                number = next(number for number in count(len(tags) + 1) if f"tag-{number}" not in ids)
                tags[name.casefold()] = {
                    "id": f"tag-{number}",
                    "name": name,
                    "folder_type": "NONE",
                    "sort_order": number,
                    "color": "",
                    "color2": "",
                }
                ids.add(f"tag-{number}")
    tag_map = {file: [tags[name.casefold()]["id"] for name in given] for file, given in tags_of.items() if given}
    return list(tags.values()), tag_map


def _worlds(settings: Settings) -> dict[str, Any]:
    how = settings.world_settings
    lore = [{"name": name, "extraBooks": books} for name, books in settings.more_worlds.items() if books]
    return {
        "world_info": {"globalSelect": settings.worlds_everywhere, "charLore": lore},
        "world_info_depth": how.depth,
        "world_info_min_activations": how.min_activations,
        "world_info_min_activations_depth_max": how.min_activations_depth,
        "world_info_budget": how.budget_percent,
        "world_info_budget_cap": how.budget_cap,
        "world_info_include_names": how.include_names,
        "world_info_recursive": how.recursive,
        "world_info_case_sensitive": how.case_sensitive,
        "world_info_match_whole_words": how.whole_words,
        "world_info_use_group_scoring": how.group_scoring,
        "world_info_character_strategy": _STRATEGIES[how.strategy],
        "world_info_max_recursion_steps": how.recursion_most,
    }
