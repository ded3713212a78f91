"""Which worlds count in a chat, and why: what a reply's prompt would look through, told beforehand.

In a group the speaking member's worlds count, as in SillyTavern: all members' are listed, each with whose it is.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from chalicelib.errors import NotFound
from chalicelib.models.cards import CardData
from chalicelib.models.chats import Chat
from chalicelib.models.kept_worlds import WorldRecord
from chalicelib.models.personas import Persona
from chalicelib.models.scenes import BookSource
from chalicelib.models.users import Account
from chalicelib.models.world_links import WorldInPlay
from chalicelib.services.shelves import Shelves, Sources

if TYPE_CHECKING:
    from chalicelib.services.characters import Characters
    from chalicelib.services.groups import Groups
    from chalicelib.stores.users import UserStore
    from chalicelib.stores.worlds import WorldStore

_CLAIMS: tuple[BookSource, ...] = ("global", "chat", "persona", "character")
"""A world that is there for two reasons counts for the first of these."""
_SHOWN: tuple[BookSource, ...] = ("global", "character", "chat", "persona")
_READ_MOST = 100


class WorldsInPlay:
    def __init__(
        self,
        *,
        world_store: "WorldStore",
        user_store: "UserStore",
        shelves: Shelves,
        characters: "Characters",
        groups: "Groups",
        persona_of: Callable[[Account, Chat], Persona | None],
    ) -> None:
        """`persona_of` tells who the person is in a chat."""
        self._store, self._users, self._shelves = world_store, user_store, shelves
        self._characters, self._groups, self._persona_of = characters, groups, persona_of

    def list(self, owner_id: str, chat: Chat) -> list[WorldInPlay]:
        """All that count with the one who is played there now."""
        account = self._users.get(owner_id).account
        persona = self._persona_of(account, chat)
        cards = dict(self._cards(owner_id, chat))
        sources = Sources(owner_id, chat.id, (), persona.id if persona else None)
        linked = [(source, world_id, "") for source, world_id in self._shelves.linked(sources, account.choices)]
        for character_id in cards:
            own = Sources(owner_id, None, (character_id,), None)
            linked += [
                ("character", world_id, character_id)
                for source, world_id in self._shelves.linked(own, account.choices)
                if source == "character"
            ]
        worlds = self._living(owner_id, [world_id for _, world_id, _ in linked])
        linked = [one for one in linked if one[1] in worlds]
        found: list[WorldInPlay] = []
        claimed: set[str] = set()
        for source, world_id, character_id in sorted(linked, key=lambda one: _CLAIMS.index(one[0])):
            # Of two members who have the same world each brings it along when it is their turn.
            if world_id not in claimed:
                found.append(_shown(source, worlds[world_id], character_id, cards, grouped=bool(chat.group_id)))
            if source != "character":
                claimed.add(world_id)
        have = {character_id for source, _, character_id in linked if source == "character"}
        for character_id, card in cards.items():
            book = card.character_book
            if character_id not in have and book is not None and book.entries:
                found.append(
                    WorldInPlay(
                        source="character",
                        world_id=None,
                        name=book.name or card.name,
                        entry_count=len(book.entries),
                        character_id=character_id,
                        character_name=card.name if chat.group_id else "",
                    )
                )
        return sorted(found, key=lambda one: _SHOWN.index(one.source))

    def _cards(self, owner_id: str, chat: Chat) -> Iterator[tuple[str, CardData]]:
        """Who may speak, and their cards."""
        try:
            if chat.group_id:
                for actor in self._groups.cast(owner_id, chat.group_id).actors:
                    yield actor.id, actor.card
            else:
                yield chat.character_id, self._characters.get_body(owner_id, chat.character_id).card.data
        except NotFound:
            return

    def _living(self, owner_id: str, world_ids: Sequence[str]) -> dict[str, WorldRecord]:
        wanted = list(dict.fromkeys(world_ids))
        stretches = [wanted[start : start + _READ_MOST] for start in range(0, len(wanted), _READ_MOST)]
        found = (one for some in stretches for one in self._store.list_by_ids(owner_id, some))
        return {one.id: one for one in found if not one.deleted_at}


def _shown(
    source: BookSource, world: WorldRecord, character_id: str, cards: dict[str, CardData], *, grouped: bool
) -> WorldInPlay:
    return WorldInPlay(
        source=source,
        world_id=world.id,
        name=world.name,
        entry_count=world.entry_count,
        character_id=character_id or None,
        character_name=cards[character_id].name if character_id and grouped else "",
    )
