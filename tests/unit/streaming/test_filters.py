"""Streaming filters: what the log calls the model's text, however the deltas are cut."""

import pytest

from chalicelib.models.prompt import Delta
from chalicelib.streaming.characters import Characters
from chalicelib.streaming.filters import Filters
from chalicelib.streaming.reasoning import ReasoningTags
from chalicelib.streaming.stops import StopStrings, speaker_stops


def cuts(text: str) -> list[list[str]]:
    """The text whole, letter by letter, and cut in two at each place."""
    return [[text], list(text), *([text[:at], text[at:]] for at in range(1, len(text)))]


REASONING = {
    "no tags": ("Hello there.", "Hello there.", ""),
    "tags": ("<think>Why?</think>Because.", "Because.", "Why?"),
    "line ends around tags": ("\n<think>\nWhy?\n</think>\n\nBecause.", "Because.", "Why?"),
    "other words": ("<thinking>Hm</thinking>So.", "So.", "Hm"),
    "never closed": ("<think>On and on", "", "On and on"),
    "almost a tag": ("<thin ice>", "<thin ice>", ""),
    "a tag in the middle is the story's": ("He said <think>no</think>.", "He said <think>no</think>.", ""),
    "almost a closing tag": ("<think>a </thin b</think>c", "c", "a </thin b"),
    "empty": ("<think></think>Yes.", "Yes.", ""),
    "only half a tag": ("<thi", "<thi", ""),
}


@pytest.mark.parametrize("name", REASONING)
def test_reasoning_is_taken_apart_however_it_is_cut(name: str) -> None:
    given, text, reasoning = REASONING[name]
    for deltas in cuts(given):
        tags = ReasoningTags()
        out = [*(tags.feed(delta) for delta in deltas), tags.rest()]
        assert "".join(r for _, r in out) == reasoning, deltas
        assert "".join(t for t, _ in out) == text, deltas


STOPS = {
    "none found": (["\nYou:"], "Hello.\nYour turn.", "Hello.\nYour turn.", False),
    "found": (["\nYou:"], "Hello.\nYou: me", "Hello.", True),
    "the first of two": (["END", "\nYou:"], "a\nYou: END", "a", True),
    "at the very beginning": (["STOP"], "STOP it", "", True),
    "at the very end": (["STOP"], "a STOP", "a ", True),
    "only its beginning at the end": (["STOP"], "a STO", "a STO", False),
    "overlapping itself": (["aab"], "aaab!", "a", True),
    "no stop strings": ([], "all", "all", False),
    "an empty one counts for nothing": ([""], "all", "all", False),
}


@pytest.mark.parametrize("name", STOPS)
def test_stop_strings_are_found_however_they_are_cut(name: str) -> None:
    stops, given, text, found = STOPS[name]
    for deltas in cuts(given):
        watch = StopStrings(stops)
        out = [watch.feed(delta) for delta in deltas]
        out.append("" if watch.found else watch.rest())
        assert ("".join(out), watch.found) == (text, found), deltas


@pytest.mark.parametrize(
    ("user", "speaker", "impersonates", "stops"),
    [
        ("Ada", "Mira", False, ["\nAda:"]),
        ("Ada", "Mira", True, ["\nMira:"]),
        ("", "Mira", False, []),
        ("Mira", "Mira", False, []),
    ],
)
def test_nobody_speaks_for_the_other(user: str, speaker: str, impersonates: bool, stops: list[str]) -> None:
    assert speaker_stops(user_name=user, speaker=speaker, impersonates=impersonates) == stops


@pytest.mark.parametrize(
    ("deltas", "text"),
    [
        (["plain"], "plain"),
        (["smile \ud83d", "\ude00 there"], "smile 😀 there"),
        (["\ud83d\ude00"], "😀"),
        (["cut \ud83d"], "cut \ufffd"),
        (["\ude00 lonely"], "\ufffd lonely"),
        (["\ud83d", "x"], "\ufffdx"),
    ],
)
def test_halves_of_characters_are_joined(deltas: list[str], text: str) -> None:
    characters = Characters()
    assert "".join([*map(characters.feed, deltas), characters.rest()]) == text


def filtered(deltas: list[Delta], filters: Filters) -> tuple[str, str]:
    out = [*(filters.feed(delta) for delta in deltas), filters.rest()]
    return "".join(t for t, _ in out), "".join(r for _, r in out)


def fresh(*, stops: list[str] | None = None, most: int = 1_000, continues: bool = False) -> Filters:
    return Filters(stops=stops or [], bytes_most=most, continues=continues)


def test_a_reply_does_not_begin_with_white_space() -> None:
    assert filtered([Delta(text=" "), Delta(text="\n Hi "), Delta(text="you ")], fresh()) == ("Hi you ", "")


def test_a_continuation_may() -> None:
    assert filtered([Delta(text=" and so")], fresh(continues=True)) == (" and so", "")


def test_given_words_stand_before_the_models_own_which_go_on_from_them() -> None:
    filters = Filters(stops=["\nAda:"], bytes_most=1_000, continues=False, begins="Well,")
    deltas = [Delta(text="<think>Hm.</think>"), Delta(text=" ye"), Delta(text="s.\nAda: no")]
    assert filtered(deltas, filters) == ("Well, yes.", "Hm.")


def test_given_words_alone_are_no_reply() -> None:
    assert filtered([Delta(reasoning="Hm.")], Filters(stops=[], bytes_most=9, continues=False, begins="Well,"))[0] == ""


def test_reasoning_of_the_provider_and_of_tags_are_one() -> None:
    deltas = [Delta(reasoning="first "), Delta(text="<think>then</think>Yes.")]
    assert filtered(deltas, fresh()) == ("Yes.", "first then")


def test_all_filters_together_however_the_text_is_cut() -> None:
    for deltas in cuts("<think>Hm.</think>\n\nGood day. 😀\nAda: stop"):
        given = [Delta(text=delta) for delta in deltas]
        assert filtered(given, fresh(stops=["\nAda:"])) == ("Good day. 😀", "Hm."), deltas


def test_the_cap_cuts_between_characters() -> None:
    filters = fresh(most=7)
    assert filtered([Delta(text="灯台守だ")], filters) == ("灯台", "")
    assert filters.full
