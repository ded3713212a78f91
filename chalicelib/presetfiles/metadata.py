"""What a chat's first line says besides its names: overrides, variables, injections."""

import copy
from typing import Any

from chalicelib.models.scenes import Injection, Overrides, Place
from chalicelib.models.worlds import Timed, TimedEffect
from chalicelib.presetfiles.fields import JsonObject, flag, inner, role, text, whole
from chalicelib.presetfiles.preferences import NOTE_PLACES


def read_overrides(metadata: JsonObject) -> Overrides:
    return Overrides(
        system_prompt=text(metadata, "system_prompt"),
        scenario=text(metadata, "scenario"),
        mes_example=text(metadata, "mes_example"),
    )


def read_variables(metadata: JsonObject) -> dict[str, Any]:
    return copy.deepcopy(dict(inner(metadata, "variables")))


def read_chat_hash(metadata: JsonObject) -> int | None:
    """What the choices of {{pick}} hang on; a chat has it once its first was made."""
    return whole(metadata, "chat_id_hash", 0) or None


def read_pick_reroll(metadata: JsonObject) -> str:
    """What was said to have all choices of {{pick}} made anew; "" where nothing was."""
    said = metadata.get("pick_reroll_seed")
    return str(said) if isinstance(said, int | str) and said else ""


def read_timed(metadata: JsonObject) -> Timed:
    """Which entries stick or rest."""
    found = inner(metadata, "timedWorldInfo")
    return Timed(sticky=_effects(inner(found, "sticky")), cooldown=_effects(inner(found, "cooldown")))


def write_timed(timed: Timed) -> dict[str, Any]:
    """What `timedWorldInfo` says. What only our decorators know has no place there."""
    kept = timed.model_dump(mode="json", include={"sticky", "cooldown"}, exclude_none=True)
    for effect in (*kept["sticky"].values(), *kept["cooldown"].values()):
        effect.pop("above", None)
    return kept


def read_injections(metadata: JsonObject) -> tuple[Injection, ...]:
    """In the order they were made."""
    found = inner(metadata, "script_injects")
    return tuple(_injection(id, one) for id, one in found.items() if isinstance(one, dict))


def _injection(id: str, given: JsonObject) -> Injection:
    place: Place = NOTE_PLACES.get(whole(given, "position", 0), "after_main")
    return Injection(
        id=id,
        text=text(given, "value"),
        place=place,
        depth=whole(given, "depth", 4),
        role=role(given, "role"),
        scanned=flag(given, "scan"),
    )


def _effects(given: JsonObject) -> dict[str, TimedEffect]:
    return {
        key: TimedEffect(
            hash=whole(one, "hash", 0) or None,
            start=whole(one, "start", 0),
            end=whole(one, "end", 0),
            protected=flag(one, "protected"),
        )
        for key, one in given.items()
        if isinstance(one, dict)
    }
