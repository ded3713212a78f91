"""One REST door: what its function's signature says, and the way of a request through it."""

import base64
import binascii
import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from chalice.app import Response
from pydantic import BaseModel, TypeAdapter

from chalicelib.clients.correlation import correlated
from chalicelib.container import container
from chalicelib.entrypoints import faults, identity
from chalicelib.entrypoints.journal import journal
from chalicelib.entrypoints.meters import write_metrics
from chalicelib.entrypoints.rest import reading
from chalicelib.errors import Invalid

V = TypeVar("V")
FAILED, CONFLICT = 400, 409
_FOLLOWED = ("chat_id", "turn_id", "generation_id", "job_id")
"""Ids in a path that its line in the log has, too."""


@dataclass(frozen=True)
class Request:
    """What a handler may need to know of a request besides its body and query. Header names are lower case."""

    headers: Mapping[str, str]
    address: str
    cookies: Mapping[str, str]
    idempotency_key: str | None
    content_type: str


@dataclass(frozen=True)
class Reply(Generic[V]):
    """A value with headers and cookies of its own; or a `text` of its own content type, with None as the value."""

    value: V
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Sequence[str] = ()
    """Whole Set-Cookie lines."""
    text: str | None = None
    content_type: str = "application/json"


@dataclass
class Route:
    """One door: its method and path, and what its function's signature says."""

    area: str
    method: str
    path: str
    handler: Callable[..., Any]
    status: int
    raw: tuple[str, ...]
    most_bytes: int
    text_type: str | None

    @property
    def name(self) -> str:
        return self.handler.__name__

    @cached_property
    def hints(self) -> dict[str, Any]:
        return get_type_hints(self.handler)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        return tuple(inspect.signature(self.handler).parameters)

    @property
    def signed_in(self) -> bool:
        return "user" in self.parameters

    @property
    def takes_idempotency_key(self) -> bool:
        return self.method == "POST" and self.signed_in and "request" in self.parameters

    @property
    def body(self) -> Any:
        """The model of the body, `bytes`, or None."""
        return self.hints["body"] if "body" in self.parameters else None

    @property
    def query(self) -> type[BaseModel] | None:
        return self.hints["query"] if "query" in self.parameters else None

    @cached_property
    def path_ids(self) -> tuple[str, ...]:
        return tuple(name for name in self.parameters if name not in ("user", "body", "query", "request"))

    @cached_property
    def returns(self) -> Any:
        """What is dumped: the type inside a Reply, or None."""
        hint = self.hints.get("return")
        if get_origin(hint) is Reply:
            hint = get_args(hint)[0]
        return None if hint is type(None) else hint

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.returns)

    def answer(self, event: Any, path_ids: Mapping[str, str]) -> Response:
        """One request from its start to its response; never raises."""
        began = time.perf_counter()
        correlation_id = _correlation_id(event)
        journal()
        with correlated(correlation_id) as about:
            try:
                response = self._obey(event, path_ids)
            except Exception as error:  # noqa: BLE001  the last line of defence: every error becomes a reply
                told = faults.to_response(error, correlation_id=correlation_id)
                response = Response(told.body, {"Content-Type": "application/json", **told.headers}, told.status)
                if told.status == CONFLICT:
                    container().metrics.count("Conflicts")
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Correlation-Id"] = correlation_id
        milliseconds = round((time.perf_counter() - began) * 1000, 1)
        if response.status_code < FAILED:
            # What is not found may be anything; what is found was an id of ours.
            about |= {name: path_ids[name] for name in _FOLLOWED if name in path_ids}
        _note(self, response.status_code, milliseconds, {**about, "correlation_id": correlation_id})
        write_metrics("rest")
        return response

    def _obey(self, event: Any, path_ids: Mapping[str, str]) -> Response:
        headers: Mapping[str, str] = dict(event.headers)
        address = identity.address_of(headers, str(event.context.get("identity", {}).get("sourceIp", "")))
        given: dict[str, Any] = {}
        if self.signed_in:
            given["user"] = user = identity.signed_in(headers)
            limits = container().limits
            (limits.check_event if self.text_type else limits.check_request)(user.id)
        else:
            container().limits.check_visitor(address)
        for name in self.path_ids:
            given[name] = reading.read_path(name, path_ids[name])
        content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        query = reading.read_query(self.query, _queries(event.query_params))
        if query is not None:
            given["query"] = query
        if self.body is bytes:
            given["body"] = reading.read_raw(
                _bytes(event), content_type=content_type, allowed=self.raw, most_bytes=self.most_bytes
            )
        elif self.body is not None:
            given["body"] = reading.read_json(
                self.body, _bytes(event), content_type=content_type, most_bytes=self.most_bytes
            )
        if "request" in self.parameters:
            key = reading.read_idempotency_key(headers.get("idempotency-key"))
            given["request"] = Request(headers, address, _cookies(headers.get("cookie", "")), key, content_type)
        return self._dumped(self.handler(**given))

    def _dumped(self, result: Any) -> Response:
        reply = result if isinstance(result, Reply) else Reply(result)
        headers: dict[str, Any] = dict(reply.headers)
        if reply.cookies:
            headers["Set-Cookie"] = list(reply.cookies)
        if reply.text is not None:
            return Response(reply.text, {"Content-Type": reply.content_type, **headers}, self.status)
        if reply.value is None:
            return Response("", headers, 204)
        body = self._adapter.dump_json(reply.value).decode()
        return Response(body, {"Content-Type": "application/json", **headers}, self.status)


def _bytes(event: Any) -> bytes:
    """The body of an event. It is read here because Chalice fails on base64 that is none."""
    body = event.to_original_event().get("body")
    if body is None:
        return b""
    if not event.to_original_event().get("isBase64Encoded"):
        return body if isinstance(body, bytes) else str(body).encode(errors="surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("The request's body did not arrive whole.") from None


def _queries(params: Any) -> dict[str, list[str]]:
    return {key: params.getlist(key) for key in params or ()}


def _cookies(header: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return {name: value for name, sign, value in pairs if sign}


def _correlation_id(event: Any) -> str:
    return str(event.context.get("requestId") or faults.new_correlation_id())


def _note(route: Route, status: int, milliseconds: float, about: Mapping[str, str]) -> None:
    told = {"method": route.method, "route": route.path, "status": status, "ms": milliseconds}
    journal().info("request", extra={**told, **about})
