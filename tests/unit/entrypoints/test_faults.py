"""Errors become replies: one table for REST, sockets and queues."""

import json
from typing import Any

import botocore.exceptions
import pytest
import redis.exceptions
from pydantic import BaseModel, ValidationError
from pynamodb.exceptions import PutError

from chalicelib import errors
from chalicelib.entrypoints import faults
from chalicelib.models.users import Role


def told(error: Exception) -> tuple[int, str]:
    answer = faults.to_response(error, correlation_id="c1")
    return answer.status, json.loads(answer.body)["error"]["code"]


def throttled() -> botocore.exceptions.ClientError:
    return botocore.exceptions.ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "PutItem")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.Invalid("No."), 422, "invalid"),
        (errors.InvalidCard("No."), 422, "invalid_card"),
        (errors.UnsupportedContent("No."), 415, "unsupported_content"),
        (errors.Unauthenticated("No."), 401, "unauthenticated"),
        (errors.Forbidden("No."), 403, "forbidden"),
        (errors.NotFound("No."), 404, "not_found"),
        (errors.Conflict("No."), 409, "conflict"),
        (errors.ReplyInProgress("No."), 409, "reply_in_progress"),
        (errors.TooLarge("No."), 413, "too_large"),
        (errors.QuotaExceeded("No."), 429, "quota_exceeded"),
        (errors.Unavailable("No."), 503, "unavailable"),
        (errors.AddressRefused("No."), 422, "address_refused"),
        (errors.ProviderFailed("No."), 502, "provider_failed"),
        (throttled(), 503, "unavailable"),
        (PutError(cause=throttled()), 503, "unavailable"),
        (botocore.exceptions.EndpointConnectionError(endpoint_url="http://x"), 503, "unavailable"),
        (botocore.exceptions.ReadTimeoutError(endpoint_url="http://x"), 503, "unavailable"),
        (redis.exceptions.ConnectionError("gone"), 503, "unavailable"),
        (TimeoutError(), 503, "unavailable"),
        (KeyError("secret"), 500, "internal"),
    ],
)
def test_every_error_has_a_status_and_a_code(error: Exception, status: int, code: str) -> None:
    assert told(error) == (status, code)


def test_every_error_of_ours_is_in_the_table() -> None:
    found, pending = [], [errors.AppError]
    while pending:
        kind = pending.pop()
        found.append(kind)
        pending += kind.__subclasses__()
    assert len(found) > 10
    assert all(told(kind("No."))[0] != 500 for kind in found)


def test_an_unknown_error_keeps_its_text_to_itself() -> None:
    answer = faults.to_response(RuntimeError("the password is swordfish"), correlation_id="c1")
    assert "swordfish" not in answer.body
    assert json.loads(answer.body)["error"]["correlation_id"] == "c1"


def test_who_is_too_fast_is_told_when_to_come_back() -> None:
    error = errors.QuotaExceeded("Too fast.", retry_after_seconds=12.2)
    assert faults.to_response(error, correlation_id="").headers["Retry-After"] == "12"


def test_a_conflict_shows_both_versions() -> None:
    class Version(BaseModel):
        role: Role

    error = errors.Conflict("Changed.", yours={"text": "a"}, theirs=Version(role=Role.user))
    body = json.loads(faults.to_response(error, correlation_id="").body)["error"]
    assert (body["yours"], body["theirs"]) == ({"text": "a"}, {"role": "user"})


def test_a_socket_gets_the_same_code() -> None:
    frame = faults.to_frame(errors.NotFound("No chat."), about="follow")
    assert (frame.code, frame.message, frame.about) == ("not_found", "No chat.", "follow")


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (errors.Unavailable("No."), True),
        (errors.NotFound("No."), False),
        (errors.ProviderFailed("No.", retryable=True), True),
        (errors.ProviderFailed("No."), False),
        (throttled(), True),
        (KeyError("bug"), True),
    ],
)
def test_a_queue_tries_again_what_may_go_well_then(error: Exception, again: bool) -> None:
    assert faults.should_retry(error) is again


def test_what_does_not_fit_is_said_field_by_field_without_its_value() -> None:
    class Asked(BaseModel):
        count: int
        names: list[str]

    given: dict[str, Any] = {"count": "swordfish", "names": [1]}
    with pytest.raises(ValidationError) as caught:
        Asked.model_validate(given)
    told = faults.from_validation(caught.value)
    assert told.fields == {"count": "This must be a whole number.", "names.0": "This must be text."}
    assert "swordfish" not in told.message
