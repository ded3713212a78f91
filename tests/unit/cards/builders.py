"""Cards and card files for tests: all texts are our own."""

import base64
import json
import struct
import zlib
from typing import Any

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes) -> bytes:
    """A PNG of one grey dot with more chunks before its picture data."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    picture = chunk(b"IDAT", zlib.compress(b"\0\x80"))
    return SIGNATURE + header + b"".join(chunks) + picture + chunk(b"IEND", b"")


def text(keyword: str, value: bytes) -> bytes:
    return chunk(b"tEXt", keyword.encode() + b"\0" + value)


def encoded(card: Any) -> bytes:
    return base64.b64encode(json.dumps(card).encode())


def card_png(card: Any, keyword: str = "chara") -> bytes:
    return png(text(keyword, encoded(card)))


def v1(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Maren",
        "description": "Keeps the lighthouse of Sund.",
        "personality": "dry, patient",
        "scenario": "A storm.",
        "first_mes": "*The lamp turns.* You're late.",
        "mes_example": "<START>\n{{user}}: Hello\n{{char}}: Mind the third step.",
    } | fields


def v2(**fields: Any) -> dict[str, Any]:
    data = v1(creator_notes="", system_prompt="", post_history_instructions="", alternate_greetings=[], tags=["sea"])
    data |= {"creator": "tests", "character_version": "1", "extensions": {}} | fields
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": data}


def v3(**fields: Any) -> dict[str, Any]:
    card = v2(**({"group_only_greetings": []} | fields))
    return card | {"spec": "chara_card_v3", "spec_version": "3.0"}
