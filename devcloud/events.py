"""The events of a WebSocket API, in the shape in which API Gateway gives them to a function."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from devcloud.asgi import Scope

API_ID = "local0sock"
STAGE = "socket"

Event = dict[str, Any]


@dataclass(frozen=True)
class Origin:
    """Who opened a connection, and when."""

    connection_id: str
    connected_at_ms: int
    address: str
    agent: str
    host: str


def connect_event(origin: Origin, scope: Scope) -> Event:
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").title(), []).append(value.decode("latin-1"))
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    event: Event = {
        "headers": _last(headers),
        "multiValueHeaders": headers,
        "requestContext": _context(origin, "CONNECT", "$connect"),
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = _last(query)
        event["multiValueQueryStringParameters"] = query
    return event


def message_event(origin: Origin, body: str, *, base64: bool) -> Event:
    context = {**_context(origin, "MESSAGE", "$default"), "messageId": new_id()}
    return {"requestContext": context, "body": body, "isBase64Encoded": base64}


def disconnect_event(origin: Origin, code: int, reason: str) -> Event:
    headers = {"Host": origin.host, "x-api-key": "", "x-restapi": ""}
    context = _context(origin, "DISCONNECT", "$disconnect")
    return {
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "requestContext": {**context, "disconnectStatusCode": code, "disconnectReason": reason},
        "isBase64Encoded": False,
    }


def new_id() -> str:
    """As API Gateway's ids look: 11 bytes in base64, with its one `=`."""
    return secrets.token_urlsafe(11) + "="


def _context(origin: Origin, kind: str, route: str) -> Event:
    now = time.time()
    return {
        "routeKey": route,
        "eventType": kind,
        "extendedRequestId": new_id(),
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "messageDirection": "IN",
        "stage": STAGE,
        "connectedAt": origin.connected_at_ms,
        "requestTimeEpoch": int(now * 1000),
        "identity": {"sourceIp": origin.address, "userAgent": origin.agent},
        "requestId": new_id(),
        "domainName": origin.host,
        "connectionId": origin.connection_id,
        "apiId": API_ID,
    }


def _last(values: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: several[-1] for name, several in values.items()}
