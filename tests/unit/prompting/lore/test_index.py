"""The index says what a search for each key alone would say."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.models.worlds import World, WorldEntry
from chalicelib.prompting.lore.books import Book, book_of
from tests.unit.prompting.lore.lore import awake, entry, world

LETTERS = st.text("abAB _-é红.", max_size=12)
KEYS = st.lists(st.text("abAB _-é红.", min_size=1, max_size=4), min_size=1, max_size=3)


def stands_in(key: str, said: str, *, case: bool, whole: bool) -> bool:
    """As the rules say it, without an index."""
    sought, text = (key.strip(), said) if case else (key.strip().lower(), said.lower())
    if not sought:
        return key != ""
    if whole and not re.search(r"\s", sought):
        return re.search(rf"(^|[^A-Za-z0-9_]){re.escape(sought)}($|[^A-Za-z0-9_])", text) is not None
    return sought in text


@settings(max_examples=300, deadline=None)
@given(said=LETTERS, keys=st.lists(KEYS, max_size=8), case=st.booleans(), whole=st.booleans())
def test_the_index_finds_what_each_key_would(said: str, keys: list[list[str]], case: bool, whole: bool) -> None:
    entries = [entry(*some, content=str(number)) for number, some in enumerate(keys)]
    expected = {
        str(number)
        for number, some in enumerate(keys)
        if any(stands_in(key, said, case=case, whole=whole) for key in some)
    }
    rules = {"case_sensitive": case, "whole_words": whole, "include_names": False}
    assert set(awake(entries, said, settings=rules)) == expected


def test_a_book_is_kept_by_its_content() -> None:
    def one(content: str) -> Book:
        made = World(name="W", entries=[WorldEntry(keys=["lamp"], content=content)])
        return book_of(made, case_sensitive=False, whole_words=True)

    assert one("same") is one("same")
    assert one("same") is not one("other")


def test_an_empty_book_wakes_nothing() -> None:
    assert awake([], "lamp", shelves=[("global", world())]) == []


def test_half_a_letter_in_a_book_is_no_harm() -> None:
    assert awake([entry("lamp", content="\ud83c"), entry("\ud83c")], "lamp \ud83c") == ["\ud83c", "\ud83c"]
