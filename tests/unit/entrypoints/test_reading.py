"""Reading requests: what is let in and what each refusal says."""

from typing import Any, Literal

import pytest

from chalicelib.entrypoints.rest import reading
from chalicelib.errors import AppError, Invalid, NotFound, TooLarge, UnsupportedContent
from chalicelib.models.shapes import Asked


class Note(Asked):
    text: str
    count: int = 0
    weight: float = 0
    extra: dict[str, Any] = {}


class Search(Asked):
    limit: int = 10
    trash: bool = False
    sort: Literal["name", "recent"] = "name"
    tag: str = ""


def read(data: bytes, content_type: str = "application/json") -> Note:
    return reading.read_json(Note, data, content_type=content_type, most_bytes=1_000)


def refusal(data: bytes, content_type: str = "application/json") -> AppError:
    with pytest.raises(AppError) as refused:
        read(data, content_type)
    return refused.value


def test_a_body_becomes_its_model() -> None:
    assert read('{"text": "héllo 🐉", "count": 3}'.encode()).text == "héllo 🐉"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "needs a JSON body"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"text": "a"} trailing', "not JSON"),
        (b"[]", "must be an object"),
        (b'{"text": "\\ud800"}', "lone surrogate"),
        (b'{"text": "\xed\xa0\x80"}', "lone surrogate"),
        (b'{"text": "a\\u0000b"}', "NUL"),
        (b'{"text": "a", "extra": {"\\u0000": 1}}', "NUL"),
        (b'{"text": "a", "extra": {"x": [NaN]}}', "too large"),
        (b'{"text": "a", "weight": 1e999}', "too large"),
        (b'{"text": "a", "extra": {"x": 1e-300}}', "too small"),
        (b'{"text": "a", "count": 99999999999999999999999999}', "too large"),
        (b'{"text": "a", "extra": ' + b"[" * 300 + b"]" * 300 + b"}", "nested too deeply"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(data: bytes, says: str) -> None:
    found = refusal(data)
    assert isinstance(found, Invalid)
    assert says in found.message


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        (b"{}", {"text": "This is needed."}),
        (b'{"text": "a", "colour": 1}', {"colour": "There is no such field."}),
        (b'{"text": 1}', {"text": "This must be text."}),
        (b'{"text": "a", "count": "1"}', {"count": "This must be a whole number."}),
        (b'{"text": "a", "count": true}', {"count": "This must be a whole number."}),
    ],
)
def test_each_field_is_told_what_is_wrong_with_it(data: bytes, fields: dict[str, str]) -> None:
    assert refusal(data).fields == fields


def test_a_backslash_before_u0000_is_just_text() -> None:
    assert read(b'{"text": "\\\\u0000"}').text == "\\u0000"


def test_an_id_of_nineteen_digits_is_a_number_like_any_other() -> None:
    assert read(b'{"text": "a", "extra": {"id": 1234567890123456789}}').extra == {"id": 1234567890123456789}


def test_a_body_has_a_size() -> None:
    found = refusal(b'{"text": "' + b"a" * 1_000 + b'"}')
    assert isinstance(found, TooLarge)
    assert found.details == {"most_bytes": 1_000}


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data"])
def test_another_content_type_is_refused(kind: str) -> None:
    assert isinstance(refusal(b'{"text": "a"}', kind), UnsupportedContent)


def test_a_query_becomes_its_model() -> None:
    found = reading.read_query(Search, {"limit": ["5"], "trash": ["true"], "tag": ["a"]})
    assert found == Search(limit=5, trash=True, tag="a")


@pytest.mark.parametrize(
    "given",
    [
        {"limit": ["1", "2"]},
        {"colour": ["red"]},
        {"limit": ["many"]},
        {"limit": ["9" * 30]},
        {"sort": ["size"]},
        {"tag": ["\x00"]},
        {"tag": ["\ud800"]},
        {"tag": ["a" * 5_000]},
    ],
)
def test_a_query_that_does_not_fit_is_refused(given: dict[str, list[str]]) -> None:
    with pytest.raises(Invalid):
        reading.read_query(Search, given)


def test_a_door_without_a_query_takes_none() -> None:
    with pytest.raises(Invalid):
        reading.read_query(None, {"colour": ["red"]})


@pytest.mark.parametrize("value", ["", "a b", "a/b", "..%2f", "é", "a" * 65, "a\n"])
def test_what_can_be_no_id_names_nothing(value: str) -> None:
    with pytest.raises(NotFound, match="no such chat"):
        reading.read_path("chat_id", value)


@pytest.mark.parametrize("key", ["", "a b", "a" * 129, "é"])
def test_an_idempotency_key_is_visible_ascii(key: str) -> None:
    with pytest.raises(Invalid):
        reading.read_idempotency_key(key)
