"""Which keys wake an entry."""

from typing import Any

import pytest

from chalicelib.models.worlds import WorldEntry
from chalicelib.prompting.lore.asking import Line
from tests.unit.prompting.lore.lore import awake, entry, scanned, verdicts

SAID = "The lamp by the cellar door is out."


@pytest.mark.parametrize(
    ("keys", "more", "wakes"),
    [
        (["lamp"], {}, True),
        (["LAMP"], {}, True),
        (["LAMP"], {"case_sensitive": True}, False),
        (["lamp"], {"case_sensitive": True}, True),
        (["lam"], {}, False),
        (["lam"], {"whole_words": False}, True),
        (["cellar door"], {}, True),
        (["ellar doo"], {}, True),
        (["anchor", "door"], {}, True),
        (["anchor"], {}, False),
        ([" lamp "], {}, True),
        ([""], {}, False),
        (["", " "], {}, True),
        (["Robin"], {}, True),
        (["{{user}}"], {}, True),
        (["<USER>"], {}, False),
        (["/la(m|n)p/"], {}, True),
        (["/LAMP/"], {}, False),
        (["/LAMP/i"], {"case_sensitive": True}, True),
        (["/^Robin: .*out\\.$/m"], {}, False),
        (["/\\x01Robin: .*out\\.$/m"], {}, True),
        (["/lamp|nothing"], {}, False),
        (["/(/"], {}, False),
        (["out."], {}, True),
    ],
)
def test_a_key_wakes_its_entry(keys: list[str], more: dict[str, Any], wakes: bool) -> None:
    assert awake([entry(*keys, content="x", **more)], SAID) == (["x"] if wakes else [])


@pytest.mark.parametrize(
    ("said", "key", "wakes"),
    [
        ('"lamp"', "lamp", True),
        ("keeper's", "keeper", True),
        ("oil_can", "oil", False),
        ("sea-salt", "sea", True),
        ("红色的门", "门", True),
        ("élan", "lan", True),
        ("红🌊色", "🌊", True),
        ("a🌊b", "🌊", False),
        ("lamplamp lamp", "lamp", True),
        ("lamps", "lamp", False),
    ],
)
def test_a_whole_word_ends_where_no_letter_of_ascii_follows(said: str, key: str, wakes: bool) -> None:
    assert bool(awake([entry(key)], said)) is wakes


@pytest.mark.parametrize(
    ("logic", "secondary", "wakes"),
    [
        ("and_any", ["cellar", "attic"], True),
        ("and_any", ["attic", "roof"], False),
        ("and_all", ["cellar", "door"], True),
        ("and_all", ["cellar", "attic"], False),
        ("not_all", ["cellar", "attic"], True),
        ("not_all", ["cellar", "door"], False),
        ("not_any", ["attic", "roof"], True),
        ("not_any", ["attic", "door"], False),
    ],
)
def test_secondary_keys_decide(logic: Any, secondary: list[str], wakes: bool) -> None:
    one = entry("lamp", secondary_keys=secondary, logic=logic)
    assert bool(awake([one], SAID)) is wakes
    assert verdicts(scanned([one], SAID)) == [("key", "lamp") if wakes else ("secondary", logic)]


def test_secondary_keys_are_not_asked_where_that_is_off() -> None:
    assert awake([entry("lamp", secondary_keys=["attic"], selective=False)], SAID) == ["lamp"]


def test_names_are_not_scanned_where_that_is_off() -> None:
    assert awake([entry("Robin"), entry("lamp")], SAID, settings={"include_names": False}) == ["lamp"]


@pytest.mark.parametrize(
    ("own", "depth", "wakes"),
    [(None, 2, False), (None, 3, True), (3, 2, True), (1, 3, False), (0, 3, False), (None, 0, False)],
)
def test_a_scan_goes_as_deep_as_said(own: int | None, depth: int, wakes: bool) -> None:
    found = awake([entry("third", scan_depth=own)], "third", "second", "newest", settings={"depth": depth})
    assert bool(found) is wakes


def test_the_chat_is_read_no_further_than_needed() -> None:
    read: list[int] = []

    def lines() -> Any:
        for number in range(100):
            read.append(number)
            yield Line("Robin", f"line {number}")

    scanned([entry("x")], lines=lines(), settings={"depth": 4})
    assert len(read) == 4


@pytest.mark.parametrize("source", ["persona", "description", "personality", "card_note", "scenario", "creator_notes"])
def test_an_entry_looks_into_other_texts_if_it_says_so(source: Any) -> None:
    asks, silent = entry("eel", content="asks", matches=[source]), entry("eel", content="silent")
    assert awake([asks, silent], "hm", sources={source: "an eel"}) == ["asks"]


def test_injected_texts_are_for_all() -> None:
    assert awake([entry("eclipse"), entry("/ecl/", content="p")], "hm", injected=["The eclipse."]) == ["eclipse", "p"]


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({"disabled": True}, "disabled"),
        ({"triggers": ["swipe", "quiet"]}, "trigger"),
        ({"filter": {"names": ["Orla"]}}, "character"),
        ({"filter": {"names": ["Tessa"], "excludes": True}}, "character"),
        ({"filter": {"tags": ["t9"]}}, "tag"),
        ({"filter": {"tags": ["t1"], "excludes": True}}, "tag"),
        ({"probability": 0}, "chance"),
        ({"probability": 0, "use_probability": False}, "constant"),
        ({"triggers": ["normal"]}, "constant"),
        ({"filter": {"names": ["Tessa"]}}, "constant"),
        ({"filter": {"names": ["Orla"], "excludes": True}}, "constant"),
        ({"filter": {"tags": ["t1"]}}, "constant"),
        ({"delay": 2}, "delay"),
        ({"delay": 1}, "constant"),
    ],
)
def test_filters_and_chance(more: dict[str, Any], verdict: str) -> None:
    one = WorldEntry.model_validate({"content": "x", "constant": True, **more})
    found = scanned([one], "one", actor="Tessa", tags=frozenset({"t1"}))
    assert [name for name, _ in verdicts(found)] == [verdict]
    assert bool(found.activated) is (verdict == "constant")


def test_every_entry_is_accounted_for() -> None:
    found = scanned([entry("lamp"), entry("anchor"), entry(), entry("lamp", disabled=True)], SAID)
    assert verdicts(found) == [("key", "lamp"), ("no_key", ""), ("no_keys", ""), ("disabled", "")]


def test_keys_within_keys_within_keys_are_all_found() -> None:
    """So many ends at each letter that the index gives up, and each key is looked for alone."""
    nested = [entry("a" * length, content=str(length), whole_words=False) for length in range(1, 400)]
    assert len(awake(nested, "a" * 3_000)) == 399


def test_a_pattern_that_takes_too_long_is_not_in_the_text() -> None:
    evil = [entry(f"/(?=(a+)+$)b{number}/", content="x") for number in range(30)]
    assert awake([*evil, entry("lamp")], "a" * 60 + " lamp") == ["lamp"]
