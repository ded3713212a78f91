"""Personas: who the person is in the story."""

from typing import TYPE_CHECKING

from chalicelib.errors import Conflict
from chalicelib.models.personas import NewPersona, Persona, PersonaChange, StoredPersona
from chalicelib.models.shapes import Page, PageQuery
from chalicelib.models.users import User
from chalicelib.services.revisions import check_revision, stale

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.media import Media
    from chalicelib.stores.idempotency import Idempotency
    from chalicelib.stores.personas import PersonaStore


class Personas:
    def __init__(self, *, store: "PersonaStore", media: "Media", idempotency: "Idempotency", clock: "Clock") -> None:
        self._store, self._media = store, media
        self._idempotency, self._clock = idempotency, clock

    def list(self, user: User, query: PageQuery) -> Page[Persona]:
        """The oldest first."""
        page = self._store.list(user.id, cursor=query.cursor, limit=query.limit)
        return Page(items=[self._shown(persona) for persona in page.items], next=page.next)

    def get(self, owner_id: str, persona_id: str) -> Persona:
        return self._shown(self._store.get(owner_id, persona_id))

    def find(self, owner_id: str, persona_id: str | None) -> Persona | None:
        """The persona; None when none is chosen or it is gone."""
        found = self._store.find(owner_id, persona_id) if persona_id else None
        return self._shown(found) if found else None

    def add(self, user: User, asked: NewPersona, key: str | None = None) -> Persona:
        if key and (answer := self._idempotency.find(user.id, "personas", key, asked)):
            return self.get(user.id, answer["persona_id"])
        now = self._clock.now()
        persona = StoredPersona(
            id=self._clock.new_id(), name=asked.name, description=asked.description, created_at=now, updated_at=now
        )
        answer = self._idempotency.once(
            user.id,
            "personas",
            key,
            asked,
            {"persona_id": persona.id},
            now,
            lambda join: self._store.add(user.id, persona, join),
        )
        return self._shown(persona) if answer["persona_id"] == persona.id else self.get(user.id, answer["persona_id"])

    def change(self, user: User, persona_id: str, change: PersonaChange) -> Persona:
        """Fields that were not sent stay. Raises Conflict with both versions when `revision` is not the stored one."""
        given = change.model_dump(exclude_none=True)
        return self._write(user.id, persona_id, given, given)

    def set_avatar(self, user: User, persona_id: str, picture: bytes) -> Persona:
        persona = self._store.get(user.id, persona_id)
        stored = self._media.keep_picture(user.id, f"personas/{persona_id}", picture)
        before = persona.stored_picture
        changed = self._write(user.id, persona_id, {"stored_picture": stored, "revision": persona.revision}, {})
        if before and before.full_key != stored.full_key:
            self._media.drop_picture(user.id, before)
        return changed

    def delete(self, user: User, persona_id: str) -> None:
        """Quiet when it is gone. Chats that name it go on with the person's own name."""
        persona = self._store.find(user.id, persona_id)
        if persona is None:
            return
        self._store.delete(user.id, persona_id)
        if persona.stored_picture:
            self._media.drop_picture(user.id, persona.stored_picture)

    def _write(self, owner_id: str, persona_id: str, given: dict[str, object], yours: dict[str, object]) -> Persona:
        theirs = self._store.get(owner_id, persona_id)
        check_revision(self._shown(theirs), given)
        update = {**given, "revision": theirs.revision + 1, "updated_at": self._clock.now()}
        changed = theirs.model_copy(update=update)
        try:
            self._store.replace(owner_id, changed, seen=theirs.revision)
        except Conflict:
            raise stale(self.get(owner_id, persona_id), yours) from None
        return self._shown(changed)

    def _shown(self, persona: StoredPersona) -> Persona:
        facts = persona.model_dump(exclude={"stored_picture", "picture"})
        stored = persona.stored_picture
        return Persona(**facts, picture=self._media.picture(stored) if stored else None)
