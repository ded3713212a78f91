"""Recorded prompts stay what they were: cases of our own in the form of the recordings of SillyTavern."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chalicelib.prompting.scripts.patterns import Patterns
from cli.golden import differences_of, golden
from cli.golden_cases import read_cases

FOLDER = Path(__file__).parents[2] / "samples" / "golden"
BASELINE = json.loads((FOLDER / "BASELINE.json").read_text(encoding="utf-8"))
CASES = list(read_cases(FOLDER, None, None))


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_case_is_met(case: dict[str, Any]) -> None:
    assert differences_of(case, BASELINE, Patterns(clock=time.monotonic)) == []


def test_a_difference_is_told_line_by_line(tmp_path: Path) -> None:
    case = json.loads((FOLDER / "cards" / "original_once.json").read_text(encoding="utf-8"))
    case["expect"]["messages"][0]["content"] = "Something else."
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "original_once.json").write_text(json.dumps(case), encoding="utf-8")
    (tmp_path / "BASELINE.json").write_text(json.dumps(BASELINE), encoding="utf-8")
    told = CliRunner().invoke(golden, [str(tmp_path)])
    assert told.exit_code == 1
    assert "-system: 'Something else.'" in told.output
    assert "+system: 'A Speak as Marek to Ines. B  C'" in told.output
    assert told.output.endswith("all                0 passed    1 failed   0.0 %\n")


def test_an_area_and_a_form_can_be_chosen() -> None:
    told = CliRunner().invoke(golden, [str(FOLDER), "--area", "joining", "--json"])
    assert json.loads(told.output) == {"areas": {"joining": {"passed": 3, "failed": 0}}, "failed": {}}
