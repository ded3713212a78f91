"""The short way to AWS's services that speak JSON. botocore spends most of a millisecond of each call on what never
changes here: finding the endpoint, matching parameters against the service's model, asking twenty handlers. This writes
the JSON itself and sends it over botocore's own connections; what is rare (making tables, say) goes the long way.
"""

import base64
import json
import random
import time
import uuid
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import urllib3
from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from botocore.exceptions import ClientError, ConnectionError, EndpointConnectionError, HTTPClientError

from chalicelib.clients.signing import Signer

_TRIES = 4
_ROWS = "GetItem PutItem UpdateItem DeleteItem Query BatchGetItem BatchWriteItem TransactGetItems TransactWriteItems"
_SHORT: Mapping[str, tuple[str, frozenset[str]]] = {
    "dynamodb": ("DynamoDB_20120810", frozenset(_ROWS.split())),
    "sqs": ("AmazonSQS", frozenset({"SendMessage"})),
}
"""The name a service goes by in a request, and its operations that go the short way."""
_PASSING = {
    "InternalServerError",
    "InternalServerErrorException",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
}
_PAUSE_SECONDS = 0.05
_PAUSE_SECONDS_MOST = 2.0


def shorten(client: Any) -> Any:
    """The same botocore client, whose frequent operations go the short way from now on."""
    way = _ShortWay(client)
    client.__dict__["_make_api_call"] = way.call
    return client


class _ShortWay:
    """What stands in for the `_make_api_call` of one botocore client."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._service = client.meta.service_model.service_name
        self._target, self._operations = _SHORT[self._service]
        self._signer = Signer(region=client.meta.region_name, service=self._service)
        self._long_way = client._make_api_call
        self._address = client.meta.endpoint_url.rstrip("/") + "/"
        self._host = urlsplit(self._address).netloc

    def call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Raises ClientError for what the service refuses, and botocore's connection errors."""
        if operation not in self._operations:
            return self._long_way(operation, arguments)  # type: ignore[no-any-return]  # botocore has no types
        # pynamodb always asks what a request cost and only logs the answer.
        arguments = {name: value for name, value in arguments.items() if name != "ReturnConsumedCapacity"}
        if operation == "TransactWriteItems":
            # Lets a try whose answer was lost be repeated.
            arguments = {"ClientRequestToken": str(uuid.uuid4()), **arguments}
        body = json.dumps(arguments, separators=(",", ":"), default=_text_of_bytes).encode()
        for number in range(1, _TRIES + 1):
            try:
                status, content, request_id = self._ask(operation, body)
            except (ConnectionError, HTTPClientError):
                if number == _TRIES:
                    raise
            else:
                answer = _read(content)
                if status < 300:
                    return answer
                error = _refusal(status, answer, request_id)
                passing = status >= 500 or error["Error"]["Code"] in _PASSING
                if not passing or number == _TRIES:
                    raise ClientError(error, operation)
            time.sleep(random.random() * min(_PAUSE_SECONDS * 2**number, _PAUSE_SECONDS_MOST))
        raise AssertionError

    def _ask(self, operation: str, body: bytes) -> tuple[int, bytes, str]:
        request = _Request(self._address, self._headers(operation, body), body)
        # The one event that others than botocore listen to: emulated clouds in tests, and tracing.
        events = self._client.meta.events
        answer = events.emit_until_response(f"before-send.{self._service}.{operation}", request=request)[1]
        if answer is not None:
            return answer.status_code, answer.content, answer.headers.get("x-amzn-requestid", "")
        try:
            came = self._pool.urlopen(
                "POST", "/", body=body, headers=request.plain_headers, retries=False, redirect=False
            )
        except urllib3.exceptions.NewConnectionError as error:
            raise EndpointConnectionError(endpoint_url=self._address, error=error) from error
        except urllib3.exceptions.HTTPError as error:
            raise HTTPClientError(error=error) from error
        return came.status, came.data, came.headers.get("x-amzn-requestid", "")

    @cached_property
    def _pool(self) -> Any:
        """botocore's own connections, with its certificates, time-outs and proxy."""
        session = self._client._endpoint.http_session
        proxy = session._proxy_config.proxy_url_for(self._address)
        pool = session._get_connection_manager(self._address, proxy).connection_from_url(self._address)
        session._setup_ssl_cert(pool, self._address, session._verify)
        return pool

    def _headers(self, operation: str, body: bytes) -> dict[str, str]:
        credentials = self._client._request_signer._credentials.get_frozen_credentials()
        more = {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"{self._target}.{operation}"}
        signed = self._signer.headers(credentials, "POST", self._host, "/", body, more=more)
        return {**signed, "content-length": str(len(body))}


class _Request(AWSPreparedRequest):  # type: ignore[misc]  # botocore has no types
    """As botocore shows a request to those who listen; its slow kind of headers is made for them alone."""

    def __init__(self, address: str, headers: dict[str, str], body: bytes) -> None:
        self.method, self.url, self.body, self.stream_output = "POST", address, body, False
        self._plain = headers

    @cached_property
    def headers(self) -> HeadersDict:
        return HeadersDict(self._plain)

    @property
    def plain_headers(self) -> dict[str, str]:
        return dict(self.headers) if "headers" in self.__dict__ else self._plain


def _read(content: bytes) -> dict[str, Any]:
    """The answer as botocore gives it: bytes as bytes."""
    try:
        held = b'"B":' in content or b'"BS":' in content
        answer: dict[str, Any] = json.loads(content, object_hook=_with_bytes if held else None)
    except ValueError:
        return {}
    return answer


def _refusal(status: int, answer: dict[str, Any], request_id: str) -> dict[str, Any]:
    code = str(answer.get("__type", "")).rpartition("#")[2].partition(":")[0] or str(status)
    message = answer.get("message") or answer.get("Message") or ""
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": {"x-amzn-requestid": request_id}}
    return {**answer, "Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}


def _text_of_bytes(value: Any) -> str:
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    raise TypeError(f"DynamoDB has no {type(value).__name__}.")


def _with_bytes(held: dict[str, Any]) -> dict[str, Any]:
    """An attribute of bytes, decoded. A map's attribute that is named B holds no text but an attribute."""
    if len(held) == 1:
        if isinstance(text := held.get("B"), str):
            return {"B": base64.b64decode(text)}
        if isinstance(texts := held.get("BS"), list):
            return {"BS": [base64.b64decode(text) for text in texts]}
    return held
