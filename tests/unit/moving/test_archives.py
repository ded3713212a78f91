"""Archives of strangers: what is wrong with one member costs that member."""

import io
import struct
import zipfile
from collections.abc import Mapping

import pytest

from chalicelib.errors import AppError, Invalid
from chalicelib.models import zips
from chalicelib.models.zips import directory_bytes
from chalicelib.moving import archives
from chalicelib.moving.archives import Archive, clean_path
from tests.support.moving import link_to, zipped


def opened(data: bytes) -> Archive:
    return Archive(io.BytesIO(data))


def archive_of(members: list[tuple[zipfile.ZipInfo | str, bytes]], *, packed: bool = True) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return made.getvalue()


def refusals(data: bytes) -> Mapping[str, str]:
    return {one.path: one.reason for one in opened(data).refused}


@pytest.mark.parametrize(
    "name",
    ["../up.json", "worlds/../../up.json", "/etc/passwd", "C:\\boot.ini", "..\\up.json", "a\x01b", "x" * 1_001, ""],
)
def test_a_path_that_leads_out_is_none(name: str):
    assert clean_path(name) is None


@pytest.mark.parametrize(
    ("name", "path"),
    [("a/./b//c.json", "a/b/c.json"), ("a\\b.json", "a/b.json"), ("Cafe\u0301.png", "Caf\u00e9.png")],
)
def test_a_path_has_slashes_and_one_form(name: str, path: str):
    assert clean_path(name) == path


def test_a_member_that_leads_out_is_refused_and_the_others_are_read():
    data = archive_of([("../evil.json", b"{}"), ("worlds/A.json", b"{}")])
    assert refusals(data) == {"../evil.json": "unsafe_path"}
    assert opened(data).read("worlds/A.json") == b"{}"


def test_a_link_is_refused():
    assert refusals(archive_of([(link_to("worlds/A.json"), b"/etc/passwd")])) == {"worlds/A.json": "link"}


def test_a_bomb_is_refused_by_what_it_declares():
    data = archive_of([("a.json", b"\0" * 5_000_000), ("b.json", b"{}")])
    assert refusals(data) == {"a.json": "bomb"}
    assert [file.path for file in opened(data).files] == ["b.json"]


def test_a_member_that_holds_more_than_it_says_is_refused_when_read():
    data = bytearray(archive_of([("a.json", b"x" * 1_000)]))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    with pytest.raises(AppError):
        opened(bytes(data)).read("a.json")


def test_a_locked_member_is_refused():
    data = bytearray(archive_of([("a.json", b"{}")]))
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    assert refusals(bytes(data)) == {"a.json": "locked"}


def test_members_that_overlap_are_refused():
    data = bytearray(archive_of([("a.json", b"{}"), ("b.json", b"{}")], packed=False))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    assert refusals(bytes(data)) == {"b.json": "overlapping"}


def test_of_two_members_of_a_name_the_first_counts():
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = archive_of([("a.json", b"1"), ("a.json", b"2")])
    assert refusals(data) == {"a.json": "twice"}
    assert opened(data).read("a.json") == b"1"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_name_that_is_not_marked_as_unicode_is_guessed(encoding: str):
    raw = "人物/文.json".encode(encoding)
    data = archive_of([("x" * len(raw), b"{}")]).replace(b"x" * len(raw), raw)
    assert [file.path for file in opened(data).files] == ["人物/文.json"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken", zipped({"a": b"x" * 100})[:-30]])
def test_an_archive_without_its_end_is_none(data: bytes):
    with pytest.raises(Invalid) as raised:
        opened(data)
    assert raised.value.code == "not_an_archive"


def test_a_damaged_member_costs_itself():
    data = bytearray(archive_of([("a.json", b"hello hello"), ("b.json", b"{}")], packed=False))
    at = data.index(b"hello")
    data[at] = 0
    archive = opened(bytes(data))
    with pytest.raises(Invalid) as raised:
        archive.read("a.json")
    assert raised.value.code == "archive_damaged"
    assert archive.read("b.json") == b"{}"


def test_a_directory_that_would_fill_the_memory_is_not_read():
    data = bytearray(archive_of([("a.json", b"{}")]))
    at = data.rindex(b"PK\x05\x06")
    data[at + 12 : at + 16] = struct.pack("<I", 2_000_000_000)
    with pytest.raises(Invalid):
        opened(bytes(data))


def test_a_directory_of_more_entries_than_memory_holds_is_not_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archives, "_DIRECTORY_SMALL", 1_000)
    monkeypatch.setattr(zips, "_PIECE_BYTES", 999)
    monkeypatch.setattr(archives, "FILES_MOST", 50)
    many = archive_of([(f"{number:03d}", b"") for number in range(120)])
    with pytest.raises(Invalid):
        opened(many)
    assert len(opened(archive_of([(f"{number:03d}", b"") for number in range(45)])).files) == 45


def test_an_archive_in_an_archive_is_a_file_like_others():
    inner = archive_of([("worlds/a.json", b"{}")])
    archive = opened(archive_of([("backup.zip", inner)]))
    assert [file.path for file in archive.files] == ["backup.zip"]
    assert archive.read("backup.zip") == inner


def test_an_archive_without_files_has_none():
    assert opened(archive_of([])).files == []


def end_of(size: int) -> bytes:
    """The end mark of a large archive, which says how large its directory is."""
    return b"PK\x06\x06" + bytes(36) + struct.pack("<Q", size) + bytes(8)


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        (end_of(500) + end_of(3), 500),
        (end_of(3) + end_of(500), 500),
        # An end mark among the fields of the end mark itself hides nothing.
        (b"PK\x05\x06" + bytes(8) + struct.pack("<I", 400) + b"PK\x05\x06" + b"\0\0", 400),
        (end_of(10**15), 0),
        (b"", 0),
    ],
)
def test_of_several_ends_the_largest_directory_counts(tail: bytes, said: int):
    assert directory_bytes(io.BytesIO(bytes(2_000) + tail)) == said
