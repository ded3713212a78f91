"""Folding letters, asking for words, looking through parts, and showing what was found."""

import pytest

from chalicelib.models.search import Entry, Filter, Hit, Spot
from chalicelib.searching.asking import read_words
from chalicelib.searching.letters import folded, places
from chalicelib.searching.parts import Part, packed, unpacked
from chalicelib.searching.snippets import LENGTH, holds, snippet_of


@pytest.mark.parametrize(
    ("text", "as_compared"),
    [
        ("The DRAGON", "the dragon"),
        ("Éowyn", "eowyn"),
        ("Straße", "strasse"),
        ("ＡＢ", "ab"),
        ("don’t “go”", 'don\'t "go"'),
        ("one\ntwo\tthree\u3000four", "one two three four"),
        ("soft\u00adhyphen", "softhyphen"),
        ("青铜门", "青铜门"),
        ("e\u0301", "e"),
    ],
)
def test_letters_are_compared_without_case_accents_and_width(text: str, as_compared: str) -> None:
    assert folded(text) == as_compared


@pytest.mark.parametrize("text", ["plain", "Straße … “Éowyn”", "龙 ＡＢ\n", "🐉 e\u0301ﬁ"])
def test_a_place_in_folded_text_leads_back(text: str) -> None:
    assert "".join(folded(letter) for letter in text) == folded(text)
    assert [len(folded(text[:end])) for end in range(len(text) + 1)] == list(places(text))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("amber falcon", ("falcon", "amber")),
        ('"amber  falcon" over', ("amber falcon", "over")),
        ('an "open quotation', ("open quotation", "an")),
        ("Amber amber AMBER", ("amber",)),
        ("dragon drag", ("dragon",)),
        ('  "" ', ()),
        ("青铜门 龙", ("青铜门", "龙")),
    ],
)
def test_what_is_typed_is_words_and_quotations(typed: str, words: tuple[str, ...]) -> None:
    assert read_words(typed) == words


def entry(position: int, text: str, *, chat: str = "c1", at: int = 0, character: str = "brom") -> Entry:
    return Entry(Spot(chat, "s1", position), at or position, character, folded(text))


def part(*entries: Entry) -> Part:
    return unpacked(packed(entries))


EVERYTHING = Filter()


def found(looked_through: Part, typed: str, wanted: Filter = EVERYTHING) -> list[int]:
    return [hit.spot.position for hit in looked_through.find(read_words(typed), wanted)]


TALES = part(
    entry(0, "The amber falcon flew."),
    entry(1, "A falcon is no amber stone."),
    entry(2, "青铜门后面睡着一条龙。"),
    entry(3, ""),
    entry(4, "Falcon falcon FALCON"),
)


@pytest.mark.parametrize(
    ("typed", "positions"),
    [
        ("falcon", [0, 1, 4]),
        ("falcon amber", [0, 1]),
        ('"amber falcon"', [0]),
        ("青铜门", [2]),
        ("门后", [2]),
        ("flew falcon is", []),
        ("alco", [0, 1, 4]),
        ("heron", []),
        ("stone. 青", []),
    ],
)
def test_all_words_must_stand_in_one_message(typed: str, positions: list[int]) -> None:
    assert found(TALES, typed) == positions


def test_a_part_comes_out_of_its_file_as_it_went_in() -> None:
    entries = [entry(0, "one", chat="c1"), entry(7, "zwölf", chat="c2", at=12, character="ada"), entry(9, "")]
    assert list(part(*entries).entries()) == entries


def test_chat_character_and_time_narrow_what_is_found() -> None:
    mixed = part(
        entry(0, "falcon", chat="c1", at=10),
        entry(1, "falcon", chat="c2", at=20),
        entry(2, "falcon", chat="c2", at=30, character="ada"),
    )
    assert found(mixed, "falcon", Filter(chat_id="c2")) == [1, 2]
    assert found(mixed, "falcon", Filter(character_id="ada")) == [2]
    assert found(mixed, "falcon", Filter(since=20, until=30)) == [1]
    assert found(mixed, "falcon", Filter(chat_id="elsewhere")) == []


def test_hits_sort_by_time() -> None:
    hits = [Hit(5, Spot("c1", "s1", 0)), Hit(9, Spot("a", "s1", 0))]
    assert sorted(hits, reverse=True) == [hits[1], hits[0]]


def test_a_snippet_shows_the_words_where_they_stand() -> None:
    shown = snippet_of("An Éowyn with an amber\nfalcon.", ("amber falcon", "eowyn"))
    assert shown.text == "An Éowyn with an amber falcon."
    assert [shown.text[low:high] for low, high in shown.matches] == ["Éowyn", "amber falcon"]


def test_a_long_message_is_shown_around_the_first_match() -> None:
    shown = snippet_of("word " * 200 + "falcon" + " word" * 200, ("falcon",))
    assert shown.text.startswith("…word")
    assert shown.text.endswith("…")
    assert len(shown.text) <= LENGTH + 2
    assert [shown.text[low:high] for low, high in shown.matches] == ["falcon"]


def test_matches_are_counted_in_characters_also_behind_letters_that_grow() -> None:
    shown = snippet_of("🐉🐉 Straße und Straßen", ("strasse",))
    assert [shown.text[low:high] for low, high in shown.matches] == ["Straße", "Straße"]


def test_what_was_edited_away_is_no_longer_held() -> None:
    assert holds("The Amber falcon", ("amber", "falcon"))
    assert not holds("The Amber", ("amber", "falcon"))
