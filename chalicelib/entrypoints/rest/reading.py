"""Reading a request: JSON, query and path are checked here, so that what comes after can trust them."""

import json
import math
import re
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from chalicelib.entrypoints.faults import from_validation
from chalicelib.errors import Invalid, NotFound, TooLarge, UnsupportedContent

INTEGER_MOST = 2**63 - 1
"""DynamoDB keeps 38 digits; nothing of ours needs more than 64 bits."""
FLOAT_MOST = 1e100
QUERY_CHARACTERS_MOST = 4_000

_PATH_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,128}")
# What makes a closer look worth its time: a NUL, a number that may be too long, too large or too small, NaN, Infinity.
_SUSPICIOUS = re.compile(rb"\\u0000|[0-9]{19}|[eE][+-]?[0-9]{3}|NaN|Infinity")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


M = TypeVar("M", bound=BaseModel)


def read_json(model: type[M], data: bytes, *, content_type: str, most_bytes: int) -> M:
    """A body as the model. Types are strict: "1" is no number. Raises Invalid, TooLarge, UnsupportedContent."""
    if content_type and content_type != "application/json" and not content_type.endswith("+json"):
        raise UnsupportedContent("This door takes application/json.")
    check_size(data, most_bytes)
    if not data.strip():
        raise Invalid("This request needs a JSON body.")
    if _SUSPICIOUS.search(data):
        _look_closely(data)
    try:
        return model.model_validate_json(data, strict=True)
    except ValidationError as error:
        raise _not_json(error, data) or from_validation(error) from None


def read_raw(data: bytes, *, content_type: str, allowed: tuple[str, ...], most_bytes: int) -> bytes:
    """A body as it came. Raises UnsupportedContent, TooLarge, Invalid when it is empty."""
    if content_type not in allowed:
        raise UnsupportedContent(f"This door takes {', '.join(allowed)}.")
    check_size(data, most_bytes)
    if not data:
        raise Invalid("This request needs a body.")
    return data


def check_size(data: bytes, most_bytes: int) -> None:
    if len(data) > most_bytes:
        raise TooLarge(f"This is larger than {_size(most_bytes)}, the most that fits here.", most_bytes=most_bytes)


def read_query(model: type[M] | None, given: Mapping[str, list[str]]) -> M | None:
    """The query as the model. A key given twice is refused. Raises Invalid."""
    if model is None:
        if given:
            raise Invalid("This address takes no query.", fields={key[:64]: "There is no such field." for key in given})
        return None
    for key, values in given.items():
        if len(values) > 1:
            raise Invalid("A field of the query is given twice.", fields={key[:64]: "This is given twice."})
        _check_text(key, values[0])
    try:
        found = model.model_validate_strings({key: values[0] for key, values in given.items()})
    except ValidationError as error:
        raise from_validation(error) from None
    for key, value in found:
        if isinstance(value, int) and abs(value) > INTEGER_MOST:
            raise Invalid("A number in the query is too large.", fields={key: "This number is too large."})
    return found


def read_path(name: str, value: str) -> str:
    """An id of a path. What no id of ours can be names nothing: NotFound."""
    if not _PATH_ID.fullmatch(value):
        raise NotFound(f"There is no such {name.removesuffix('_id').replace('_', ' ')}.")
    return value


def read_idempotency_key(value: str | None) -> str | None:
    if value is not None and not _IDEMPOTENCY_KEY.fullmatch(value):
        raise Invalid("An Idempotency-Key is 1 to 128 visible ASCII characters.")
    return value


def _check_text(key: str, value: str) -> None:
    if len(value) > QUERY_CHARACTERS_MOST:
        raise Invalid(
            "The query is too long.", fields={key[:64]: f"At most {QUERY_CHARACTERS_MOST} characters, please."}
        )
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Invalid("The query holds characters that cannot be kept.", fields={key[:64]: "This is not proper text."})


def _look_closely(data: bytes) -> None:
    """Refuses NUL characters and numbers that nothing of ours can hold. Whether it is JSON at all is seen later."""
    try:
        pending = [json.loads(data)]
    except (ValueError, RecursionError):
        return
    while pending:
        match pending.pop():
            case str() as text if "\x00" in text:
                raise Invalid("The text holds a NUL character, which cannot be kept.")
            case int() as number if abs(number) > INTEGER_MOST:
                raise Invalid("A number in the request is too large.")
            case float() as number if not math.isfinite(number) or abs(number) > FLOAT_MOST:
                raise Invalid("A number in the request is too large.")
            case float() as number if 0 < abs(number) < 1 / FLOAT_MOST:
                raise Invalid("A number in the request is too small.")
            case list() as items:
                pending.extend(items)
            case dict() as members:
                pending.extend(members)
                pending.extend(members.values())


def _not_json(error: ValidationError, data: bytes) -> Invalid | None:
    """What to say of a body that is no JSON; None when it is."""
    found = error.errors(include_url=False, include_input=False)[0]
    if found["type"] != "json_invalid":
        return None
    if "recursion" in found["msg"]:
        return Invalid("The JSON is nested too deeply.")
    if "code point" in found["msg"] or ("hex escape" in found["msg"] and _SURROGATE.search(data)):
        return Invalid("The text holds half of a character (a lone surrogate), which cannot be kept.")
    return Invalid("The request's body is not JSON.")


def _size(count: int) -> str:
    return f"{count / 1_000_000:g} MB" if count >= 1_000_000 else f"{count:,} bytes"
