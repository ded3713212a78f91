"""A short run of the chaos suite in each mode; and proof that the suite finds what is wrong."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.monkey import schedule
from tests.chaos.run import MODES
from tests.chaos.scripts import script, tokens

SECONDS = 240
"""A run takes half a minute; a busy machine gets more."""


def chaos(folder: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    """Exit status, figures and progress of a run."""
    command = [sys.executable, "-m", "tests.chaos", "--folder", str(folder), *options]
    command += ["--chats", "8", "--patience", "3"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired as late:
        pytest.fail(f"It did not end:\n{(late.stderr or b'').decode()}")
    assert done.stdout.count("\n") == 1, done.stderr
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.mark.timeout(SECONDS + 10)
@pytest.mark.parametrize("mode", MODES)
def test_no_reply_is_lost_whatever_dies(mode: str, tmp_path: Path) -> None:
    few = ("--generations", "24", "--blows", "7", "--blow-every", "2", "--lease", "6")
    status, figures, progress = chaos(tmp_path, "--mode", mode, "--seed", "7", *few)
    assert status == 0, progress
    assert (figures["lost"], figures["duplicated"], figures["out_of_order"], figures["stuck"]) == (0, 0, 0, 0)
    assert figures["faults"]["worker_killed"] >= 1
    assert figures["redis_used_again"] is (None if mode == "dynamo" else True)


@pytest.mark.timeout(SECONDS + 10)
@pytest.mark.parametrize(("fault", "mark"), [("lost-frame", "lost"), ("wrong-byte", "lost")])
def test_the_suite_finds_a_fault_that_is_planted(fault: str, mark: str, tmp_path: Path) -> None:
    status, figures, _ = chaos(tmp_path, "--mode", "dynamo", "--generations", "4", "--calm", "--plant", fault)
    assert status == 1
    assert figures[mark] > 0
    assert not figures["passed"]


def test_a_seed_makes_the_same_schedule_again() -> None:
    first, again = (schedule(5, with_redis=True, every=4, lease=15) for _ in range(2))
    assert first == again
    assert script(5, 3) == script(5, 3)
    assert tokens(5, script(5, 3), 0) != tokens(5, script(5, 3), 1)
    assert {blow.kind for blow in first[:11]} >= {"worker_killed", "redis_killed", "redis_flushed", "front_killed"}
