"""Which worlds are where: everywhere, with a character, in a chat, with a persona; and how they are scanned."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.errors import NotFound
from chalicelib.models.cards import Book
from chalicelib.models.kept_worlds import WorldFile, WorldSummary
from chalicelib.models.users import Choices, User
from chalicelib.models.world_links import WorldLinks, WorldLinksChange, WorldSettingsChange, WorldsOfChat, WorldUse
from chalicelib.models.worlds import WorldSettings
from chalicelib.presetfiles.lorebooks import book_of_world, entries_of_book

if TYPE_CHECKING:
    from chalicelib.services.characters import Characters
    from chalicelib.services.personas import Personas
    from chalicelib.services.worlds import Worlds
    from chalicelib.services.worlds_in_play import WorldsInPlay
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.users import UserStore
    from chalicelib.stores.world_links import WorldLinkStore
    from chalicelib.stores.worlds import WorldStore


class WorldLinking:
    def __init__(
        self,
        *,
        link_store: "WorldLinkStore",
        world_store: "WorldStore",
        user_store: "UserStore",
        chat_store: "ChatStore",
        worlds: "Worlds",
        characters: "Characters",
        personas: "Personas",
        in_play: "WorldsInPlay",
    ) -> None:
        self._store, self._world_store, self._users, self._chats = link_store, world_store, user_store, chat_store
        self._worlds, self._characters, self._personas = worlds, characters, personas
        self._in_play = in_play

    # --- everywhere

    def everywhere(self, user: User) -> WorldLinks:
        return WorldLinks(world_ids=self._choices(user.id).world_ids)

    def choose(self, user: User, change: WorldLinksChange) -> WorldLinks:
        """Raises NotFound when there is no such world."""
        world_ids = self._known(user.id, change.world_ids)
        self._users.change_choices(user.id, name=None, choices={"world_ids": world_ids})
        return WorldLinks(world_ids=world_ids)

    def settings(self, user: User) -> WorldSettings:
        return self._choices(user.id).world_settings

    def change_settings(self, user: User, change: WorldSettingsChange) -> WorldSettings:
        """Fields that were not sent stay."""
        changed = self.settings(user).model_copy(update=change.model_dump(exclude_none=True))
        self._users.change_choices(user.id, name=None, choices={"world_settings": changed.model_dump(mode="json")})
        return changed

    # --- with a thing

    def uses(self, user: User) -> list[WorldUse]:
        """Everything that has worlds."""
        return [WorldUse(thing_id=thing, world_ids=ids) for thing, ids in self._store.list_all(user.id).items()]

    def of_character(self, user: User, character_id: str) -> WorldLinks:
        self._characters.get_record(user.id, character_id)
        return WorldLinks(world_ids=self._store.get(user.id, character_id))

    def link_character(self, user: User, character_id: str, change: WorldLinksChange) -> WorldLinks:
        self._characters.get_record(user.id, character_id)
        return self._link(user.id, character_id, change)

    def of_persona(self, user: User, persona_id: str) -> WorldLinks:
        self._personas.get(user.id, persona_id)
        return WorldLinks(world_ids=self._store.get(user.id, persona_id))

    def link_persona(self, user: User, persona_id: str, change: WorldLinksChange) -> WorldLinks:
        self._personas.get(user.id, persona_id)
        return self._link(user.id, persona_id, change)

    def of_chat(self, user: User, chat_id: str) -> WorldsOfChat:
        """The chat's own worlds, and all that count in it with the one who is played there now."""
        chat = self._chats.get(user.id, chat_id)
        return WorldsOfChat(world_ids=self._store.get(user.id, chat_id), in_play=self._in_play.list(user.id, chat))

    def link_chat(self, user: User, chat_id: str, change: WorldLinksChange) -> WorldsOfChat:
        chat = self._chats.get(user.id, chat_id)
        linked = self._link(user.id, chat_id, change)
        return WorldsOfChat(world_ids=linked.world_ids, in_play=self._in_play.list(user.id, chat))

    def link(self, owner_id: str, thing_id: str, world_ids: Sequence[str]) -> None:
        """For imports: the worlds of a character, a chat or a persona that is known to be there."""
        self._link(owner_id, thing_id, WorldLinksChange(world_ids=list(world_ids)))

    # --- the book inside a card

    def unfold_book(self, user: User, character_id: str) -> WorldSummary:
        """The card's book as a world, which is the character's first from now on. Raises NotFound without a book."""
        body = self._characters.get_body(user.id, character_id)
        book = body.card.data.character_book
        if book is None or not book.entries:
            raise NotFound("There is no lorebook inside this card.")
        rest = {"originalData": book.model_dump(mode="json", exclude_unset=True)}
        file = WorldFile(name=book.name or body.card.data.name, entries=entries_of_book(book), rest=rest, format="card")
        world = self._worlds.take(user.id, file)
        before = self._store.get(user.id, character_id)
        self._link(user.id, character_id, WorldLinksChange(world_ids=[world.id, *before][:50]))
        return world

    def book_of(self, owner_id: str, world_id: str) -> Book:
        """A world as the book that travels inside a card. Raises NotFound."""
        world = self._worlds.get(owner_id, world_id)
        entries = self._worlds.read_all(owner_id, world_id)
        return book_of_world(entries, name=world.name, rest=self._worlds.rest(owner_id, world_id))

    def book_of_character(self, owner_id: str, character_id: str) -> Book | None:
        """The first of the character's worlds as a book; None without one, so that the card's own counts."""
        for world_id in self._store.get(owner_id, character_id):
            try:
                if self._worlds.get(owner_id, world_id).deleted_at is None:
                    return self.book_of(owner_id, world_id)
            except NotFound:
                continue  # deleted since
        return None

    # ---

    def _link(self, owner_id: str, thing_id: str, change: WorldLinksChange) -> WorldLinks:
        world_ids = self._known(owner_id, change.world_ids)
        if world_ids and not self._choices(owner_id).worlds_linked:
            self._users.change_choices(owner_id, name=None, choices={"worlds_linked": True})
        self._store.put(owner_id, thing_id, world_ids)
        return WorldLinks(world_ids=world_ids)

    def _known(self, owner_id: str, world_ids: Sequence[str]) -> list[str]:
        wanted = list(dict.fromkeys(world_ids))
        there = {world.id for world in self._world_store.list_by_ids(owner_id, wanted)} if wanted else set()
        if len(there) < len(wanted):
            raise NotFound("There is no such world.")
        return wanted

    def _choices(self, owner_id: str) -> Choices:
        return self._users.get(owner_id).account.choices
