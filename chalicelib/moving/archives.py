"""A zip of a stranger as a source. Nothing is written to a disk; members are read one by one, each within its bounds.

What is wrong with one member costs that member: it is refused with a reason, and the others are read.
"""

import stat
import unicodedata
import zipfile
from typing import BinaryIO

from chalicelib.errors import Invalid, TooLarge
from chalicelib.models.zips import (
    BROKEN,
    LOCKED,
    directory_bytes,
    directory_entries,
    is_bomb,
    is_packed_oddly,
    overlapping,
)
from chalicelib.moving.sources import Refused, SourceFile

FILES_MOST = 200_000
FILE_BYTES_MOST = 200_000_000
TOTAL_BYTES_MOST = 40_000_000_000
RATIO_MOST = 300
"""How many times larger than its packed form a file above 1 MB may be."""
PATH_CHARACTERS_MOST = 1_000
DIRECTORY_BYTES_MOST = 100_000_000
_DIRECTORY_SMALL = 10_000_000
"""What could hold no more entries than memory has room for."""
_UNICODE = 0x800


class Archive:
    """Raises Invalid (`not_an_archive`) when there is no zip's directory to be found."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            _check_directory(file)
            self._zip = zipfile.ZipFile(file)
        except BROKEN:
            raise Invalid(
                "This archive cannot be read: it is no zip, or its end is missing.", code="not_an_archive"
            ) from None
        self.files: list[SourceFile] = []
        self.refused: list[Refused] = []
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._look()

    def read(self, path: str) -> bytes:
        member = self._members[path]
        try:
            with self._zip.open(member) as stream:
                data = stream.read(member.file_size + 1)
        except BROKEN:
            raise Invalid("This file cannot be read: the archive is damaged here.", code="archive_damaged") from None
        if len(data) > member.file_size:
            raise TooLarge("This file is larger than the archive says.")
        return data

    def _look(self) -> None:
        total = 0
        members = self._zip.infolist()
        inside = overlapping(members)
        for count, member in enumerate(members):
            name, renamed = _name_of(member)
            if count >= FILES_MOST:
                self.refused.append(Refused(name, "too_many"))
                return
            if member.is_dir():
                continue
            path = clean_path(name)
            reason = "unsafe_path" if path is None else _refusal(member, overlaps=id(member) in inside)
            if path is not None and reason is None:
                total += member.file_size
                reason = "too_much" if total > TOTAL_BYTES_MOST else "twice" if path in self._members else None
            if path is None or reason is not None:
                self.refused.append(Refused(name, reason or "unsafe_path"))
                continue
            self._members[path] = member
            self.files.append(SourceFile(path, member.file_size, "renamed" if renamed else ""))


def clean_path(name: str) -> str | None:
    """The path with slashes and in NFC; None for one that leads out of its folder or cannot be a path."""
    if len(name) > PATH_CHARACTERS_MOST or any(ord(letter) < 32 for letter in name):
        return None
    path = unicodedata.normalize("NFC", name.replace("\\", "/"))
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or (len(parts[0]) == 2 and parts[0][1] == ":"):
        return None
    return "/".join(part for part in parts if part not in ("", ".")) or None


def guess_name(raw: bytes) -> str:
    """A name that is not marked as Unicode: UTF-8 all the same, Chinese Windows', or old DOS'."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")


def _check_directory(file: BinaryIO) -> None:
    """Raises ValueError for a directory that would fill the memory: zipfile reads it in one piece."""
    size = directory_bytes(file)
    if size > DIRECTORY_BYTES_MOST:
        raise ValueError(size)
    if size > _DIRECTORY_SMALL and directory_entries(file, size) > 2 * FILES_MOST:
        raise ValueError(size)
    file.seek(0)


def _name_of(member: zipfile.ZipInfo) -> tuple[str, bool]:
    """The member's name, and whether it had to be guessed."""
    if member.flag_bits & _UNICODE or member.orig_filename.isascii():
        return member.orig_filename.partition("\0")[0], False
    raw = member.orig_filename.encode("cp437", "replace")
    name = guess_name(raw)
    return name, raw != name.encode("utf-8", "replace")


def _refusal(member: zipfile.ZipInfo, *, overlaps: bool) -> str | None:
    """Why a member is not read. The directory is a stranger's word: `read` holds each member to it."""
    if stat.S_ISLNK(member.external_attr >> 16):
        return "link"
    if member.flag_bits & LOCKED:
        return "locked"
    if is_packed_oddly(member):
        return "packed_oddly"
    if overlaps:
        return "overlapping"
    if member.file_size > FILE_BYTES_MOST:
        return "too_large"
    if is_bomb(member, RATIO_MOST):
        return "bomb"
    return None
