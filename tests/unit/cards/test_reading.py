"""What can be read, and what becomes of each version and container."""

import base64
import io
import json
import zipfile
from typing import Any

import pytest

from chalicelib.cards.reading import CardFile, read_card_file
from chalicelib.cards.writing import to_charx
from tests.unit.cards.builders import card_png, chunk, encoded, png, text, v1, v2, v3


def read(card: Any) -> CardFile:
    return read_card_file(json.dumps(card).encode(), "card.json")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (json.dumps(v1()).encode(), "json"),
        (json.dumps(v2()).encode(), "json"),
        (json.dumps(v3()).encode(), "json"),
        (b"\xef\xbb\xbf  " + json.dumps(v2()).encode(), "json"),
        (card_png(v1()), "png"),
        (card_png(v2()), "png"),
        (card_png(v3(), "ccv3"), "png"),
        (card_png(v2(), "Chara"), "png"),
        (png(chunk(b"acTL", b"\0" * 8), text("chara", encoded(v2()))), "png"),
        (png(text("chara", json.dumps(v2()).encode())), "png"),
        (to_charx(read(v3()).card, png(), {}), "charx"),
        (b"\xff\xd8\xff a picture before it " + to_charx(read(v3()).card, png(), {}), "charx"),
        (b"name: Maren\ncontext: Keeps the lighthouse of Sund.\ngreeting: You're late.\n", "yaml"),
        (json.dumps({"char_name": "Maren", "char_persona": "Keeps the lighthouse of Sund."}).encode(), "json"),
    ],
)
def test_every_version_and_container_is_read(data: bytes, kind: str):
    found = read_card_file(data, "file")
    assert (found.format, found.card.data.name) == (kind, "Maren")
    assert found.card.data.description == "Keeps the lighthouse of Sund."


def test_the_spec_decides_before_the_fields_at_the_top():
    assert read(v2(name="Inner") | v1(name="Outer")).card.data.name == "Inner"


def test_the_newer_of_two_chunks_wins():
    both = png(text("chara", encoded(v2(name="Old"))), text("CCV3", encoded(v3(name="New"))))
    assert read_card_file(both).card.data.name == "New"


def test_the_older_chunk_helps_when_the_newer_is_broken():
    both = png(text("chara", encoded(v2(name="Old"))), text("ccv3", b"!!!"))
    found = read_card_file(both)
    assert found.card.data.name == "Old"
    assert found.notes == ["The newer of the two cards in this picture is broken; the older one was taken."]


def test_the_first_of_equal_chunks_is_taken():
    twice = png(text("chara", encoded(v2(name="First"))), text("chara", encoded(v2(name="Second"))))
    assert read_card_file(twice).card.data.name == "First"


def test_a_wrong_checksum_is_told_and_forgiven():
    damaged = bytearray(card_png(v2()))
    at = damaged.index(b"tEXt") + 4
    length = int.from_bytes(damaged[at - 8 : at - 4])
    damaged[at + length] ^= 0xFF
    assert read_card_file(bytes(damaged)).notes == [
        "A checksum inside the picture is wrong; the card could be read all the same."
    ]


def test_a_picture_cut_off_after_its_card_is_read():
    whole = card_png(v2())
    assert read_card_file(whole[: whole.index(b"IDAT") + 6]).card.data.name == "Maren"


def test_a_null_book_is_no_book():
    assert read(v2(character_book=None)).card.data.character_book is None


@pytest.mark.parametrize(
    ("field", "given", "held"),
    [
        ("tags", "sea, storm", ["sea", "storm"]),
        ("tags", None, []),
        ("tags", [1, "sea"], ["1", "sea"]),
        ("alternate_greetings", "Only one.", ["Only one."]),
        ("description", None, ""),
        ("description", ["a", "b"], "a\nb"),
        ("character_version", 2, "2"),
        ("creation_date", 1700000000.5, 1700000000),
        ("extensions", [], {}),
        ("extensions", None, {}),
    ],
)
def test_a_field_of_a_wrong_kind_is_mended(field: str, given: Any, held: Any):
    assert getattr(read(v3(**{field: given})).card.data, field) == held


def test_a_field_beyond_mending_is_left_out_and_told():
    found = read(v3(scenario={"a": 1}))
    assert found.card.data.scenario == ""
    assert found.notes == ["The field scenario has a form that cannot be read and was left out."]


def test_entries_numbered_as_in_a_world_are_taken():
    book = read(v2(character_book={"entries": {"0": {"keys": "lamp, oil", "content": "x"}}})).card.data.character_book
    assert book is not None
    assert book.entries[0].keys == ["lamp", "oil"]


def test_a_newer_version_is_read_and_told():
    found = read(v3() | {"spec_version": "3.7"})
    assert (found.card.spec_version, len(found.notes)) == ("3.7", 1)


def test_a_card_without_a_name_takes_the_files():
    assert read_card_file(json.dumps(v2(name=" ")).encode(), "C:\\cards\\Maren of Sund.json").card.data.name == (
        "Maren of Sund"
    )


def test_nul_and_lone_surrogates_are_replaced_and_told():
    found = read_card_file(b'{"name": "Ma\\u0000ren \\ud83d\\ude42 \\ud800", "description": ""}')
    assert found.card.data.name == "Ma�ren \U0001f642 �"
    assert found.notes == ["Some characters could not be read and were replaced."]


def test_numbers_json_cannot_hold_become_null():
    found = read_card_file(b'{"name": "a", "description": "", "x": [NaN, 1e999, Infinity]}')
    assert found.card.data.model_extra == {"x": [None, None, None]}


def test_an_archive_gives_its_portrait_and_everything_else():
    assets = [
        {"type": "ICON", "uri": "embedded://assets/icon/images/me.png", "name": "main", "ext": "png"},
        {"type": "emotion", "uri": "embeded://assets/emotion/images/joy.png", "name": "joy", "ext": "png"},
    ]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("card.json", json.dumps(v3(assets=assets)))
        archive.writestr("assets/icon/images/me.png", png())
        archive.writestr("assets/emotion/images/joy.png", b"joy")
        archive.writestr("module.risum", b"\x00module")
    found = read_card_file(made.getvalue())
    assert found.picture == png()
    assert sorted(found.files) == ["assets/emotion/images/joy.png", "assets/icon/images/me.png", "module.risum"]


def test_a_portrait_inside_the_text_is_found():
    uri = "data:image/png;base64," + base64.b64encode(png()).decode()
    icon = {"type": "icon", "uri": uri, "name": "main", "ext": "png"}
    assert read(v3(assets=[icon])).picture == png()


def test_assets_in_chunks_ride_along():
    found = read_card_file(png(text("chara-ext-asset_:0", base64.b64encode(b"joy")), text("ccv3", encoded(v3()))))
    assert found.files == {"__asset:0": b"joy"}


def test_packed_text_chunks_are_read():
    import zlib

    packed = chunk(b"zTXt", b"chara\0\0" + zlib.compress(encoded(v2())))
    international = chunk(b"iTXt", b"ccv3\0\0\0\0\0" + encoded(v3(name="New")))
    assert read_card_file(png(packed)).card.data.name == "Maren"
    assert read_card_file(png(packed, international)).card.data.name == "New"


def test_agnais_characters_are_read():
    found = read(
        {
            "kind": "character",
            "name": "Maren",
            "persona": {"kind": "attributes", "attributes": {"age": ["61"], "mind": ["dry", "patient"]}},
            "greeting": "You're late.",
            "sampleChat": "{{char}}: Mind the step.",
        }
    ).card.data
    assert (found.description, found.first_mes) == ("age: 61\nmind: dry, patient", "You're late.")
