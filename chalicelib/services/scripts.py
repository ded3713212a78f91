"""Regex scripts: those for all chats, and those that came with cards and presets, which ask before they run.

A script for all chats is kept as the JSON of its file. Each has a revision of its own; the list they stand in is one
row and written whole, which nobody notices: who meets another writer there tries again.
"""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.errors import Conflict, Invalid, NotFound, TooLarge
from chalicelib.leaving.names import safe
from chalicelib.models.scripts import (
    NewScript,
    RegexScript,
    Script,
    ScriptChange,
    ScriptFiles,
    ScriptList,
    ScriptOrder,
    ScriptsAsked,
    ScriptsFile,
    TakenScripts,
)
from chalicelib.models.users import User
from chalicelib.presetfiles.scripts import is_script, read_script, write_script
from chalicelib.services.revisions import check_revision
from chalicelib.stores.scripts import KeptScript, KeptScripts

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.stores.idempotency import Idempotency
    from chalicelib.stores.scripts import ScriptStore
    from chalicelib.stores.transactions import Join

SCRIPTS_MOST = 1_000
CHARACTERS_MOST = 4_000_000
"""Of all scripts together, which the answer to one request holds."""
_TRIES = 6
T = TypeVar("T")
_Items = list[KeptScript]
_Files = list[dict[str, Any]]


class Scripts:
    def __init__(self, *, store: "ScriptStore", idempotency: "Idempotency", clock: "Clock") -> None:
        self._store, self._idempotency, self._clock = store, idempotency, clock

    def list(self, owner_id: str) -> ScriptList:
        """In the order they run."""
        return ScriptList(items=[shown(one) for one in self._store.get(owner_id).items])

    def add(self, user: User, asked: NewScript, key: str | None = None) -> Script:
        """A new one, behind all others."""
        if key and (answer := self._idempotency.find(user.id, "scripts", key, asked)):
            return self._get(user.id, answer["script_id"])
        new_id = self._clock.new_id()
        script = RegexScript(id=new_id, **asked.model_dump())
        kept = KeptScript(new_id, 1, write_script(script, {}))
        answer = self._idempotency.once(
            user.id,
            "scripts",
            key,
            asked,
            {"script_id": new_id},
            self._clock.now(),
            lambda join: self._rewrite(user.id, lambda items: ([*items, kept], None), join),
        )
        return shown(kept) if answer["script_id"] == new_id else self._get(user.id, answer["script_id"])

    def take(self, user: User, asked: ScriptFiles, *, script_id: str | None = None) -> TakenScripts:
        """Keeps scripts of files as they are, behind all others; the id is for a single one.

        Raises Invalid when none of them is one.
        """
        files = [file for file in asked.files if is_script(file)]
        if not files:
            raise Invalid("There is no regex script in this file.")
        single = script_id if len(files) == 1 else None
        taken = [KeptScript(single or self._clock.new_id(), 1, file) for file in files]
        self._rewrite(user.id, lambda items: ([*items, *taken], None))
        return TakenScripts(items=[shown(one) for one in taken], left=len(asked.files) - len(files))

    def change(self, user: User, script_id: str, change: ScriptChange) -> Script:
        """Fields that were not sent stay. Raises Conflict with both versions when `revision` is not the stored one."""
        yours = change.model_dump(exclude_unset=True)
        # A depth that is null is none; any other null says nothing.
        given = {name: value for name, value in yours.items() if value is not None or name.startswith("depth_")}
        given.pop("revision")

        def changed(items: _Items) -> tuple[_Items, Script]:
            place = _place(items, script_id)
            before = items[place]
            theirs = shown(before)
            check_revision(theirs, yours)
            script = theirs.model_copy(update={**given, "id": read_script(before.file, source="global").id})
            after = KeptScript(script_id, before.revision + 1, write_script(script, before.file))
            return [*items[:place], after, *items[place + 1 :]], shown(after)

        return self._rewrite(user.id, changed)

    def order(self, user: User, asked: ScriptOrder) -> ScriptList:
        """Puts them into this order. Those that are not named come last, as they were; names of others say nothing."""

        def ordered(items: _Items) -> tuple[_Items, None]:
            places = {script_id: place for place, script_id in enumerate(asked.ids)}
            return sorted(items, key=lambda one: places.get(one.id, len(places))), None

        self._rewrite(user.id, ordered)
        return self.list(user.id)

    def delete(self, user: User, script_id: str) -> None:
        """Quiet when it is gone."""
        if any(one.id == script_id for one in self._store.get(user.id).items):
            self._rewrite(user.id, lambda items: ([one for one in items if one.id != script_id], None))

    def files(self, owner_id: str) -> "_Files":
        """The files of all scripts, in the order they run."""
        return [one.file for one in self._store.get(owner_id).items]

    def export(self, user: User, asked: ScriptsAsked) -> ScriptsFile:
        """The files of these scripts in the order they run."""
        items = self._store.get(user.id).items
        kept = [items[place] for place in sorted(_place(items, script_id) for script_id in set(asked.ids))]
        name = shown(kept[0]).name if len(kept) == 1 else "scripts"
        return ScriptsFile(filename=f"regex-{safe(name) or 'script'}.json", files=[one.file for one in kept])

    def _get(self, owner_id: str, script_id: str) -> Script:
        items = self._store.get(owner_id).items
        return shown(items[_place(items, script_id)])

    def _rewrite(
        self,
        owner_id: str,
        write: Callable[[_Items], tuple[_Items, T]],
        join: "Join | None" = None,
    ) -> T:
        for attempt in range(_TRIES):
            before = self._store.get(owner_id)
            items, answer = write(before.items)
            _check(items)
            try:
                self._store.put(owner_id, KeptScripts(before.revision + 1, items, before.came), join=join)
            except Conflict:
                if attempt == _TRIES - 1:
                    raise
                continue
            return answer
        raise AssertionError


def shown(kept: KeptScript) -> Script:
    """A script as the page sees it, under our id."""
    script = read_script(kept.file, source="global")
    return Script(**{**script.model_dump(), "id": kept.id, "revision": kept.revision})


def _place(items: list[KeptScript], script_id: str) -> int:
    for place, one in enumerate(items):
        if one.id == script_id:
            return place
    raise NotFound("There is no such script.")


def _check(items: list[KeptScript]) -> None:
    if len(items) > SCRIPTS_MOST:
        raise Invalid(f"{SCRIPTS_MOST:,} scripts are the most one can keep. Delete some first.")
    if sum(len(json.dumps(one.file, ensure_ascii=False)) for one in items) > CHARACTERS_MOST:
        raise TooLarge("Together the scripts are larger than what can be kept. Delete some first.")
