"""What every zip of a stranger is held to, be it a card with its assets or another program's whole folder."""

import zipfile
import zlib
from collections.abc import Iterable
from typing import BinaryIO

BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError, KeyError)
"""All that `zipfile` raises over files that are damaged, locked or lie about themselves."""
LOCKED = 0x1
"""The flag of a member that wants a password."""
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_HEADER_BYTES = 30
_SMALL = 1_000_000
_END_BYTES, _END, _END64 = 70_000, b"PK\x05\x06", b"PK\x06\x06"
_PIECE_BYTES, _ENTRY = 4_000_000, b"PK\x01\x02"


def directory_bytes(file: BinaryIO) -> int:
    """At most how large the directory is that `zipfile` would read in one piece.

    The end of a file may hold several marks of an end, one of them made up: the largest of what they say counts.
    """
    length = file.seek(0, 2)
    file.seek(max(0, length - _END_BYTES))
    end = file.read(_END_BYTES)
    said = [_number(end, at + 12, 4) for at in _places(end, _END)]
    said += [_number(end, at + 40, 8) for at in _places(end, _END64)]
    return max((size for size in said if size <= length), default=0)


def directory_entries(file: BinaryIO, size: int) -> int:
    """At most how many entries a directory of that size has: one may be short, and takes half a kilobyte when read."""
    file.seek(-min(size + _END_BYTES, file.seek(0, 2)), 2)
    count, kept = 0, b""
    while piece := file.read(_PIECE_BYTES):
        count += (kept + piece).count(_ENTRY)
        kept = piece[-len(_ENTRY) + 1 :]
    return count


def is_packed_oddly(member: zipfile.ZipInfo) -> bool:
    return member.compress_type not in _PACKINGS


def is_bomb(member: zipfile.ZipInfo, ratio_most: int) -> bool:
    """Whether a member above 1 MB says that it unpacks to more than `ratio_most` times its packed form."""
    return member.file_size > _SMALL and member.file_size > ratio_most * max(member.compress_size, 1)


def overlapping(members: Iterable[zipfile.ZipInfo]) -> set[int]:
    """The members, by `id`, that begin inside of one before them.

    Overlapping members let a small file declare a thousand copies of one stretch of it.
    """
    found: set[int] = set()
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end:
            found.add(id(member))
        end = max(end, member.header_offset + _HEADER_BYTES + member.compress_size)
    return found


def _places(text: bytes, mark: bytes) -> Iterable[int]:
    at = text.find(mark)
    while at >= 0:
        yield at
        at = text.find(mark, at + 1)


def _number(text: bytes, at: int, size: int) -> int:
    return int.from_bytes(text[at : at + size], "little")
