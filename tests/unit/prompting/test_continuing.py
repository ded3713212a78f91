"""What a model is shown of a long message that it shall continue."""

import pytest

from chalicelib.prompting.continuing import end_that_fits
from chalicelib.prompting.tokens import counter

COUNT = counter("o200k_base")


def test_a_short_text_stays_whole() -> None:
    assert end_that_fits("Once upon a time ", 100, COUNT) == "Once upon a time "


@pytest.mark.parametrize("word", ["lamp ", "灯台 ", "é", "\n"])
def test_of_a_long_text_the_end_is_kept(word: str) -> None:
    text = word * 5_000 + "and so she went up to"
    end = end_that_fits(text, 500, COUNT)
    assert text.endswith(end)
    assert end.endswith("and so she went up to")
    assert 0 < COUNT(end) <= 500


def test_the_end_begins_with_a_word() -> None:
    assert end_that_fits("lighthouse " * 5_000, 100, COUNT).startswith("lighthouse ")
