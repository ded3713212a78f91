"""CHARX: a zip with `card.json` at its root and assets beside it; data before the zip's signature is allowed.

Nothing is ever written to a disk: members are read one by one, each within its bounds.
Source: character-card-spec-v3, "CHARX".
"""

import io
import zipfile

from chalicelib.cards.bounds import (
    ARCHIVE_BYTES_MOST,
    ARCHIVE_FILES_MOST,
    ARCHIVE_RATIO_MOST,
    CARD_BYTES_MOST,
    check_size,
    megabytes,
)
from chalicelib.errors import InvalidCard, TooLarge
from chalicelib.models.zips import (
    BROKEN,
    LOCKED,
    directory_bytes,
    directory_entries,
    is_bomb,
    is_packed_oddly,
    overlapping,
)

CARD_PATH = "card.json"
ENTRIES_MOST = 10 * ARCHIVE_FILES_MOST
"""Of a directory, with folders and with what only looks like an entry."""
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)
_PACKED_ALREADY = {"png", "jpg", "jpeg", "webp", "avif", "gif", "mp3", "ogg", "mp4", "webm", "charx", "zip"}


def looks_like_archive(data: bytes) -> bool:
    """Whether a zip begins somewhere in the file: programs put a picture or a stub before it."""
    return b"PK\x03\x04" in data and b"PK\x05\x06" in data[-66_000:]


def unpack(data: bytes) -> dict[str, bytes]:
    """Every file of the archive by its path, `card.json` among them. Raises InvalidCard or TooLarge."""
    try:
        stream = io.BytesIO(data)
        # zipfile makes something of every entry before one can count them.
        if directory_entries(stream, directory_bytes(stream)) > ENTRIES_MOST:
            raise _too_many()
        with zipfile.ZipFile(stream) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check(members)
            return {member.filename: _read(archive, member) for member in members}
    except BROKEN:
        raise InvalidCard("This CHARX file is broken and cannot be unpacked.", code="broken_archive") from None


def pack(files: dict[str, bytes]) -> bytes:
    """A zip of these files; equal files give equal bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path, data in files.items():
            packed = path.rpartition(".")[2].lower() in _PACKED_ALREADY
            member = zipfile.ZipInfo(path, _FIXED_DATE)
            member.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
    return made.getvalue()


def _check(members: list[zipfile.ZipInfo]) -> None:
    """Refuses bombs by what the directory declares; `_read` holds each member to it."""
    if len(members) > ARCHIVE_FILES_MOST:
        raise _too_many()
    check_size(sum(member.file_size for member in members), ARCHIVE_BYTES_MOST, "What this CHARX file unpacks to")
    inside = overlapping(members)
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.flag_bits & LOCKED:
            raise InvalidCard("This CHARX file is protected by a password.", code="encrypted_archive")
        if is_packed_oddly(member):
            raise InvalidCard("This CHARX file is packed in an unusual way.", code="broken_archive")
        if id(member) in inside:
            raise InvalidCard("Files inside this CHARX file overlap, as in a zip bomb.", code="archive_bomb")
        if is_bomb(member, ARCHIVE_RATIO_MOST):
            raise InvalidCard("This CHARX file unpacks to far more than its size, as a zip bomb.", code="archive_bomb")


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    most = CARD_BYTES_MOST if member.filename == CARD_PATH else member.file_size
    with archive.open(member) as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise TooLarge(f"The card inside this CHARX file is above {megabytes(most)}.", most=most)
    return data


def _too_many() -> TooLarge:
    return TooLarge(f"This CHARX file holds more than {ARCHIVE_FILES_MOST} files.", most=ARCHIVE_FILES_MOST)
