"""What the chaos suite calls lost, doubled and out of order."""

from dataclasses import replace

import pytest

from tests.chaos.model import Ask
from tests.chaos.monkey import Outage
from tests.chaos.scripts import script
from tests.chaos.verdict import Count, Outcome, Read, judge

SCRIPT = replace(script(1, 1, calm=True), tokens=10, reasoning=0)
TOKENS = tuple(f" {number}a1·sea" for number in range(10))
WHOLE = "".join(TOKENS)


def ask(*, sent: int = 10, closing: str = "whole", hurt_at: float | None = None) -> Ask:
    """One token a second, from second 0."""
    times = [float(number) for number in range(sent)]
    return Ask(SCRIPT, TOKENS, 1, 0.0, times, float(sent), closing, hurt_at)  # type: ignore[arg-type]


def outcome(
    text: str = WHOLE,
    *,
    reads: str | None = None,
    reason: str = "stop",
    asks: list[Ask] | None = None,
    outage: Outage | None = None,
    polled: list[tuple[int, str, str]] | None = None,
) -> Outcome:
    return Outcome(
        state={"finish_reason": reason, "epoch": 1},
        text=text,
        reasoning="",
        message=text,
        asks=asks or [ask()],
        reads=[Read("a reader", text if reads is None else reads, "")],
        stopped_at=None,
        worker_blows=[one.hurt_at for one in asks or [] if one.hurt_at is not None],
        ended_at=23.0,
        redis_outages=[outage] if outage else [],
        polled=polled or [],
    )


def judged(one: Outcome) -> Count:
    count = Count()
    assert judge(one, count, patience=1.0)
    return count


def test_a_whole_reply_is_right() -> None:
    assert judge(outcome(), Count(), patience=1.0) == []


@pytest.mark.parametrize(
    ("reads", "lost", "duplicated", "out_of_order"),
    [
        ("".join(TOKENS[:4] + TOKENS[5:]), 1, 0, 0),
        ("".join(TOKENS[:5] + TOKENS[4:]), 0, 1, 0),
        ("".join((*TOKENS[:4], TOKENS[5], TOKENS[4], *TOKENS[6:])), 0, 0, 1),
        (WHOLE.replace("3a1·sea", "3a1·see"), 1, 0, 0),
        ("", 10, 0, 0),
    ],
    ids=["a hole", "a piece twice", "two swapped", "a letter", "nothing"],
)
def test_a_reader_who_has_another_text_is_counted(reads: str, lost: int, duplicated: int, out_of_order: int) -> None:
    count = judged(outcome(reads=reads))
    assert (count.lost, count.duplicated, count.out_of_order) == (lost, duplicated, out_of_order)


def test_a_stored_text_that_lacks_its_end_is_lost() -> None:
    assert judged(outcome("".join(TOKENS[:9]))).lost == 1


def test_an_end_that_nothing_explains_is_counted() -> None:
    assert judged(outcome("".join(TOKENS[:5]), reason="interrupted")).unexpected == 1


def test_a_killed_worker_may_lose_two_seconds() -> None:
    killed = [ask(sent=8, closing="by the client", hurt_at=8.0)]
    assert judge(outcome("".join(TOKENS[:7]), reason="interrupted", asks=killed), Count(), patience=1.0) == []
    assert judged(outcome("".join(TOKENS[:6]), reason="interrupted", asks=killed)).excess_losses == 1


def killed(text: str, seen: str, outage: Outage | None) -> list[Outcome]:
    """A reply whose worker was killed in second 8, once as a reader saw it and once as somebody who polls."""
    asks = [ask(sent=8, closing="by the client", hurt_at=8.0)]
    return [
        outcome(text, reads=seen, reason="interrupted", asks=asks, outage=outage),
        outcome(text, reason="interrupted", asks=asks, outage=outage, polled=[(1, seen, "")]),
    ]


SEVEN, EIGHT = "".join(TOKENS[:7]), "".join(TOKENS[:8])


def test_text_may_be_taken_back_when_redis_is_lost_after_the_worker() -> None:
    for one in killed(SEVEN, EIGHT, Outage("redis", 12.0, 12.1)):
        count = Count()
        assert judge(one, count, patience=1.0) == []
        assert (count.taken_back, count.lost, count.readers) == (1, 0, 1 + bool(one.polled))


@pytest.mark.parametrize(
    ("text", "seen", "outage"),
    [
        (SEVEN, EIGHT, None),
        (SEVEN, EIGHT, Outage("redis", 1.0, 6.5)),
        (SEVEN, EIGHT, Outage("redis", 23.5, 24.0)),
        (SEVEN[:-2], EIGHT, Outage("redis", 12.0, 12.1)),
        (SEVEN, EIGHT + TOKENS[8], Outage("redis", 12.0, 12.1)),
        (SEVEN, SEVEN + TOKENS[6], Outage("redis", 12.0, 12.1)),
    ],
    ids=["Redis was there", "down before it", "down after the end", "too much", "never sent", "twice"],
)
def test_any_other_text_that_is_not_stored_is_lost(text: str, seen: str, outage: Outage | None) -> None:
    for one in killed(text, seen, outage):
        count = judged(one)
        assert count.taken_back == 0
        assert count.lost + count.duplicated + count.excess_losses > 0


def test_a_worker_may_be_lost_after_a_stop_and_before_the_end() -> None:
    outage = Outage("redis", 12.0, 12.1)
    one = outcome(SEVEN, reads=EIGHT, reason="stopped", asks=[ask(sent=8, closing="by the client")], outage=outage)
    one.stopped_at, one.worker_blows = 7.5, [8.2]
    assert judge(one, Count(), patience=1.0) == []
    one.worker_blows = []
    assert judged(one).taken_back == 0


def test_a_whole_reply_takes_nothing_back() -> None:
    hurt = [ask(hurt_at=8.0)]
    assert judged(outcome(reads=WHOLE + TOKENS[0], asks=hurt, outage=Outage("redis", 9.0, 9.5))).taken_back == 0


def test_text_of_an_earlier_attempt_does_not_count_for_who_polls() -> None:
    assert judge(outcome(polled=[(0, "something else", "")]), Count(), patience=1.0) == []


def test_a_worker_that_was_halted_while_it_asked_is_not_taken_for_another_that_died_later() -> None:
    one = outcome("".join(TOKENS[:1]), reason="interrupted", asks=[ask(sent=10, closing="by the client")])
    one.worker_blows = [0.2, 9.5]
    assert judge(one, Count(), patience=1.0) == []


def test_a_worker_that_was_halted_while_it_asked_may_have_been_told_everything() -> None:
    one = outcome("", reason="error", asks=[ask(sent=10, closing="whole")])
    one.worker_blows = [0.2, 16.5]
    assert judge(one, Count(), patience=1.0) == []
    one.worker_blows = [16.5]
    assert judge(one, Count(), patience=1.0)
