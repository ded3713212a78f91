"""Two devices write in one chat: a short run of the suite, and the proof that it finds what it is there to find."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def played(*arguments: str) -> dict[str, Any]:
    """What a run in a process of its own told: the emulated cloud lives in modules."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.two_writers", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode == 1) == bool(told["broken"])
    return told


@pytest.mark.timeout(500)
def test_two_hundred_schedules_of_two_writers_break_no_rule() -> None:
    told = played("--seed", "1", "--schedules", "200")
    assert told["broken"] == 0, told["first"]
    # They meet: somebody was shown both versions, somebody was told that a reply is being written.
    assert told["conflicts_shown"] > 20
    assert told["answers"]["send:reply_in_progress"] > 20
    assert all(told["answers"][f"{kind}:200"] > 5 for kind in ("edit", "swipe", "delete", "cut", "restore", "send"))
    assert all(told["answers"][f"{kind}:200"] > 5 for kind in ("again", "go_on", "branch", "stop", "end"))


@pytest.mark.timeout(500)
@pytest.mark.parametrize(
    ("dropped", "rule"), [("message", "rule 1"), ("branch", "rule"), ("once", "rule 5"), ("chat", "rule")]
)
def test_a_dropped_condition_is_found(dropped: str, rule: str) -> None:
    told = played("--schedules", "1000", "--most", "1", "--plant", dropped)
    assert told["broken"] == 1
    assert next(iter(told["first"].values())).startswith(rule)


@pytest.mark.timeout(300)
def test_a_seed_plays_the_same_schedule_again() -> None:
    once, again = (played("--seed", "7", "--schedules", "15") for _ in range(2))
    for told in (once, again):
        del told["seconds"], told["cpu_seconds"]
    assert once == again
