"""Worlds (lorebooks): made, named, copied, thrown away. Their entries: world_entries.py."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.errors import Conflict, NotFound, Unavailable
from chalicelib.models.kept_worlds import (
    EntryJson,
    NewWorld,
    StoredEntry,
    WorldChange,
    WorldFile,
    WorldQuery,
    WorldRecord,
    WorldSummary,
)
from chalicelib.models.shapes import Page
from chalicelib.models.users import User
from chalicelib.services.world_entries import stored_entry, summary_of
from chalicelib.services.world_space import WorldSpace, size_of

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.stores.idempotency import Idempotency
    from chalicelib.stores.users import UserStore
    from chalicelib.stores.world_links import WorldLinkStore
    from chalicelib.stores.worlds import WorldStore

TRASH_DAYS = 30
_SWEPT_AT_ONCE = 50
_TRIES = 12
_ROUTE = "worlds"


class Worlds:
    def __init__(
        self,
        *,
        store: "WorldStore",
        link_store: "WorldLinkStore",
        user_store: "UserStore",
        space: WorldSpace,
        idempotency: "Idempotency",
        clock: "Clock",
    ) -> None:
        self._store, self._links, self._users = store, link_store, user_store
        self._space, self._idempotency, self._clock = space, idempotency, clock

    # --- worlds

    def list_page(self, user: User, query: WorldQuery) -> Page[WorldSummary]:
        """The oldest first."""
        page = self._store.list_page(user.id, trash=query.trash, cursor=query.cursor, limit=query.limit)
        return Page(items=[summary_of(one) for one in page.items], next=page.next)

    def get(self, owner_id: str, world_id: str) -> WorldSummary:
        """The world, also from the trash."""
        return summary_of(self._store.get(owner_id, world_id))

    def add(self, user: User, asked: NewWorld, key: str | None = None) -> WorldSummary:
        """An empty world."""
        if key and (answer := self._idempotency.find(user.id, _ROUTE, key, asked)):
            return self.get(user.id, answer["world_id"])
        world = self._record(asked.name)
        answer = self._idempotency.once(
            user.id,
            _ROUTE,
            key,
            asked,
            {"world_id": world.id},
            world.created_at,
            lambda join: self._store.add(user.id, world, join=join),
        )
        return summary_of(world) if answer["world_id"] == world.id else self.get(user.id, answer["world_id"])

    def take(self, owner_id: str, file: WorldFile, *, name: str = "", world_id: str | None = None) -> WorldSummary:
        """The world that a file becomes. With an id that exists already, that world as it is. Raises QuotaExceeded."""
        if world_id and (there := self._store.find(owner_id, world_id)):
            return summary_of(there)
        entries = [stored_entry(int(entry["uid"]), entry) for entry in file.entries]
        return self._add(owner_id, name or file.name or "World", entries, file.rest, world_id)

    def copy(self, user: User, world_id: str, asked: NewWorld) -> WorldSummary:
        """The same world under another name, its links left behind."""
        self._store.get(user.id, world_id)
        entries = [stored_entry(one.uid, one.entry) for one in self._store.all_entries(user.id, world_id)]
        rest = {key: value for key, value in self._store.rest(user.id, world_id).items() if key != "name"}
        return self._add(user.id, asked.name, entries, rest, None)

    def rename(self, user: User, world_id: str, change: WorldChange) -> WorldSummary:
        return self._change(user.id, world_id, lambda world: {"name": change.name})

    def trash(self, user: User, world_id: str) -> None:
        """Into the trash, for thirty days; quiet when it is there already."""
        self._change(user.id, world_id, lambda world: {"deleted_at": world.deleted_at or self._clock.now()})

    def restore(self, user: User, world_id: str) -> WorldSummary:
        """Out of the trash; quiet when it is not in it."""
        return self._change(user.id, world_id, lambda world: {"deleted_at": None})

    def delete(self, owner_id: str, world_id: str) -> None:
        """For good. Raises NotFound."""
        self._wipe(owner_id, self._store.get(owner_id, world_id))

    def drop_unfinished(self, owner_id: str, world_id: str) -> None:
        """Deletes the entries of a world that was never finished; quiet when it was."""
        if self._store.find(owner_id, world_id) is None:
            self._store.wipe(owner_id, world_id)

    def sweep(self, now: datetime) -> None:
        """Deletes what has been in the trash for thirty days."""
        before = (now - timedelta(days=TRASH_DAYS)).isoformat()
        for owner_id, world_id in list(self._store.list_trashed(before=before, limit=_SWEPT_AT_ONCE)):
            if world := self._store.find(owner_id, world_id):
                self._wipe(owner_id, world)

    # --- for others

    def read_all(self, owner_id: str, world_id: str) -> list[EntryJson]:
        """Every entry with its `uid` in it, in the order of their numbers."""
        return [{**one.entry, "uid": one.uid} for one in self._store.all_entries(owner_id, world_id)]

    def rest(self, owner_id: str, world_id: str) -> dict[str, Any]:
        """What the world's file said besides its entries."""
        return self._store.rest(owner_id, world_id)

    # --- writing

    def _wipe(self, owner_id: str, world: WorldRecord) -> None:
        """Deletes it for good, from all that have it first."""
        self._links.forget(owner_id, world.id)
        with suppress(NotFound):  # an account that goes takes its choices along
            everywhere = self._users.get(owner_id).account.choices.world_ids
            if world.id in everywhere:
                left = [one for one in everywhere if one != world.id]
                self._users.change_choices(owner_id, name=None, choices={"world_ids": left})
        self._store.wipe(owner_id, world.id)
        self._space.give_back(owner_id, world.stored_bytes or 0)

    def _change(self, owner_id: str, world_id: str, given: Callable[[WorldRecord], dict[str, Any]]) -> WorldSummary:
        for _ in range(_TRIES):
            before = self._store.get(owner_id, world_id)
            update = given(before)
            if all(getattr(before, name) == value for name, value in update.items()):
                return summary_of(before)
            more = {"revision": before.revision + 1, "updated_at": self._clock.now()}
            after = before.model_copy(update=update | more)
            try:
                self._store.change(owner_id, before, after)
            except Conflict:
                continue
            return summary_of(after)
        raise Unavailable("This world is being written by several devices at once. Try again.")

    def _add(
        self, owner_id: str, name: str, entries: Sequence[StoredEntry], rest: dict[str, Any], world_id: str | None
    ) -> WorldSummary:
        size = size_of(entries, rest)
        world = self._record(name, world_id).model_copy(
            update={
                "entry_count": len(entries),
                "next_uid": max((one.uid for one in entries), default=-1) + 1,
                "stored_bytes": size,
            }
        )
        try:
            with self._space.taken(owner_id, size):
                self._store.add(owner_id, world, entries, rest)
        except Conflict:
            # Whoever was faster with the same id took the same file.
            return self.get(owner_id, world.id)
        return summary_of(world)

    def _record(self, name: str, world_id: str | None = None) -> WorldRecord:
        now = self._clock.now()
        shown = " ".join(name.split())[:200] or "World"
        return WorldRecord(
            id=world_id or self._clock.new_id(), name=shown, created_at=now, updated_at=now, stored_bytes=0
        )
