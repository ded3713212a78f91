"""Inclusion groups, and effects that last."""

import random
from collections import Counter
from typing import Any

import pytest

from chalicelib.models.worlds import Timed, TimedEffect, WorldEntry
from tests.unit.prompting.lore.lore import awake, entry, scanned, verdicts

SAID = "The lamp by the cellar door."


def member(*keys: str, **more: Any) -> WorldEntry:
    return entry(*keys, **{"group_text": "g", "groups": ["g"], **more})


def test_one_of_a_group_wakes_by_weight() -> None:
    group = [member("lamp", group_weight=10), member("door", group_weight=90), member("cellar", group_weight=0)]
    woke = Counter(text for seed in range(300) for text in awake(group, SAID, dice=random.Random(seed)))
    assert woke.keys() == {"lamp", "door"}
    assert 10 < woke["lamp"] < 60


def test_a_preferred_member_wins_by_order() -> None:
    group = [
        member("lamp", order=10, group_override=True),
        member("door", order=50, group_override=True),
        member("cellar", order=90),
    ]
    found = scanned(group, SAID)
    assert [one.text for one in found.activated] == ["door"]
    assert verdicts(found) == [("group", "g"), ("key", "door"), ("group", "g")]


def test_scoring_counts_keys() -> None:
    group = [member("lamp", order=90), member("lamp", "cellar", content="two", order=10), member("lamp", "roof")]
    found = scanned(group, SAID, settings={"group_scoring": True})
    assert [one.text for one in found.activated] == ["two"]
    assert {verdict for verdict, _ in verdicts(found)} == {"key", "group_score"}


def test_scoring_counts_secondary_keys_as_their_logic_says() -> None:
    group = [
        member("lamp", content="all", secondary_keys=["cellar", "door"], logic="and_all"),
        member("lamp", "cellar", content="two"),
    ]
    assert awake(group, SAID, settings={"group_scoring": True}) == ["all"]


def test_a_member_may_stay_out_of_scoring() -> None:
    group = [
        member("lamp", order=5, group_override=True, group_scoring=False),
        member("lamp", "cellar", content="two", order=10),
    ]
    assert awake(group, SAID, settings={"group_scoring": True}) == ["lamp"]


def test_a_group_that_was_won_stays_won() -> None:
    group = [member("lamp", content="lamp rope"), member("rope")]
    assert awake(group, "lamp", settings={"recursive": True}) == ["lamp rope"]


@pytest.mark.parametrize(
    ("group_text", "settings", "expected"),
    [
        ("g, h", {}, ["lamp"]),
        # It has won no group of which it is the only one named: the others come with the next look.
        ("g, h", {"recursive": True}, ["lamp", "door", "cellar"]),
        ("g", {"recursive": True}, ["cellar", "lamp"]),
        ("g ,h", {}, ["lamp", "door"]),
    ],
)
def test_an_entry_is_in_all_groups_it_names(group_text: str, settings: dict[str, Any], expected: list[str]) -> None:
    both = entry("lamp", group_text=group_text, group_override=True, order=110)
    others = [member("door"), member("cellar", group_text="h")]
    assert set(awake([both, *others], SAID, settings=settings)) == set(expected)


def test_who_loses_two_groups_takes_the_last_of_all_along() -> None:
    winner = entry("lamp", group_text="g, h", group_override=True, order=110)
    loser = entry("door", group_text="g, h", order=105)
    assert awake([winner, loser, entry("cellar", order=90), entry("/the/i", order=80)], SAID) == ["lamp", "cellar"]


def test_groups_named_by_numbers_are_gone_through_by_size() -> None:
    """The first throw is that of group 2, the second that of group 10."""

    class Dice:
        def __init__(self) -> None:
            self.throws = [0.9, 0.0]

        def random(self) -> float:
            return self.throws.pop(0)

    ten = [entry("lamp", group_text="10", order=100), entry("door", group_text="10", order=99)]
    two = [entry("cellar", group_text="2", order=98), entry("the", group_text="2", order=97)]
    assert awake([*ten, *two], SAID, dice=Dice()) == ["lamp", "the"]


def test_scoring_counts_keys_as_they_are_written() -> None:
    """Macros are not resolved, empty keys are everywhere, and secondary keys count though they do not decide."""
    group = [
        member("lamp", "{{user}}", content="one"),
        member("lamp", "", content="two"),
        member("lamp", content="three", secondary_keys=["door", "cellar"], selective=False),
    ]
    assert awake(group, SAID, settings={"group_scoring": True}) == ["three"]
    assert awake(group[:2], SAID, settings={"group_scoring": True}) == ["two"]


def test_of_weights_that_are_nothing_the_first_wins() -> None:
    group = [member("lamp", group_weight=0), member("door", group_weight=0)]
    assert awake(group, SAID) == ["lamp"]


def test_what_sticks_and_rests_yields_to_its_group() -> None:
    """An effect of rest begins with the one of sticking."""
    group = [member("lamp", sticky=9, cooldown=9), member("door")]
    first = scanned([group[0]], "a", "lamp")
    assert first.timed.cooldown.keys() == first.timed.sticky.keys() == {"W.0"}
    assert awake(group, "a", "lamp", "b", "door", timed=first.timed) == []
    assert awake(group[:1], "a", "lamp", "b", "door", timed=first.timed) == []
    alone = [entry("lamp", sticky=9, cooldown=9)]
    assert awake(alone, "a", "lamp", "b", "door", timed=first.timed) == ["lamp"]


def test_effects_of_a_reply_made_anew_end_though_the_world_is_gone() -> None:
    timed = Timed(sticky={"X.1": TimedEffect(start=3, end=9)})
    assert not scanned([entry("lamp")], "a", "b", "c", timed=timed).timed.sticky


def turns(one: WorldEntry, *said: str, others: tuple[WorldEntry, ...] = ()) -> list[bool]:
    """Whether it woke, message by message, each with an answer after it."""
    timed, chat, woke = Timed(), ["a", "b", "c"], []
    for text in said:
        chat.append(text)
        found = scanned([one, *others], *chat, settings={"depth": 1}, timed=timed)
        woke.append(any(active.entry.uid == 0 for active in found.activated))
        timed = found.timed
        chat.append("Fine.")
    return woke


@pytest.mark.parametrize(
    ("more", "said", "expected"),
    [
        ({"sticky": 2}, ["lamp", "no"], [True, False]),
        ({"sticky": 3}, ["lamp", "no", "no"], [True, True, False]),
        ({"cooldown": 2}, ["lamp", "lamp"], [True, True]),
        ({"cooldown": 4}, ["lamp", "lamp", "lamp"], [True, False, True]),
        ({"sticky": 1, "cooldown": 2}, ["lamp"] * 5, [True, False, True, False, True]),
        (
            {"sticky": 3, "cooldown": 4},
            ["lamp", "no", "lamp", "lamp", "lamp", "lamp"],
            [True, True, False, False, True, True],
        ),
        ({"sticky": 4, "probability": 100, "delay": 4}, ["lamp", "no"], [True, True]),
    ],
)
def test_effects_last_for_messages(more: dict[str, Any], said: list[str], expected: list[bool]) -> None:
    assert turns(entry("lamp", **more), *said) == expected


def test_a_reply_made_anew_begins_its_effects_anew() -> None:
    resting = [entry("lamp", cooldown=4)]
    first = scanned(resting, "a", "lamp")
    again = scanned(resting, "a", "lamp", timed=first.timed)
    assert again.activated
    later = scanned(resting, "a", "lamp", "b", "lamp", timed=again.timed)
    assert verdicts(later) == [("cooldown", "until message 6")]


def test_what_sticks_needs_no_key_no_luck_and_no_recursion() -> None:
    timed = Timed(sticky={"W.0": TimedEffect(start=1, end=9)})
    stuck = [entry("lamp", sticky=4, delay_until_recursion=1, probability=0)]
    assert verdicts(scanned(stuck, "a", "b", timed=timed)) == [("sticky", "")]


def test_what_sticks_wins_its_group() -> None:
    timed = Timed(sticky={"W.0": TimedEffect(start=1, end=9)})
    group = [member("lamp", sticky=4, order=1), member("door", group_override=True)]
    assert awake(group, "a", "door", timed=timed) == ["lamp"]


def test_effects_of_worlds_that_are_not_here_run_out_by_themselves() -> None:
    timed = Timed(cooldown={"X.1": TimedEffect(start=1, end=5), "X.2": TimedEffect(start=1, end=2)})
    assert scanned([entry("lamp")], "a", "b", "c", timed=timed).timed.cooldown.keys() == {"X.1"}
