"""Files made to break us: each gets a sentence and a code."""

import io
import json
import struct
import zipfile
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.cards.bounds import FILE_BYTES_MOST
from chalicelib.cards.reading import read_card_file
from chalicelib.cards.writing import to_charx
from chalicelib.errors import AppError, InvalidCard, TooLarge
from tests.unit.cards.builders import card_png, chunk, encoded, png, text, v2, v3


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return made.getvalue()


def assert_told(error: AppError) -> None:
    assert error.code != "error"
    assert error.message.endswith(".")


CARD = json.dumps(v3()).encode()


def many_packed() -> bytes:
    """A small picture with chunks that unpack to gigabytes, though none of them alone to much."""
    packed = b"chara\0\0" + zlib.compress(b"A" * 5_900_000, 9)
    return png(*[chunk(b"zTXt", packed)] * 40)


def test_a_picture_full_of_packed_chunks_is_not_unpacked():
    with pytest.raises(TooLarge) as raised:
        read_card_file(many_packed(), "x.png")
    assert_told(raised.value)


def test_a_picture_with_too_many_texts_is_told_so():
    with pytest.raises(TooLarge) as raised:
        read_card_file(png(text("chara", encoded(v2())), *[chunk(b"tEXt", b"x\0")] * 10_001), "x.png")
    assert_told(raised.value)


def test_a_directory_is_counted_before_it_is_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chalicelib.cards.archive.ENTRIES_MOST", 30)
    entries = {"card.json": CARD, **{f"{number}/": b"" for number in range(40)}}
    with pytest.raises(TooLarge) as raised:
        read_card_file(zipped(entries), "x.charx")
    assert_told(raised.value)


def overlapping() -> bytes:
    """An archive whose directory names one stretch of the file three times."""
    data = zipped({"card.json": CARD})
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[start:end]
    closing = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 3, 3, 3 * len(entry), start, 0)
    return data[:start] + 3 * entry + closing


def encrypted() -> bytes:
    data = bytearray(zipped({"card.json": CARD}))
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\0\0\0\0", "empty_file"),
        (b"GIF89a and so on", "no_card"),
        (b"\xff\xd8\xff\xe0 JFIF", "no_card"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no_card"),
        (b"\x7fELF\x02\x01\x01\0\0\0", "not_a_card"),
        (b"just some words", "not_a_card"),
        (png(), "no_card"),
        (png()[:40], "broken_png"),
        (card_png(v2())[:90], "broken_png"),
        (png(text("chara", b"%%% not base64 %%%")), "broken_base64"),
        (png(text("chara", b"e30")), "no_card"),
        (png(text("chara", b"aGFsbG8=")), "broken_json"),
        (png(chunk(b"zTXt", b"chara\0\0 not packed")), "broken_png"),
        (b'{"name": "Maren", ', "broken_json"),
        (b"[]", "no_card"),
        (b"[1, 2]", "no_card"),
        (b'{"name": "Maren"}', "no_card"),
        (b'{"entries": {"0": {}}}', "not_a_character"),
        (b'{"spec": "lorebook_v3", "data": {"name": "x", "entries": []}}', "not_a_character"),
        (b'{"name": "a", "description": ' + b"[" * 90_000, "too_deep"),
        (b'{"name": "a", "description": "", "x": ' + b"[" * 70 + b"]" * 70 + b"}", "too_deep"),
        (b'{"name": "a", "description": ' + b"1" * 5000 + b"}", "broken_json"),
        (b"name: &a [x]\ncontext: *a\n", "yaml_aliases"),
        (b"a: &a {b: *a}\n", "yaml_aliases"),
        (b"name: !!python/object/apply:os.system [ls]\ncontext: x\n", "broken_yaml"),
        (b"name: [unclosed\n", "broken_yaml"),
        (b"name: " + b"[" * 200 + b"]" * 200 + b"\n", "too_deep"),
        (zipped({"readme.txt": b"x"}), "no_card"),
        (zipped({"card.json": b"{}"}), "no_card"),
        (zipped({"card.json": CARD})[:-30] + b"PK\x05\x06" + b"\0" * 18, "no_card"),
        (b"PK\x03\x04 broken PK\x05\x06", "broken_archive"),
        (zipped({"card.json": CARD}, zipfile.ZIP_BZIP2), "broken_archive"),
        (zipped({"card.json": CARD, "a.bin": b"\0" * 20_000_000}), "archive_bomb"),
        (overlapping(), "archive_bomb"),
        (encrypted(), "encrypted_archive"),
    ],
)
def test_a_hostile_file_gets_its_code(data: bytes, code: str):
    with pytest.raises(InvalidCard) as caught:
        read_card_file(data, "file")
    assert caught.value.code == code
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    "data",
    [
        card_png(v2()) + b"x" * 30_000_000,
        b'{"name": "' + b"x" * 30_000_000 + b'"}',
        b'{"name": "' + b"x" * 5_000_000 + b'"}',
        png(text("chara", b"A" * 8_000_000)),
        png(chunk(b"zTXt", b"chara\0\0" + zlib.compress(b"A" * 50_000_000))),
        png(chunk(b"iTXt", b"ccv3\0\1\0\0\0" + zlib.compress(b"A" * 50_000_000))),
        b"name: x\ncontext: " + b"y" * 300_000,
        zipped({"card.json": b'{"name": "' + b"x" * 5_000_000 + b'"}'}, zipfile.ZIP_STORED),
        zipped({"card.json": CARD, **{f"{number}.txt": b"" for number in range(2001)}}),
        zipped({"card.json": CARD, **{f"{number}.bin": b"\0" * 30_000_000 for number in range(4)}}),
    ],
    ids=["png", "json", "text", "chunk", "ztxt", "itxt", "yaml", "card-in-zip", "zip-count", "zip-total"],
)
def test_what_is_too_large_is_told_so(data: bytes):
    with pytest.raises(TooLarge) as caught:
        read_card_file(data, "file")
    assert caught.value.code == "too_large"


def test_a_directory_that_lies_about_sizes_is_refused():
    data = bytearray(zipped({"card.json": CARD, "a.bin": b"\0" * 900_000}))
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 10)
    with pytest.raises(InvalidCard):
        read_card_file(bytes(data), "file")


def test_a_large_picture_with_a_small_card_is_fine():
    padding = chunk(b"prVt", b"x" * (FILE_BYTES_MOST - 100_000))
    assert read_card_file(png(padding, text("chara", encoded(v2())))).card.data.name == "Maren"


SEEDS: list[bytes] = [
    CARD,
    card_png(v2()),
    card_png(v3(character_book={"entries": [{"keys": ["a"], "content": "b"}]}), "ccv3"),
    to_charx(read_card_file(CARD).card, png(), {"assets/a.txt": b"hello " * 40}),
    b"name: Maren\ncontext: Keeps the light.\ngreeting: You're late.\n",
]


@st.composite
def mutated(draw: Any) -> bytes:
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(data) - 1))
        match draw(st.integers(0, 3)):
            case 0:
                data[at] = draw(st.integers(0, 255))
            case 1:
                del data[at : at + draw(st.integers(1, 40))]
            case 2:
                data[at:at] = draw(st.binary(min_size=1, max_size=12))
            case _:
                data[at : at + 4] = draw(st.sampled_from([b"\xff\xff\xff\xff", b"\0\0\0\0", b"null", b'":[{', b"1e99"]))
        if not data:
            return b""
    return bytes(data)


@settings(max_examples=400, deadline=None)
@given(mutated())
def test_no_damage_crashes_the_reader(data: bytes):
    try:
        card = read_card_file(data, "file").card
    except AppError as error:
        assert_told(error)
    else:
        card.model_dump_json()


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reader(data: bytes):
    try:
        read_card_file(data, "file")
    except AppError as error:
        assert_told(error)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    *v3()["data"],
    "character_book",
    "assets",
    "nickname",
    "source",
    "creation_date",
    "creator_notes_multilingual",
]


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=6), json_values, json_values)
def test_no_wrong_type_crashes_the_reader(fields: dict[str, Any], entry: Any, asset: Any):
    card = v3(character_book={"entries": [entry, {"keys": entry, "content": asset, "priority": entry}]}, assets=[asset])
    card["data"] |= fields
    try:
        read_card_file(json.dumps(card).encode(), "card.json").card.model_dump_json()
    except AppError as error:
        assert_told(error)
