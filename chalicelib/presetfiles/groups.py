"""A group of SillyTavern: who belongs to it and how it speaks; read, and written back with what was edited."""

from collections.abc import Mapping
from typing import Any, Literal

from chalicelib.models.groups import AUTO_DELAY_SECONDS_MOST, GroupCards, GroupOrder, GroupSettings, Member
from chalicelib.models.scenes import Actor, Group
from chalicelib.presetfiles.fields import JsonObject, flag, inner, text, whole

_ORDERS: dict[int, Literal["natural", "list", "manual", "pooled"]] = {0: "natural", 1: "list", 2: "manual", 3: "pooled"}
_CARDS: dict[int, Literal["swap", "join", "join_all"]] = {0: "swap", 1: "join", 2: "join_all"}
_NUMBERS_OF_ORDERS: dict[GroupOrder, int] = {word: number for number, word in _ORDERS.items()}
_NUMBERS_OF_CARDS: dict[GroupCards, int] = {word: number for number, word in _CARDS.items()}
_NAME_CHARACTERS_MOST = 200
_JOIN_CHARACTERS_MOST = 2_000
_OF_CHATS = ("chat_metadata", "past_metadata")


def read_group(given: JsonObject, actors: Mapping[str, Actor]) -> Group:
    """`actors` by the names of their pictures' files. A member that is not there is left out."""
    settings = read_settings(given)
    taken = [(file, muted) for file, muted in read_members(given) if file in actors]
    return Group(
        name=settings.name,
        actors=tuple(_member(actors[file], muted=muted) for file, muted in taken),
        cards=settings.cards,
        join_prefix=settings.join_prefix,
        join_suffix=settings.join_suffix,
        order=settings.order,
        self_replies=settings.self_replies,
    )


def read_settings(given: JsonObject) -> GroupSettings:
    delay = whole(given, "auto_mode_delay", 5)
    return GroupSettings(
        name=text(given, "name")[:_NAME_CHARACTERS_MOST],
        cards=_CARDS.get(whole(given, "generation_mode", 0), "swap"),
        join_prefix=text(given, "generation_mode_join_prefix")[:_JOIN_CHARACTERS_MOST],
        join_suffix=text(given, "generation_mode_join_suffix")[:_JOIN_CHARACTERS_MOST],
        order=_ORDERS.get(whole(given, "activation_strategy", 0), "natural"),
        self_replies=flag(given, "allow_self_responses"),
        auto_delay_seconds=min(max(delay, 1), AUTO_DELAY_SECONDS_MOST),
        favourite=flag(given, "fav"),
    )


def read_members(given: JsonObject) -> list[tuple[str, bool]]:
    """The members in their order, each by the name of its picture's file, and whether it is muted."""
    members, muted = given.get("members"), given.get("disabled_members")
    off = {one for one in muted if isinstance(one, str)} if isinstance(muted, list) else set()
    named = [one for one in members if isinstance(one, str)] if isinstance(members, list) else []
    return [(file, file in off) for file in dict.fromkeys(named)]


def split_metadata(given: JsonObject) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The group without the metadata of its chats, and those by the names of the chats' files.

    Old files hold them; they belong into the first lines of the chats, where today's SillyTavern has them.
    """
    found = {name: dict(one) for name, one in inner(given, "past_metadata").items() if isinstance(one, Mapping)}
    own = inner(given, "chat_metadata")
    if own and text(given, "chat_id"):
        found[text(given, "chat_id")] = dict(own)
    return {key: value for key, value in given.items() if key not in _OF_CHATS}, found


def write_group(
    file: JsonObject, settings: GroupSettings, members: list[Member], files: Mapping[str, str]
) -> dict[str, Any]:
    """The group's file: as it came, with what was edited. `files` are the names of pictures' files by our ids.

    A setting that reads the same as ours stays as it was written.
    """
    before = read_settings(file)
    written: dict[str, Any] = {
        "name": settings.name,
        "activation_strategy": _NUMBERS_OF_ORDERS[settings.order],
        "generation_mode": _NUMBERS_OF_CARDS[settings.cards],
        "generation_mode_join_prefix": settings.join_prefix,
        "generation_mode_join_suffix": settings.join_suffix,
        "allow_self_responses": settings.self_replies,
        "auto_mode_delay": settings.auto_delay_seconds,
        "fav": settings.favourite,
    }
    names = {
        "name": "name",
        "order": "activation_strategy",
        "cards": "generation_mode",
        "join_prefix": "generation_mode_join_prefix",
        "join_suffix": "generation_mode_join_suffix",
        "self_replies": "allow_self_responses",
        "auto_delay_seconds": "auto_mode_delay",
        "favourite": "fav",
    }
    same = {names[one] for one in names if getattr(before, one) == getattr(settings, one)}
    kept = {key: value for key, value in written.items() if key not in same or not file}
    named = [(_file_of(member, files), member.muted) for member in members]
    return {
        **file,
        **kept,
        "members": [name for name, _ in named if name],
        "disabled_members": [name for name, muted in named if name and muted],
    }


def _file_of(member: Member, files: Mapping[str, str]) -> str:
    return files.get(member.character_id or "", "") or member.file


def _member(actor: Actor, *, muted: bool) -> Actor:
    return Actor(id=actor.id, card=actor.card, tags=actor.tags, muted=muted)
