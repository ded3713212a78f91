"""What can go wrong, in the product's words.

    AppError                 anything a person may be told
    ├── Invalid              the request itself is wrong                    invalid
    │   ├── InvalidCard      a file that holds no readable character        invalid_card
    │   ├── InvalidChat      a file that holds no readable chat             invalid_chat
    │   ├── InvalidPreset    a file that holds no readable preset           invalid_preset
    │   └── UnsupportedContent  a Content-Type this door does not take      unsupported_content
    ├── Unauthenticated      nobody is signed in                            unauthenticated
    ├── Forbidden            signed in, but not allowed                     forbidden
    ├── NotFound             not there, or not yours                        not_found
    ├── Conflict             somebody was faster; carries both versions     conflict
    │   └── ReplyInProgress  the branch already has an active reply         reply_in_progress
    ├── TooLarge             above a stated size                            too_large
    ├── QuotaExceeded        a quota or rate is used up                     quota_exceeded
    ├── Unavailable          a part we depend on does not answer            unavailable
    ├── AddressRefused       the SSRF guard said no                         address_refused
    └── ProviderFailed       the language model's service failed            provider_failed

Every message is a sentence a user may read. `entrypoints/faults.py` alone turns these into status codes and frames.
"""

from collections.abc import Mapping
from typing import Any


class AppError(Exception):
    """An error whose message is safe to show to the person who caused it."""

    code = "error"

    def __init__(
        self, message: str, *, code: str | None = None, fields: Mapping[str, str] | None = None, **details: Any
    ) -> None:
        """`fields` maps an input's path to what is wrong with it; `details` are JSON values that travel along."""
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.fields = dict(fields or {})
        self.details = details


class Invalid(AppError):
    code = "invalid"


class InvalidCard(Invalid):
    code = "invalid_card"


class InvalidChat(Invalid):
    code = "invalid_chat"


class InvalidWorld(Invalid):
    code = "invalid_world"


class InvalidPreset(Invalid):
    code = "invalid_preset"


class UnsupportedContent(Invalid):
    code = "unsupported_content"


class Unauthenticated(AppError):
    code = "unauthenticated"


class Forbidden(AppError):
    code = "forbidden"


class NotFound(AppError):
    code = "not_found"


class Conflict(AppError):
    """A stale write. `details` holds `yours` and `theirs` where there are two versions to show."""

    code = "conflict"


class ReplyInProgress(Conflict):
    """`details` holds `turn_id` and `generation_id` of what is running."""

    code = "reply_in_progress"


class TooLarge(AppError):
    code = "too_large"


class QuotaExceeded(AppError):
    """`details["retry_after_seconds"]` says when to come back."""

    code = "quota_exceeded"


class Unavailable(AppError):
    code = "unavailable"


class AddressRefused(Invalid):
    code = "address_refused"


class ProviderFailed(AppError):
    """A language model's service failed; `details["retryable"]` tells whether another attempt may help."""

    code = "provider_failed"
