"""AWS Signature Version 4: checks what callers of the local cloud sign, and signs what its poller sends.

Source: "Signature Version 4 signing process", and for forms "Browser-based uploads using POST" of the S3 manual.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import parse_qsl, quote

ACCESS_KEY = "test"
REGION = "us-east-1"

_ALGORITHM = "AWS4-HMAC-SHA256"
_HEADER = re.compile(
    r"Credential=(?P<credential>[^,\s]+),\s*SignedHeaders=(?P<signed>[^,\s]+),\s*Signature=(?P<given>\w+)"
)
_CLOCKS_APART = timedelta(minutes=5)
_TIME = "%Y%m%dT%H%M%SZ"
_KEYS_MOST = 16


class BadSignature(Exception):
    """The message says what is wrong, in AWS's words."""


class Signatures:
    """Those made with this secret key, and with the access key `test`."""

    def __init__(self, secret_key: str) -> None:
        self._secret_key = secret_key
        self._keys: dict[str, bytes] = {}

    def check_headers(
        self,
        method: str,
        raw_path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        service: str,
        now: datetime,
    ) -> None:
        """Raises BadSignature unless the Authorization header signs this request. Headers are lower-cased."""
        given = _HEADER.search(headers.get("authorization", ""))
        if given is None or not headers["authorization"].startswith(_ALGORITHM):
            raise BadSignature("Missing Authentication Token")
        stamp = headers.get("x-amz-date", "")
        if abs(now - _time(stamp)) > _CLOCKS_APART:
            raise BadSignature("Signature expired")
        signed = {name: headers.get(name, "") for name in given["signed"].split(";")}
        if "host" not in signed:
            raise BadSignature("'Host' must be a 'SignedHeader' in the AWS Authorization.")
        # S3 alone does not encode the path a second time.
        path = raw_path if service == "s3" else quote(raw_path, safe="/~")
        actual = hashlib.sha256(body).hexdigest()
        hashed = headers.get("x-amz-content-sha256") or actual
        if hashed not in ("UNSIGNED-PAYLOAD", actual):
            raise BadSignature("The provided 'x-amz-content-sha256' header does not match what was computed.")
        request = _canonical(method, path, parse_qsl(query, keep_blank_values=True), signed, hashed)
        self._compare(given["credential"], stamp, request, given["given"], service)

    def check_presigned(
        self, method: str, raw_path: str, query: str, headers: Mapping[str, str], *, now: datetime
    ) -> None:
        """Raises BadSignature unless the address itself is signed for S3 and still valid."""
        pairs = parse_qsl(query, keep_blank_values=True)
        given = dict(pairs)
        if given.get("X-Amz-Algorithm") != _ALGORITHM or "X-Amz-Signature" not in given:
            raise BadSignature("Access Denied")
        stamp = given.get("X-Amz-Date", "")
        if not given.get("X-Amz-Expires", "").isdigit():
            raise BadSignature("X-Amz-Expires should be a number")
        if now > _time(stamp) + timedelta(seconds=int(given["X-Amz-Expires"])):
            raise BadSignature("Request has expired")
        signed = {name: headers.get(name, "") for name in given.get("X-Amz-SignedHeaders", "").split(";")}
        rest = [(name, value) for name, value in pairs if name != "X-Amz-Signature"]
        request = _canonical(method, raw_path, rest, signed, "UNSIGNED-PAYLOAD")
        self._compare(given.get("X-Amz-Credential", ""), stamp, request, given["X-Amz-Signature"], "s3")

    def sign(
        self, method: str, raw_path: str, headers: Mapping[str, str], body: bytes, *, service: str, now: datetime
    ) -> dict[str, str]:
        """The headers with those that sign them. Headers are lower-cased and hold `host`."""
        stamp = now.strftime(_TIME)
        signed = {**headers, "x-amz-date": stamp}
        names = ";".join(sorted(signed))
        path = raw_path if service == "s3" else quote(raw_path, safe="/~")
        request = _canonical(method, path, [], signed, hashlib.sha256(body).hexdigest())
        credential = f"{ACCESS_KEY}/{stamp[:8]}/{REGION}/{service}/aws4_request"
        signature = self._signature(credential, stamp, request)
        return {
            **signed,
            "authorization": f"{_ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}",
        }

    def check_form(self, fields: Mapping[str, str], *, now: datetime) -> None:
        """Raises BadSignature unless the policy of an upload form is signed and still valid. Names are lower-cased."""
        policy = fields.get("policy", "")
        if fields.get("x-amz-algorithm") != _ALGORITHM or not policy:
            raise BadSignature("Access Denied")
        credential = fields.get("x-amz-credential", "")
        signature = hmac.new(self._key(credential), policy.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature, fields.get("x-amz-signature", "")):
            raise BadSignature("The request signature we calculated does not match the signature you provided.")
        try:
            until = datetime.fromisoformat(json.loads(base64.b64decode(policy))["expiration"])
        except (ValueError, KeyError, TypeError):
            raise BadSignature("Invalid Policy: Invalid JSON.") from None
        if now > until:
            raise BadSignature("Invalid according to Policy: Policy expired.")

    def _compare(self, credential: str, stamp: str, request: str, given: str, service: str) -> None:
        parts = credential.split("/")
        if len(parts) != 5 or parts[3] != service or parts[1] != stamp[:8]:
            raise BadSignature("Credential should be scoped to a valid region and service.")
        if parts[0] != ACCESS_KEY:
            raise BadSignature("The security token included in the request is invalid.")
        if not hmac.compare_digest(self._signature(credential, stamp, request), given):
            raise BadSignature("The request signature we calculated does not match the signature you provided.")

    def _signature(self, credential: str, stamp: str, request: str) -> str:
        scope = credential.partition("/")[2]
        text = "\n".join([_ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
        return hmac.new(self._key(credential), text.encode(), hashlib.sha256).hexdigest()

    def _key(self, credential: str) -> bytes:
        """The key of a day, a region and a service. The last few are kept: each frame is checked with one."""
        scope = credential.partition("/")[2]
        key = self._keys.get(scope)
        if key is None:
            key = f"AWS4{self._secret_key}".encode()
            for part in scope.split("/"):
                key = hmac.new(key, part.encode(), hashlib.sha256).digest()
            if len(self._keys) >= _KEYS_MOST:
                self._keys.clear()
            self._keys[scope] = key
        return key


def _canonical(method: str, path: str, query: list[tuple[str, str]], headers: Mapping[str, str], hashed: str) -> str:
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query)
    lines = [f"{name}:{' '.join(headers[name].split())}" for name in sorted(headers)]
    return "\n".join(
        [
            method,
            path,
            "&".join(f"{name}={value}" for name, value in pairs),
            *lines,
            "",
            ";".join(sorted(headers)),
            hashed,
        ]
    )


@lru_cache(maxsize=16)
def _time(stamp: str) -> datetime:
    try:
        return datetime.strptime(stamp, _TIME).replace(tzinfo=UTC)
    except ValueError:
        raise BadSignature("Date must be in ISO-8601 'basic format'.") from None
