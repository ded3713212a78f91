"""A group of SillyTavern: who belongs to it and how it speaks."""

from collections.abc import Mapping
from typing import Literal

from chalicelib.models.scenes import Actor, Group
from chalicelib.presetfiles.fields import JsonObject, flag, text, whole

_ORDERS: dict[int, Literal["natural", "list", "manual", "pooled"]] = {0: "natural", 1: "list", 2: "manual", 3: "pooled"}
_CARDS: dict[int, Literal["swap", "join", "join_all"]] = {0: "swap", 1: "join", 2: "join_all"}


def read_group(given: JsonObject, actors: Mapping[str, Actor]) -> Group:
    """`actors` by the names of their pictures' files. A member that is not there is left out."""
    members, muted = given.get("members"), given.get("disabled_members")
    off = {one for one in muted if isinstance(one, str)} if isinstance(muted, list) else set()
    taken = [one for one in members if isinstance(one, str) and one in actors] if isinstance(members, list) else []
    return Group(
        name=text(given, "name"),
        actors=tuple(_member(actors[file], muted=file in off) for file in taken),
        cards=_CARDS.get(whole(given, "generation_mode", 0), "swap"),
        join_prefix=text(given, "generation_mode_join_prefix"),
        join_suffix=text(given, "generation_mode_join_suffix"),
        order=_ORDERS.get(whole(given, "activation_strategy", 0), "natural"),
        self_replies=flag(given, "allow_self_responses"),
    )


def _member(actor: Actor, *, muted: bool) -> Actor:
    return Actor(id=actor.id, card=actor.card, tags=actor.tags, muted=muted)
