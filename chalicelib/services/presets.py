"""Presets: how a model is asked. Everybody starts with a few."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from chalicelib.errors import Conflict
from chalicelib.models.presets import NewPreset, Preset, PresetChange
from chalicelib.models.shapes import Page, PageQuery
from chalicelib.models.users import User
from chalicelib.services.preset_seeds import DEFAULT_ID, Locale, seeds
from chalicelib.services.revisions import check_revision, stale

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.stores.idempotency import Idempotency
    from chalicelib.stores.presets import PresetStore


class Presets:
    def __init__(
        self,
        *,
        store: "PresetStore",
        idempotency: "Idempotency",
        clock: "Clock",
        locale_of: Callable[[str], Locale],
    ) -> None:
        self._store, self._idempotency, self._clock, self._locale_of = store, idempotency, clock, locale_of

    def list(self, user: User, query: PageQuery) -> Page[Preset]:
        """The oldest first; on the first page a new account finds the presets everybody starts with."""
        if query.cursor is None:
            self._store.seed(user.id, lambda: seeds(self._clock.now(), self._locale_of(user.id)))
        return self._store.list(user.id, cursor=query.cursor, limit=query.limit)

    def get(self, owner_id: str, preset_id: str) -> Preset:
        return self._store.get(owner_id, preset_id)

    def find(self, owner_id: str, preset_id: str | None) -> Preset | None:
        """The preset; None when none is chosen or it is gone."""
        return self._store.find(owner_id, preset_id) if preset_id else None

    def chosen(self, owner_id: str, preset_id: str | None) -> Preset:
        """The preset a person uses: the chosen one, else their default one, else the default of everybody."""
        for one in (preset_id, DEFAULT_ID):
            if one and (found := self._store.find(owner_id, one)):
                return found
        return seeds(self._clock.now())[0]

    def add(self, user: User, asked: NewPreset, key: str | None = None) -> Preset:
        if key and (answer := self._idempotency.find(user.id, "presets", key, asked)):
            return self.get(user.id, answer["preset_id"])
        now = self._clock.now()
        given = {name: getattr(asked, name) for name in NewPreset.model_fields}
        preset = Preset(id=self._clock.new_id(), created_at=now, updated_at=now, **given)
        answer = self._idempotency.once(
            user.id,
            "presets",
            key,
            asked,
            {"preset_id": preset.id},
            now,
            lambda join: self._store.add(user.id, preset, join),
        )
        return preset if answer["preset_id"] == preset.id else self.get(user.id, answer["preset_id"])

    def change(self, user: User, preset_id: str, change: PresetChange) -> Preset:
        """Fields that were not sent stay. Raises Conflict with both versions when `revision` is not the stored one."""
        theirs, yours = self._store.get(user.id, preset_id), change.model_dump(exclude_none=True)
        check_revision(theirs, yours)
        given = {name: getattr(change, name) for name in yours if name != "revision"}
        changed = theirs.model_copy(update={**given, "revision": theirs.revision + 1, "updated_at": self._clock.now()})
        try:
            self._store.replace(user.id, changed, seen=theirs.revision)
        except Conflict:
            raise stale(self._store.get(user.id, preset_id), yours) from None
        return changed

    def delete(self, user: User, preset_id: str) -> None:
        """Quiet when it is gone."""
        self._store.delete(user.id, preset_id)
