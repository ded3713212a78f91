"""Worlds and groups of a move."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from chalicelib.errors import Invalid, NotFound
from chalicelib.models.kept_worlds import WorldQuery
from chalicelib.models.personas import PersonaLock
from chalicelib.moving.pieces import read_object
from chalicelib.presetfiles.fields import many, text
from chalicelib.services.move_items import Errand, Read, Taken, changed, taken

if TYPE_CHECKING:
    from chalicelib.services.group_files import GroupFiles
    from chalicelib.services.groups import Groups
    from chalicelib.services.personas import Personas
    from chalicelib.services.world_files import WorldFiles
    from chalicelib.services.worlds import Worlds


class MovedWorlds:
    def __init__(self, *, worlds: "Worlds", world_files: "WorldFiles") -> None:
        self._worlds, self._files = worlds, world_files

    def is_here(self, errand: Errand, became: str) -> bool:
        try:
            return self._worlds.get(errand.owner_id, became).deleted_at is None
        except NotFound:
            return False

    def take(self, errand: Errand, read: Read) -> Taken:
        world_id = errand.id_of(read.position)
        if self.is_here(errand, world_id):
            return taken(world_id)
        name = errand.free_name("worlds", read.item.name, lambda: self._names(errand))
        line = self._files.take(errand.owner_id, read.data, f"{name}.json", world_id=world_id).line
        if name != read.item.name:
            return changed(world_id, "kept_both", name=name)
        return taken(world_id, line.note) if line.note else taken(world_id)

    def _names(self, errand: Errand) -> Iterator[str]:
        cursor: str | None = None
        while True:
            page = self._worlds.list_page(errand.user, WorldQuery(cursor=cursor))
            yield from (world.name for world in page.items)
            cursor = page.next
            if cursor is None:
                return


class MovedGroups:
    def __init__(self, *, groups: "Groups", group_files: "GroupFiles", personas: "Personas") -> None:
        self._groups, self._group_files, self._personas = groups, group_files, personas

    def is_here(self, errand: Errand, became: str) -> bool:
        try:
            self._groups.stored(errand.owner_id, became)
        except NotFound:
            return False
        return True

    def take(self, errand: Errand, read: Read) -> Taken:
        file = read_object(read.data)
        members = file.get("members")
        names = [one for one in members if isinstance(one, str)] if isinstance(members, list) else []
        characters = {name: errand.became("characters", f"characters/{name}") for name in names}
        here = {name: character_id for name, character_id in characters.items() if character_id}
        group = self._group_files.take(errand.owner_id, file, here, group_id=errand.id_of(read.position))
        self._lock(errand, read, file, group.id)
        missing = [name for name in names if name not in here]
        became = changed(group.id, "some_members", names=", ".join(missing)[:300]) if missing else taken(group.id)
        chats = file.get("chats")
        ids = [*(chats if isinstance(chats, list) else []), file.get("chat_id")]
        places = [f"group chats/{one}.jsonl" for one in dict.fromkeys(ids) if isinstance(one, str)]
        return became._replace(also=tuple(places))

    def _lock(self, errand: Errand, read: Read, file: Mapping[str, Any], group_id: str) -> None:
        """Who the person is in this group, where one of their personas says so."""
        named = text(file, "id") or read.item.name
        for piece in errand.plan.pieces.personas:
            locked = {(text(one, "type"), text(one, "id")) for one in many(piece.given, "connections")}
            persona_id = errand.became("personas", f"personas/{piece.avatar}")
            if ("group", named) in locked and persona_id:
                with suppress(NotFound, Invalid):  # taken once, and deleted since
                    self._personas.lock(errand.user, PersonaLock(target_id=group_id, persona_id=persona_id))
