"""The bounded matcher: JavaScript's meaning, RE2's time."""

import time
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import Invalid
from chalicelib.prompting.scripts.javascript import Beyond, Source, translated
from chalicelib.prompting.scripts.patterns import Allowance, Match, Patterns
from chalicelib.prompting.scripts.stepping import QuickJs

Groups = list[str | None]


@cache
def quickjs() -> QuickJs:
    return QuickJs()


def first() -> Patterns:
    """RE2 alone."""
    return Patterns(clock=time.thread_time)


def both() -> Patterns:
    return Patterns(clock=time.thread_time, second=quickjs)


def found(matches: list[Match]) -> list[tuple[int, Groups]]:
    return [(match.start, list(match.groups)) for match in matches]


# What Node 20 answers.
SAME: list[tuple[str, str, str, list[tuple[int, Groups]]]] = [
    ("a*", "g", "aaa", [(0, ["aaa"]), (3, [""])]),
    ("(a)|b", "g", "ab", [(0, ["a", "a"]), (1, ["b", None])]),
    (r"\bfoo\b", "gi", "foo Foofoo fOO", [(0, ["foo"]), (11, ["fOO"])]),
    ("^x", "gm", "x\nx\ny", [(0, ["x"]), (2, ["x"])]),
    ("^x", "g", "xx", [(0, ["x"])]),
    ("x$", "", "x\n", []),
    ("[]", "", "a", []),
    ("[^]", "g", "a\n", [(0, ["a"]), (1, ["\n"])]),
    (".", "g", "a\n\r\u2028b", [(0, ["a"]), (4, ["b"])]),
    (".", "gs", "a\nb", [(0, ["a"]), (1, ["\n"]), (2, ["b"])]),
    (r"[\w-]+", "g", "a-b c_d é", [(0, ["a-b"]), (4, ["c_d"])]),
    (r"\S+", "g", "ab\u3000c", [(0, ["ab"]), (3, ["c"])]),
    (r"[\S]+", "g", "a\u00a0b", [(0, ["a"]), (2, ["b"])]),
    ("a{,2}", "", "a{,2}", [(0, ["a{,2}"])]),
    ("{{user}}", "", "x {{user}}", [(2, ["{{user}}"])]),
    (
        r"(?<y>\d{4})-(?<m>\d\d)",
        "g",
        "2024-05 2023-04",
        [(0, ["2024-05", "2024", "05"]), (8, ["2023-04", "2023", "04"])],
    ),
    (r"\u4f60", "", "你好", [(0, ["你"])]),
    (r"\x41\/\cJ\t", "", "A/\n\t", [(0, ["A/\n\t"])]),
    (r"[a-\d]+", "g", "a-5z", [(0, ["a-5"])]),
    ("a]b}", "", "a]b}", [(0, ["a]b}"])]),
    ("", "g", "héy", [(0, [""]), (1, [""]), (2, [""]), (3, [""])]),
    (r"\p{L}+", "gu", "héy 你", [(0, ["héy"]), (4, ["你"])]),
    ("红色|🌊", "gu", "红色的🌊", [(0, ["红色"]), (3, ["🌊"])]),
    (r"<note>[\s\S]*?<\/note>\n?", "g", "<note>a\nb</note>\nV", [(0, ["<note>a\nb</note>\n"])]),
    (r"\B", "g", "aéb", []),
    (r"\B", "g", "éé", [(0, [""]), (1, [""]), (2, [""])]),
    (r"\*([^*]+)\*", "g", "*a* *b*", [(0, ["*a*", "a"]), (4, ["*b*", "b"])]),
]
BEYOND: list[tuple[str, str, str, list[tuple[int, Groups]]]] = [
    ("(?<=a)b", "g", "abcb", [(1, ["b"])]),
    (r"(a)\1", "g", "aab", [(0, ["aa", "a"])]),
    ("(?!x)(?<n>.)", "g", "xy", [(1, ["y", "y"])]),
    ("(?:(a)|b)*", "", "ab", [(0, ["ab", None])]),
    ("(z)((a+)?(b+)?(c))*", "", "zaacbbbcac", [(0, ["zaacbbbcac", "z", "ac", "a", None, "c"])]),
    (r"\b(?=\w)", "g", "hi yo", [(0, [""]), (3, [""])]),
    (r"[\p{L}--[a-z]]+", "gv", "abC", [(2, ["C"])]),
    ("a", "gy", "aab", [(0, ["a"]), (1, ["a"])]),
    ("(?:a*)*b", "", "aab", [(0, ["aab"])]),
    (r"(?<=🌊)a", "u", "🌊a", [(1, ["a"])]),
]


@pytest.mark.parametrize(("pattern", "flags", "text", "expected"), SAME)
def test_re2_says_what_javascript_says(pattern: str, flags: str, text: str, expected: list[tuple[int, Groups]]) -> None:
    source = Source(pattern, flags)
    assert found(first().compile(source).matches(text)) == expected
    assert found(quickjs().matches(source, text)) == expected
    assert first().compile(source).found(text) is bool(expected)


@pytest.mark.parametrize(("pattern", "flags", "text", "expected"), BEYOND)
def test_what_re2_cannot_say_quickjs_does(
    pattern: str, flags: str, text: str, expected: list[tuple[int, Groups]]
) -> None:
    source = Source(pattern, flags)
    with pytest.raises(Beyond):
        translated(source)
    assert found(both().compile(source).matches(text)) == expected
    assert both().compile(source).found(text) is bool(expected)


PIECES = [
    "a",
    "b",
    "_",
    "\\w",
    "\\W",
    "\\s",
    "\\S",
    "\\d",
    "\\b",
    "\\B",
    "^",
    "$",
    "(",
    ")",
    "(?:",
    "(?<n>",
    "[",
    "]",
    "[^",
    "|",
    "*",
    "+",
    "?",
    "{2}",
    "{1,}",
    "{0,2}",
    "*?",
    "+?",
    "??",
    "\\u0061",
    "\\n",
    "é",
    "\\.",
    "[a-c]",
    "[^a]",
    ".",
    "-",
    "[\\w-]",
    "[\\s\\S]",
    "\\/",
    "}",
    "{",
    "A",
    "(a)",
    "(b|c)",
    "(?:a|b)",
    "[\\W_]",
    "[^\\S\\n]",
    "[\\d\\D]",
]


@settings(max_examples=400, deadline=None)
@given(
    pattern=st.lists(st.sampled_from(PIECES), min_size=1, max_size=7).map("".join),
    flags=st.sets(st.sampled_from("gims")).map("".join),
    text=st.text("abcA_ -\né.1\t\u00a0ſ\u2028", max_size=12),
)
def test_both_engines_agree(pattern: str, flags: str, text: str) -> None:
    source = Source(pattern, flags)
    try:
        translated(source)
    except Beyond:
        return
    try:
        expected = quickjs().matches(source, text)
    except Invalid:
        with pytest.raises(Invalid):
            first().compile(source)
        return
    assert both().compile(source).matches(text) == expected
    assert both().compile(source).found(text) is bool(expected)


def test_without_the_second_engine_it_is_refused_with_a_sentence() -> None:
    with pytest.raises(Invalid, match=r"The pattern /\(\?<=a\)b/ needs look-around, which does not run here\."):
        first().compile(Source("(?<=a)b", ""))


@pytest.mark.parametrize("pattern", ["(", "a**", "[z-a]", "(?<n>a)(?<n>b)", "\\", "x{2,1}", "(" * 5_000])
def test_what_javascript_refuses_is_refused(pattern: str) -> None:
    for _ in range(2):
        with pytest.raises(Invalid, match="not a regular expression"):
            both().compile(Source(pattern, ""))


def test_names_of_groups_are_known() -> None:
    assert quickjs().check(Source(r"(?<a>x)(y)[(](?<b>z)\((?:w)(?=q)", "")) == ("a", "", "b")


def test_other_line_ends_count_as_in_javascript() -> None:
    assert found(both().compile(Source("^b", "gm")).matches("a\rb\u2028b")) == [(2, ["b"]), (4, ["b"])]


def test_a_capture_that_nobody_asks_for_needs_no_second_engine() -> None:
    assert first().compile(Source(r"(\w+\s?)*!", ""), groups=False).found("one two!")


# Each takes ages, or more, in an engine that only backtracks.
EVIL = [
    ("(a+)+$", "", "a" * 40 + "b"),
    ("(a|a)*b", "", "a" * 50),
    ("(a|aa)+$", "g", "a" * 60 + "b"),
    ("(.*)*x", "s", "a" * 3_000),
    ("^(([a-z])+.)+[A-Z]([a-z])+$", "", "a" * 60),
    ("(?=(a+)+$)b", "", "a" * 50 + "c"),
    (r"(\w+\s?)*$", "", "aaaa " * 30 + "!"),
    ("(x+x+)+y", "", "x" * 60),
    ("(?:(?:a*)*)*b", "", "a" * 100),
    (r"([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3}))$", "", "a" * 60 + "!"),
    ("(a.*){25}b", "", "a" * 200),
    ("(?:a?){60}a{60}", "", "a" * 59),
    (".*.*=.*", "g", "x=" * 20_000),
    ("a[^b]*b|a", "g", "a" * 100_000),
    ("(?:[^b]{200}){5}c", "", "a" * 100_000),
    ("(" * 5_000 + "a+" + ")" * 5_000, "", "a"),
    ("(?<!a.*)b", "g", "a" * 20_000 + "b" * 2_000),
    (r"(\d+)\1+$", "", "1" * 40_000 + "2"),
    ("(?:x{500}){500}", "", "x" * 100),
    ("(?:a{1000}){1000}", "", "a" * 1_000),
    ("a|" * 9_000 + "b", "g", "c" * 50_000),
    ("(?:" * 90 + "a" + ")*" * 90, "", "a" * 1_000 + "b"),
    ("(?<a>a)" * 2_000, "", "a" * 1_999),
    ("(?:.?.?.?.?.?.?.?.?.?.?)*!", "", "a" * 5_000),
]


@pytest.mark.parametrize(("pattern", "flags", "text"), EVIL)
def test_no_pattern_takes_longer_than_its_cap(pattern: str, flags: str, text: str) -> None:
    """The caps are a quarter of a second each; the bound here leaves room for a slow machine."""
    patterns = both()
    quickjs().check(Source("warm", ""))
    began = time.thread_time()
    with suppress(Invalid):
        patterns.compile(Source(pattern, flags)).matches(text)
    assert time.thread_time() - began < 3


def test_what_was_too_slow_is_not_tried_again() -> None:
    allowance = Allowance(both())
    for _ in range(50):
        with pytest.raises(Invalid, match="takes too long"):
            allowance.matches(Source("(?=(a+)+$)b", ""), "a" * 50 + "c", groups=True)


def test_all_patterns_of_a_prompt_have_a_time_together() -> None:
    allowance = Allowance(first(), seconds=0)
    with pytest.raises(Invalid, match="took all the time"):
        allowance.found(Source("a", ""), "a")


def test_the_engine_works_on_after_a_pattern_was_stopped() -> None:
    with pytest.raises(Invalid, match="takes too long"):
        quickjs().found(Source("(?=(a+)+$)b", ""), "a" * 50 + "c")
    assert quickjs().found(Source("(?=a)a", ""), "a")


def test_the_engine_reaches_nothing_and_keeps_nothing() -> None:
    for name in ("os", "std", "process", "require", "fetch", "left"):
        assert not quickjs().found(Source(name, ""), "")
    nasty = "x'); globalThis.left = 1; ('"
    assert not quickjs().found(Source(nasty.replace("(", r"\(").replace(")", r"\)"), ""), "y")
    assert quickjs().matches(Source("\u2028|\"|'|\\\\", "g"), "\u2028\"'\\") != []
