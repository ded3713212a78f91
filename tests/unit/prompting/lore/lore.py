"""A scan in few words: entries, what was said, and what woke."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chalicelib.models.scenes import BookSource, Shelf
from chalicelib.models.worlds import Timed, World, WorldEntry, WorldSettings
from chalicelib.prompting.lore.asking import Line, Scan, Scanned, Verdict
from chalicelib.prompting.lore.scanning import scan
from chalicelib.prompting.scripts.patterns import Patterns

PATTERNS = Patterns(clock=time.thread_time)


def entry(*keys: str, content: str = "", **more: Any) -> WorldEntry:
    return WorldEntry(keys=list(keys), content=content or (keys[0] if keys else "always"), **more)


def world(*entries: WorldEntry, name: str = "W") -> World:
    numbered = [one.model_copy(update={"uid": number}) for number, one in enumerate(entries)]
    return World(name=name, entries=numbered)


def scanned(
    entries: Sequence[WorldEntry] = (),
    *said: str,
    settings: Mapping[str, Any] | None = None,
    shelves: Sequence[tuple[BookSource, World]] = (),
    count: Callable[[str], int] = lambda text: len(text.split()),
    **more: Any,
) -> Scanned:
    """`said` is the chat, the oldest first; Robin says all of it."""
    books = [("global", world(*entries)), *shelves] if entries else shelves
    ask: dict[str, Any] = {
        "shelves": [Shelf(world=book, source=source) for source, book in books],
        "settings": WorldSettings(**{"depth": 2, "recursive": False, **(settings or {})}),
        "lines": [Line("Robin", text) for text in reversed(said)],
        "length": len(said),
        "prompt_tokens": 1_000_000,
        "count": count,
        "expand": lambda text: text.replace("{{user}}", "Robin"),
        "dice": random.Random(3),
        "patterns": PATTERNS,
        "timed": Timed(),
    }
    return scan(Scan(**{**ask, **more}))


def awake(*arguments: Any, **more: Any) -> list[str]:
    """The contents that woke, in their order."""
    return [one.text for one in scanned(*arguments, **more).activated]


def verdicts(found: Scanned) -> list[tuple[str, str]]:
    return [(str(Verdict(one.verdict)), one.detail) for one in found.why()]
