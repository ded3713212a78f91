"""Files of worlds, into the worlds and out of them, and the book of a card."""

import hashlib
import json
import re
from typing import TYPE_CHECKING

from chalicelib.errors import Invalid, InvalidWorld
from chalicelib.leaving.names import safe
from chalicelib.models.characters import Download
from chalicelib.models.jobs import ReportLine
from chalicelib.models.kept_worlds import ImportedWorld
from chalicelib.models.users import User
from chalicelib.moving.pieces import read_json
from chalicelib.presetfiles.lorebooks import read_lorebook, write_world

if TYPE_CHECKING:
    from chalicelib.services.worlds import Worlds
    from chalicelib.stores.files import Files

_ENDING = re.compile(r"(\.json|\.lorebook)+$", re.IGNORECASE)
_PROGRAMS = {"novelai": "NovelAI", "agnai": "Agnai", "risu": "RisuAI"}


class WorldFiles:
    def __init__(self, *, worlds: "Worlds", files: "Files") -> None:
        self._worlds, self._files = worlds, files

    def take(self, owner_id: str, data: bytes, filename: str, *, world_id: str | None = None) -> ImportedWorld:
        """The world in a file. With an id that exists already, tells of that world. Raises InvalidWorld."""
        named = _ENDING.sub("", filename)
        file = read_lorebook(_parsed(data), name=named)
        # The field names a world by its file.
        name = named if file.format == "sillytavern" and named else file.name
        world = self._worlds.take(owner_id, file, name=name, world_id=world_id)
        program = _PROGRAMS.get(file.format)
        note = f"Converted from {program}." if program else ""
        line = ReportLine(
            name=filename or world.name, outcome="changed" if program else "taken", note=note, id=world.id
        )
        return ImportedWorld(line=line, world=world)

    def drop_unfinished(self, owner_id: str, world_id: str) -> None:
        """Deletes what an import that was never finished left behind; quiet when it was."""
        self._worlds.drop_unfinished(owner_id, world_id)

    def export(self, user: User, world_id: str) -> Download:
        """Where to fetch the file that SillyTavern reads."""
        name, data = self.pack(user.id, world_id)
        folder = f"{user.id}/worlds/{world_id}/exports/"
        key = f"{folder}{hashlib.sha256(data).hexdigest()[:24]}"
        self._files.delete_prefix(folder)
        self._files.put(key, data, "application/json")
        return self._files.download(key, f"{safe(name) or 'world'}.json")

    def pack(self, owner_id: str, world_id: str) -> tuple[str, bytes]:
        """The world's name and its file as SillyTavern reads it. Raises NotFound."""
        name = self._worlds.get(owner_id, world_id).name
        made = write_world(self._worlds.read_all(owner_id, world_id), self._worlds.rest(owner_id, world_id))
        return name, json.dumps(made, ensure_ascii=False, indent=4).encode("utf-8", "surrogatepass")


def _parsed(data: bytes) -> object:
    try:
        found: object = read_json(data)
    except Invalid as error:
        if error.code == "too_deep":
            raise InvalidWorld("This file is nested too deeply to be a world.", code="too_deep") from None
        raise InvalidWorld("This file holds no world: it is not JSON.") from None
    return found
