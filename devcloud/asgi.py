"""The little of ASGI that the front's parts share."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class TooLong(Exception):
    """A request's body is longer than its reader takes."""


class HungUp(Exception):
    """The client went away while its body was read."""


async def read_body(receive: Receive, most_bytes: int) -> bytes:
    """The whole body. Raises TooLong as soon as it is."""
    parts: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise HungUp
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > most_bytes:
            raise TooLong
        if not message.get("more_body"):
            return b"".join(parts)


async def answer(send: Send, status: int, body: bytes, headers: Iterable[tuple[str, str]] = ()) -> None:
    """A whole answer at once. Headers may repeat."""
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
    encoded = [(name, value) for name, value in encoded if name != b"content-length"]
    encoded.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
