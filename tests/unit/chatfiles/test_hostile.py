"""Chat files that cannot be read: a sentence and the number of the line."""

import json

import pytest

from chalicelib.chatfiles.reading import read_head, read_messages
from chalicelib.errors import InvalidChat
from tests.unit.chatfiles.builders import HEADER, NOW, file, line

_GOOD = file(line("fine")) + b"\n"


@pytest.mark.parametrize(
    ("third_line", "what"),
    [
        (b"not json", "not JSON"),
        (b"[1, 2]", "not a JSON object"),
        (b'{"name":"Ana","mes":7}', "mes is not a text"),
        (b'{"name":"Ana","mes":["x"]}', "mes is not a text"),
        (b'{"name":["Ana"],"mes":"x"}', "name is not a text"),
        (b'{"name":"Ana","mes":"\\ud800"}', "lone surrogate"),
        (b'{"name":"Ana","mes":"x","extra":{"a":["\\udfff"]}}', "lone surrogate"),
        (b'{"name":"Ana","mes":"a\\u0000b"}', "NUL"),
        (b'{"name":"Ana","mes":"a\x00b"}', "not JSON"),
        (b'{"name":"Ana","mes":"\xff"}', "not UTF-8"),
        (b'{"mes":"x","extra":{"a":NaN}}', "not JSON"),
        (b'{"mes":"x","extra":{"a":1e999}}', "not JSON"),
        (b'{"mes":"x","extra":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"mes":"' + b"a" * 1_000_000 + b'"}', "longer than 400000 characters"),
        (b'{"mes":"x","swipes":["' + b"a" * 1_000_000 + b'"]}', "longer than 400000 characters"),
        (b'{"mes":"' + b"a" * 16_000_001 + b'"}', "longer than 16 MB"),
        (b'{"mes":"x","swipes":[' + b'"",' * 5_000 + b'""]}', "5000 swipes"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(third_line: bytes, what: str):
    with pytest.raises(InvalidChat) as refused:
        list(read_messages(_GOOD + third_line, now=NOW))
    assert what in refused.value.message
    assert refused.value.details["line"] == 3


def test_an_escaped_backslash_before_u0000_is_just_text():
    (message,) = read_messages(file(line("write \\u0000 for NUL")), now=NOW)
    assert message.chosen.text == "write \\u0000 for NUL"


def test_a_surrogate_pair_is_one_character():
    data = json.dumps(HEADER).encode() + b'\n{"mes":"\\ud83d\\ude00"}'
    (message,) = read_messages(data, now=NOW)
    assert message.chosen.text == "😀"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_no_chat(data: bytes):
    with pytest.raises(InvalidChat):
        read_head(data)


@pytest.mark.parametrize("data", [b"\x89PNG\r\n", b'{"spec":"chara_card_v2"}', b'"text"', b"null", b"[" * 100_000])
def test_another_kind_of_file_is_no_chat(data: bytes):
    with pytest.raises(InvalidChat):
        read_head(data)
