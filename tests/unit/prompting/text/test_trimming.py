"""What is cut off a reply."""

import pytest

from chalicelib.prompting.text.trimming import collapsed, first_line, whole_sentences


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ("One whole. Cut off sent", "One whole."),
        ("No end at all", "No end at all"),
        ('He said "go." Then "sto', 'He said "go."'),
        ("*waves* and the", "*waves*"),
        ("It is 3.14 metres", "It is 3.14 metres"),
        ("I don’t kno", "I don’t kno"),
        ("她停下了。然后她", "她停下了。"),
        ("Fine 🙂 and th", "Fine 🙂"),
        ("Done.  \n", "Done."),
        ("", ""),
    ],
)
def test_a_reply_is_cut_after_its_last_whole_sentence(reply: str, kept: str) -> None:
    assert whole_sentences(reply) == kept


def test_line_breaks_and_lines() -> None:
    assert collapsed("a\n\n\nb\nc") == "a\nb\nc"
    assert first_line("\nOne.\nTwo.") == "One."
