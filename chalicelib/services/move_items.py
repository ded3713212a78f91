"""What those who take items of a move have in common: the errand they are on, and what they answer."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from threading import Lock
from typing import NamedTuple, Protocol

from chalicelib.errors import AppError
from chalicelib.models.moves import MoveKind, MoveOutcome
from chalicelib.models.users import User
from chalicelib.moving.layout import Item
from chalicelib.moving.planning import Plan
from chalicelib.moving.reasons import SENTENCES, sentence
from chalicelib.moving.sources import Source
from chalicelib.stores.moves import MoveStore, place_key

ID_DIGITS = 6


class Taken(NamedTuple):
    """What became of an item."""

    outcome: MoveOutcome
    id: str | None = None
    reason: str = ""
    values: Mapping[str, str] = {}
    notes: tuple[str, ...] = ()
    """Sentences of those who read the file."""
    code: str | None = None
    also: tuple[str, ...] = ()
    """Other places that lead to the same: a group's chats."""

    @property
    def note(self) -> str:
        told = [sentence(self.reason, dict(self.values))] if self.reason else []
        return " ".join([*told, *self.notes])


def taken(id: str | None, *notes: str) -> Taken:
    return Taken("changed" if notes else "taken", id, notes=notes)


def changed(id: str | None, reason: str, *notes: str, **values: object) -> Taken:
    return Taken("changed", id, reason, {name: str(value) for name, value in values.items()}, notes)


def left_out(reason: str, id: str | None = None, **values: object) -> Taken:
    return Taken("left_out", id, reason, {name: str(value) for name, value in values.items()})


def refused(error: AppError) -> Taken:
    """What an error says of an item."""
    reason = error.code if error.code in SENTENCES and "{" not in SENTENCES[error.code] else ""
    return Taken("left_out", None, reason, notes=() if reason else (error.message,), code=error.code)


class Read(NamedTuple):
    """An item with what was read of it."""

    item: Item
    position: int
    data: bytes
    beside: dict[str, bytes]
    """What belongs to it, by paths."""
    content: str
    """A hash of all of it."""
    lost: int = 0
    """How many files beside it could not be read, or would not fit."""


@dataclass
class Errand:
    """One run of a move."""

    user: User
    move_id: str
    source: Source
    plan: Plan
    store: MoveStore
    now: datetime
    again: bool = False
    """Whether what is here in another state is taken all the same."""
    _became: dict[tuple[MoveKind, str], str | None] = field(default_factory=dict)
    _names: dict[MoveKind, set[str]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def owner_id(self) -> str:
        return self.user.id

    def id_of(self, position: int) -> str:
        """The id of what an item becomes: the same when it is taken once more after a break."""
        return f"{self.move_id}-{position:0{ID_DIGITS}d}"

    def free_name(self, kind: MoveKind, name: str, names: Callable[[], Iterable[str]]) -> str:
        """The name, with a number where something of the kind is called so already; `names` are those in use."""
        with self._lock:
            if kind not in self._names:
                self._names[kind] = {one.casefold() for one in names()}
            free = name
            for number in count(2):
                if free.casefold() not in self._names[kind]:
                    break
                free = f"{name} ({number})"
            self._names[kind].add(free.casefold())
            return free

    def links(self, world: object) -> list[str]:
        """Ids of a world by the name that a card, a chat or a persona calls it; empty when it did not come along."""
        world_id = self.became("worlds", f"worlds/{world}.json") if isinstance(world, str) and world else None
        return [world_id] if world_id else []

    def note(self, kind: MoveKind, place: str, became: str | None) -> None:
        self._became[kind, place] = became

    def became(self, kind: MoveKind, place: str) -> str | None:
        """The id of what lay at a place, in this move or an earlier one; it may be deleted by now."""
        if (kind, place) not in self._became:
            found = self.store.find_taken(self.owner_id, [(kind, place, "")]).get(place_key(kind, place))
            self._became[kind, place] = found.became if found else None
        return self._became[kind, place]


class Taker(Protocol):
    def is_here(self, errand: Errand, became: str) -> bool:
        """Whether what was taken once is still here."""
        ...

    def take(self, errand: Errand, read: Read) -> Taken:
        """Takes an item; called again after a break, it finds what it made. Raises AppErrors that say why not."""
        ...


class Nobody:
    """Takes nothing: for kinds that have no place here."""

    def is_here(self, errand: Errand, became: str) -> bool:
        return False

    def take(self, errand: Errand, read: Read) -> Taken:
        return left_out("not_yet")


def content_of(item: Item, data: bytes, beside: Mapping[str, bytes], given: object = None) -> str:
    """A hash of an item; `given` is what stands for it in the settings."""
    found = hashlib.sha256(item.folder.encode("utf-8", "replace") + b"\0" + data)
    for path in sorted(beside):
        found.update(hashlib.sha256(beside[path]).digest())
    if given is not None:
        found.update(json.dumps(given, sort_keys=True, default=str).encode())
    return found.hexdigest()
