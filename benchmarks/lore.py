"""How long a scan of world info takes, warm and on the processor: `python -m benchmarks.lore`.

A book of 1,000 entries with three keys each, a scan 20 messages deep, recursion on, ten entries that match; and one of
10,000 entries of which none does. The keys are made of the same syllables as the messages, so that nearly everything
almost matches. Each is scanned again and again with the book ready, and the median counts. Tokens are counted by a real
tokenizer. What the first scan takes besides (the book made ready, or known again by its content) is told apart.

Then the same as a reply does it: the person's choices say which world is there, its row was read, its entries are kept
in the process by their revision, and the scan is that of a whole scene with its macros, notes and card.
"""

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from chalicelib.models.cards import CardData
from chalicelib.models.chats import Message
from chalicelib.models.kept_worlds import WorldRecord
from chalicelib.models.scenes import Actor, History, Scene, Shelf
from chalicelib.models.users import Choices
from chalicelib.models.worlds import World, WorldEntry, WorldSettings
from chalicelib.presetfiles.lorebooks import new_entry
from chalicelib.prompting.lore.asking import Line, Scan
from chalicelib.prompting.lore.books import Book
from chalicelib.prompting.lore.scanning import scan
from chalicelib.prompting.preparing import prepare
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.tokens import counter
from chalicelib.services.shelves import Shelves, Sources
from chalicelib.stores.world_links import WorldLinkStore
from chalicelib.stores.worlds import WorldStore

ROUNDS = 50
_STARTS = ("bra", "ke", "lo", "mi", "sta", "ve", "tor", "qui")
_ENDS = ("na", "rder", "sting", "lkow", "mper", "nd", "sh")
_WORDS = [first + middle + last for first in _STARTS for middle in ("", "a", "or", "il") for last in _ENDS]


def main() -> None:
    count = counter("cl100k_base")
    count("warm")
    rows: list[tuple[str, World, list[Line], int, str]] = [
        ("1,000 entries, depth 20, recursion, 10 matches", book(1_000, chain=10), chat(20, "wakes0"), 10, "8 ms"),
        ("10,000 entries, depth 20, recursion, no match", book(10_000), chat(20), 0, "25 ms"),
        ("10,000 entries, depth 100, no match", book(10_000), chat(100), 0, "-"),
        ("1,000 entries whose keys are patterns, no match", patterns(1_000), chat(20), 0, "-"),
    ]
    for name, world, lines, matches, goal in rows:
        print(f"{name:62} {measured(world, lines, count, matches):7.2f} ms   goal {goal}")
    for name, world, lines, matches, goal in rows[:2]:
        print(f"{'as a reply: ' + name:62} {in_a_reply(world, lines, count, matches):7.2f} ms   goal {goal}")
    world = book(10_000)
    ready = timed(lambda: Book(world, case_sensitive=False, whole_words=True))
    print(f"{'making 10,000 entries ready':62} {ready:7.1f} ms")
    known = timed(lambda: world.model_dump_json(include={"entries"}))
    print(f"{'knowing 10,000 entries again by their content':62} {known:7.1f} ms")


def measured(world: World, lines: list[Line], count: Callable[[str], int], matches: int) -> float:
    """The median of scans after the first, in milliseconds of the processor."""
    times: list[float] = []
    matcher = Patterns(clock=time.thread_time)
    for _ in range(ROUNDS + 1):
        ask = Scan(
            shelves=[Shelf(world=world, source="global")],
            settings=WorldSettings(depth=len(lines)),
            lines=iter(lines),
            length=len(lines),
            prompt_tokens=32_000,
            count=count,
            expand=lambda text: text,
            dice=random.Random(1),
            patterns=matcher,
        )
        began = time.thread_time()
        found = len(scan(ask).activated)
        times.append((time.thread_time() - began) * 1000)
        if found != matches:
            raise SystemExit(f"{found} entries woke instead of {matches}.")
    return statistics.median(times[1:])


class Rows:
    """What of the stores a reply asks for: a world that does not change."""

    def __init__(self, world: World) -> None:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        self.world = world
        self.record = WorldRecord(
            id="w", name=world.name, created_at=now, updated_at=now, packed_at=1, entry_count=len(world.entries)
        )
        self.reads = 0

    def find_many(self, owner_id: str, world_ids: list[str]) -> list[WorldRecord]:
        return [self.record]

    def read_pack(self, owner_id: str, world_id: str) -> tuple[list[dict[str, Any]], int]:
        self.reads += 1
        return [written(entry) for entry in self.world.entries], 1


def written(entry: WorldEntry) -> dict[str, Any]:
    """The entry as it is kept."""
    return new_entry({"uid": entry.uid, "key": entry.keys, "content": entry.content})


def in_a_reply(world: World, lines: list[Line], count: Callable[[str], int], matches: int) -> float:
    """The median of preparing a prompt's worlds after the first time, in milliseconds of the processor."""
    rows, now = Rows(world), datetime(2026, 1, 1, tzinfo=UTC)
    shelves = Shelves(store=cast(WorldStore, rows), link_store=WorldLinkStore())
    choices = Choices(world_ids=["w"], world_settings=WorldSettings(depth=len(lines)))
    matcher = Patterns(clock=time.thread_time)
    messages = [
        Message(id=f"s.{number}", chat_id="c", role="user", name=line.name, text=line.text, created_at=now)
        for number, line in enumerate(lines)
    ]
    times: list[float] = []
    for _ in range(ROUNDS + 1):
        began = time.thread_time()
        scene = Scene(
            speaker=Actor(id="a", card=CardData(name="Mira", description="A lighthouse keeper.")),
            history=History(iter(messages), length=len(messages)),
            now=now,
            dice=random.Random(1),
            count=count,
            shelves=shelves.of(Sources("o", "c", ("a",), None), choices),
            lore=choices.world_settings,
        )
        material = prepare(scene, matcher)
        times.append((time.thread_time() - began) * 1000)
        found = len(material.scanned.activated) if material.scanned else 0
        if found != matches or rows.reads > 1:
            raise SystemExit(f"{found} entries woke instead of {matches}; the world was read {rows.reads} times.")
    return statistics.median(times[1:])


def timed(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1000


def book(size: int, *, chain: int = 0) -> World:
    """Entries whose keys no chat holds as words, and `chain` that wake each other: the first by a message."""
    dice = random.Random(size)
    entries = [
        WorldEntry(
            uid=number,
            keys=[f"{dice.choice(_WORDS)}x{number}", dice.choice(_WORDS)[:-1], f"{words(dice, 2)} {number}"],
            content=words(dice, 60),
        )
        for number in range(size)
    ]
    woken = [
        WorldEntry(uid=size + number, keys=[f"wakes{number}"], content=f"{words(dice, 60)} wakes{number + 1}")
        for number in range(chain)
    ]
    return World(name=f"book of {size}", entries=[*entries[: size - chain], *woken])


def patterns(size: int) -> World:
    entries = [WorldEntry(uid=number, keys=[f"/{_WORDS[0]}{number}(a|b)\\s+/i"], content="x") for number in range(size)]
    return World(name="patterns", entries=entries)


def chat(length: int, last: str = "") -> list[Line]:
    """Messages of some 700 letters, the newest first."""
    dice = random.Random(7)
    return [Line("Robin", f"{words(dice, 100)} {'' if number else last}") for number in range(length)]


def words(dice: random.Random, count: int) -> str:
    return " ".join(dice.choice(_WORDS) for _ in range(count))


if __name__ == "__main__":
    main()
