"""How long a scan of world info takes, warm and on the processor: `python -m benchmarks.lore`.

A book of 1,000 entries with three keys each, a scan 20 messages deep, recursion on, ten entries that match; and one of
10,000 entries of which none does. The keys are made of the same syllables as the messages, so that nearly everything
almost matches. Each is scanned again and again with the book ready, and the median counts. Tokens are counted by a real
tokenizer. What the first scan takes besides (the book made ready, or known again by its content) is told apart.
"""

import random
import statistics
import time
from collections.abc import Callable

from chalicelib.models.scenes import Shelf
from chalicelib.models.worlds import World, WorldEntry, WorldSettings
from chalicelib.prompting.lore.asking import Line, Scan
from chalicelib.prompting.lore.books import Book
from chalicelib.prompting.lore.scanning import scan
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.tokens import counter

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
        print(f"{name:50} {measured(world, lines, count, matches):7.2f} ms   goal {goal}")
    world = book(10_000)
    ready = timed(lambda: Book(world, case_sensitive=False, whole_words=True))
    print(f"{'making 10,000 entries ready':50} {ready:7.1f} ms")
    known = timed(lambda: world.model_dump_json(include={"entries"}))
    print(f"{'knowing 10,000 entries again by their content':50} {known:7.1f} ms")


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
