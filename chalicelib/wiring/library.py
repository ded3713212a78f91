"""Who takes part in a chat: characters, groups, personas, and what is kept about them."""

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.plumbing import PlumbingWiring

if TYPE_CHECKING:
    from chalicelib.services.casts import Casts
    from chalicelib.services.characters import Characters
    from chalicelib.services.group_files import GroupFiles
    from chalicelib.services.groups import Groups
    from chalicelib.services.notes import Notes
    from chalicelib.services.personas import Personas
    from chalicelib.services.variables import VariableSets
    from chalicelib.stores.groups import GroupStore


class LibraryWiring(PlumbingWiring):
    @cached_property
    def characters(self) -> "Characters":
        from chalicelib.services.characters import Characters
        from chalicelib.stores.characters import CharacterStore
        from chalicelib.stores.library import Library

        return Characters(
            store=CharacterStore(files=self.files),
            library=Library(),
            idempotency=self.idempotency,
            files=self.files,
            media=self.media,
            limits=self.limits,
            clock=self.clock,
            unlock=self.persona_store.unlock,
        )

    @cached_property
    def group_store(self) -> "GroupStore":
        from chalicelib.stores.groups import GroupStore

        return GroupStore()

    @cached_property
    def groups(self) -> "Groups":
        from chalicelib.services.groups import Groups

        return Groups(
            store=self.group_store,
            characters=self.characters,
            media=self.media,
            idempotency=self.idempotency,
            clock=self.clock,
            unlock=self.persona_store.unlock,
        )

    @cached_property
    def group_files(self) -> "GroupFiles":
        from chalicelib.services.group_files import GroupFiles

        return GroupFiles(
            store=self.group_store,
            groups=self.groups,
            characters=self.characters,
            files=self.files,
            clock=self.clock,
        )

    @cached_property
    def personas(self) -> "Personas":
        from chalicelib.services.personas import Personas

        return Personas(
            store=self.persona_store,
            media=self.media,
            idempotency=self.idempotency,
            clock=self.clock,
            # Looked up when needed: only a lock asks.
            check_partner=lambda owner_id, partner_id: self.groups.check_partner(owner_id, partner_id),
        )

    @cached_property
    def notes(self) -> "Notes":
        from chalicelib.services.notes import Notes
        from chalicelib.stores.notes import NoteStore

        return Notes(store=NoteStore(), characters=self.characters)

    @cached_property
    def variables(self) -> "VariableSets":
        from chalicelib.services.variables import VariableSets
        from chalicelib.stores.variables import VariableStore

        return VariableSets(store=VariableStore(), chat_store=self.chat_store)

    @cached_property
    def casts(self) -> "Casts":
        from chalicelib.services.casts import Casts

        return Casts(groups=self.groups, personas=self.personas, notes=self.notes, variables=self.variables)
