"""Macros, case by case."""

import random
from datetime import UTC, datetime

import pytest

from chalicelib.errors import Invalid
from chalicelib.prompting.macros.expander import Macros, clean_name

NOW = datetime(2026, 5, 17, 14, 5, tzinfo=UTC)


def macros(seed: str = "chat") -> Macros:
    values = {"persona": "a keeper", "description": "{{char}} is tall", "model": "tiny"}
    return Macros(char="Tessa", user="Robin", now=NOW, dice=random.Random(7), seed=seed, values=values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{char}} and {{user}}", "Tessa and Robin"),
        ("{{ CHAR }}/{{User}}", "Tessa/Robin"),
        ("<BOT> <user> <USER> <char>", "Tessa Robin Robin Tessa"),
        ("{{persona}}, {{model}}", "a keeper, tiny"),
        ("{{description}}", "{{char}} is tall"),
        ("{{date}} {{time}} {{weekday}}", "May 17, 2026 2:05 PM Sunday"),
        ("{{isodate}}T{{isotime}}", "2026-05-17T14:05"),
        ("{{random:only}}", "only"),
        ("{{random::a, b}}", "a, b"),
        ("{{random:a\\, b}}", "a, b"),
        ("{{pick:x}}", "x"),
        ("{{roll:1}} {{roll:d1}} {{roll:3d1}} {{roll 1d1+4}}", "1 1 3 5"),
        ("{{roll:six}}", "{{roll:six}}"),
        ("{{roll:0}}", "{{roll:0}}"),
        ("{{reverse:abc}}", "cba"),
        ("{{reverse:{{user}}}}", "niboR"),
        ("a{{// a note for {{user}}}}b", "ab"),
        ("a{{comment: x}}b{{hidden_key:y}}c", "abc"),
        ("a\n\n{{trim}}\n\nb", "ab"),
        ("a{{newline}}b{{noop}}c", "a\nbc"),
        ("{{unknown}} {{unknown::{{char}}}}", "{{unknown}} {{unknown::Tessa}}"),
        ("{{original}}", "{{original}}"),
        ("{{char", "{{char"),
        ("char}} {{user}}", "char}} Robin"),
        ("{{{char}}}", "{Tessa}"),
        ("{{}} {{ }} {}", "{{}} {{ }} {}"),
        ("{{ {{ {{char}}", "{{ {{ Tessa"),
        ("a\r\nb", "a\nb"),
        ("", ""),
    ],
)
def test_a_macro_becomes(text: str, expected: str) -> None:
    assert macros().expand(text) == expected


def test_random_takes_one_of_its_choices() -> None:
    assert {macros().expand("{{random:a,b,c}}")} <= {"a", "b", "c"}
    one = macros()
    assert {one.expand("{{random:a,b,c}}") for _ in range(50)} == {"a", "b", "c"}


def test_pick_stays_within_a_chat_and_differs_between_chats() -> None:
    text = "{{pick:1,2,3,4,5,6,7,8,9}}" * 6
    assert macros("one").expand(text) == macros("one").expand(text)
    assert macros("one").expand(text) != macros("two").expand(text)


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("", "Be Tessa."),
        ("  ", "Be Tessa."),
        ("Stay {{user}}.", "Stay Robin."),
        ("A {{original}} B {{original}} C", "A Be Tessa. B  C"),
    ],
)
def test_a_card_may_put_its_own_prompt_around_the_original(override: str, expected: str) -> None:
    assert macros().expand_override(override, "Be {{char}}.") == expected


@pytest.mark.parametrize("text", ["{{" * 100_000, "}}" * 100_000, "{{x" * 500 + "}}" * 500])
def test_braces_without_sense_cost_little(text: str) -> None:
    assert macros().expand(text).count("{") == text.count("{")


def test_a_text_that_grows_without_measure_is_refused() -> None:
    grown = macros().with_values({"big": "x" * 100_000})
    with pytest.raises(Invalid) as caught:
        grown.expand("{{big}}" * 41)
    assert caught.value.code == "prompt_too_long"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Tessa", "Tessa"),
        ("  Tessa  of\nthe  Rock ", "Tessa of the Rock"),
        ("A\x00B\u202eC", "A B C"),
        ("小明", "小明"),
        ("x" * 500, "x" * 200),
    ],
)
def test_a_name_stays_on_one_line(name: str, expected: str) -> None:
    assert clean_name(name) == expected


def test_what_is_built_to_take_long_takes_no_longer() -> None:
    """A pattern that walks a run again from each of its places would run into the time-out of the test."""
    for text in ("\n" * 400_000 + "{{trim", "{{ " + " " * 400_000, "{{" * 200_000, "{{random:" + "\\," * 200_000):
        assert macros().expand(text) is not None
    assert macros().expand("a\n\n{{trim}}\n\n{{trim}}\n\nb") == "ab"
