"""Templates of text completion: kept as the files they came in, changed field by field, and chosen for prompts."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel

from chalicelib.errors import Conflict, Invalid
from chalicelib.leaving.names import safe
from chalicelib.models.kept_templates import (
    ExportAsked,
    ExportedFile,
    NewTemplate,
    TakenTemplates,
    Template,
    TemplateChange,
    TemplateFile,
    TemplateKind,
    TemplateQuery,
)
from chalicelib.models.shapes import Held, Page
from chalicelib.models.users import User
from chalicelib.presetfiles import text
from chalicelib.presetfiles.fields import JsonObject
from chalicelib.services.revisions import check_revision, stale
from chalicelib.stores.templates import KeptTemplate

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.stores.idempotency import Idempotency
    from chalicelib.stores.templates import TemplateStore

FILE_CHARACTERS_MOST = 400_000


class _Kind(NamedTuple):
    read: Callable[[JsonObject], Any]
    write: Callable[[Any], dict[str, Any]]
    part: str
    """Its name in a file of several."""


KINDS: Mapping[TemplateKind, _Kind] = {
    "instruct": _Kind(text.read_instruct, text.write_instruct, "instruct"),
    "context": _Kind(text.read_context, text.write_context, "context"),
    "system": _Kind(text.read_system, text.write_system, "sysprompt"),
    "reasoning": _Kind(text.read_reasoning, text.write_reasoning, "reasoning"),
}


class Templates:
    def __init__(self, *, store: "TemplateStore", idempotency: "Idempotency", clock: "Clock") -> None:
        self._store, self._idempotency, self._clock = store, idempotency, clock

    def list(self, user: User, query: TemplateQuery) -> Page[Template]:
        """The oldest first, a page at a time; of one kind a page may be short and others still follow."""
        page = self._store.list(user.id, cursor=query.cursor, limit=query.limit)
        kept = [one for one in page.items if query.kind in (None, one.kind)]
        return Page(items=[shown(one) for one in kept], next=page.next)

    def get(self, owner_id: str, template_id: str) -> Template:
        return shown(self._store.get(owner_id, template_id))

    def add(self, user: User, asked: NewTemplate, key: str | None = None) -> Template:
        if key and (answer := self._idempotency.find(user.id, "templates", key, asked)):
            return self.get(user.id, answer["template_id"])
        kind, given = _given(asked)
        values = _laid(KINDS[kind].read({}), given).model_copy(update={"name": asked.name})
        kept = self._kept(kind, asked.name, KINDS[kind].write(values))
        answer = self._idempotency.once(
            user.id,
            "templates",
            key,
            asked,
            {"template_id": kept.id},
            self._clock.now(),
            lambda join: self._store.add(user.id, kept, join),
        )
        return shown(kept) if answer["template_id"] == kept.id else self.get(user.id, answer["template_id"])

    def take(self, user: User, given: TemplateFile, *, template_id: str | None = None) -> TakenTemplates:
        """Keeps what a file holds, as it is; the id is for a file of one. Raises Invalid when there is none in it."""
        parts, left = parts_of(given.file, given.kind)
        if not parts:
            raise Invalid("There is no instruct, context, system-prompt or reasoning template in this file.")
        taken = []
        for kind, file in parts:
            called = file.get("name")
            name = (called if isinstance(called, str) and called.strip() else given.name).strip()[:200] or kind
            kept = self._kept(kind, name, dict(file))
            if template_id and len(parts) == 1:
                kept = kept._replace(id=template_id)
            self._store.add(user.id, kept)
            taken.append(shown(kept))
        return TakenTemplates(items=taken, left=left)

    def change(self, user: User, template_id: str, change: TemplateChange) -> Template:
        """Fields that were not sent stay. Raises Conflict with both versions when `revision` is not the stored one."""
        before = self._store.get(user.id, template_id)
        theirs, yours = shown(before), change.model_dump(exclude_unset=True)
        check_revision(theirs, yours)
        values = KINDS[before.kind].read(before.file)
        given = getattr(change, before.kind)
        values = _laid(values, given) if given is not None else values
        name = change.name or before.name
        if change.name:
            values = values.model_copy(update={"name": name})
        changed = before._replace(
            name=name,
            file=_small(KINDS[before.kind].write(values)),
            updated_at=self._clock.now(),
            revision=before.revision + 1,
        )
        try:
            self._store.replace(user.id, changed, seen=before.revision)
        except Conflict:
            raise stale(self.get(user.id, template_id), yours) from None
        return shown(changed)

    def delete(self, user: User, template_id: str) -> None:
        """Quiet when it is gone."""
        self._store.delete(user.id, template_id)

    def file(self, owner_id: str, template_id: str) -> ExportedFile:
        """The file of one template, as it came, with what was changed since."""
        kept = self._store.get(owner_id, template_id)
        return ExportedFile(filename=f"{safe(kept.name) or 'template'}.json", file=named(kept))

    def export(self, user: User, asked: ExportAsked) -> ExportedFile:
        """Several in one file. Raises Invalid when two are of one kind."""
        kept = [self._store.get(user.id, template_id) for template_id in asked.ids]
        file = {KINDS[one.kind].part: named(one) for one in kept}
        if len(file) < len(kept):
            raise Invalid("A file holds one template of each kind at most.")
        return ExportedFile(filename=f"{safe(kept[0].name) or 'templates'}.json", file=file)

    def _kept(self, kind: TemplateKind, name: str, file: dict[str, Any]) -> KeptTemplate:
        now = self._clock.now()
        return KeptTemplate(self._clock.new_id(), kind, name, _small(file), now, now, 1)


def shown(kept: KeptTemplate) -> Template:
    """A template as the page sees it: its values, without the file."""
    values = KINDS[kept.kind].read(kept.file).model_copy(update={"original": {}, "name": kept.name})
    return Template(
        id=kept.id,
        kind=kept.kind,
        name=kept.name,
        created_at=kept.created_at,
        updated_at=kept.updated_at,
        revision=kept.revision,
        **{kept.kind: values},
    )


def named(kept: KeptTemplate) -> dict[str, Any]:
    """The file under the name that it has here."""
    return kept.file if kept.file.get("name") == kept.name else {**kept.file, "name": kept.name}


def parts_of(file: JsonObject, kind: TemplateKind | None) -> tuple[list[tuple[TemplateKind, JsonObject]], list[str]]:
    """The templates in a file, as they are, and the names of other parts of an export of several."""
    if kind is not None:
        return [(kind, file)], []
    names = {one.part: name for name, one in KINDS.items()}
    several = [part for part in (*names, "preset") if isinstance(file.get(part), Mapping)]
    if several:
        return [(names[part], file[part]) for part in several if part in names], [
            part for part in several if part not in names
        ]
    found = text.read_any(file)
    for name in KINDS:
        if getattr(found, name) is not None:
            return [(name, file)], []
    return [], []


def _given(asked: NewTemplate) -> tuple[TemplateKind, BaseModel]:
    given: list[tuple[TemplateKind, BaseModel]] = [
        (kind, getattr(asked, kind)) for kind in KINDS if getattr(asked, kind) is not None
    ]
    if len(given) != 1:
        raise Invalid("A template is of one kind: send instruct, context, system or reasoning.")
    return given[0]


def _laid(values: Held, given: BaseModel) -> Any:
    """The values with those laid over that were sent."""
    sent = given.model_fields_set - {"original", "name"}
    return values.model_copy(update={name: getattr(given, name) for name in sent})


def _small(file: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(file, ensure_ascii=False)) > FILE_CHARACTERS_MOST:
        raise Invalid("This template is too large to be kept.")
    return file
