"""Short ways to chat files."""

import json
from datetime import UTC, datetime
from typing import Any

from chalicelib.chatfiles.parts import FileMessage
from chalicelib.chatfiles.reading import read_head, read_messages
from chalicelib.chatfiles.writing import write_jsonl

NOW = datetime(2026, 5, 17, 14, 0, tzinfo=UTC)
HEADER: dict[str, Any] = {"chat_metadata": {}, "user_name": "unused", "character_name": "unused"}


def line(mes: Any = "Hello.", **more: Any) -> dict[str, Any]:
    """A message as SillyTavern writes it."""
    plain = {"name": "Ana", "is_user": False, "is_system": False, "send_date": "2026-05-17T14:00:00.000Z", "extra": {}}
    return {**plain, "mes": mes, **more}


def file(*lines: dict[str, Any], header: dict[str, Any] | None = None) -> bytes:
    return "\n".join(json.dumps(one) for one in (header or HEADER, *lines)).encode()


def read(*lines: dict[str, Any]) -> list[FileMessage]:
    return list(read_messages(file(*lines), now=NOW))


def through(data: bytes) -> list[dict[str, Any]]:
    """The file's lines after reading and writing it again."""
    written = "".join(write_jsonl(read_head(data), read_messages(data, now=NOW)))
    return [json.loads(one) for one in written.split("\n")]
