"""A character file of any kind -> card, picture and whatever rides along.

Source: character-card-spec-v3, "Embedding Methods"; the file's bytes decide what it is, never its name alone.
"""

import base64
import binascii
import re
from typing import Literal, NamedTuple

from chalicelib.cards import archive, png
from chalicelib.cards.bounds import ARCHIVE_BYTES_MOST, CARD_BYTES_MOST, FILE_BYTES_MOST, check_size
from chalicelib.cards.plain import read_json
from chalicelib.cards.spec import to_card
from chalicelib.cards.uris import embedded_path, icon_of
from chalicelib.errors import AppError, InvalidCard
from chalicelib.models.cards import Card

CardFormat = Literal["png", "json", "charx", "yaml"]
RISU_ASSET = "chara-ext-asset_:"
_PICTURES = (b"\xff\xd8\xff", b"GIF8", b"RIFF", b"<svg", b"BM")
_DATA_URI = re.compile(r"data:image/[\w.+-]+;base64,(.*)", re.DOTALL)


class CardFile(NamedTuple):
    card: Card
    format: CardFormat
    picture: bytes | None
    """The portrait as it came: not looked at yet."""
    files: dict[str, bytes]
    """What else the file holds, by path: sprites, sounds, modules."""
    notes: list[str]
    """What had to be mended, in sentences."""


def read_card_file(data: bytes, filename: str = "") -> CardFile:
    """The character in a file. Raises InvalidCard (its code says what is wrong) or TooLarge, and nothing else."""
    name = filename.rpartition("/")[2].rpartition("\\")[2].rpartition(".")[0].strip()[:100]
    if not data.strip(b"\0 \t\r\n"):
        raise InvalidCard("This file is empty.", code="empty_file")
    if data.startswith(png.SIGNATURE):
        check_size(len(data), FILE_BYTES_MOST, "This picture")
        return _from_png(data, name)
    if archive.looks_like_archive(data):
        check_size(len(data), ARCHIVE_BYTES_MOST, "This CHARX file")
        return _from_archive(data, name)
    check_size(len(data), FILE_BYTES_MOST, "This file")
    return _from_text(data, name)


def _from_png(data: bytes, name: str) -> CardFile:
    texts, notes = png.texts(data), list[str]()
    found = {keyword: [t for t in texts if t.keyword.lower() == keyword] for keyword in png.CARD_KEYWORDS}
    candidates = [found[keyword][0] for keyword in png.CARD_KEYWORDS if found[keyword]]
    if not candidates:
        if b"IEND" not in data[-64:]:
            raise InvalidCard("This picture is cut off, and no character was found in it.", code="broken_png")
        raise InvalidCard("This picture holds no character.", code="no_card")
    failed: AppError | None = None
    for text in candidates:
        attempt: list[str] = []
        try:
            card = to_card(read_json(_unbased(text.value), attempt), attempt, name=name)
        except InvalidCard as error:
            failed = failed or error
            continue
        if failed:
            notes.append("The newer of the two cards in this picture is broken; the older one was taken.")
        if not text.intact:
            notes.append("A checksum inside the picture is wrong; the card could be read all the same.")
        files = {
            f"__asset:{t.keyword[len(RISU_ASSET) :]}": _unbased(t.value)
            for t in texts
            if t.keyword.startswith(RISU_ASSET)
        }
        return CardFile(card, "png", data, files, notes + attempt)
    assert failed is not None  # every candidate either returned or failed
    raise failed


def _unbased(value: bytes) -> bytes:
    """What base64 text stands for; JSON that somebody forgot to encode is taken as it is. Raises InvalidCard."""
    packed = b"".join(value.split()).rstrip(b"=")
    if packed.startswith(b"{"):
        return value
    packed = packed.replace(b"-", b"+").replace(b"_", b"/")
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except binascii.Error:
        raise InvalidCard("The card inside this picture is damaged (broken base64).", code="broken_base64") from None


def _from_archive(data: bytes, name: str) -> CardFile:
    files, notes = archive.unpack(data), list[str]()
    text = files.pop(archive.CARD_PATH, None)
    if text is None:
        raise InvalidCard("This archive holds no card.json, so it is no character.", code="no_card")
    card = to_card(read_json(text, notes), notes, name=name)
    icon = icon_of(card)
    path = embedded_path(icon.uri) if icon else None
    picture = files.get(path) if path else None
    if picture is None and data.startswith((b"\xff\xd8\xff", png.SIGNATURE)):
        picture = data[: data.find(b"PK\x03\x04")]
    return CardFile(card, "charx", picture or _inline_picture(card), files, notes)


def _from_text(data: bytes, name: str) -> CardFile:
    start, notes = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n"), list[str]()
    if start.startswith(_PICTURES):
        raise InvalidCard("This picture holds no character; cards travel in PNG pictures.", code="no_card")
    if start.startswith((b"{", b"[")):
        card = to_card(read_json(data, notes), notes, name=name)
        return CardFile(card, "json", _inline_picture(card), {}, notes)
    if b"\0" in data[:4096] or not re.match(rb"(?s).*^[\"']?[\w-]+[\"']?[ \t]*:", data[:CARD_BYTES_MOST], re.MULTILINE):
        raise InvalidCard("This file is no character card: not PNG, JSON, CHARX or YAML.", code="not_a_card")
    # PyYAML takes 30 ms to load: only those who bring YAML pay for it.
    from chalicelib.cards.yaml_text import read_yaml

    return CardFile(to_card(read_yaml(data, notes), notes, name=name), "yaml", None, {}, notes)


def _inline_picture(card: Card) -> bytes | None:
    """The portrait that stands in the card's own text."""
    icon = icon_of(card)
    match = _DATA_URI.fullmatch(icon.uri) if icon else None
    try:
        return _unbased(match[1].encode("ascii", "replace")) if match else None
    except InvalidCard:
        return None
