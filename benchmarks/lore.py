"""How long a scan of world info takes, warm and on the processor: `python -m benchmarks.lore`.

A book of 1,000 entries with two keys each, a scan 20 messages deep, recursion on, ten entries that match; and one of
10,000 entries of which none does. Each is scanned again and again with the book ready, and the median counts. What the
first scan takes besides (the book made ready) is told apart. Tokens are counted by a real tokenizer.
"""

import random
import statistics
import time

from chalicelib.models.scenes import Shelf
from chalicelib.models.worlds import World, WorldEntry, WorldSettings
from chalicelib.prompting.lore.asking import Line, Scan
from chalicelib.prompting.lore.books import Book
from chalicelib.prompting.lore.scanning import scan
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.tokens import counter

ROUNDS = 50
_WORDS = [
    a + b + c
    for a in ("bra", "ke", "lo", "mi", "sta", "ve")
    for b in ("n", "rd", "st", "lk")
    for c in ("a", "er", "ing", "ow")
]


def main() -> None:
    count = counter("cl100k_base")
    count("warm")
    rows = [
        ("1,000 entries, depth 20, recursion, 10 matches", book(1_000, chain=10), chat(20, "key0000a"), 10, 8.0),
        ("10,000 entries, depth 20, recursion, no match", book(10_000, chain=0), chat(20, ""), 0, 25.0),
        ("10,000 entries, depth 100, no match", book(10_000, chain=0), chat(100, ""), 0, None),
        ("1,000 entries of patterns, depth 20, no match", patterns_book(1_000), chat(20, ""), 0, None),
    ]
    for name, world, lines, matches, goal in rows:
        first, median = measured(world, lines, count, matches)
        wanted = f"goal {goal:g} ms" if goal else ""
        print(f"{name:48} {median:7.2f} ms   first scan {first:7.1f} ms   {wanted}")


def measured(world: World, lines: list[Line], count: object, matches: int) -> tuple[float, float]:
    """Milliseconds of the first scan, and the median of the others."""
    times: list[float] = []
    patterns = Patterns(clock=time.thread_time)
    for _ in range(ROUNDS + 1):
        ask = Scan(
            shelves=[Shelf(world=world, source="global")],
            settings=WorldSettings(depth=len(lines)),
            lines=iter(lines),
            length=len(lines),
            prompt_tokens=32_000,
            count=count,  # type: ignore[arg-type]
            expand=lambda text: text,
            dice=random.Random(1),
            patterns=patterns,
        )
        began = time.thread_time()
        scanned = scan(ask)
        times.append((time.thread_time() - began) * 1000)
        assert len(scanned.activated) == matches, len(scanned.activated)
    return times[0], statistics.median(times[1:])


def book(size: int, *, chain: int) -> World:
    """Entries whose keys no chat holds, and `chain` that wake each other: the first by a message."""
    dice = random.Random(size)
    entries = [
        WorldEntry(
            uid=number,
            keys=[f"key{number:04}a", f"key{number:04}b"],
            content=text(dice, 60) + (f" key{number + 1:04}a" if number + 1 < chain else ""),
        )
        for number in range(size)
    ]
    return World(name=f"book of {size}", entries=entries)


def patterns_book(size: int) -> World:
    entries = [WorldEntry(uid=number, keys=[f"/key{number:04}(a|b)\\s+door/i"], content="x") for number in range(size)]
    return World(name="patterns", entries=entries)


def chat(length: int, last: str) -> list[Line]:
    """Messages of some 600 letters, the newest first."""
    dice = random.Random(7)
    return [
        Line("Robin" if number % 2 else "Tessa", f"{text(dice, 100)} {last if number == 0 else ''}")
        for number in range(length)
    ]


def text(dice: random.Random, words: int) -> str:
    return " ".join(dice.choice(_WORDS) for _ in range(words))


def ready(size: int) -> float:
    """Milliseconds to make a book of this size ready."""
    world = book(size, chain=0)
    began = time.thread_time()
    Book(world, case_sensitive=False, whole_words=True)
    return (time.thread_time() - began) * 1000


if __name__ == "__main__":
    main()
