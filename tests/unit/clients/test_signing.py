"""The hand-written signature is the one that botocore makes."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from chalicelib.clients.signing import Signer

PATH = "/prod/%40connections/L0SM9cOFvHcCIhw%3D"


@pytest.mark.parametrize("token", [None, "session+token/="])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_the_signature_is_botocores(monkeypatch: pytest.MonkeyPatch, token: str | None, method: str) -> None:
    credentials = Credentials("AKIDEXAMPLE", "secret", token)
    now = datetime(2026, 5, 17, 14, 3, 9, tzinfo=UTC)
    request = AWSRequest(method, f"https://abc.execute-api.eu-west-1.amazonaws.com{PATH}", data=b'{"type":"d"}')
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda remove_tzinfo=True: now)
    SigV4Auth(credentials, "execute-api", "eu-west-1").add_auth(request)

    ours = Signer(region="eu-west-1", service="execute-api").headers(
        credentials, method, "abc.execute-api.eu-west-1.amazonaws.com", PATH, b'{"type":"d"}', now
    )
    assert ours["authorization"] == request.headers["Authorization"]


def test_a_new_day_has_a_new_key() -> None:
    signer = Signer(region="eu-west-1", service="execute-api")
    credentials = Credentials("AKIDEXAMPLE", "secret")
    now = datetime(2026, 5, 17, 23, 59, 59, tzinfo=UTC)
    day = signer.headers(credentials, "POST", "host", PATH, b"", now)
    next_day = signer.headers(credentials, "POST", "host", PATH, b"", now + timedelta(seconds=1))
    again = signer.headers(credentials, "POST", "host", PATH, b"", now)
    assert day == again
    assert "20260518/eu-west-1/execute-api" in next_day["authorization"]


def test_further_headers_are_signed_as_botocore_signs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = Credentials("AKIDEXAMPLE", "secret", "token")
    now = datetime(2026, 5, 17, 14, 3, 9, tzinfo=UTC)
    more = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.GetItem"}
    request = AWSRequest("POST", "https://dynamodb.eu-west-1.amazonaws.com/", data=b"{}", headers=more)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda remove_tzinfo=True: now)
    SigV4Auth(credentials, "dynamodb", "eu-west-1").add_auth(request)

    signer = Signer(region="eu-west-1", service="dynamodb")
    ours = signer.headers(credentials, "POST", "dynamodb.eu-west-1.amazonaws.com", "/", b"{}", now, more=more)
    assert ours["authorization"] == request.headers["Authorization"]
    assert more.items() <= ours.items()
