"""What a log says, whatever order and holes it has; and what becomes of replies whose worker is lost."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.models.generations import GenerationRecord
from chalicelib.streaming.frames import Run
from chalicelib.streaming.leases import is_overdue, verdict
from chalicelib.streaming.reading import Reading, read_on, runs_after

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    seq: int
    text: str = ""
    reasoning: str = ""
    kind: str = "piece"


A, B, C = Entry(1, "a", "r"), Entry(2, "b"), Entry(3, "c")
WHOLE = Entry(3, "abc", "r", "whole")

READINGS = {
    "nothing": ([], Reading()),
    "pieces": ([A, B, C], Reading(3, "abc", "r")),
    "the same piece twice": ([A, B, B, C], Reading(3, "abc", "r")),
    "a hole ends it": ([A, C], Reading(1, "a", "r")),
    "no beginning": ([B, C], Reading()),
    "a whole entry mends holes": ([A, WHOLE, Entry(4, "d")], Reading(4, "abcd", "r")),
    "a whole entry alone": ([WHOLE], Reading(3, "abc", "r")),
    "an old whole entry": ([A, B, C, Entry(2, "ab", "", "whole")], Reading(3, "abc", "r")),
    "closed": ([A, Entry(2, kind="end")], Reading(1, "a", "r", closed=True)),
    "closed without any": ([Entry(1, kind="end")], Reading(closed=True)),
    "an end behind a hole does not count": ([A, Entry(3, kind="end")], Reading(1, "a", "r")),
}


@pytest.mark.parametrize("name", READINGS)
def test_entries_become_the_text(name: str) -> None:
    entries, reading = READINGS[name]
    assert read_on(Reading(), entries) == reading


def test_what_is_known_is_read_on() -> None:
    assert read_on(Reading(2, "ab"), [B, C]) == Reading(3, "abc")


@pytest.mark.parametrize(
    ("after", "entries", "runs"),
    [
        (0, [A, B], [Run(1, 1, "a", "r"), Run(2, 2, "b")]),
        (1, [B, C], [Run(2, 2, "b"), Run(3, 3, "c")]),
        (3, [], []),
        (2, [Entry(3, kind="end")], []),
        (1, [C], None),
        (1, [WHOLE], None),
        (3, [WHOLE, Entry(4, "d")], [Run(4, 4, "d")]),
    ],
)
def test_pieces_after_a_number(after: int, entries: list[Entry], runs: list[Run] | None) -> None:
    assert runs_after(after, entries) == runs


def record(**given: Any) -> GenerationRecord:
    shape: dict[str, Any] = {
        "id": "g",
        "owner_id": "ada",
        "turn_id": "t",
        "chat_id": "c",
        "branch_id": "b",
        "character_id": "m",
        "kind": "reply",
        "status": "running",
        "epoch": 1,
        "queued_at": NOW - timedelta(seconds=60),
        "lease_until": NOW - timedelta(seconds=1),
    }
    return GenerationRecord(**(shape | given))


ALIVE = {"lease_until": NOW + timedelta(seconds=1)}
QUEUED = {"status": "queued", "lease_until": None}


@pytest.mark.parametrize(
    ("given", "has_text", "what"),
    [
        (ALIVE, True, "alive"),
        (ALIVE | {"stop_asked": True}, True, "alive"),
        ({}, True, "end"),
        ({}, False, "again"),
        ({"epoch": 2}, False, "end"),
        ({"stop_asked": True}, False, "end"),
        ({"lease_until": None}, False, "again"),
        (QUEUED, False, "send"),
        (QUEUED | {"queued_at": NOW - timedelta(seconds=4)}, False, "waiting"),
        (QUEUED | {"stop_asked": True}, False, "end"),
        ({"status": "done"}, True, "alive"),
    ],
)
def test_what_becomes_of_an_unfinished_reply(given: dict[str, Any], has_text: bool, what: str) -> None:
    assert verdict(record(**given), NOW, has_text=has_text) == what


def test_five_seconds_in_the_queue_are_too_long() -> None:
    assert not is_overdue(record(**QUEUED, queued_at=NOW - timedelta(seconds=5)), NOW)
    assert is_overdue(record(**QUEUED, queued_at=NOW - timedelta(seconds=6)), NOW)
