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


def test_a_list_of_groups_is_one_name() -> None:
    both = entry("lamp", group_text="g, h", groups=["g", "h"])
    assert awake([both, member("door")], SAID) == ["lamp", "door"]


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
