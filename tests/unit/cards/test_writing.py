"""What goes out again: nothing a card held is lost."""

import base64
import io
import json
import zipfile
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.cards.png import texts
from chalicelib.cards.reading import read_card_file
from chalicelib.cards.writing import to_charx, to_document, to_json, to_png
from chalicelib.models.cards import Card
from tests.unit.cards.builders import card_png, encoded, png, text, v1, v2, v3


def card(**fields: Any) -> Card:
    return read_card_file(json.dumps(v3(**fields)).encode()).card


def chunks(data: bytes) -> dict[str, Any]:
    return {t.keyword: json.loads(base64.b64decode(t.value)) for t in texts(data)}


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
foreign = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
unknown = st.dictionaries(words.map("x_{}".format), foreign, max_size=3)


@settings(max_examples=150, deadline=None)
@given(top=unknown, data=unknown, extensions=unknown, book=unknown, entry=unknown, asset=unknown)
def test_unknown_keys_survive_every_way_out(top: Any, data: Any, extensions: Any, book: Any, entry: Any, asset: Any):
    given_card = top | v3(
        **data,
        extensions=extensions,
        character_book={"entries": [{"keys": ["a"], "content": "b", "extensions": extensions} | entry]} | book,
        assets=[{"type": "icon", "uri": "ccdefault:", "name": "main", "ext": "png"} | asset],
    )
    held = read_card_file(json.dumps(given_card).encode()).card
    for written in (to_json(held), to_png(held, png(), {})):
        back = to_document(read_card_file(written).card)
        assert {key: back[key] for key in top} == top
        assert {key: back["data"][key] for key in data} == data
        assert back["data"]["extensions"] == extensions
        assert back["data"]["character_book"].items() >= book.items()
        assert back["data"]["character_book"]["entries"][0].items() >= entry.items()
        assert back["data"]["character_book"]["entries"][0]["extensions"] == extensions
        assert back["data"]["assets"][0].items() >= asset.items()


def test_a_version_3_card_comes_back_as_it_was():
    given_card = v3(
        nickname="Mar",
        source=["https://example.org/1"],
        creation_date=1,
        character_book={
            "extensions": {},
            "entries": [
                {"keys": ["a"], "content": "b", "extensions": {}, "enabled": True, "insertion_order": 3, "id": 7}
                | {"use_regex": False}
            ],
        },
    )
    assert json.loads(to_json(read_card_file(json.dumps(given_card).encode()).card)) == given_card


def test_a_png_carries_both_versions():
    written = chunks(to_png(card(), png(), {}))
    assert list(written) == ["chara", "ccv3"]
    assert (written["chara"]["spec"], written["ccv3"]["spec"]) == ("chara_card_v2", "chara_card_v3")


def test_the_chunks_stand_just_before_the_end():
    assert to_png(card(), png(), {}).index(b"IDAT") < to_png(card(), png(), {}).index(b"tEXt")
    assert to_png(card(), png(), {}).endswith(b"IEND\xaeB`\x82")


def test_old_cards_inside_the_picture_are_replaced():
    old = png(text("CHARA", encoded(v2(name="Old"))), text("ccv3", encoded(v3(name="Old"))), text("Comment", b"kept"))
    written = to_png(card(name="New"), old, {})
    assert [t.keyword for t in texts(written)] == ["Comment", "chara", "ccv3"]
    assert read_card_file(written).card.data.name == "New"


def test_the_older_version_has_no_decorators_and_no_null_book():
    book = {"entries": [{"keys": [], "content": "@@depth 4\n@@@role user\nThe lamp\n@@ is text here"}]}
    written = chunks(to_png(card(character_book=book), png(), {}))
    assert written["chara"]["data"]["character_book"]["entries"][0]["content"] == "The lamp\n@@ is text here"
    assert written["ccv3"]["data"]["character_book"]["entries"][0]["content"].startswith("@@depth")
    assert "character_book" not in chunks(to_png(card(character_book=None), png(), {}))["chara"]["data"]


def test_version_1_readers_find_their_fields():
    written = chunks(to_png(card(name="Maren"), png(), {}))["chara"]
    assert {key: written[key] for key in v1()} == v1()


def test_mirrors_at_the_top_follow_the_card():
    held = read_card_file(json.dumps(v2(name="Maren") | {"name": "Old name", "fav": True}).encode()).card
    assert (to_document(held)["name"], to_document(held)["fav"]) == ("Maren", True)


def test_required_fields_are_filled_in():
    held = read_card_file(json.dumps({"name": "Maren", "description": "x"}).encode()).card
    assert json.loads(to_json(held))["data"] == v3()["data"] | {
        "description": "x", "personality": "", "scenario": "", "first_mes": "", "mes_example": "", "tags": [],
        "creator": "", "character_version": "",
    }  # fmt: skip


def test_an_archive_gets_its_portrait():
    data = to_charx(card(), png(), {})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["card.json", "assets/icon/images/main.png"]
    assert read_card_file(data).picture == png()


def test_an_archive_gives_back_what_came_with_it():
    icon = {"type": "icon", "uri": "embeded://assets/icon/images/me.webp", "name": "main", "ext": "webp"}
    files = {"assets/icon/images/me.webp": b"me", "assets/emotion/images/joy.png": b"joy", "module.risum": b"m"}
    data = to_charx(card(assets=[icon]), png(), files)
    assert read_card_file(data).files == files
    assert to_document(read_card_file(data).card)["data"]["assets"] == [icon]


def test_assets_in_chunks_go_back_into_chunks():
    assert read_card_file(to_png(card(), png(), {"__asset:0": b"joy"})).files == {"__asset:0": b"joy"}


def test_equal_cards_give_equal_files():
    once, again = (to_charx(read_card_file(card_png(v2())).card, png(), {}) for _ in range(2))
    assert once == again
