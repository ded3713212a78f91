"""SillyTavern's files of groups, in and out."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.errors import Invalid, NotFound
from chalicelib.leaving.names import safe
from chalicelib.models.characters import CharacterQuery, Download
from chalicelib.models.groups import MEMBERS_MOST, Group, Member, StoredGroup
from chalicelib.models.users import User
from chalicelib.moving.pieces import read_json
from chalicelib.presetfiles.groups import read_members, read_settings, split_metadata, write_group

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.characters import Characters
    from chalicelib.services.groups import Groups
    from chalicelib.stores.files import Files
    from chalicelib.stores.groups import GroupStore

FILE_BYTES_MOST = 200_000
_ENDING = re.compile(r"\.(png|webp|jpe?g)$", re.IGNORECASE)


class GroupFiles:
    def __init__(
        self, *, store: "GroupStore", groups: "Groups", characters: "Characters", files: "Files", clock: "Clock"
    ) -> None:
        self._store, self._groups, self._characters = store, groups, characters
        self._files, self._clock = files, clock

    def take(
        self, owner_id: str, file: Mapping[str, Any], characters: Mapping[str, str], *, group_id: str | None = None
    ) -> Group:
        """The group of a file, which is kept whole; `characters` are our ids by the names of their pictures' files.

        A member that is not there stays named. With an id that exists already, the group as it is. The metadata of
        chats in old files is left out: it goes to the chats (`split_metadata`). Raises Invalid.
        """
        if group_id and (known := self._store.find(owner_id, group_id)):
            return self._groups.shown(known)
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
        return self._groups.shown(group)

    def import_file(self, user: User, data: bytes) -> Group:
        """A single file: its members are found in the library by their names. Raises Invalid."""
        try:
            file = read_json(data)
        except Invalid:
            file = None
        if not isinstance(file, dict):
            raise Invalid("This file is not a group of SillyTavern: it is no JSON object.")
        names = [name for name, _ in _check_file(split_metadata(file)[0])]
        return self.take(user.id, file, self._by_names(user, names))

    def write(self, owner_id: str, group_id: str, files: Mapping[str, str]) -> dict[str, Any]:
        """The group's file as it came, with what was edited; `files` are the names of pictures' files by our ids.

        A member that neither says is named by its character's name.
        """
        group, named = self._store.get(owner_id, group_id), dict(files)
        for member in group.members:
            if member.character_id and not member.file and member.character_id not in named:
                name = self._name(owner_id, member.character_id)
                named |= {member.character_id: f"{safe(name) or 'unnamed'}.png"} if name else {}
        return write_group(group.file, group, group.members, named)

    def export(self, user: User, group_id: str) -> Download:
        group = self._store.get(user.id, group_id)
        text = json.dumps(self.write(user.id, group_id, {}), ensure_ascii=False, indent=4)
        key = f"{user.id}/exports/{self._clock.new_id()}.json"
        self._files.put(key, text.encode("utf-8", "replace"), "application/json")
        return self._files.download(key, f"{safe(group.name) or 'group'}.json")

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


def _check_file(kept: Mapping[str, Any]) -> Sequence[tuple[str, bool]]:
    """The members of a group's file, before anybody is looked for. Raises Invalid for one that is too long."""
    named = read_members(kept)
    if len(json.dumps(kept)) > FILE_BYTES_MOST:
        raise Invalid("This group's file is too long to be kept.")
    if len(named) > MEMBERS_MOST:
        raise Invalid(f"A group has at most {MEMBERS_MOST} members; this file names {len(named):,}.")
    return named
