"""`tavern golden`: plays recorded cases of what SillyTavern sent through our engine, and tells where we differ."""

import difflib
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import click

from chalicelib.errors import AppError
from chalicelib.prompting.scripts.patterns import Patterns
from cli.golden_cases import play, read_cases
from cli.golden_stage import Json


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--area", help="Only the cases of this area.")
@click.option("--show", metavar="ID", help="Only this case, with every difference.")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def golden(folder: Path, area: str | None, show: str | None, as_json: bool) -> None:
    """Build the prompt of every recorded case in FOLDER and compare it with what was sent."""
    baseline = json.loads((folder / "BASELINE.json").read_text(encoding="utf-8"))
    patterns = Patterns(clock=time.monotonic)
    failed: dict[str, list[str]] = {}
    passed: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for case in read_cases(folder, area, show):
        differences = differences_of(case, baseline, patterns)
        if differences:
            failed[case["id"]] = differences
            missed[case["area"]] += 1
        else:
            passed[case["area"]] += 1
    if as_json:
        areas = {name: {"passed": passed[name], "failed": missed[name]} for name in sorted(passed | missed)}
        click.echo(json.dumps({"areas": areas, "failed": failed}, ensure_ascii=False, indent=1))
    else:
        _tell(failed, passed, missed, whole=show is not None)
    if failed:
        raise click.exceptions.Exit(1)


def differences_of(case: Json, baseline: Json, patterns: Patterns) -> list[str]:
    """Lines of a readable comparison; [] when the case is met."""
    try:
        made = play(case, baseline, patterns)
    except AppError as error:
        return [f"refused: {error.message}"]
    return _compared(_lines(case["expect"]), _lines(made))


def _tell(failed: dict[str, list[str]], passed: Counter[str], missed: Counter[str], *, whole: bool) -> None:
    for id, differences in failed.items():
        click.echo(f"--- {id}")
        for line in differences if whole else differences[:12]:
            click.echo(f"    {line}")
    for name in sorted(passed | missed):
        click.echo(f"{name:15} {passed[name]:4} passed {missed[name]:4} failed")
    count, good = passed.total() + missed.total(), passed.total()
    click.echo(f"{'all':15} {good:4} passed {missed.total():4} failed   {100 * good / max(count, 1):.1f} %")


def _compared(expected: list[str], made: list[str]) -> list[str]:
    if expected == made:
        return []
    lines = difflib.unified_diff(expected, made, "expected", "made", lineterm="", n=1)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def _lines(sent: Json, place: str = "") -> list[str]:
    """A request as lines that can be compared one by one."""
    for key in ("steps", "requests"):
        if key in sent:
            parts = enumerate(sent[key])
            return [line for number, part in parts for line in _lines(part, f"{place}{key[:-1]} {number}: ")]
    lines = [f"{place}{_line(message)}" for message in sent.get("messages", ())]
    if "prompt" in sent:
        lines += [f"{place}| {line!r}" for line in sent["prompt"].split("\n")]
    lines += [f"{place}stop {stop!r}" for stop in sent.get("stop", ())]
    params = sent.get("params", {})
    return lines + [f"{place}{name} = {_number(params[name])!r}" for name in sorted(params)]


def _line(message: Json) -> str:
    name = f" ({message['name']})" if message.get("name") else ""
    return f"{message['role']}{name}: {message['content']!r}"


def _number(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _number(value[name]) for name in sorted(value)}
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
