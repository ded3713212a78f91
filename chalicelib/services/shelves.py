"""The worlds of a prompt: from everywhere, the character, the chat and the persona; read once and kept by revision.

A world of 10,000 entries is read as one pack. Of a world that was changed since it was last seen here only the changed
entries are read: its row names them. What is kept is shared by all replies of the process.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from chalicelib.models.cards import Book, CardData
from chalicelib.models.kept_worlds import EntryJson, WorldRecord
from chalicelib.models.scenes import BookSource, Shelf
from chalicelib.models.users import Choices
from chalicelib.models.worlds import World, WorldEntry
from chalicelib.presetfiles.worlds import from_book, read_entry
from chalicelib.stores.ahead import Place
from chalicelib.stores.world_links import links_place
from chalicelib.stores.world_packs import packed
from chalicelib.stores.world_rows import world_place

if TYPE_CHECKING:
    from chalicelib.stores.world_links import WorldLinkStore
    from chalicelib.stores.worlds import WorldStore

ENTRIES_MOST = 60_000
"""Entries that a process keeps, about 2 KB each."""
BOOKS_MOST = 32


@dataclass(frozen=True, slots=True)
class Sources:
    """Whose worlds count in a prompt."""

    owner_id: str
    chat_id: str | None
    character_ids: tuple[str, ...]
    persona_id: str | None


@dataclass(frozen=True, slots=True)
class _Held:
    revision: int
    world: World


class Shelves:
    def __init__(self, *, store: "WorldStore", link_store: "WorldLinkStore") -> None:
        self._store, self._links = store, link_store
        self._worlds: OrderedDict[tuple[str, str], _Held] = OrderedDict()
        self._books: OrderedDict[int, tuple[Book, World]] = OrderedDict()
        self._lock = Lock()

    def places(self, sources: Sources, choices: Choices) -> list[Place]:
        """The rows that `of` is going to ask for, as far as can be known; none for people without worlds."""
        places = [world_place(sources.owner_id, world_id) for world_id in choices.world_ids]
        if choices.worlds_linked:
            places += [links_place(sources.owner_id, thing) for thing in _things(sources)]
        return places

    def of(self, sources: Sources, choices: Choices, card: CardData | None = None) -> tuple[Shelf, ...]:
        """Everything that counts. The book inside the card counts while the character has no world."""
        linked = self.linked(sources, choices)
        records = self._records(sources.owner_id, [world_id for _, world_id in linked])
        found = [
            Shelf(world=self.world(sources.owner_id, record), source=source)
            for source, world_id in linked
            if (record := records.get(world_id)) is not None
        ]
        book = card.character_book if card else None
        if card and book and book.entries and not any(shelf.source == "character" for shelf in found):
            speaker = sources.character_ids[0] if sources.character_ids else ""
            found.append(Shelf(world=self._of_book(book, name=card.name, character_id=speaker), source="character"))
        return tuple(found)

    def linked(self, sources: Sources, choices: Choices) -> list[tuple[BookSource, str]]:
        """Ids of worlds and why they are here, in the order they are selected."""
        found: list[tuple[BookSource, str]] = [("global", world_id) for world_id in choices.world_ids]
        if not choices.worlds_linked:
            return found
        things: list[tuple[BookSource, str | None]] = [
            *(("character", one) for one in sources.character_ids),
            ("chat", sources.chat_id),
            ("persona", sources.persona_id),
        ]
        return found + [
            (source, world_id)
            for source, thing in things
            if thing
            for world_id in self._links.get(sources.owner_id, thing)
        ]

    def world(self, owner_id: str, record: WorldRecord) -> World:
        """The world as it is at the revision of `record`, or newer."""
        key = (owner_id, record.id)
        with self._lock:
            held = self._worlds.get(key)
            if held is not None:
                self._worlds.move_to_end(key)
        if held is not None and held.revision >= record.revision:
            return held.world
        entries = self._brought_up(owner_id, record, held) if held else None
        if entries is None:
            entries = [_read(one) for one in self.entries(owner_id, record)]
        world = World.model_construct(id=record.id, name=record.name, entries=entries, extra={})
        with self._lock:
            self._worlds[key] = _Held(record.revision, world)
            self._worlds.move_to_end(key)
            while len(self._worlds) > 1 and sum(len(one.world.entries) for one in self._worlds.values()) > ENTRIES_MOST:
                self._worlds.popitem(last=False)
        return world

    def entries(self, owner_id: str, record: WorldRecord) -> list[EntryJson]:
        """All entries as they are kept, from the pack and what was changed since."""
        pack = self._store.read_pack(owner_id, record.id) if record.packed_at and record.recent is not None else None
        if pack is None or record.recent is None or pack[1] < record.packed_at:
            return [packed(one) for one in self._store.all_entries(owner_id, record.id)]
        entries, revision = pack
        changed = [uid for uid, at in record.recent.items() if at > revision]
        if not changed:
            return entries
        found = {one.uid: packed(one) for one in self._store.get_entries(owner_id, record.id, changed)}
        return sorted(
            [*(one for one in entries if one["uid"] not in set(changed)), *found.values()],
            key=lambda one: int(one["uid"]),
        )

    def _brought_up(self, owner_id: str, record: WorldRecord, held: _Held) -> list[WorldEntry] | None:
        """The entries kept here with what was changed since; None when that is not known."""
        if record.recent is None or held.revision < record.packed_at:
            return None
        changed = {uid for uid, at in record.recent.items() if at > held.revision}
        if not changed:
            return held.world.entries
        found = [_read(packed(one)) for one in self._store.get_entries(owner_id, record.id, sorted(changed))]
        kept = [one for one in held.world.entries if one.uid not in changed]
        return sorted([*kept, *found], key=lambda one: one.uid)

    def _records(self, owner_id: str, world_ids: Sequence[str]) -> dict[str, WorldRecord]:
        """Those that are there and not in the trash."""
        found = self._store.find_many(owner_id, world_ids) if world_ids else []
        return {record.id: record for record in found if record.deleted_at is None}

    def _of_book(self, book: Book, *, name: str, character_id: str) -> World:
        """The book of a card, made ready once for each time the card is read anew."""
        with self._lock:
            held = self._books.get(id(book))
            if held is not None and held[0] is book:
                self._books.move_to_end(id(book))
                return held[1]
        world = from_book(book, name=name, id=character_id)
        with self._lock:
            self._books[id(book)] = (book, world)
            while len(self._books) > BOOKS_MOST:
                self._books.popitem(last=False)
        return world


def _things(sources: Sources) -> Iterable[str]:
    return filter(None, (*sources.character_ids, sources.chat_id, sources.persona_id))


def _read(entry: EntryJson) -> WorldEntry:
    return read_entry(entry, int(entry["uid"]))
