"""What every zip of a stranger is held to, be it a card with its assets or another program's whole folder."""

import zipfile
import zlib
from collections.abc import Iterable

BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError, KeyError)
"""All that `zipfile` raises over files that are damaged, locked or lie about themselves."""
LOCKED = 0x1
"""The flag of a member that wants a password."""
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_HEADER_BYTES = 30
_SMALL = 1_000_000


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
