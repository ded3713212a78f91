"""Decorators of card specification V3."""

from typing import Any

import pytest

from chalicelib.prompting.lore.decorators import decorated
from chalicelib.prompting.lore.placing import place
from tests.unit.prompting.lore.lore import awake, entry, scanned, verdicts


def on(lines: str, *keys: str, **more: Any) -> Any:
    return entry(*(keys or ("lamp",)), content=f"{lines}\nbody", **more)


@pytest.mark.parametrize(
    ("lines", "more", "wakes"),
    [
        ("@@activate", {"said": "nothing"}, True),
        ("@@dont_activate", {}, False),
        ("@@dont_activate\n@@activate", {"said": "nothing"}, True),
        ("@@activate_only_after 3", {"replies": 2}, False),
        ("@@activate_only_after 3", {"replies": 3}, True),
        ("@@activate_only_after 3", {}, True),
        ("@@activate_only_every 2", {"replies": 3}, False),
        ("@@activate_only_every 2", {"replies": 4}, True),
        ("@@is_greeting 1", {"greeting": 0}, False),
        ("@@is_greeting 1", {"greeting": 1}, True),
        ("@@is_user_icon hood", {"user_icon": "cap"}, False),
        ("@@is_user_icon hood", {"user_icon": "hood"}, True),
        ("@@additional_keys door, roof", {}, True),
        ("@@additional_keys roof\n@@additional_keys door", {}, False),
        ("@@exclude_keys roof,door", {}, False),
        ("@@exclude_keys roof", {}, True),
        ("@@scan_depth 0", {}, False),
        ("@@unknown", {}, True),
        ("@@unknown\n@@@dont_activate", {}, False),
        ("@@a\n@@@b\n@@@c\n@@@d\n@@@e\n@@@dont_activate", {}, False),
        ("@@depth 2\n@@@dont_activate", {}, True),
        ("@@instruct_scan_depth 9\n@@@dont_activate", {}, False),
        ("@@activate_only_after x\n@@@dont_activate", {}, False),
        ("@@is_greeting 1\n@@is_greeting 0", {"greeting": 0}, False),
    ],
)
def test_decorators_decide(lines: str, more: dict[str, Any], wakes: bool) -> None:
    said = more.pop("said", "The lamp at the door.")
    assert awake([on(lines)], said, **more) == (["body"] if wakes else [])


def test_a_match_of_before_keeps_or_bars() -> None:
    keeps, bars = on("@@keep_activate_after_match"), on("@@dont_activate_after_match")
    first = scanned([keeps, bars], "lamp")
    assert len(first.activated) == 2
    later = scanned([keeps, bars], "lamp", "nothing", "nothing", "nothing", timed=first.timed)
    assert verdicts(later) == [
        ("decorator", "keep_activate_after_match"),
        ("suppressed", "dont_activate_after_match"),
    ]
    assert later.timed.matched == ["W.0", "W.1"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("@@depth 2", {(2, "system"): ["body"]}),
        ("@@depth 2\n@@role user", {(2, "user"): ["body"]}),
        ("@@role assistant", {(4, "assistant"): ["body"]}),
        ("@@reverse_depth 1", {(3, "system"): ["body"]}),
        ("@@depth 2\n@@reverse_depth 1", {(2, "system"): ["body"]}),
    ],
)
def test_decorators_place_in_the_chat(lines: str, expected: dict[Any, Any]) -> None:
    assert place(scanned([on(lines)], "a", "b", "c", "lamp").activated).in_chat == expected


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ("@@position before_desc", "before"),
        ("@@position after_desc\n@@depth 3", "after"),
        ("@@position personality", "personality"),
        ("@@position scenario", "scenario"),
    ],
)
def test_decorators_place_at_the_card(lines: str, field: str) -> None:
    found = place(scanned([on(lines, place="note_top")], "lamp").activated)
    assert getattr(found, field) in ("body", ["body"])
    assert found.note_top == []


def test_what_yields_is_tried_last() -> None:
    entries = [on("@@ignore_on_max_context", order=300), entry("lamp", content="kept", order=1)]
    assert awake(entries, "lamp", settings={"budget_cap": 2}) == ["kept"]


def test_decorators_may_switch_prompts_off() -> None:
    one = on("@@disable_ui_prompt system_prompt\n@@disable_ui_prompt jailbreak\n@@@activate")
    assert scanned([one], "lamp").without == {"system_prompt"}


@pytest.mark.parametrize(
    ("content", "left"),
    [
        ("@@@lonely\nbody", "body"),
        ("@@x\n\nbody", "\nbody"),
        ("body\n@@activate", "body\n@@activate"),
        ("@@activate", ""),
        ("@ not one\nbody", "@ not one\nbody"),
    ],
)
def test_only_leading_lines_are_decorators(content: str, left: str) -> None:
    assert decorated(content)[1] == left
