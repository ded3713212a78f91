"""REST as API Gateway does it, in front of Chalice's local gateway: a thread a request, real limits, real events."""

import asyncio
import base64
import json
import logging
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import LambdaEventConverter, LocalChalice, LocalGateway, LocalGatewayException, RouteMatcher

from devcloud.asgi import Receive, Scope, Send, TooLong, answer, read_body

log = logging.getLogger("devcloud.rest")

API_ID = "local0rest"
STAGE = "api"


@dataclass(frozen=True)
class RestLimits:
    """API Gateway's and Lambda's."""

    request_bytes: int = 10_000_000
    response_bytes: int = 6_000_000
    """What a function may answer, base64 included."""
    seconds: float = 29.0
    threads: int = 96
    """Enough for all readers of event streams that the app lets wait, and the others."""


@dataclass
class RestApi:
    """An ASGI application for a Chalice app; `prefix` is the stage in the path of a request."""

    app: Chalice
    prefix: str = f"/{STAGE}"
    limits: RestLimits = field(default_factory=RestLimits)

    def __post_init__(self) -> None:
        make_thread_safe(self.app)
        self._gateway = _Gateway(self.app, Config.create(chalice_app=self.app, lambda_timeout=int(self.limits.seconds)))
        self._threads = ThreadPoolExecutor(self.limits.threads, thread_name_prefix="rest")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["raw_path"].decode("ascii", "replace").removeprefix(self.prefix) or "/"
        try:
            body = await read_body(receive, self.limits.request_bytes)
        except TooLong:
            await _refuse(send, 413, "too_large", "The request is larger than 10 MB.")
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request = _Request(
            method=scope["method"],
            path=path,
            query=scope["query_string"].decode("ascii", "replace"),
            headers=headers,
            body=body,
            address=(scope.get("client") or ("127.0.0.1", 0))[0],
        )
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._threads, self._gateway.answer, request)
        try:
            status, answer_headers, content = await asyncio.wait_for(asyncio.shield(work), self.limits.seconds)
        except TimeoutError:
            await _refuse(send, 504, "unavailable", "This took too long. Try again.")
            return
        if len(content) > self.limits.response_bytes:
            log.error("%s %s answered %s bytes, more than a function may.", request.method, path, len(content))
            await _refuse(send, 502, "internal", "The answer is too large.")
            return
        await answer(send, status, content, answer_headers)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    """Without the stage, percent-encoded as it came."""
    query: str
    headers: dict[str, str]
    body: bytes
    address: str


class _Gateway(LocalGateway):
    def __init__(self, app: Chalice, config: Config) -> None:
        super().__init__(app, config)
        self._events = _Events(RouteMatcher(list(app.routes)), app.api.binary_types)
        self.event_converter = self._events

    def answer(self, request: _Request) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body of what the app says, or of what API Gateway says in its place."""
        self._events.remember(request)
        target = request.path + (f"?{request.query}" if request.query else "")
        try:
            reply = self.handle_request(request.method, target, request.headers, request.body or None)
        except LocalGatewayException as error:
            return _gateway_reply(error)
        except Exception:
            log.exception("%s %s failed outside the app.", request.method, request.path)
            return 502, _JSON, _wire("internal", "Something went wrong here. Try again.")
        body = reply.get("body") or ""
        content = base64.b64decode(body) if reply.get("isBase64Encoded") else _bytes(body)
        headers = [(name, str(value)) for name, value in reply.get("headers", {}).items()]
        for name, values in reply.get("multiValueHeaders", {}).items():
            headers += [(name, str(value)) for value in values]
        if reply["statusCode"] == 405 or (reply["statusCode"] == 415 and b'"Code"' in content):
            return _chalice_reply(reply["statusCode"])
        return reply["statusCode"], headers, content


class _Events(LambdaEventConverter):
    """The event of a REST API's proxy integration, with what Chalice's own leaves out."""

    def __init__(self, matcher: RouteMatcher, binary_types: list[str]) -> None:
        super().__init__(matcher, binary_types)
        self._routes: dict[int, list[list[str]]] = {}
        # Fixed names before captures, as API Gateway prefers them.
        for route in sorted(matcher.route_urls, key=lambda url: url.replace("{", "\uffff")):
            parts = route.split("/")
            self._routes.setdefault(len(parts), []).append(parts)
        self._local = threading.local()

    def remember(self, request: _Request) -> None:
        """The request this thread is about to convert: Chalice's signature has no room for it."""
        self._local.request = request

    def create_lambda_event(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None = None
    ) -> dict[str, Any]:
        request: _Request = self._local.request
        route, captured = self._match(request.path)
        query = parse_qs(request.query, keep_blank_values=True) or None
        now = time.time()
        lower = {name.lower(): value for name, value in headers.items()}
        binary = _media_type(lower) in self._binary_types
        return {
            "resource": route,
            "path": unquote(request.path),
            "httpMethod": method,
            "headers": lower,
            "multiValueHeaders": {name: [value] for name, value in lower.items()},
            "queryStringParameters": query and {name: values[-1] for name, values in query.items()},
            "multiValueQueryStringParameters": query,
            "pathParameters": captured or None,
            "stageVariables": None,
            "requestContext": {
                "accountId": "000000000000",
                "apiId": API_ID,
                "stage": STAGE,
                "resourcePath": route,
                "httpMethod": method,
                "path": f"/{STAGE}{request.path}",
                "protocol": "HTTP/1.1",
                "requestId": secrets.token_hex(16),
                "extendedRequestId": secrets.token_urlsafe(11) + "=",
                "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
                "requestTimeEpoch": int(now * 1000),
                "domainName": lower.get("host", "localhost"),
                "identity": {"sourceIp": request.address, "userAgent": lower.get("user-agent")},
            },
            "body": None if body is None else _text(body, binary=binary),
            "isBase64Encoded": binary and body is not None,
        }

    def _match(self, path: str) -> tuple[str, dict[str, str]]:
        """The route of a path and its parameters, decoded. Raises ValueError: Chalice takes it for an unknown path."""
        parts = (path.rstrip("/") or "/").split("/")
        for route in self._routes.get(len(parts), []):
            if all(name == part or (name.startswith("{") and part) for name, part in zip(route, parts, strict=True)):
                captured = {
                    name[1:-1]: unquote(part) for name, part in zip(route, parts, strict=True) if name.startswith("{")
                }
                return "/".join(route), captured
        raise ValueError(path)


_JSON = [("Content-Type", "application/json")]


def make_thread_safe(app: Chalice) -> None:
    """Gives each thread a current request of its own, and builds now what the first requests would race to build."""
    if not isinstance(app, LocalChalice):
        app.__class__ = type("ThreadSafeChalice", (LocalChalice, app.__class__), {})
    handlers: list[Any] = list(app.handler_map.values())
    for handler in handlers:
        if hasattr(handler, "_build_middleware_handlers"):
            handler.handler = handler._build_middleware_handlers(list(handler.middleware_handlers), handler.func)


def _gateway_reply(error: LocalGatewayException) -> tuple[int, list[tuple[str, str]], bytes]:
    # An unknown path is a 403 of API Gateway's own; the deployed gateway responses say it like this too.
    if error.CODE == 403:
        return 404, _JSON, _wire("not_found", "There is nothing at this address.")
    return error.CODE, _JSON, _wire("unauthenticated", "Sign in again.")


def _chalice_reply(status: int) -> tuple[int, list[tuple[str, str]], bytes]:
    if status == 405:
        return 405, _JSON, _wire("invalid", "This address does not take this method.")
    return 415, _JSON, _wire("invalid", "This address does not take this type of content.")


async def _refuse(send: Send, status: int, code: str, message: str) -> None:
    await answer(send, status, _wire(code, message), _JSON)


def _wire(code: str, message: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": message}}).encode()


def _media_type(headers: dict[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _text(body: bytes, *, binary: bool) -> str:
    # AWS decodes a body that is not of a binary type as UTF-8, whatever it really is.
    return base64.b64encode(body).decode() if binary else body.decode("utf-8", "replace")


def _bytes(body: str | bytes) -> bytes:
    return body if isinstance(body, bytes) else body.encode()
