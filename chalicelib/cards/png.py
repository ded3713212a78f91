"""Text chunks of PNG and APNG files: reading them whatever is broken around them, and writing a card's two.

Source: PNG specification (third edition) §5 and §11.3.3; character-card-spec-v3, "PNG/APNG".
"""

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from chalicelib.cards.bounds import CARD_BYTES_MOST
from chalicelib.errors import InvalidCard, TooLarge

SIGNATURE = b"\x89PNG\r\n\x1a\n"
TEXT_BYTES_MOST = CARD_BYTES_MOST * 3 // 2
"""Base64 makes a card a third longer; some programs break its lines."""
UNPACKED_BYTES_MOST = 8 * TEXT_BYTES_MOST
"""Of all packed chunks together: each alone may be small, and a picture holds thousands."""
TEXTS_MOST = 10_000
CARD_KEYWORDS = ("ccv3", "chara")
_TEXT_KINDS = (b"tEXt", b"zTXt", b"iTXt")
_KEYWORD_LOOK = 80


class Text(NamedTuple):
    keyword: str
    value: bytes
    intact: bool
    """Whether the chunk's checksum is right."""


def texts(png: bytes) -> list[Text]:
    """The text chunks in order; those before the end of a file that ends too early.

    Raises InvalidCard, TooLarge.
    """
    if not png.startswith(SIGNATURE):
        raise InvalidCard("This file is not a PNG picture.", code="not_a_png")
    found, unpacked = list[Text](), 0
    for kind, body, crc in _chunks(png):
        if kind not in _TEXT_KINDS:
            continue
        text = _text(kind, body, intact=zlib.crc32(body, zlib.crc32(kind)) == crc)
        unpacked += max(0, len(text.value) - len(body))
        if unpacked > UNPACKED_BYTES_MOST:
            raise TooLarge("What is packed inside this picture is more than can be read.", most=UNPACKED_BYTES_MOST)
        if len(found) >= TEXTS_MOST:
            raise TooLarge("This picture holds too many texts to be read.", most=TEXTS_MOST)
        found.append(text)
    return found


def with_texts(png: bytes, wanted: dict[str, bytes]) -> bytes:
    """The picture with these tEXt chunks just before IEND, and no other chunk of the same keywords."""
    parts = [SIGNATURE]
    replaced = {keyword.lower() for keyword in wanted}
    for kind, body, crc in _chunks(png):
        if kind == b"IEND":
            break
        if kind in _TEXT_KINDS and _keyword(body).lower() in replaced:
            continue
        parts.append(_framed(kind, body, crc))
    for keyword, value in wanted.items():
        body = keyword.encode("latin-1") + b"\0" + value
        parts.append(_framed(b"tEXt", body, zlib.crc32(body, zlib.crc32(b"tEXt"))))
    parts.append(_framed(b"IEND", b"", zlib.crc32(b"IEND")))
    return b"".join(parts)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Kind, body and stored checksum of each whole chunk."""
    at, view = len(SIGNATURE), memoryview(png)
    while at + 12 <= len(png):
        length = int.from_bytes(view[at : at + 4])
        end = at + 8 + length
        if end + 4 > len(png):
            return
        kind = bytes(view[at + 4 : at + 8])
        yield kind, bytes(view[at + 8 : end]), int.from_bytes(view[end : end + 4])
        if kind == b"IEND":
            return
        at = end + 4


def _framed(kind: bytes, body: bytes, crc: int) -> bytes:
    return len(body).to_bytes(4) + kind + body + crc.to_bytes(4)


def _keyword(body: bytes) -> str:
    return body.partition(b"\0")[0].decode("latin-1")


def _is_ours(body: bytes) -> bool:
    keyword = _keyword(body[:_KEYWORD_LOOK]).lower()
    return keyword in CARD_KEYWORDS or keyword.startswith("chara-ext-asset_")


def _text(kind: bytes, body: bytes, *, intact: bool) -> Text:
    if not _is_ours(body):
        return Text(_keyword(body[:_KEYWORD_LOOK]), b"", intact)  # never unpacked
    keyword, rest = _keyword(body), body.partition(b"\0")[2]
    if kind == b"zTXt":
        return Text(keyword, _inflated(rest[1:]), intact)
    if kind == b"iTXt":
        packed, (_, _, value) = rest[:1] == b"\1", _three(rest[2:])
        return Text(keyword, _inflated(value) if packed else value, intact)
    return Text(keyword, rest, intact)


def _three(rest: bytes) -> tuple[bytes, bytes, bytes]:
    """iTXt's language, translated keyword and text."""
    language, _, rest = rest.partition(b"\0")
    translated, _, value = rest.partition(b"\0")
    return language, translated, value


def _inflated(packed: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    try:
        value = unpacking.decompress(packed, TEXT_BYTES_MOST + 1)
    except zlib.error:
        raise InvalidCard("The card inside this picture is packed in a broken way.", code="broken_png") from None
    if len(value) > TEXT_BYTES_MOST:
        raise TooLarge("The card inside this picture unpacks to more than can be read.", most=TEXT_BYTES_MOST)
    return value
