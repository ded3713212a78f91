"""Presets: how a prompt is put together and a model is asked. Everybody starts with a few."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.errors import Conflict, Invalid
from chalicelib.models.presets import (
    NewPreset,
    OpenPreset,
    Preset,
    PresetChange,
    PresetCopy,
)
from chalicelib.models.shapes import Page, PageQuery
from chalicelib.models.users import Choices, User
from chalicelib.presetfiles.json_files import check_object
from chalicelib.presetfiles.kinds import scripts_of
from chalicelib.presetfiles.private import is_private
from chalicelib.services.preset_seeds import DEFAULT_ID, Locale, seeds
from chalicelib.services.revisions import check_revision, stale
from chalicelib.services.shaping import NOTHING_SAID, Shape, in_full, shape_of

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.stores.idempotency import Idempotency
    from chalicelib.stores.presets import PresetStore
    from chalicelib.stores.transactions import Join

_PAGE = 100
_PLAIN = ("samplers", "main_prompt", "post_history", "continue_nudge", "impersonation_prompt")
"""Fields that only a plain preset has."""


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

    def get(self, owner_id: str, preset_id: str) -> OpenPreset:
        """With its file. Raises NotFound."""
        return self._store.get(owner_id, preset_id)

    def find(self, owner_id: str, preset_id: str | None) -> OpenPreset | None:
        """The preset; None when none is chosen or it is gone."""
        return self._store.find(owner_id, preset_id) if preset_id else None

    def chosen(self, owner_id: str, preset_id: str | None) -> OpenPreset:
        """The preset a person uses: the chosen one, else their default one, else the default of everybody."""
        for one in (preset_id, DEFAULT_ID):
            if one and (found := self._store.find(owner_id, one)):
                return found
        return OpenPreset(**dict(seeds(self._clock.now())[0]))

    def for_scene(self, owner_id: str, choices: Choices, context_tokens: int | None) -> Shape:
        """What the chosen presets mean for a prompt, within what the model can hold."""
        text = self.find(owner_id, choices.text_preset_id)
        return shape_of(self.chosen(owner_id, choices.preset_id), text).within(context_tokens)

    def add(self, user: User, asked: NewPreset, key: str | None = None) -> Preset:
        if key and (answer := self._idempotency.find(user.id, "presets", key, asked)):
            return self.get(user.id, answer["preset_id"])
        now = self._clock.now()
        given = {name: getattr(asked, name) for name in NewPreset.model_fields}
        preset = OpenPreset(id=self._clock.new_id(), created_at=now, updated_at=now, **given)
        return self._added(user.id, preset, asked, key)

    def copy(self, user: User, preset_id: str, asked: PresetCopy, key: str | None = None) -> Preset:
        """Another preset that says the same under another name."""
        if key and (answer := self._idempotency.find(user.id, f"preset-copies#{preset_id}", key, asked)):
            return self.get(user.id, answer["preset_id"])
        now = self._clock.now()
        fresh = {"id": self._clock.new_id(), "name": asked.name, "created_at": now, "updated_at": now, "revision": 1}
        preset = self.get(user.id, preset_id).model_copy(update=fresh)
        return self._added(user.id, preset, asked, key, f"preset-copies#{preset_id}")

    def add_file(self, owner_id: str, name: str, kind: str, file: dict[str, Any], preset_id: str | None) -> Preset:
        """A preset of a file that was looked at. Raises Conflict when there is one of this id already."""
        now = self._clock.now()
        preset = OpenPreset(
            id=preset_id or self._clock.new_id(),
            name=name,
            kind="chat" if kind == "chat" else "text",
            scripts=len(scripts_of(file)),
            created_at=now,
            updated_at=now,
            file=file,
        )
        self._store.add(owner_id, preset)
        return _listed(preset)

    def named(self, owner_id: str, name: str, kind: str) -> Sequence[OpenPreset]:
        """Those of a file's kind that bear this name, the oldest first."""
        found, cursor = [], None
        while True:
            page = self._store.list(owner_id, cursor=cursor, limit=_PAGE)
            found += [one.id for one in page.items if one.name == name and one.kind == kind]
            cursor = page.next
            if cursor is None:
                return [preset for one in found if (preset := self._store.find(owner_id, one))]

    def replace_file(self, owner_id: str, before: OpenPreset, file: dict[str, Any]) -> Preset:
        """The preset says what a file says from now on. Raises Conflict when it was changed meanwhile."""
        counted = {"revision": before.revision + 1, "updated_at": self._clock.now(), "scripts": len(scripts_of(file))}
        after = before.model_copy(update={**counted, "file": file, "folds": False})
        self._store.replace(owner_id, after, seen=before.revision)
        return _listed(after)

    def change(self, user: User, preset_id: str, change: PresetChange) -> Preset:
        """Fields that were not sent stay. Raises Conflict with both versions when `revision` is not the stored one."""
        theirs, yours = self._store.get(user.id, preset_id), change.model_dump(exclude_none=True)
        check_revision(_listed(theirs), yours)
        changed = _changed(theirs, change)
        counted = {"revision": theirs.revision + 1, "updated_at": self._clock.now()}
        changed = changed.model_copy(update={**counted, "scripts": len(scripts_of(changed.file))})
        try:
            self._store.replace(user.id, changed, seen=theirs.revision)
        except Conflict:
            raise stale(_listed(self._store.get(user.id, preset_id)), yours) from None
        return _listed(changed)

    def delete(self, user: User, preset_id: str) -> None:
        """Quiet when it is gone."""
        self._store.delete(user.id, preset_id)

    def _added(
        self, owner_id: str, preset: OpenPreset, asked: NewPreset | PresetCopy, key: str | None, route: str = "presets"
    ) -> Preset:
        def write(join: "Join | None") -> None:
            self._store.add(owner_id, preset, join)

        made = {"preset_id": preset.id}
        answer = self._idempotency.once(owner_id, route, key, asked, made, self._clock.now(), write)
        return _listed(preset) if answer["preset_id"] == preset.id else self.get(owner_id, answer["preset_id"])


def _changed(preset: OpenPreset, change: PresetChange) -> OpenPreset:
    """The preset with a change made. Raises Invalid for what does not go together."""
    given = {name: value for name in _PLAIN if (value := getattr(change, name)) is not None}
    if change.name is not None:
        given["name"] = change.name
    changed = _turned(preset, change.kind)
    if changed.kind != "plain" and any(name in given for name in _PLAIN):
        raise Invalid("This preset is kept in full: change the fields of its file.")
    if change.fields or change.without:
        given["file"] = _edited(changed, change)
    return changed.model_copy(update=given)


def _turned(preset: OpenPreset, kind: str | None) -> OpenPreset:
    """The preset opened in full, or folded again; a file of samplers only gets the prompts it is used with.

    Raises Invalid when it never was a plain one.
    """
    if kind == "chat" and preset.kind == "chat" and not preset.file.get("prompts"):
        full = in_full(NOTHING_SAID)
        return preset.model_copy(
            update={"file": preset.file | {name: full[name] for name in ("prompts", "prompt_order")}}
        )
    if kind is None or kind == preset.kind:
        return preset
    if kind == "chat" and preset.kind == "plain":
        return preset.model_copy(update={"kind": "chat", "folds": True, "file": in_full(preset)})
    if kind == "plain" and preset.folds:
        return preset.model_copy(update={"kind": "plain", "folds": False, "file": {}})
    raise Invalid("This preset cannot be turned into one of another kind.")


def _edited(preset: OpenPreset, change: PresetChange) -> dict[str, Any]:
    if preset.kind == "plain":
        raise Invalid("A plain preset has no file. Open it in full first.")
    fields = change.fields or {}
    private = [field for field in fields if is_private(field)]
    if private:
        raise Invalid(
            "A preset never says where a connection leads.",
            fields={f"fields.{field[:64]}": "This belongs to a connection." for field in private[:10]},
        )
    edited = {**preset.file, **fields}
    for field in change.without or []:
        edited.pop(field, None)
    check_object(edited)
    return edited


def _listed(preset: OpenPreset) -> Preset:
    """Without its file."""
    return Preset.model_construct(**{name: getattr(preset, name) for name in Preset.model_fields})
