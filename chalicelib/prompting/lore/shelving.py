"""The books of a scan in the order they are tried."""

from typing import NamedTuple

from chalicelib.models.scenes import BookSource, Shelf
from chalicelib.prompting.lore.asking import Scan
from chalicelib.prompting.lore.books import Book, book_of
from chalicelib.prompting.lore.hearing import Ear, Heard

# A book that is there for two reasons is taken for the first of these.
_CLAIMS: tuple[BookSource, ...] = ("global", "chat", "persona", "character")


class Spot(NamedTuple):
    """An entry of a scan: which shelf, and its number there."""

    shelf: int
    number: int


class Placed(NamedTuple):
    shelf: Shelf
    book: Book
    ear: Ear
    bucket: int
    """Chat lore comes first, the persona's next, then the others as the strategy says."""
    position: int


def placed_shelves(ask: Scan, heard: Heard) -> list[Placed]:
    claimed: set[str] = set()
    kept: list[Shelf] = []
    for source in _CLAIMS:
        for shelf in ask.shelves:
            name = shelf.world.id or shelf.world.name
            if shelf.source == source and name not in claimed:
                claimed.add(name)
                kept.append(shelf)
    last = {"evenly": (2, 2), "character_first": (3, 2), "global_first": (2, 3)}[ask.settings.strategy]
    buckets: dict[BookSource, int] = {"chat": 0, "persona": 1, "global": last[0], "character": last[1]}
    placed: list[Placed] = []
    for position, shelf in enumerate(kept):
        settings = ask.settings
        book = book_of(shelf.world, case_sensitive=settings.case_sensitive, whole_words=settings.whole_words)
        placed.append(Placed(shelf, book, Ear(book, ask, heard), buckets[shelf.source], position))
    return placed
