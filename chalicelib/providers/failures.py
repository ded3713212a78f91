"""What a service's refusal means, as a sentence that names the connection and says what to do.

Neither a key nor a raw answer ever gets into one. Of a request the service calls wrong, its own one-line reason is
quoted, shortened and with everything that looks like a key blotted out.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from chalicelib.errors import ProviderFailed
from chalicelib.providers.provider import Access

QUOTE_CHARACTERS_MOST = 200
RETRY_SECONDS_MOST = 86_400
MISSHAPEN = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What code that reads JSON of strangers meets when it has another shape than the one that is documented."""
_LIKE_A_KEY = re.compile(r"[A-Za-z0-9_\-*.]{20,}")
_TOO_LONG = re.compile(
    r"context.{0,20}(length|window|size)|maximum context|prompt is too long|too many tokens|input is too long"
    r"|exceeds? the (available )?context|exceeds the maximum number of tokens",
    re.IGNORECASE,
)
_FILTERED = re.compile(r"content.?filter|content.?policy|content management|moderation|safety system", re.IGNORECASE)
_KEY = re.compile(r"authenticat|invalid.{0,3}api.?key|api.?key.{0,12}(invalid|incorrect|not valid)", re.IGNORECASE)
_BUSY = re.compile(r"rate.?limit|overloaded|too many requests|resource.?exhausted|quota|throttl", re.IGNORECASE)
_SERVER = re.compile(r"api_error|internal|server.?error|unavailable|timeout", re.IGNORECASE)


def refused(access: Access, status: int, body: Any, headers: Mapping[str, str]) -> ProviderFailed:
    """The failure behind an answer that is not 2xx. `body` is its JSON, or None where it was none."""
    name, reason = access.connection_name, reason_in(body)
    if 300 <= status < 400:
        return failure(access, "provider_moved", f"“{name}” sends us to another address. Enter the final one.")
    if status in (401, 403) or (status == 400 and _KEY.search(reason)):
        return _key_refused(access)
    if status == 402:
        return failure(access, "provider_unpaid", f"“{name}” says there is no credit left. Top it up there.")
    if status in (400, 413, 422, 500) and _TOO_LONG.search(reason):
        return _too_long(access)
    if status in (400, 403, 422) and _FILTERED.search(reason):
        return filtered(access)
    if status == 404:
        what = f"the model “{access.model}”" if access.model else "this request"
        message = f"“{name}” does not know {what}. Choose a model from its list, and check the address."
        return failure(access, "provider_not_found", message, status=status)
    if status in (408, 425, 429) or status == 529:
        return _busy(access, retry_after(headers))
    if status >= 500:
        return _broken(access, status)
    return _rejected(access, reason, status=status)


def said(access: Access, kind: str, message: str) -> ProviderFailed:
    """The failure behind an error that came inside a stream."""
    both = f"{kind} {message}"
    if _KEY.search(both):
        return _key_refused(access)
    if _TOO_LONG.search(both):
        return _too_long(access)
    if _FILTERED.search(both):
        return filtered(access)
    if _BUSY.search(both):
        return _busy(access, None)
    if _SERVER.search(both):
        return _broken(access, None)
    return _rejected(access, message)


def failure(access: Access, code: str, message: str, *, retryable: bool = False, **details: Any) -> ProviderFailed:
    return ProviderFailed(message, code=code, retryable=retryable, connection_id=access.connection_id, **details)


def not_an_api(access: Access) -> ProviderFailed:
    return failure(
        access,
        "provider_not_an_api",
        f"“{access.connection_name}” answers with a web page or something else that is not a model's reply. Check the "
        "address: most end in /v1.",
    )


def filtered(access: Access) -> ProviderFailed:
    return failure(
        access,
        "provider_filtered",
        f"The content filter of “{access.connection_name}” refused this prompt. Reword it, or choose another model.",
    )


def cut_off(access: Access) -> ProviderFailed:
    message = f"“{access.connection_name}” broke off in the middle of its reply. Continue it or try again."
    return failure(access, "provider_cut_off", message, retryable=True)


def silent(access: Access, seconds: float) -> ProviderFailed:
    message = (
        f"“{access.connection_name}” has sent nothing for {seconds:g} seconds. Try again, or choose another model."
    )
    return failure(access, "provider_silent", message, retryable=True)


def unreachable(access: Access, why: str) -> ProviderFailed:
    message = f"“{access.connection_name}” cannot be reached: {why}"
    return failure(access, "provider_unreachable", message, retryable=True)


def reason_in(body: Any) -> str:
    """The error message inside a JSON answer of any of the usual shapes; empty where there is none."""
    match body:
        case {"error": {"message": str(message)} as inner}:
            return f"{inner.get('code') or inner.get('type') or ''} {message}".strip()
        case {"error": str(message)} | {"message": str(message)} | {"detail": str(message)}:
            return message
        case {"detail": {"msg": str(message)}} | [{"error": {"message": str(message)}}]:
            return message
        case _:
            return ""


def retry_after(headers: Mapping[str, str]) -> int | None:
    """Seconds from now; a date is set against the clock of whoever sent it."""
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,6}(\.\d{1,9})?", value):
        return min(int(float(value)) + 1, RETRY_SECONDS_MOST)
    then, now = _date(value), _date(headers.get("Date", ""))
    if then is None or now is None:
        return None
    return max(1, min(int((then - now).total_seconds()) + 1, RETRY_SECONDS_MOST))


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _key_refused(access: Access) -> ProviderFailed:
    what = "does not accept the saved key" if access.key else "wants a key"
    message = f"“{access.connection_name}” {what}. Enter a valid one in the connection's settings."
    return failure(access, "provider_key_refused", message)


def _too_long(access: Access) -> ProviderFailed:
    return failure(
        access,
        "provider_prompt_too_long",
        f"The prompt is longer than the model of “{access.connection_name}” can take. Lower the context size in the "
        "preset or the connection.",
    )


def _busy(access: Access, seconds: int | None) -> ProviderFailed:
    when = f"in {seconds} seconds" if seconds else "in a while"
    message = f"“{access.connection_name}” is busy or its limit is used up. Try again {when}."
    more = {"retry_after_seconds": seconds} if seconds else {}
    return failure(access, "provider_busy", message, retryable=True, **more)


def _broken(access: Access, status: int | None) -> ProviderFailed:
    number = f" ({status})" if status else ""
    message = f"“{access.connection_name}” has a problem of its own{number}. Try again in a while."
    return failure(access, "provider_broken", message, retryable=True)


def _rejected(access: Access, reason: str, **details: Any) -> ProviderFailed:
    quote = f" It says: “{_quoted(access, reason)}”" if reason else ""
    return failure(
        access,
        "provider_rejected",
        f"“{access.connection_name}” rejects the request. Check the model and the sampler settings.{quote}",
        **details,
    )


def _quoted(access: Access, reason: str) -> str:
    line = " ".join(reason.split())
    if access.key and access.key.get_secret_value():
        line = line.replace(access.key.get_secret_value(), "…")
    return _LIKE_A_KEY.sub("…", line)[:QUOTE_CHARACTERS_MOST]
