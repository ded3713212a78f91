"""When text leaves for the readers."""

import pytest

from chalicelib.streaming.batching import EARLY_SECONDS, PIECE_CHARACTERS_MOST, Batch, Rhythm

RHYTHM = Rhythm(first=0.0, least=0.1, most=0.25, bytes=100)


def test_nothing_is_due_while_nothing_waits() -> None:
    batch = Batch(RHYTHM)
    batch.add(1.0, "")
    assert batch.due_at is None
    assert batch.take(1.0) == []


def test_the_first_words_leave_at_once() -> None:
    batch = Batch(RHYTHM)
    batch.add(5.0, "Hello")
    assert batch.due_at == 5.0
    assert batch.take(5.0) == [("Hello", "")]


def test_what_comes_next_waits_for_the_interval_since_the_last_piece() -> None:
    batch = Batch(RHYTHM)
    batch.add(5.0, "a")
    batch.take(5.0)
    batch.add(5.02, "b")
    batch.add(5.04, "c")
    assert batch.due_at == pytest.approx(5.1)
    assert batch.take(5.1) == [("bc", "")]


def test_a_slow_model_is_never_held_up() -> None:
    batch = Batch(RHYTHM)
    batch.add(5.0, "a")
    batch.take(5.0)
    batch.add(9.0, "b")
    assert batch.due_at == 9.0


def test_much_text_does_not_wait() -> None:
    batch = Batch(RHYTHM)
    batch.add(5.0, "a")
    batch.take(5.0)
    batch.add(5.01, "x" * 100)
    assert batch.is_large
    assert batch.due_at == 5.01


@pytest.mark.parametrize(("pieces", "seconds"), [(0, 0.0), (1, 0.1), (16, 0.175), (31, 0.25), (1000, 0.25)])
def test_intervals_grow_with_the_reply(pieces: int, seconds: float) -> None:
    assert RHYTHM.interval(pieces) == pytest.approx(seconds)


@pytest.mark.parametrize(("replies", "seconds"), [(1, 0.25), (250, 0.25), (500, 0.5), (100_000, 1.0)])
def test_a_crowded_process_stretches_the_intervals_up_to_a_second(replies: int, seconds: float) -> None:
    assert RHYTHM.interval(1000, replies) == pytest.approx(seconds)
    assert RHYTHM.interval(0, replies) == 0.0


def test_an_answer_lies_unread_until_its_next_piece_is_about_to_leave() -> None:
    batch = Batch(RHYTHM)
    assert batch.rest(5.0) == 0.0
    batch.add(5.0, "a")
    batch.take(5.0)
    assert batch.rest(5.0) == pytest.approx(0.095)
    batch.add(5.095, "b")
    assert batch.due_at is not None
    assert batch.due_at - EARLY_SECONDS <= 5.095
    assert batch.rest(5.095) == pytest.approx(0.1, abs=0.01)


def test_a_thousand_tokens_at_25_a_second_make_fewer_than_200_pieces() -> None:
    batch, pieces = Batch(Rhythm()), 0
    for token in range(1000):
        now = token / 25
        batch.add(now, "word ")
        if batch.due_at is not None and batch.due_at <= now:
            pieces += len(batch.take(now))
    assert pieces < 200


def test_text_and_reasoning_share_a_piece() -> None:
    batch = Batch(RHYTHM)
    batch.add(1.0, "said", "thought")
    assert batch.take(1.0) == [("said", "thought")]


def test_a_flood_is_cut_into_pieces_without_loss() -> None:
    batch = Batch(RHYTHM)
    text, reasoning = "灯" * 20_000, "why " * 3_000
    batch.add(1.0, text, reasoning)
    pieces = batch.take(1.0)
    assert "".join(one for one, _ in pieces) == text
    assert "".join(one for _, one in pieces) == reasoning
    assert max(len(a) + len(b) for a, b in pieces) <= PIECE_CHARACTERS_MOST
