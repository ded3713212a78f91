"""Groups: several characters in one chat. Their settings and their members; their files: group_files.py."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.errors import Invalid, NotFound
from chalicelib.models import scenes
from chalicelib.models.groups import (
    AskedMember,
    Group,
    GroupChange,
    GroupSettings,
    Member,
    NewGroup,
    StoredGroup,
)
from chalicelib.models.shapes import Page, PageQuery
from chalicelib.models.users import User
from chalicelib.services.revisions import write_over
from chalicelib.stores.ahead import card_place, using_also

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.characters import Characters
    from chalicelib.services.media import Media
    from chalicelib.stores.groups import GroupStore
    from chalicelib.stores.idempotency import Idempotency


class Groups:
    def __init__(
        self,
        *,
        store: "GroupStore",
        characters: "Characters",
        media: "Media",
        idempotency: "Idempotency",
        clock: "Clock",
        unlock: Callable[[str, str], None],
    ) -> None:
        """`unlock` takes the locks of personas to an owner's group away."""
        self._store, self._characters, self._media = store, characters, media
        self._idempotency, self._clock, self._unlock = idempotency, clock, unlock

    # --- reading

    def list(self, user: User, query: PageQuery) -> Page[Group]:
        """The oldest first."""
        page = self._store.list(user.id, cursor=query.cursor, limit=query.limit)
        return Page(items=[self.shown(group) for group in page.items], next=page.next)

    def get(self, owner_id: str, group_id: str) -> Group:
        return self.shown(self._store.get(owner_id, group_id))

    def stored(self, owner_id: str, group_id: str) -> StoredGroup:
        """The group as it is kept. Raises NotFound."""
        return self._store.get(owner_id, group_id)

    def check_partner(self, owner_id: str, partner_id: str) -> None:
        """Raises NotFound when an id names neither a group nor a character."""
        if self._store.find(owner_id, partner_id) is None:
            self._characters.get_record(owner_id, partner_id)

    def cast(self, owner_id: str, group_id: str) -> scenes.Group:
        """Who takes part, with their cards; a member whose character is gone is left out. Raises NotFound."""
        group = self._store.get(owner_id, group_id)
        with using_also(card_place(owner_id, one.character_id) for one in group.members if one.character_id):
            found = [self._actor(owner_id, member) for member in group.members]
        return scenes.Group(
            name=group.name,
            actors=tuple(actor for actor in found if actor is not None),
            cards=group.cards,
            join_prefix=group.join_prefix,
            join_suffix=group.join_suffix,
            order=group.order,
            self_replies=group.self_replies,
        )

    def speaker(self, owner_id: str, group_id: str, asked: str | None) -> str:
        """Who would speak: the member that is asked for, else the first who can. Raises NotFound, Invalid."""
        actors = self.cast(owner_id, group_id).actors
        if asked and all(actor.id != asked for actor in actors):
            raise Invalid("They are not in this group.", fields={"character_id": "Name one of its members."})
        able = [actor.id for actor in actors if not actor.muted] or [actor.id for actor in actors]
        if not able:
            raise Invalid("Nobody in this group can speak.")
        return asked or able[0]

    # --- making and changing

    def add(self, user: User, asked: NewGroup, key: str | None = None) -> Group:
        if key and (answer := self._idempotency.find(user.id, "groups", key, asked)):
            return self.get(user.id, answer["group_id"])
        self._check_members(user.id, asked.members, ())
        now = self._clock.now()
        given = {name: getattr(asked, name) for name in GroupSettings.model_fields}
        members = _members(asked.members)
        group = StoredGroup(id=self._clock.new_id(), members=members, created_at=now, updated_at=now, **given)
        answer = self._idempotency.once(
            user.id,
            "groups",
            key,
            asked,
            {"group_id": group.id},
            now,
            lambda join: self._store.add(user.id, group, join),
        )
        return self.shown(group) if answer["group_id"] == group.id else self.get(user.id, answer["group_id"])

    def change(self, user: User, group_id: str, change: GroupChange) -> Group:
        """Fields that were not sent stay. Raises Conflict with both versions when `revision` is not the stored one."""
        yours = change.model_dump(exclude_none=True)
        given = {name: getattr(change, name) for name in yours}
        if change.members is not None:
            before = self._store.get(user.id, group_id).members
            self._check_members(user.id, change.members, [member.character_id for member in before])
            given["members"] = _members(change.members)
        return self._write(user.id, group_id, given, yours)

    def set_avatar(self, user: User, group_id: str, picture: bytes) -> Group:
        seen = self._store.get(user.id, group_id).revision
        return self._media.replace_picture(
            user.id,
            f"groups/{group_id}",
            picture,
            find=lambda: self._store.find(user.id, group_id),
            write=lambda stored: self._write(user.id, group_id, {"stored_picture": stored, "revision": seen}, {}),
        )

    def delete(self, user: User, group_id: str) -> None:
        """Quiet when it is gone. Its chats stay, to be read."""
        group = self._store.find(user.id, group_id)
        if group is None:
            return
        self._unlock(user.id, group_id)
        self._store.delete(user.id, group_id)
        if group.stored_picture:
            self._media.drop_picture(user.id, group.stored_picture)

    # --- below

    def _write(self, owner_id: str, group_id: str, given: Mapping[str, Any], yours: Mapping[str, Any]) -> Group:
        now = self._clock.now()
        return write_over(self._store, owner_id, group_id, given, yours=yours, now=now, shown=self.shown)

    def _check_members(self, owner_id: str, members: Sequence[AskedMember], known: Sequence[str | None]) -> None:
        """Raises NotFound for a new member who is nobody's character; those who were there may be gone by now."""
        ids = [member.character_id for member in members if member.character_id]
        if len(ids) != len(set(ids)):
            raise Invalid("Somebody is in this group twice.", fields={"members": "Name each character once."})
        for character_id in set(ids) - set(known):
            self._characters.get_record(owner_id, character_id)

    def _actor(self, owner_id: str, member: Member) -> scenes.Actor | None:
        if member.character_id is None:
            return None
        try:
            card = self._characters.get_body(owner_id, member.character_id).card
        except NotFound:
            return None
        data = card.data
        return scenes.Actor(
            id=member.character_id,
            card=data,
            aliases=frozenset({data.name}),
            tags=frozenset(data.tags),
            muted=member.muted,
        )

    def shown(self, group: StoredGroup) -> Group:
        facts = group.model_dump(exclude={"stored_picture", "picture", "file"})
        stored = group.stored_picture
        return Group(**facts, picture=self._media.picture(stored) if stored else None)


def _members(asked: Sequence[AskedMember]) -> list[Member]:
    return [Member.model_validate(member.model_dump()) for member in asked]
