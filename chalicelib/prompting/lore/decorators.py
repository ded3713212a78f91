"""Decorators: the leading `@@name value` lines of an entry, as card specification V3 describes them.

A line with three signs is what counts when the one above it is unknown, or says nothing here. Three of the twenty count
tokens of a text that is no chat (`instruct_depth`, its reverse, `instruct_scan_depth`): known, and passed over.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, cast

from chalicelib.models.worlds import WorldEntry

FALLBACKS_MOST = 20
_LINE = re.compile(r"(@@@?)([A-Za-z_]+)[ \t]*(.*)")
_NUMBER = re.compile(r"-?\d{1,6}\Z")
_PLACES = ("after_desc", "before_desc", "personality", "scenario")


@dataclass(frozen=True, slots=True)
class Decorators:
    activate: bool = False
    dont_activate: bool = False
    after: int | None = None
    every: int | None = None
    keep_after_match: bool = False
    not_after_match: bool = False
    depth: int | None = None
    reverse_depth: int | None = None
    role: Literal["assistant", "system", "user"] | None = None
    scan_depth: int | None = None
    greeting: int | None = None
    place: Literal["after_desc", "before_desc", "personality", "scenario"] | None = None
    yields: bool = False
    """Given up first when the budget is full."""
    additional: tuple[tuple[str, ...], ...] = ()
    """One of each list must be there too."""
    excluded: tuple[str, ...] = ()
    user_icon: str | None = None
    without: tuple[Literal["system_prompt", "post_history_instructions"], ...] = ()

    @property
    def remembers(self) -> bool:
        """Whether it counts that the entry has matched before."""
        return self.keep_after_match or self.not_after_match


NONE = Decorators()


def decorated(content: str) -> tuple[Decorators, str]:
    """What the leading lines say, and the content without them."""
    if not content.startswith("@@"):
        return NONE, content
    found = NONE
    seen: set[str] = set()
    lines = content.split("\n")
    waiting = False
    count = 0
    for line in lines:
        if not line.startswith("@@"):
            break
        count += 1
        match = _LINE.match(line)
        if match is None:
            waiting = True
            continue
        signs, name, value = match[1], match[2].lower(), match[3].strip()
        if signs == "@@@" and not waiting:
            continue
        read = _READ.get(name)
        changed = read(found, value) if read and (name not in seen or name in _REPEATABLE) else None
        waiting = read is None or changed is None
        if changed is not None:
            seen.add(name)
            found = changed
    return found, "\n".join(lines[count:])


def applied(entry: WorldEntry) -> tuple[WorldEntry, Decorators]:
    """The entry as its decorators change it, their lines gone."""
    if not entry.content.startswith("@@"):
        return entry, NONE
    found, content = decorated(entry.content)
    changes: dict[str, object] = {"content": content}
    if found.scan_depth is not None:
        changes["scan_depth"] = found.scan_depth
    if found.role is not None:
        changes["role"] = found.role
    if found.place == "before_desc":
        changes["place"] = "before"
    elif found.place == "after_desc":
        changes["place"] = "after"
    elif found.place is None and found.depth is not None:
        changes.update(place="in_chat", depth=max(found.depth, 0))
    elif found.place is None and (found.reverse_depth is not None or found.role is not None):
        changes["place"] = "in_chat"
    return entry.model_copy(update=changes), found


def _number(field: str) -> Callable[[Decorators, str], Decorators | None]:
    def read(found: Decorators, value: str) -> Decorators | None:
        return replace(found, **{field: int(value)}) if _NUMBER.match(value) else None  # type: ignore[arg-type]

    return read


def _switch(field: str) -> Callable[[Decorators, str], Decorators | None]:
    def read(found: Decorators, value: str) -> Decorators | None:
        return replace(found, **{field: value.lower() != "false"})  # type: ignore[arg-type]

    return read


def _list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _additional(found: Decorators, value: str) -> Decorators | None:
    return replace(found, additional=(*found.additional, _list(value))) if _list(value) else None


def _excluded(found: Decorators, value: str) -> Decorators | None:
    return replace(found, excluded=(*found.excluded, *_list(value))) if _list(value) else None


def _role(found: Decorators, value: str) -> Decorators | None:
    if value not in ("assistant", "system", "user"):
        return None
    return replace(found, role=cast(Literal["assistant", "system", "user"], value))


def _place(found: Decorators, value: str) -> Decorators | None:
    if value not in _PLACES:
        return None
    return replace(found, place=cast(Literal["after_desc", "before_desc", "personality", "scenario"], value))


def _without(found: Decorators, value: str) -> Decorators | None:
    if value not in ("system_prompt", "post_history_instructions"):
        return None
    part = cast(Literal["system_prompt", "post_history_instructions"], value)
    return replace(found, without=(*found.without, part))


def _nothing(found: Decorators, value: str) -> Decorators | None:
    return None


_REPEATABLE = frozenset({"additional_keys", "exclude_keys", "disable_ui_prompt"})
_READ: dict[str, Callable[[Decorators, str], Decorators | None]] = {
    "activate_only_after": _number("after"),
    "activate_only_every": _number("every"),
    "keep_activate_after_match": _switch("keep_after_match"),
    "dont_activate_after_match": _switch("not_after_match"),
    "depth": _number("depth"),
    "instruct_depth": _nothing,
    "reverse_depth": _number("reverse_depth"),
    "reverse_instruct_depth": _nothing,
    "role": _role,
    "scan_depth": _number("scan_depth"),
    "instruct_scan_depth": _nothing,
    "is_greeting": _number("greeting"),
    "position": _place,
    "ignore_on_max_context": _switch("yields"),
    "additional_keys": _additional,
    "exclude_keys": _excluded,
    "is_user_icon": lambda found, value: replace(found, user_icon=value) if value else None,
    "activate": _switch("activate"),
    "dont_activate": _switch("dont_activate"),
    "disable_ui_prompt": _without,
}
