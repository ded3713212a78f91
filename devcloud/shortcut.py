"""The short way to the two services that are asked all the time. MiniStack spends half of a request on finding out
which of its hundred services is meant; the target's name says it.

Everything else, and whatever is unusual, goes through MiniStack's own door.
"""

import logging
import re
from typing import Any

from devcloud.asgi import App, HungUp, Receive, Scope, Send, read_body

log = logging.getLogger("devcloud.aws")

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([\w-]+)/")
_REQUEST_BYTES_MOST = 20_000_000


class Shortcut:
    def __init__(self, app: App) -> None:
        """`app` is MiniStack's, whose services are loaded and patched by now or will be before the first request."""
        from ministack.core import responses
        from ministack.services import dynamodb, sqs

        self._app, self._responses = app, responses
        self._services: dict[bytes, Any] = {b"DynamoDB_20120810": dynamodb, b"AmazonSQS": sqs}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        raw = dict(scope["headers"])
        service = self._services.get(raw.get(b"x-amz-target", b"").partition(b".")[0])
        signed = _CREDENTIAL.search(raw.get(b"authorization", b"").decode("latin-1"))
        if service is None or signed is None or b"content-encoding" in raw:
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw.items()}
        self._responses.set_request_account_id(signed[1])
        self._responses.set_request_region(signed[2])
        try:
            body = await read_body(receive, _REQUEST_BYTES_MOST)
        except HungUp:
            return
        try:
            status, answered, content = await service.handle_request(scope["method"], scope["path"], headers, body, {})
        except Exception:
            log.exception("%s failed.", headers["x-amz-target"])
            status, answered, content = (
                500,
                {"Content-Type": "application/x-amz-json-1.0"},
                b'{"__type":"InternalError"}',
            )
        content = content if isinstance(content, bytes) else content.encode()
        lines = [(name.lower().encode(), str(value).encode()) for name, value in answered.items()]
        lines.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": content})
