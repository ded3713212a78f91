"""Groups: several characters in one chat. Their settings, their members, and SillyTavern's file of one."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.errors import Invalid, NotFound
from chalicelib.leaving.names import safe
from chalicelib.models import scenes
from chalicelib.models.characters import CharacterQuery, Download
from chalicelib.models.groups import (
    MEMBERS_MOST,
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
from chalicelib.moving.pieces import read_json
from chalicelib.presetfiles.groups import read_members, read_settings, split_metadata, write_group
from chalicelib.services.revisions import write_over
from chalicelib.stores.ahead import card_place, using_also

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.characters import Characters
    from chalicelib.services.media import Media
    from chalicelib.stores.files import Files
    from chalicelib.stores.groups import GroupStore
    from chalicelib.stores.idempotency import Idempotency

FILE_BYTES_MOST = 200_000
_ENDING = re.compile(r"\.(png|webp|jpe?g)$", re.IGNORECASE)


class Groups:
    def __init__(
        self,
        *,
        store: "GroupStore",
        characters: "Characters",
        media: "Media",
        files: "Files",
        idempotency: "Idempotency",
        clock: "Clock",
        unlock: Callable[[str, str], None],
    ) -> None:
        """`unlock` takes the locks of personas to an owner's group away."""
        self._store, self._characters, self._media, self._files = store, characters, media, files
        self._idempotency, self._clock, self._unlock = idempotency, clock, unlock

    # --- reading

    def list(self, user: User, query: PageQuery) -> Page[Group]:
        """The oldest first."""
        page = self._store.list(user.id, cursor=query.cursor, limit=query.limit)
        return Page(items=[self._shown(group) for group in page.items], next=page.next)

    def get(self, owner_id: str, group_id: str) -> Group:
        return self._shown(self._store.get(owner_id, group_id))

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
        return self._shown(group) if answer["group_id"] == group.id else self.get(user.id, answer["group_id"])

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

    # --- SillyTavern's file

    def take_file(
        self, owner_id: str, file: Mapping[str, Any], characters: Mapping[str, str], *, group_id: str | None = None
    ) -> Group:
        """The group of a file, which is kept whole; `characters` are our ids by the names of their pictures' files.

        A member that is not there stays named. With an id that exists already, the group as it is. The metadata of
        chats in old files is left out: it goes to the chats (`split_metadata`). Raises Invalid.
        """
        if group_id and (known := self._store.find(owner_id, group_id)):
            return self._shown(known)
        kept, _ = split_metadata(file)
        named = _check_file(kept)
        settings = read_settings(kept)
        if not settings.name.strip() or not isinstance(kept.get("members"), list):
            raise Invalid("This file holds no group: it must have a name and members.")
        members = [Member(character_id=characters.get(name), file=name, muted=muted) for name, muted in named]
        now = self._clock.now()
        group = StoredGroup(
            id=group_id or self._clock.new_id(),
            **settings.model_dump(),
            members=members,
            file=kept,
            created_at=now,
            updated_at=now,
        )
        self._store.add(owner_id, group)
        return self._shown(group)

    def import_file(self, user: User, data: bytes) -> Group:
        """A single file: its members are found in the library by their names. Raises Invalid."""
        try:
            file = read_json(data)
        except Invalid:
            file = None
        if not isinstance(file, dict):
            raise Invalid("This file is not a group of SillyTavern: it is no JSON object.")
        names = [name for name, _ in _check_file(split_metadata(file)[0])]
        return self.take_file(user.id, file, self._by_names(user, names))

    def write_file(self, owner_id: str, group_id: str, files: Mapping[str, str]) -> dict[str, Any]:
        """The group's file as it came, with what was edited; `files` are the names of pictures' files by our ids.

        A member that neither says is named by its character's name.
        """
        group, named = self._store.get(owner_id, group_id), dict(files)
        for member in group.members:
            if member.character_id and not member.file and member.character_id not in named:
                name = self._name(owner_id, member.character_id)
                named |= {member.character_id: f"{safe(name)}.png"} if name else {}
        return write_group(group.file, group, group.members, named)

    def export(self, user: User, group_id: str) -> Download:
        group = self._store.get(user.id, group_id)
        text = json.dumps(self.write_file(user.id, group_id, {}), ensure_ascii=False, indent=4)
        key = f"{user.id}/exports/{self._clock.new_id()}.json"
        self._files.put(key, text.encode("utf-8", "replace"), "application/json")
        return self._files.download(key, f"{safe(group.name) or 'group'}.json")

    # --- below

    def _write(self, owner_id: str, group_id: str, given: Mapping[str, Any], yours: Mapping[str, Any]) -> Group:
        now = self._clock.now()
        return write_over(self._store, owner_id, group_id, given, yours=yours, now=now, shown=self._shown)

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

    def _by_names(self, user: User, files: Sequence[str]) -> dict[str, str]:
        """Ids of characters that bear the names of these files."""
        found: dict[str, str] = {}
        for file in files:
            name = _ENDING.sub("", file)
            page = self._characters.list_page(user, CharacterQuery(search=name[:200], sort="name", limit=50))
            same = [
                one for one in page.items if one.name.casefold() == name.casefold() and one.id not in found.values()
            ]
            if same:
                found[file] = same[0].id
        return found

    def _name(self, owner_id: str, character_id: str) -> str:
        try:
            return self._characters.get_record(owner_id, character_id).name
        except NotFound:
            return ""

    def _shown(self, group: StoredGroup) -> Group:
        facts = group.model_dump(exclude={"stored_picture", "picture", "file"})
        stored = group.stored_picture
        return Group(**facts, picture=self._media.picture(stored) if stored else None)


def _check_file(kept: Mapping[str, Any]) -> Sequence[tuple[str, bool]]:
    """The members of a group's file, before anybody is looked for. Raises Invalid for one that is too long."""
    named = read_members(kept)
    if len(json.dumps(kept)) > FILE_BYTES_MOST:
        raise Invalid("This group's file is too long to be kept.")
    if len(named) > MEMBERS_MOST:
        raise Invalid(f"A group has at most {MEMBERS_MOST} members; this file names {len(named):,}.")
    return named


def _members(asked: Sequence[AskedMember]) -> list[Member]:
    return [Member.model_validate(member.model_dump()) for member in asked]
