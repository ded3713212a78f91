"""Errors become replies here, and only here: one table, looked up along the error's ancestors, and three verbs.

`to_response` for REST, `to_frame` for sockets, `should_retry` for queues. Errors of libraries are listed by name, so
that this module imports none of them. What the table does not know is a bug: it is logged with its traceback and
answered as `internal`, without its text.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from chalicelib.entrypoints.journal import journal
from chalicelib.errors import AppError, Invalid, TooLarge, Unavailable

if TYPE_CHECKING:
    from chalicelib.models.frames import Refused

UNAVAILABLE_RETRY_SECONDS = 2
_THROTTLES = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "InternalServerError",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
        "TransactionConflictException",
        "503",
        "500",
    }
)
_ITEM_TOO_LONG = ("Item size has exceeded", "Item size to update has exceeded")


@dataclass(frozen=True)
class Fault:
    """What one kind of error means: a status, and whether a queue should try again."""

    status: int
    retry: bool = False
    known: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)


_UNKNOWN = Fault(500, retry=True, known=False)
_UNAVAILABLE = Fault(503, retry=True, headers={"Retry-After": str(UNAVAILABLE_RETRY_SECONDS)})

_FAULTS: Mapping[str, Fault] = {
    "chalicelib.errors.AppError": Fault(400),
    "chalicelib.errors.Invalid": Fault(422),
    "chalicelib.errors.UnsupportedContent": Fault(415),
    "chalicelib.errors.Unauthenticated": Fault(401, headers={"WWW-Authenticate": "Bearer"}),
    "chalicelib.errors.Forbidden": Fault(403),
    "chalicelib.errors.NotFound": Fault(404),
    "chalicelib.errors.Conflict": Fault(409),
    "chalicelib.errors.TooLarge": Fault(413),
    "chalicelib.errors.QuotaExceeded": Fault(429),
    "chalicelib.errors.Unavailable": _UNAVAILABLE,
    "chalicelib.errors.ProviderFailed": Fault(502),
    "botocore.exceptions.HTTPClientError": _UNAVAILABLE,
    "botocore.exceptions.ConnectionError": _UNAVAILABLE,
    "botocore.exceptions.NoCredentialsError": _UNAVAILABLE,
    "pynamodb.exceptions.TableError": _UNKNOWN,
    "redis.exceptions.RedisError": _UNAVAILABLE,
    "aiohttp.client_exceptions.ClientConnectionError": _UNAVAILABLE,
    "builtins.ConnectionError": _UNAVAILABLE,
    "builtins.TimeoutError": _UNAVAILABLE,
    "builtins.Exception": _UNKNOWN,
}


@dataclass(frozen=True)
class Answer:
    """An error as an HTTP response."""

    status: int
    headers: dict[str, str]
    body: str


def to_response(error: Exception, *, correlation_id: str) -> Answer:
    """The response for an error in the one wire shape. Errors that are ours to mend are logged here."""
    fault, told = _judge(error)
    headers = dict(fault.headers)
    details = dict(told.details)
    if "retry_after_seconds" in details:
        headers["Retry-After"] = str(max(1, round(float(details["retry_after_seconds"]))))
    if fault.status >= 500:
        details["correlation_id"] = correlation_id
    said: dict[str, Any] = {"code": told.code, "message": told.message}
    if told.fields:
        said["fields"] = told.fields
    _note(error, fault, correlation_id)
    return Answer(fault.status, headers, json.dumps({"error": said | details}, default=_plain, ensure_ascii=False))


def to_frame(error: Exception, *, about: str | None = None, correlation_id: str = "") -> "Refused":
    """The frame for an error that a socket's frame of type `about` met."""
    from chalicelib.models.frames import Refused  # only sockets need it: it costs REST 15 ms of start

    fault, told = _judge(error)
    _note(error, fault, correlation_id)
    wait = told.details.get("retry_after_seconds")
    return Refused(code=told.code, message=told.message, about=about, retry_after_seconds=wait)


def should_retry(error: Exception) -> bool:
    """Whether a queue should deliver again what met this error."""
    if isinstance(error, AppError) and "retryable" in error.details:
        return bool(error.details["retryable"])
    return _judge(error)[0].retry


def from_validation(error: ValidationError, message: str = "") -> Invalid:
    """The Invalid for what pydantic found, a sentence a field."""
    fields: dict[str, str] = {}
    for found in error.errors(include_url=False, include_input=False, include_context=True):
        path = ".".join(str(part) for part in found["loc"]) or "body"
        fields.setdefault(_safe(path), _sentence(found["type"], found["msg"], found.get("ctx") or {}))
    first = next(iter(fields.items()))
    more = f" ({len(fields) - 1} more)" if len(fields) > 1 else ""
    return Invalid(message or f"This does not fit: {first[0]}: {first[1]}{more}", fields=fields)


def new_correlation_id() -> str:
    """A fresh id that ties the lines of one request together."""
    return uuid.uuid4().hex


def _judge(error: Exception) -> tuple[Fault, AppError]:
    """What the error means, and the error a person is told instead of it."""
    fault = next(_FAULTS[name] for kind in type(error).__mro__ if (name := _name(kind)) in _FAULTS)
    if isinstance(error, AppError):
        return fault, error
    if _is_too_long(error):
        return _FAULTS["chalicelib.errors.TooLarge"], TooLarge("This is too much for one piece. Shorten or divide it.")
    if fault is _UNAVAILABLE or _is_throttle(error):
        return _UNAVAILABLE, Unavailable("A part of the service does not answer just now. Try again in a moment.")
    return _UNKNOWN, AppError("Something went wrong on our side. Try again; nothing was lost.", code="internal")


def _is_throttle(error: BaseException | None) -> bool:
    """Whether AWS asked for patience; pynamodb wraps botocore's error, so causes are looked through as well."""
    for _ in range(4):
        if error is None:
            return False
        fault = next((_FAULTS[name] for kind in type(error).__mro__ if (name := _name(kind)) in _FAULTS), _UNKNOWN)
        response = getattr(error, "response", None)
        code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
        if fault is _UNAVAILABLE or code in _THROTTLES:
            return True
        error = error.__cause__ or getattr(error, "cause", None)
    return False


def _is_too_long(error: BaseException | None) -> bool:
    """Whether DynamoDB found an item above its 400 KB, alone or in a transaction. Where that can happen in daily life
    a service says it sooner and better; this is what is left."""
    for _ in range(4):
        if error is None:
            return False
        response = getattr(error, "response", None)
        told = [response.get("Error", {}).get("Message")] if isinstance(response, dict) else []
        told += [getattr(reason, "message", None) for reason in getattr(error, "cancellation_reasons", None) or ()]
        if any(isinstance(one, str) and one.startswith(_ITEM_TOO_LONG) for one in told):
            return True
        error = error.__cause__ or getattr(error, "cause", None)
    return False


def _note(error: Exception, fault: Fault, correlation_id: str) -> None:
    if fault.known and not (fault is _UNAVAILABLE and not isinstance(error, AppError)):
        return
    trace = (type(error), error, error.__traceback__)
    journal().error("unexpected error", extra={"correlation_id": correlation_id}, exc_info=trace)


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


_SENTENCES: Mapping[str, str] = {
    "missing": "This is needed.",
    "extra_forbidden": "There is no such field.",
    "string_too_short": "At least {min_length} characters, please.",
    "too_short": "At least {min_length}, please.",
    "string_too_long": "At most {max_length} characters, please.",
    "too_long": "At most {max_length}, please.",
    "string_pattern_mismatch": "This does not have the right form.",
    "string_type": "This must be text.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "int_from_float": "This must be a whole number.",
    "float_type": "This must be a number.",
    "float_parsing": "This must be a number.",
    "bool_type": "This must be true or false.",
    "bool_parsing": "This must be true or false.",
    "list_type": "This must be a list.",
    "dict_type": "This must be an object.",
    "model_type": "This must be an object.",
    "model_attributes_type": "This must be an object.",
    "literal_error": "This must be one of {expected}.",
    "enum": "This must be one of {expected}.",
    "greater_than_equal": "This must be at least {ge}.",
    "less_than_equal": "This must be at most {le}.",
    "greater_than": "This must be more than {gt}.",
    "less_than": "This must be less than {lt}.",
}


def _sentence(kind: str, message: str, context: Mapping[str, Any]) -> str:
    pattern = _SENTENCES.get(kind)
    if pattern is None:
        return _safe(message.removeprefix("Value error, ").rstrip(".")) + "."
    return pattern.format_map(_Known(context))


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "more"


def _safe(text: str) -> str:
    """Text from outside, fit to be sent back: printable and short."""
    return "".join(letter if letter.isprintable() else "�" for letter in text[:200])


def _plain(value: Any) -> Any:
    """JSON of what errors carry: models of both versions, times, enums."""
    dump = getattr(value, "model_dump", None)
    return dump(mode="json") if dump else str(value)
