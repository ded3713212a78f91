"""API Gateway's WebSocket API on this machine, an ASGI application: its behaviour, its limits, its `@connections`.

Sources: "Amazon API Gateway quotas", "Use @connections commands in your backend service", and what the manual says of
route responses: what a handler returns for a message goes nowhere.
"""

import asyncio
import base64
import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from chalice.local import LambdaContext

from devcloud.asgi import Receive, Scope, Send, TooLong, answer, read_body
from devcloud.connections import Connection, Full, Gone
from devcloud.events import Event, Origin, connect_event, disconnect_event, message_event, new_id
from devcloud.signature import BadSignature, Signatures

log = logging.getLogger("devcloud.gateway")

Handler = Callable[[Event, Any], Any]


@dataclass(frozen=True)
class SocketHandlers:
    """The functions behind the three routes."""

    connect: Handler
    message: Handler
    disconnect: Handler


@dataclass(frozen=True)
class SocketLimits:
    """API Gateway's quotas; tests shorten them."""

    frame_bytes: int = 32 * 1024
    message_bytes: int = 128 * 1024
    idle_seconds: float = 600.0
    connection_seconds: float = 7200.0
    integration_seconds: float = 29.0
    new_connections_a_second: int = 500
    address_bytes: int = 4096
    messages_in_flight: int = 500
    """Of one connection, being handled."""
    waiting_bytes: int = 4 * 1024 * 1024
    """For a reader that does not read, before posts are refused."""
    stuck_seconds: float = 30.0
    """A line that takes nothing for so long is dropped."""
    threads: int = 32


@dataclass
class SocketGateway:
    handlers: SocketHandlers
    signatures: Signatures
    prefix: str = "/socket"
    limits: SocketLimits = field(default_factory=SocketLimits)

    def __post_init__(self) -> None:
        self._connections: dict[str, Connection] = {}
        self._threads = ThreadPoolExecutor(self.limits.threads, thread_name_prefix="socket")
        self._tasks: set[asyncio.Task[None]] = set()
        self._opened: list[float] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._command(scope, receive, send)

    @property
    def connection_ids(self) -> list[str]:
        return list(self._connections)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    # --- sockets

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        origin = _origin(scope)
        status, protocol = await self._connect(origin, scope)
        if not 200 <= status < 300:
            await _refuse_socket(send, status, origin.connection_id)
            return
        await send({"type": "websocket.accept", "subprotocol": protocol})
        connection = Connection(
            origin, send, scope["state"].get("abort", _nothing), waiting_bytes=self.limits.waiting_bytes
        )
        self._connections[origin.connection_id] = connection
        sending = asyncio.create_task(connection.send_all(stuck_seconds=self.limits.stuck_seconds))
        code, reason = 1006, ""
        try:
            code, reason = await self._read(connection, receive)
        finally:
            connection.gone = True
            self._connections.pop(origin.connection_id, None)
            sending.cancel()
            self._in_background(self._invoke_quietly(self.handlers.disconnect, disconnect_event(origin, code, reason)))

    async def _connect(self, origin: Origin, scope: Scope) -> tuple[int, str | None]:
        """The status of the handshake and the chosen sub-protocol."""
        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > self.limits.address_bytes:
            return 414, None
        if not self._may_open():
            return 429, None
        try:
            reply = await self._invoke(self.handlers.connect, connect_event(origin, scope))
            status = int(reply.get("statusCode", 200)) if isinstance(reply, dict) else 200
        except TimeoutError:
            return 504, None
        except Exception:
            log.exception("The connect handler failed.")
            return 502, None
        headers = (reply.get("headers") or {}) if isinstance(reply, dict) else {}
        named = {name.lower(): value for name, value in headers.items()}
        return status, named.get("sec-websocket-protocol")

    async def _read(self, connection: Connection, receive: Receive) -> tuple[int, str]:
        """Hands messages on until the connection ends; code and reason of the end."""
        limits = self.limits
        end = time.time() + limits.connection_seconds
        while True:
            left = min(connection.last_active + limits.idle_seconds, end) - time.time()
            try:
                message = await asyncio.wait_for(receive(), max(left, 0.001))
            except TimeoutError:
                if connection.last_active + limits.idle_seconds <= time.time() or end <= time.time():
                    connection.close(1001, "Going away")
                    return await _end(receive, (1001, "Going away"))
                continue
            if message["type"] == "websocket.disconnect":
                return message.get("code", 1005), message.get("reason") or ""
            connection.last_active = time.time()
            text, data = message.get("text"), message.get("bytes")
            if text is not None:
                event = message_event(connection.origin, text, base64=False)
            else:
                event = message_event(connection.origin, base64.b64encode(data or b"").decode(), base64=True)
            # Each message is an invocation of its own: nothing keeps them in order.
            self._in_background(self._message(connection, event))

    async def _message(self, connection: Connection, event: Event) -> None:
        problem = None
        if connection.in_flight >= self.limits.messages_in_flight:
            problem = "Too Many Requests"
        else:
            connection.in_flight += 1
            try:
                await self._invoke(self.handlers.message, event)
            except TimeoutError:
                problem = "Endpoint request timed out"
            except Exception:
                log.exception("The message handler failed.")
                problem = "Internal server error"
            finally:
                connection.in_flight -= 1
        if problem is None:
            return
        frame = {
            "message": problem,
            "connectionId": connection.origin.connection_id,
            "requestId": event["requestContext"]["requestId"],
        }
        try:
            connection.post(json.dumps(frame))
        except (Gone, Full):
            return

    # --- @connections

    async def _command(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw_path = scope["raw_path"].decode("ascii", "replace")
        start, connection_id = f"{self.prefix}/@connections/", ""
        if unquote(raw_path).startswith(start):
            connection_id = unquote(raw_path.rpartition("/")[2])
        try:
            # One byte more than a message may have is enough to know that it is too large.
            body = await read_body(receive, self.limits.message_bytes)
        except TooLong:
            await _say(send, 413, "PayloadTooLargeException", "Payload Too Large")
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            self.signatures.check_headers(
                scope["method"],
                raw_path,
                scope["query_string"].decode("latin-1"),
                headers,
                body,
                service="execute-api",
                now=datetime.now(UTC),
            )
        except BadSignature as problem:
            await _say(send, 403, "ForbiddenException", str(problem))
            return
        if not connection_id:
            await _say(send, 403, "ForbiddenException", "Forbidden")
            return
        connection = self._connections.get(connection_id)
        if connection is None or connection.gone:
            await _say(send, 410, "GoneException", "Gone")
            return
        await self._do(scope["method"], connection, body, send)

    async def _do(self, method: str, connection: Connection, body: bytes, send: Send) -> None:
        match method:
            case "POST":
                try:
                    connection.post(body.decode())
                except Gone:
                    await _say(send, 410, "GoneException", "Gone")
                except Full:
                    await _say(send, 429, "LimitExceededException", "Limit Exceeded")
                except UnicodeDecodeError:
                    await _say(send, 400, "BadRequestException", "Invalid data")
                else:
                    await answer(send, 200, b"", _request_id())
            case "GET":
                told = {
                    "connectedAt": _iso(connection.origin.connected_at_ms / 1000),
                    "identity": {"sourceIp": connection.origin.address, "userAgent": connection.origin.agent},
                    "lastActiveAt": _iso(connection.last_active),
                }
                await answer(send, 200, json.dumps(told).encode(), [*_request_id(), _JSON])
            case "DELETE":
                connection.close(1000, "Connection Closed Normally")
                await answer(send, 204, b"", _request_id())
            case _:
                await _say(send, 403, "ForbiddenException", "Forbidden")

    # --- invoking

    async def _invoke(self, handler: Handler, event: Event) -> Any:
        """What the function returns or raises. Raises TimeoutError after the integration's time; the thread goes on."""
        seconds = self.limits.integration_seconds
        context = LambdaContext("socket", 512, max_runtime_ms=int(seconds * 1000))
        work = asyncio.get_running_loop().run_in_executor(self._threads, handler, event, context)
        return await asyncio.wait_for(asyncio.shield(work), seconds)

    async def _invoke_quietly(self, handler: Handler, event: Event) -> None:
        try:
            await self._invoke(handler, event)
        except Exception:
            log.exception("The disconnect handler failed.")

    def _in_background(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _may_open(self) -> bool:
        now = time.monotonic()
        self._opened = [at for at in self._opened if now - at < 1.0]
        if len(self._opened) >= self.limits.new_connections_a_second:
            return False
        self._opened.append(now)
        return True


_JSON = ("content-type", "application/json")
_REFUSALS = {401: "Unauthorized", 403: "Forbidden", 414: "Request-URI Too Long", 429: "Too Many Requests"}


def _request_id() -> list[tuple[str, str]]:
    return [("x-amzn-requestid", new_id())]


def _origin(scope: Scope) -> Origin:
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    return Origin(
        connection_id=new_id(),
        connected_at_ms=int(time.time() * 1000),
        address=(scope.get("client") or ("127.0.0.1", 0))[0],
        agent=headers.get(b"user-agent", ""),
        host=headers.get(b"host", "localhost"),
    )


async def _end(receive: Receive, default: tuple[int, str]) -> tuple[int, str]:
    """Waits shortly for the client's answer to our goodbye."""
    try:
        while (await asyncio.wait_for(receive(), 5))["type"] != "websocket.disconnect":
            continue
    except TimeoutError:
        return default
    return default


async def _refuse_socket(send: Send, status: int, connection_id: str) -> None:
    message = _REFUSALS.get(status, "Internal server error" if status >= 500 else "Bad Request")
    body = json.dumps({"message": message, "connectionId": connection_id, "requestId": new_id()}).encode()
    headers = [(b"content-type", b"application/json"), (b"x-amzn-requestid", new_id().encode())]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})


async def _say(send: Send, status: int, kind: str, message: str) -> None:
    body = json.dumps({"message": message, "requestId": new_id()}).encode()
    await answer(send, status, body, [*_request_id(), _JSON, ("x-amzn-errortype", kind)])


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _nothing() -> None:
    return
