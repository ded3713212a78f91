"""Personas: who the person is in the story."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.errors import Invalid
from chalicelib.models.personas import (
    LOCKS_MOST,
    NewPersona,
    Persona,
    PersonaChange,
    PersonaLock,
    PersonaLocks,
    StoredPersona,
)
from chalicelib.models.shapes import Page, PageQuery
from chalicelib.models.users import User
from chalicelib.services.revisions import write_over

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.media import Media
    from chalicelib.stores.idempotency import Idempotency
    from chalicelib.stores.personas import PersonaStore


class Personas:
    def __init__(
        self,
        *,
        store: "PersonaStore",
        media: "Media",
        idempotency: "Idempotency",
        clock: "Clock",
        check_partner: Callable[[str, str], None],
    ) -> None:
        """`check_partner(owner, id)` raises NotFound when the id names neither a character nor a group."""
        self._store, self._media, self._check_partner = store, media, check_partner
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

    def who(
        self, owner_id: str, *, chat_persona_id: str | None, partner_id: str, chosen_id: str | None
    ) -> Persona | None:
        """The first of these that is there: the chat's, the one locked to its partner, the one for everything."""
        if found := self.find(owner_id, chat_persona_id):
            return found
        locked_id = self._store.locks(owner_id).get(partner_id)
        return self.find(owner_id, locked_id) or self.find(owner_id, chosen_id)

    def locks(self, owner_id: str) -> PersonaLocks:
        return PersonaLocks(locks=self._store.locks(owner_id))

    def lock(self, user: User, asked: PersonaLock) -> PersonaLocks:
        """Locks a persona to a character or a group, or takes the lock away. Raises NotFound, Invalid."""
        if asked.persona_id is not None:
            self._store.get(user.id, asked.persona_id)
            self._check_partner(user.id, asked.target_id)

        def change(locks: dict[str, str]) -> dict[str, str]:
            others = {target: one for target, one in locks.items() if target != asked.target_id}
            if asked.persona_id is None:
                return others
            if len(others) >= LOCKS_MOST:
                raise Invalid(f"Personas can be locked to {LOCKS_MOST:,} characters and groups. Take some locks away.")
            return others | {asked.target_id: asked.persona_id}

        return PersonaLocks(locks=self._store.change_locks(user.id, change))

    def add(
        self, user: User, asked: NewPersona, key: str | None = None, *, file: "Mapping[str, Any] | None" = None
    ) -> Persona:
        """`file` is what SillyTavern said of it, kept for the way back."""
        if key and (answer := self._idempotency.find(user.id, "personas", key, asked)):
            return self.get(user.id, answer["persona_id"])
        now = self._clock.now()
        given = {name: getattr(asked, name) for name in NewPersona.model_fields}
        persona = StoredPersona(id=self._clock.new_id(), created_at=now, updated_at=now, file=dict(file or {}), **given)
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
        seen = self._store.get(user.id, persona_id).revision
        return self._media.replace_picture(
            user.id,
            f"personas/{persona_id}",
            picture,
            find=lambda: self._store.find(user.id, persona_id),
            write=lambda stored: self._write(user.id, persona_id, {"stored_picture": stored, "revision": seen}, {}),
        )

    def delete(self, user: User, persona_id: str) -> None:
        """Quiet when it is gone. Chats that name it go on with the person's own name."""
        persona = self._store.find(user.id, persona_id)
        if persona is None:
            return
        self._store.delete(user.id, persona_id)
        self._store.change_locks(
            user.id, lambda locks: {target: one for target, one in locks.items() if one != persona_id}
        )
        if persona.stored_picture:
            self._media.drop_picture(user.id, persona.stored_picture)

    def _write(self, owner_id: str, persona_id: str, given: Mapping[str, Any], yours: Mapping[str, Any]) -> Persona:
        now = self._clock.now()
        return write_over(self._store, owner_id, persona_id, given, yours=yours, now=now, shown=self._shown)

    def _shown(self, persona: StoredPersona) -> Persona:
        facts = persona.model_dump(exclude={"stored_picture", "picture", "file"})
        stored = persona.stored_picture
        return Persona(**facts, picture=self._media.picture(stored) if stored else None)
