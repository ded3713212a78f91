"""Chats of a move, with their swipes and what SillyTavern keeps of a chat: with a character, or with a group."""

from contextlib import suppress
from typing import TYPE_CHECKING

from chalicelib.errors import InvalidChat, NotFound
from chalicelib.models.chats import Chat, ChatChange, ChatImportQuery
from chalicelib.services.move_items import Errand, Read, Taken, changed, left_out, taken

if TYPE_CHECKING:
    from chalicelib.services.chat_arrivals import ChatArrivals
    from chalicelib.services.chats import Chats
    from chalicelib.services.world_links import WorldLinking
    from chalicelib.stores.chats import ChatStore


class MovedChats:
    def __init__(
        self, *, chat_store: "ChatStore", chats: "Chats", arrivals: "ChatArrivals", linking: "WorldLinking"
    ) -> None:
        self._store, self._chats, self._arrivals, self._linking = chat_store, chats, arrivals, linking

    def is_here(self, errand: Errand, became: str) -> bool:
        try:
            return self._store.get(errand.owner_id, became).deleted_at is None
        except NotFound:
            return False

    def take(self, errand: Errand, read: Read) -> Taken:
        query = self._whose(errand, read)
        if query is None:
            return left_out("no_character")
        chat_id = errand.id_of(read.position)
        try:
            chat = self._arrivals.take(errand.owner_id, query, read.data, chat_id)
            self._link(errand, chat)
        except NotFound:
            return left_out("no_character")
        except InvalidChat as error:
            whole = _without_cut_line(read.data, error)
            if whole is None:
                raise
            self._link(errand, self._arrivals.take(errand.owner_id, query, whole, chat_id))
            return changed(chat_id, "chat_cut")
        return taken(chat_id)

    def _link(self, errand: Errand, chat: Chat) -> None:
        """What the chat names: its world, and who its person is in it."""
        if worlds := errand.links(chat.metadata.get("world_info")):
            with suppress(NotFound):  # taken once, and deleted since
                self._linking.link(errand.owner_id, chat.id, worlds)
        avatar = chat.metadata.get("persona")
        persona_id = errand.became("personas", f"personas/{avatar}") if isinstance(avatar, str) else None
        if not persona_id or chat.persona_id is not None:
            return
        with suppress(NotFound):
            self._chats.change(errand.user, chat.id, ChatChange(persona_id=persona_id))

    def _whose(self, errand: Errand, read: Read) -> ChatImportQuery | None:
        filename = read.item.place.rpartition("/")[2][:255]
        if not read.item.folder:
            group_id = errand.became("groups", read.item.place)
            return ChatImportQuery(group_id=group_id, filename=filename) if group_id else None
        character_id = errand.became("characters", f"characters/{read.item.folder}.png")
        return ChatImportQuery(character_id=character_id, filename=filename) if character_id else None


def _without_cut_line(data: bytes, error: InvalidChat) -> bytes | None:
    """The file without its last line, where that one is the one that cannot be read: a copy that was broken off."""
    kept, newline, cut = data.rstrip().rpartition(b"\n")
    line = error.details.get("line")
    is_last = newline and line == kept.count(b"\n") + 2
    return kept if is_last and kept.strip() and cut.lstrip().startswith(b"{") else None
