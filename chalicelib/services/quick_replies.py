"""Quick replies: sets of buttons with texts. What is commands of SillyTavern's is kept and shown, and never run."""

import json
from typing import TYPE_CHECKING, Any

from chalicelib.errors import Conflict, Invalid, TooLarge
from chalicelib.leaving.names import safe
from chalicelib.models.quick_replies import (
    NewQuickSet,
    QuickSet,
    QuickSetChange,
    QuickSetExport,
    QuickSetFile,
    QuickSetValues,
)
from chalicelib.models.shapes import Page, PageQuery
from chalicelib.models.users import User
from chalicelib.presetfiles.quick_replies import is_quick_set, read_set, write_set
from chalicelib.services.revisions import check_revision, stale
from chalicelib.stores.quick_replies import KeptQuickSet

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.stores.idempotency import Idempotency
    from chalicelib.stores.quick_replies import QuickReplyStore

FILE_CHARACTERS_MOST = 2_000_000
_NOTED = ("shown", "allowed")
"""What we note about a set, which is nothing of its file."""


class QuickReplies:
    def __init__(self, *, store: "QuickReplyStore", idempotency: "Idempotency", clock: "Clock") -> None:
        self._store, self._idempotency, self._clock = store, idempotency, clock

    def list(self, user: User, query: PageQuery) -> Page[QuickSet]:
        """The oldest first."""
        page = self._store.list(user.id, cursor=query.cursor, limit=query.limit)
        return Page(items=[_shown(one) for one in page.items], next=page.next)

    def get(self, owner_id: str, set_id: str) -> QuickSet:
        return _shown(self._store.get(owner_id, set_id))

    def add(self, user: User, asked: NewQuickSet, key: str | None = None) -> QuickSet:
        """A set that a person makes themselves: it needs nobody's word."""
        if key and (answer := self._idempotency.find(user.id, "quick-replies", key, asked)):
            return self.get(user.id, answer["set_id"])
        values = QuickSetValues(**{name: getattr(asked, name) for name in QuickSetValues.model_fields})
        kept = self._kept(asked.name, write_set(values, {}), shown=asked.shown, allowed=True)
        answer = self._idempotency.once(
            user.id,
            "quick-replies",
            key,
            asked,
            {"set_id": kept.id},
            self._clock.now(),
            lambda join: self._store.add(user.id, kept, join),
        )
        return _shown(kept) if answer["set_id"] == kept.id else self.get(user.id, answer["set_id"])

    def take(self, user: User, asked: QuickSetFile, *, set_id: str | None = None) -> QuickSet:
        """Keeps a file as it is. Its buttons wait for the person's word. Raises Invalid when it is no such file."""
        if not is_quick_set(asked.file):
            raise Invalid("There are no quick replies in this file.")
        name = (read_set(asked.file).name.strip() or asked.name.strip())[:200] or "Quick replies"
        kept = self._kept(name, asked.file, shown=asked.shown, allowed=None)
        kept = kept._replace(id=set_id) if set_id else kept
        self._store.add(user.id, kept)
        return _shown(kept)

    def change(self, user: User, set_id: str, change: QuickSetChange) -> QuickSet:
        """Fields that were not sent stay. Raises Conflict with both versions when `revision` is not the stored one."""
        before = self._store.get(user.id, set_id)
        theirs, yours = _shown(before), change.model_dump(exclude_none=True)
        check_revision(theirs, yours)
        given = {name: getattr(change, name) for name in yours if name != "revision"}
        noted = {name: given.pop(name) for name in _NOTED if name in given}
        values = read_set(before.file).model_copy(update={"name": theirs.name, **given})
        changed = before._replace(
            **noted,
            name=values.name,
            file=_small(write_set(values, before.file)),
            updated_at=self._clock.now(),
            revision=before.revision + 1,
        )
        try:
            self._store.replace(user.id, changed, seen=before.revision)
        except Conflict:
            raise stale(self.get(user.id, set_id), yours) from None
        return _shown(changed)

    def delete(self, user: User, set_id: str) -> None:
        """Quiet when it is gone."""
        self._store.delete(user.id, set_id)

    def export(self, owner_id: str, set_id: str) -> QuickSetExport:
        kept = self._store.get(owner_id, set_id)
        file = kept.file if kept.file.get("name") == kept.name else {**kept.file, "name": kept.name}
        return QuickSetExport(filename=f"{safe(kept.name) or 'quick replies'}.json", file=file)

    def _kept(self, name: str, file: dict[str, Any], *, shown: bool, allowed: bool | None) -> KeptQuickSet:
        now = self._clock.now()
        return KeptQuickSet(self._clock.new_id(), name, _small(file), shown, allowed, now, now, 1)


def _shown(kept: KeptQuickSet) -> QuickSet:
    values = read_set(kept.file)
    return QuickSet.model_construct(
        **{name: getattr(values, name) for name in QuickSetValues.model_fields if name != "name"},
        name=kept.name,
        id=kept.id,
        shown=kept.shown,
        allowed=kept.allowed,
        created_at=kept.created_at,
        updated_at=kept.updated_at,
        revision=kept.revision,
    )


def _small(file: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(file, ensure_ascii=False)) > FILE_CHARACTERS_MOST:
        raise TooLarge("This set of quick replies is too large to be kept.")
    return file
