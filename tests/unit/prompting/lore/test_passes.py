"""Recursion, deepening, budget, order, and what goes where."""

from typing import Any

import pytest

from chalicelib.models.scenes import BookSource
from chalicelib.models.worlds import World
from chalicelib.prompting.lore.placing import place
from tests.unit.prompting.lore.lore import awake, entry, scanned, verdicts, world

RECURSIVE = {"recursive": True}


def test_contents_wake_further_entries() -> None:
    chain = [entry("lamp", content="needs oil"), entry("oil", content="of a heron"), entry("heron", content="boat")]
    assert awake(chain, "lamp", settings=RECURSIVE) == ["needs oil", "of a heron", "boat"]
    assert awake(chain, "lamp") == ["needs oil"]


@pytest.mark.parametrize(("most", "count"), [(0, 4), (1, 1), (2, 2), (3, 3)])
def test_recursion_ends_after_so_many_passes(most: int, count: int) -> None:
    chain = [entry(f"s{number}", content=f"go s{number + 1}") for number in range(4)]
    assert len(awake(chain, "s0", settings={"recursive": True, "recursion_most": most})) == count


def test_entries_stay_out_of_recursion_as_they_say() -> None:
    chain = [
        entry("lamp", content="oil rope"),
        entry("oil", content="out", exclude_recursion=True),
        entry("rope", content="end", prevent_recursion=True),
        entry("end", content="never"),
    ]
    found = scanned(chain, "lamp", settings=RECURSIVE)
    assert [one.text for one in found.activated] == ["oil rope", "end"]
    assert verdicts(found) == [("key", "lamp"), ("not_by_recursion", ""), ("key", "rope"), ("no_key", "")]


def test_entries_wait_for_recursion_level_by_level() -> None:
    levels = [entry("lamp", content=f"level {level}", delay_until_recursion=level) for level in (3, 1, 2)]
    assert awake([entry("door"), *levels], "lamp door", settings=RECURSIVE) == ["door", "level 1", "level 2", "level 3"]


def test_one_level_alone_never_comes_when_nothing_recurses() -> None:
    waiting = [entry("lamp", delay_until_recursion=1)]
    assert awake(waiting, "lamp", settings=RECURSIVE) == []
    assert verdicts(scanned(waiting, "lamp", settings=RECURSIVE)) == [("recursion_only", "level 1")]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"min_activations": 2}, ["alpha", "beta"]),
        ({"min_activations": 3}, ["alpha", "beta", "gamma"]),
        ({"min_activations": 9}, ["alpha", "beta", "gamma"]),
        ({"min_activations": 2, "min_activations_depth": 2}, ["alpha"]),
    ],
)
def test_a_scan_deepens_until_enough_woke(settings: dict[str, Any], expected: list[str]) -> None:
    said = ["gamma", "x", "beta", "y", "z", "q", "r", "alpha"]
    assert awake([entry("alpha"), entry("beta"), entry("gamma")], *said, settings=settings) == expected


@pytest.mark.parametrize(
    ("cap", "expected"),
    [(4, ["a a a"]), (5, ["a a a", "b"]), (6, ["a a a", "b", "c"])],
)
def test_the_budget_ends_at_the_first_that_does_not_fit(cap: int, expected: list[str]) -> None:
    entries = [
        entry(content="a a a", constant=True, order=300),
        entry(content="b", constant=True, order=200),
        entry(content="c", constant=True, order=100),
    ]
    found = scanned(entries, "hm", settings={"budget_cap": cap})
    assert [one.text for one in found.activated] == expected
    assert found.overflowed is (len(expected) < 3)


def test_what_ignores_the_budget_comes_in_and_others_are_told_why_not() -> None:
    entries = [
        entry(content="one two three", constant=True, order=300),
        entry(content="tiny", constant=True, order=200),
        entry(content="free", constant=True, ignore_budget=True),
    ]
    found = scanned(entries, "hm", settings={"budget_cap": 3})
    assert [one.text for one in found.activated] == ["free"]
    assert verdicts(found) == [("budget", "3 of 3 tokens"), ("budget", "no room was left"), ("constant", "")]


@pytest.mark.parametrize(("percent", "tokens", "budget"), [(10, 700, 70), (0, 700, 1), (25, 30, 8), (25, 26, 7)])
def test_the_budget_is_a_share_of_the_context(percent: float, tokens: int, budget: int) -> None:
    assert scanned([entry()], "hm", settings={"budget_percent": percent}, prompt_tokens=tokens).budget == budget


def test_an_overflow_ends_recursion() -> None:
    entries = [
        entry("lamp", content="go step", order=300),
        entry(content="far too many words for that", constant=True, order=200),
        entry("step", content="reached"),
    ]
    assert awake(entries, "lamp", settings={"recursive": True, "budget_cap": 5}) == ["go step"]


def book(name: str, *orders: float) -> World:
    return world(*(entry(content=f"{name}{order:g}", constant=True, order=order) for order in orders), name=name)


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("evenly", ["H1", "P2", "G4", "C4", "G3", "C3"]),
        ("character_first", ["H1", "P2", "C4", "C3", "G4", "G3"]),
        ("global_first", ["H1", "P2", "G4", "G3", "C4", "C3"]),
    ],
)
def test_books_are_tried_by_source(strategy: str, expected: list[str]) -> None:
    shelves: list[tuple[BookSource, World]] = [
        ("character", book("C", 3, 4)),
        ("global", book("G", 3, 4)),
        ("persona", book("P", 2)),
        ("chat", book("H", 1)),
    ]
    assert awake([], "hm", shelves=shelves, settings={"strategy": strategy}) == expected


def test_a_book_that_is_there_twice_counts_once() -> None:
    one = book("B", 1)
    assert awake([], "hm", shelves=[("character", one), ("global", one), ("chat", one)]) == ["B1"]


def test_places_and_their_order() -> None:
    entries = [
        entry(content="b20", constant=True, order=20),
        entry(content="b10", constant=True, order=10),
        entry(content="tie1", constant=True, order=30),
        entry(content="tie2", constant=True, order=30),
        entry(content="after", constant=True, place="after"),
        entry(content="d1", constant=True, place="in_chat", depth=1),
        entry(content="d2", constant=True, place="in_chat", depth=1),
        entry(content="user", constant=True, place="in_chat", depth=1, role="user"),
        entry(content="top", constant=True, place="note_top"),
        entry(content="bottom", constant=True, place="note_bottom"),
        entry(content="o1", constant=True, place="outlet", outlet="o", order=10),
        entry(content="o2", constant=True, place="outlet", outlet="o", order=20),
        entry(content="lost", constant=True, place="outlet"),
        entry(content="e1", constant=True, place="examples_top"),
        entry(content="e2", constant=True, place="examples_bottom"),
        entry(content="nowhere", constant=True, place="nowhere"),
        entry(content="gone", constant=True),
    ]
    found = place(scanned(entries, "hm").activated, edit=lambda text, depth: "" if text == "gone" else text)
    assert found.before == "b10\nb20\ntie2\ntie1"
    assert found.after == "after"
    assert found.in_chat == {(1, "system"): ["d2", "d1"], (1, "user"): ["user"]}
    assert (found.note_top, found.note_bottom) == (["top"], ["bottom"])
    assert found.outlets == {"o": "o2\no1"}
    assert (found.examples_top, found.examples_bottom) == (["e1"], ["e2"])


def test_the_last_edit_sees_the_depth() -> None:
    entries = [entry(content="a", constant=True), entry(content="b", constant=True, place="in_chat", depth=3)]
    seen: list[tuple[str, int | None]] = []
    place(scanned(entries, "hm").activated, edit=lambda text, depth: seen.append((text, depth)) or text)
    assert seen == [("a", None), ("b", 3)]


def test_macros_in_contents_are_resolved_before_they_are_looked_at() -> None:
    chain = [entry("lamp", content="of {{user}}son"), entry("Robinson", content="found")]
    assert awake(chain, "lamp", settings={"recursive": True, "include_names": False}) == ["of Robinson", "found"]


@pytest.mark.parametrize("ignore", [False, True])
def test_books_that_wake_each_other_one_by_one_end(ignore: bool) -> None:
    """Thousands of passes, each with thousands of entries that nearly wake: it would run for hours."""
    chain = [entry(f"s{n}", content=f"go s{n + 1}", ignore_budget=ignore) for n in range(4_000)]
    nearly = [entry("go", secondary_keys=["never"]) for _ in range(4_000)]
    assert 10 < len(awake([*chain, *nearly], "s0", settings=RECURSIVE)) < 4_000


def test_a_long_chain_is_followed_to_its_end() -> None:
    chain = [entry(f"s{n}", content=f"go s{n + 1}", ignore_budget=True) for n in range(3_000)]
    assert len(awake(chain, "s0", settings={"recursive": True, "budget_cap": 5})) == 3_000


def test_what_finds_no_room_any_more_has_no_macros_run() -> None:
    """The first that is too large had its macros resolved; those after it are not even thrown for."""
    ran: list[str] = []
    entries = [entry("lamp", content=f"word {number}", order=100 - number) for number in range(4)]
    found = scanned(
        entries,
        "lamp",
        settings={"budget_cap": 4},
        expand=lambda text: ran.append(text) or text.replace("{{user}}", ""),
    )
    assert [one.text for one in found.activated] == ["word 0"]
    assert [text for text in ran if text.startswith("word")] == ["word 0", "word 1"]


def test_what_forbids_recursion_costs_later_passes_nothing() -> None:
    chain = [
        entry("lamp", content="one two three rope", prevent_recursion=True),
        entry("lamp", content="rope"),
        entry("rope", content="end"),
    ]
    settings = {"recursive": True, "budget_cap": 6}
    assert awake(chain, "lamp", settings=settings) == ["one two three rope", "rope", "end"]


def test_a_line_that_begins_as_a_decorator_is_none_of_the_text() -> None:
    assert awake([entry("lamp", content="@@ odd line\n@@activate\nseen")], "no") == ["seen"]
    assert awake([entry("lamp", content="@@ odd line\nseen")], "lamp") == ["seen"]


def test_an_empty_secondary_key_is_never_there() -> None:
    assert awake([entry("lamp", secondary_keys=[""])], "lamp") == []
    assert awake([entry("lamp", secondary_keys=["", "lamp"], logic="not_all")], "lamp") == ["lamp"]
