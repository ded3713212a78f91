"""What stands in settings, what must never come along with it, and which words a report may use."""

import json
from pathlib import Path

import pytest

from chalicelib.errors import Invalid, TooLarge
from chalicelib.models.connections import ProviderKind
from chalicelib.moving import pieces
from chalicelib.moving.addresses import without_addresses
from chalicelib.moving.pieces import read_object, read_pieces
from chalicelib.moving.reasons import SENTENCES
from chalicelib.moving.secrets import read_secrets
from tests.support.moving import settings

LOCALES = Path(__file__).parents[3] / "web/src/features/moving/locales"


def test_personas_tags_and_scripts_are_found():
    pieces = read_pieces(settings())
    assert [(one.avatar, one.name, one.is_default) for one in pieces.personas] == [
        ("ada.png", "Ada", True),
        ("lost.png", "Lost", False),
    ]
    assert pieces.tags == ["harbour", "unused"]
    assert pieces.tags_of == {"Maren.png": ["harbour"], "Gone.png": ["unused"]}
    assert [script["id"] for script in pieces.scripts] == ["r1"]


@pytest.mark.parametrize(
    ("odd", "missing"),
    [
        ({"tags": 3}, {"tags": [], "tags_of": {"Maren.png": [], "Gone.png": []}}),
        ({"tag_map": []}, {"tags_of": {}}),
        ({"power_user": "x"}, {"personas": []}),
        ({"extension_settings": {"regex": {}}}, {"scripts": []}),
    ],
)
def test_parts_of_an_odd_form_count_as_missing_and_the_others_are_read(
    odd: dict[str, object], missing: dict[str, object]
):
    whole, pieces = read_pieces(settings()), read_pieces({**settings(), **odd})
    assert pieces._replace(settings={}) == whole._replace(settings={}, **missing)


def test_no_address_proxy_header_or_key_comes_along():
    given = {
        "reverse_proxy": "https://evil.example",
        "custom_include_headers": "X: y",
        "extension_settings": {"voice": {"api_key": "abc", "endpoint_url": "https://evil.example", "speed": 1}},
        "textgenerationwebui_settings": {"server_urls": {"ooba": "http://evil.example"}},
        "max_token": "5",
        "temperature": 1,
    }
    kept, gone = without_addresses(given)
    assert kept == {
        "extension_settings": {"voice": {"speed": 1}},
        "textgenerationwebui_settings": {},
        "max_token": "5",
        "temperature": 1,
    }
    assert gone == ["reverse_proxy", "custom_include_headers", "api_key", "endpoint_url", "server_urls"]


@pytest.mark.parametrize("key", ["apiKey", "API-KEY", "proxyPassword", "baseUrl", "Authorization", "extraHeaders"])
def test_a_key_or_an_address_is_one_however_it_is_spelt(key: str):
    assert without_addresses({"voice": {key: "https://evil.example", "speed": 1}}) == ({"voice": {"speed": 1}}, [key])


def test_headers_in_an_object_are_left_out_too():
    assert without_addresses({"extra_headers": {"X": "y"}, "theme": {"name": "Dusk"}})[0] == {"theme": {"name": "Dusk"}}


def test_keys_of_services_are_found_in_both_forms():
    given = {
        "api_key_claude": "old",
        "api_key_openai": [{"label": "a", "value": "one"}, {"label": "b", "value": "two"}],
        "api_key_unheard": "x",
        "api_key_groq": "",
        "csrf": "no",
    }
    assert [(one.name, one.kind, one.value) for one in read_secrets(given)] == [
        ("Anthropic", ProviderKind.anthropic, "old"),
        ("OpenAI (a)", ProviderKind.openai_chat, "one"),
        ("OpenAI (b)", ProviderKind.openai_chat, "two"),
        ("unheard", None, "x"),
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{", "broken_json"),
        (b"[" * 100_000 + b"]" * 100_000, "too_deep"),
        (b"[" * 600 + b"]" * 600, "too_deep"),
        (b'{"a":' * 150 + b"1" + b"}" * 150, "too_deep"),
        (b"[]", "not_an_object"),
    ],
)
def test_what_is_no_object_is_refused(data: bytes, code: str):
    with pytest.raises(Invalid) as raised:
        read_object(data)
    assert raised.value.code == code


def test_what_would_fill_the_memory_is_not_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pieces, "PARTS_MOST", 1_000)
    with pytest.raises(TooLarge):
        read_object(b'{"a":[' + b"[]," * 1_000 + b"1]}")


def test_ten_levels_are_nothing_odd():
    assert read_object(b'{"a":' * 10 + b"1" + b"}" * 10)["a"]


def test_what_no_store_holds_is_replaced():
    assert read_object(b'\xef\xbb\xbf{"a": "x\\u0000\\ud800y", "b": NaN, "c": [1e999, -1e999]}') == {
        "a": "x\ufffd\ufffdy",
        "b": None,
        "c": [None, None],
    }


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_the_page_has_a_sentence_for_every_reason(locale: str):
    words = json.loads((LOCALES / f"{locale}.json").read_text("utf-8"))
    assert words["reasons"].keys() == SENTENCES.keys()
    if locale == "en":
        assert words["reasons"] == SENTENCES
