"""Personas of a move, and tags, which are told only: each lies with the characters that have it."""

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from chalicelib.errors import Invalid, NotFound, TooLarge
from chalicelib.models.personas import NewPersona, PersonaLock
from chalicelib.presetfiles.fields import many, text
from chalicelib.presetfiles.preferences import read_persona
from chalicelib.services.move_items import Errand, Read, Taken, changed, left_out, taken

if TYPE_CHECKING:
    from chalicelib.services.personas import Personas
    from chalicelib.services.world_links import WorldLinking

_DESCRIPTION_MOST = _KEPT_CHARACTERS_MOST = 50_000
_TOO_LONG = (f"What is longer than {_DESCRIPTION_MOST:,} characters was cut off.",)
_SAID_HERE = ("description", "position", "depth", "role", "title", "lorebook", "connections")
"""What has a field or a link of ours is written from there."""


class MovedPersonas:
    def __init__(self, *, personas: "Personas", linking: "WorldLinking") -> None:
        self._personas, self._linking = personas, linking

    def is_here(self, errand: Errand, became: str) -> bool:
        return self._personas.find(errand.owner_id, became) is not None

    def take(self, errand: Errand, read: Read) -> Taken:
        piece = next(one for one in errand.plan.pieces.personas if one.avatar == read.item.folder)
        given = piece.given.get("description")
        description = given if isinstance(given, str) else ""
        who = read_persona(piece.given, piece.name)
        asked = NewPersona(
            name=piece.name[:200],
            title=text(piece.given, "title")[:200],
            description=description[:_DESCRIPTION_MOST],
            place=who.place,
            depth=min(max(who.depth, 0), 1_000),
            role=who.role,
        )
        # After a break the same key finds what was made; a day later the persona's place does.
        kept = {name: value for name, value in piece.given.items() if name not in _SAID_HERE}
        cut = len(description) > _DESCRIPTION_MOST or len(json.dumps(kept)) > _KEPT_CHARACTERS_MOST
        if len(json.dumps(kept)) > _KEPT_CHARACTERS_MOST:
            kept = {}
        persona = self._personas.add(errand.user, asked, key=_key(errand, read), file=kept)
        for one in many(piece.given, "connections"):
            # Groups come later than personas: they lock those who are theirs.
            character_id = errand.became("characters", f"characters/{text(one, 'id')}")
            if text(one, "type") == "character" and character_id:
                with suppress(NotFound):
                    self._personas.lock(errand.user, PersonaLock(target_id=character_id, persona_id=persona.id))
        if worlds := errand.links(piece.given.get("lorebook")):
            with suppress(NotFound):  # taken once, and deleted since
                self._linking.link(errand.owner_id, persona.id, worlds)
        if not read.beside:
            return changed(persona.id, "no_picture", *_TOO_LONG[: int(cut)])
        try:
            self._personas.set_avatar(errand.user, persona.id, next(iter(read.beside.values())))
        except (Invalid, TooLarge) as error:
            return changed(persona.id, "bad_picture", error.message, *_TOO_LONG[: int(cut)])
        return taken(persona.id, *_TOO_LONG[: int(cut)])


class MovedTags:
    def is_here(self, errand: Errand, became: str) -> bool:
        return False

    def take(self, errand: Errand, read: Read) -> Taken:
        """Characters got it when they were taken."""
        count = sum(
            read.item.name in names and errand.became("characters", f"characters/{avatar}") is not None
            for avatar, names in errand.plan.pieces.tags_of.items()
        )
        if not count:
            return left_out("no_tagged")
        return Taken("taken", None, "on_characters", {"count": str(count)})


def _key(errand: Errand, read: Read) -> str:
    return f"move-{errand.id_of(read.position)}"
