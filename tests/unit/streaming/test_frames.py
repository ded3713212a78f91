"""Frames: small envelopes, whole snapshots, merged runs."""

import json
from datetime import UTC, datetime

import pytest

from chalicelib.models.frames import SNAPSHOT_PART_BYTES, Piece, Snapshot, Start
from chalicelib.models.generations import GenerationRecord
from chalicelib.streaming.frames import (
    Run,
    cut,
    handle,
    join_runs,
    json_bytes,
    piece_frame,
    snapshot_frames,
    start_frame,
)

RECORD = GenerationRecord(
    id="gen1",
    owner_id="ada",
    turn_id="turn1",
    chat_id="chat1",
    branch_id="main",
    character_id="mira",
    kind="reply",
    status="running",
    epoch=1,
    message_id="s.1",
    queued_at=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.mark.parametrize("run", [Run(1, 1, "x"), Run(1000, 1003, "x"), Run(9998, 9999, "x")])
def test_the_envelope_of_a_piece_takes_at_most_45_bytes(run: Run) -> None:
    assert len(piece_frame(handle("gen1", 1), run)) - len(run.text) <= 45


def test_a_piece_says_what_the_model_of_frames_says() -> None:
    frame = Piece.model_validate_json(piece_frame("abc", Run(3, 5, 'a "quoted" 灯', "hm")))
    assert (frame.g, frame.n, frame.x, frame.r) == ("abc", (3, 5), 'a "quoted" 灯', "hm")
    assert json.loads(piece_frame("abc", Run(1, 1, "", "hm"))) == {"type": "d", "g": "abc", "n": [1, 1], "r": "hm"}


def test_a_handle_is_short_and_another_for_each_attempt() -> None:
    assert len(handle("gen1", 1)) == 3
    assert handle("gen1", 1) == handle("gen1", 1) != handle("gen1", 2)


def test_handles_of_many_generations_hardly_coincide() -> None:
    assert len({handle(f"generation {number}", 1) for number in range(300)}) >= 299


def test_a_start_says_what_begins() -> None:
    frame = Start.model_validate_json(start_frame(RECORD))
    assert (frame.generation_id, frame.epoch, frame.g, frame.message_id) == ("gen1", 1, handle("gen1", 1), "s.1")


@pytest.mark.parametrize(
    ("text", "reasoning"),
    [("", ""), ("short", "why"), ("灯\n" * 40_000, ""), ('"' * 100_000, "r" * 100_000), ("\x00" * 50_000, "")],
)
def test_a_snapshot_is_whole_in_parts_that_fit(text: str, reasoning: str) -> None:
    frames = snapshot_frames(RECORD, upto=9, text=text, reasoning=reasoning)
    parts = [Snapshot.model_validate_json(frame) for frame in frames]
    assert "".join(part.text for part in parts) == text
    assert "".join(part.reasoning for part in parts) == reasoning
    assert [part.part for part in parts] == list(range(1, len(parts) + 1))
    assert {part.parts for part in parts} == {len(parts)}
    assert max(map(len, frames)) <= SNAPSHOT_PART_BYTES + 600


def test_a_snapshot_has_no_more_parts_than_it_needs() -> None:
    frames = snapshot_frames(RECORD, upto=9, text="x" * SNAPSHOT_PART_BYTES * 2, reasoning="灯" * 64_000)
    assert len(frames) == 2 + 3


def test_a_cut_falls_between_characters() -> None:
    stretches = cut("灯" * 100, 30)
    assert "".join(stretches) == "灯" * 100
    assert max(map(json_bytes, stretches)) <= 30


def test_runs_that_follow_each_other_become_one() -> None:
    assert join_runs([Run(1, 1, "a"), Run(2, 2, "b", "r"), Run(3, 4, "c")], 100) == [Run(1, 4, "abc", "r")]


def test_runs_with_a_hole_between_them_stay_apart() -> None:
    assert join_runs([Run(1, 1, "a"), Run(3, 3, "c")], 100) == [Run(1, 1, "a"), Run(3, 3, "c")]


def test_runs_are_joined_up_to_a_size() -> None:
    assert join_runs([Run(1, 1, "aaa"), Run(2, 2, "bbb"), Run(3, 3, "c")], 4) == [
        Run(1, 1, "aaa"),
        Run(2, 3, "bbbc"),
    ]
