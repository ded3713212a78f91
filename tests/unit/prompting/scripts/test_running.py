"""Regex scripts: which apply, and what they leave."""

import time
from typing import Any

import pytest

from chalicelib.models.scripts import RegexScript
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.scripts.running import Scripts, source_of


def expand(text: str) -> str:
    return text.replace("{{user}}", "R.b(n").replace("{{char}}", "Tessa")


def script(find: str = "/red/g", replace: str = "blue", **more: Any) -> RegexScript:
    return RegexScript(
        **{"find": find, "replace": replace, "places": ["reply", "user_input"], "prompt_only": True, **more}
    )


def after(text: str, *scripts: RegexScript, **how: Any) -> str:
    runner = Scripts(scripts, Patterns(clock=time.thread_time), expand)
    return runner.apply(text, **{"place": "reply", "purpose": "prompt", **how})


@pytest.mark.parametrize(
    ("one", "text", "expected"),
    [
        (script(), "a red red", "a blue blue"),
        (script("red"), "red red", "blue red"),
        (script("/red/"), "red red", "blue red"),
        (script("/RED/gi"), "red Red", "blue blue"),
        (script(r"/red (\w+)/g", "$1 $0 {{match}} $2|"), "red door", "door red door red door |"),
        (script(r"/(?<what>\w+)!/g", "$<what>? $<none>"), "go!", "go? "),
        (script("/red/g", "{{user}}-{{char}}"), "red", "R.b(n-Tessa"),
        (script("/red/g", "a\\nb"), "red", "a\\nb"),
        (script(r"/red \w+/g", "<{{match}}>", trim=["red ", "{{char}}"]), "red door", "<door>"),
        (script("/{{user}}/g", "N"), "R.b(n {{user}}", "R.b(n N"),
        (script("/{{user}}/g", "N", macros="escaped"), "R.b(n Robbn", "N Robbn"),
        (script("/{{char}}|x/g", "N", macros="raw"), "Tessa x", "N N"),
        (script("/.*/gs", ""), "all of it", ""),
        (script("/红色|🌊/gu", "蓝"), "红色的🌊", "蓝的蓝"),
        (script(disabled=True), "red", "red"),
        (script(""), "red", "red"),
        (script("/(/"), "red (", "red ("),
    ],
)
def test_a_script_leaves(one: RegexScript, text: str, expected: str) -> None:
    assert after(text, one) == expected


@pytest.mark.parametrize(
    ("one", "how", "runs"),
    [
        (script(), {}, True),
        (script(), {"place": "user_input"}, True),
        (script(), {"place": "world"}, False),
        (script(), {"purpose": "stored"}, False),
        (script(), {"purpose": "display"}, False),
        (script(prompt_only=False), {"purpose": "stored"}, True),
        (script(prompt_only=False), {"purpose": "prompt"}, False),
        (script(prompt_only=False), {"purpose": "stored", "edited": True}, False),
        (script(prompt_only=False, on_edit=True), {"purpose": "stored", "edited": True}, True),
        (script(prompt_only=False, display_only=True), {"purpose": "display"}, True),
        (script(display_only=True), {"purpose": "display"}, True),
        (script(display_only=True), {"purpose": "prompt"}, True),
        (script(depth_least=1, depth_most=2), {"depth": 0}, False),
        (script(depth_least=1, depth_most=2), {"depth": 1}, True),
        (script(depth_least=1, depth_most=2), {"depth": 2}, True),
        (script(depth_least=1, depth_most=2), {"depth": 3}, False),
        (script(depth_least=1, depth_most=2), {"depth": None}, True),
        (script(depth_most=0), {"depth": -1}, True),
        (script(depth_least=-5), {"depth": -4}, True),
    ],
)
def test_a_script_runs_where_it_is_for(one: RegexScript, how: dict[str, Any], runs: bool) -> None:
    assert (after("red", one, **how) == "blue") is runs


def test_scripts_run_in_order_of_their_sources() -> None:
    scripts = [
        script("/3/", "4", source="character"),
        script("/2/", "3", source="preset"),
        script("/1/", "2", source="global"),
    ]
    assert after("1", *scripts) == "4"


def test_a_script_that_cannot_run_leaves_the_text_and_says_why() -> None:
    runner = Scripts([script("/(?<=a)b/", name="behind"), script()], Patterns(clock=time.thread_time), expand)
    for _ in range(2):
        assert runner.apply("ab red", place="reply", purpose="prompt") == "ab blue"
    assert [(one.script.name, one.why) for one in runner.refused] == [
        ("behind", "The pattern /(?<=a)b/ needs look-around, which does not run here.")
    ]


def test_a_script_that_makes_a_text_too_large_does_not_run() -> None:
    assert after("a" * 500, script("/a/g", "x" * 10_000)) == "a" * 500


@pytest.mark.parametrize(
    ("written", "pattern", "flags"),
    [
        ("/a/gi", "a", "gi"),
        ("a", "a", ""),
        ("/a/b/g", "a/b", "g"),
        ("/a/gg", "/a/gg", ""),
        ("/a/q", "/a/q", ""),
        ("/a\nb/s", "a\nb", "s"),
    ],
)
def test_a_pattern_is_taken_apart(written: str, pattern: str, flags: str) -> None:
    assert source_of(written) == (pattern, flags)
