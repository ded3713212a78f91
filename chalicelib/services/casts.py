"""Casts: who takes part in a prompt and what is noted beside it, as a chat, a persona and a person have it set."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.models.chats import Chat
from chalicelib.models.personas import Persona
from chalicelib.models.scenes import AuthorsNote, CharacterNote, Group, Variables, Who
from chalicelib.models.users import Account
from chalicelib.stores.ahead import Place
from chalicelib.stores.groups import group_place
from chalicelib.stores.notes import note_place
from chalicelib.stores.personas import locks_place
from chalicelib.stores.variables import variables_place

if TYPE_CHECKING:
    from chalicelib.services.groups import Groups
    from chalicelib.services.notes import Notes
    from chalicelib.services.personas import Personas
    from chalicelib.services.variables import VariableSets


@dataclass(frozen=True, slots=True)
class Cast:
    """A part of a scene."""

    group: Group | None
    persona: Who
    persona_id: str | None
    note: AuthorsNote
    character_note: CharacterNote | None
    variables: Variables


class Casts:
    def __init__(self, *, groups: "Groups", personas: "Personas", notes: "Notes", variables: "VariableSets") -> None:
        self._groups, self._personas = groups, personas
        self._notes, self._variables = notes, variables

    def places(
        self, owner_id: str, chat_id: str, branch_id: str, character_id: str, group_id: str | None = None
    ) -> list[Place]:
        """The rows that `for_scene` asks for, as far as can be known."""
        return [
            locks_place(owner_id),
            note_place(owner_id, character_id),
            variables_place(owner_id, chat_id, branch_id),
            variables_place(owner_id, chat_id),
            variables_place(owner_id, None),
            *([group_place(owner_id, group_id)] if group_id else []),
        ]

    def persona(self, account: Account, chat: Chat) -> Persona | None:
        """Who the person is in this chat: the chat's persona, else its partner's, else the one for everything."""
        return self._personas.who(
            account.id,
            chat_persona_id=chat.persona_id,
            partner_id=chat.group_id or chat.character_id,
            chosen_id=account.choices.persona_id,
        )

    def for_scene(self, account: Account, chat: Chat, branch_id: str, character_id: str) -> Cast:
        """Raises NotFound when the chat's group is gone."""
        persona = self.persona(account, chat)
        note, character_note = self._notes.for_scene(account.id, chat, character_id)
        local, everywhere = self._variables.of(account.id, chat, branch_id), self._variables.everywhere(account.id)
        return Cast(
            group=self._groups.cast(account.id, chat.group_id) if chat.group_id else None,
            persona=_who(persona, account),
            persona_id=persona.id if persona else None,
            note=note,
            character_note=character_note,
            variables=Variables(dict(local.values), dict(everywhere.values)),
        )


def _who(persona: Persona | None, account: Account) -> Who:
    if persona is None:
        return Who(name=account.name)
    return Who(
        name=persona.name,
        description=persona.description,
        place=persona.place,
        depth=persona.depth,
        role=persona.role,
    )
