"""Lines of JSON from strangers: every line an object, or InvalidChat with the line's number."""

import io
import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from chalicelib.errors import InvalidChat

LINE_BYTES_MOST = 16_000_000
DEPTH_MOST = 100
PARTS_MOST = 2_000_000
"""Of a line: `[[],[],…` takes three bytes a part, and a hundred when it is read."""
_SUSPICIOUS = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")


def read_lines(data: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """Number (from 1) and object of each line that is not blank. A byte order mark is passed over."""
    lines = io.BytesIO(data.removeprefix(b"\xef\xbb\xbf"))
    # No more of a line is copied than may be read of it.
    for number, raw in enumerate(iter(lambda: lines.readline(LINE_BYTES_MOST + 1), b""), start=1):
        if not raw.strip():
            continue
        if len(raw) > LINE_BYTES_MOST:
            refuse(number, f"it is longer than {LINE_BYTES_MOST // 1_000_000} MB")
        yield number, _read(number, raw)


def refuse(number: int, what: str) -> NoReturn:
    raise InvalidChat(f"Line {number} of the chat file cannot be read: {what}. Nothing was imported.", line=number)


def dump_line(line: dict[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def _read(number: int, raw: bytes) -> dict[str, Any]:
    if sum(raw.count(mark) for mark in (b",", b"[", b"{")) > PARTS_MOST:
        refuse(number, "it has too many parts")
    try:
        text = raw.decode()
        line = json.loads(text, parse_constant=_not_json, parse_float=_finite)
    except UnicodeDecodeError:
        refuse(number, "it is not UTF-8 text")
    except RecursionError:
        refuse(number, "it is nested too deeply")
    except ValueError:
        refuse(number, "it is not JSON")
    if not isinstance(line, dict):
        refuse(number, "it is not a JSON object")
    if raw.count(b"[") + raw.count(b"{") > DEPTH_MOST and _is_deep(line):
        refuse(number, "it is nested too deeply")
    if _SUSPICIOUS.search(text):
        _check_text(number, line)
    return line


def _is_deep(line: dict[str, Any]) -> bool:
    level: list[Any] = [line]
    for _ in range(DEPTH_MOST):
        inner = [one.values() if isinstance(one, dict) else one for one in level]
        level = [one for several in inner for one in several if isinstance(one, dict | list)]
        if not level:
            return False
    return True


def _check_text(number: int, line: dict[str, Any]) -> None:
    plain = json.dumps(line, ensure_ascii=False)
    try:
        plain.encode()
    except UnicodeEncodeError:
        refuse(number, "it holds half of a character (a lone surrogate)")
    # dumps writes a NUL as this escape, and a backslash before "u0000" as two.
    if re.search(r"(?<!\\)(?:\\\\)*\\u0000", plain):
        refuse(number, "it holds a NUL character")


def _not_json(constant: str) -> NoReturn:
    raise ValueError(constant)


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(digits)
    return number
