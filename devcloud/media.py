"""The bucket as browsers reach it: addresses and forms that the product signed, and nothing else, go on to S3.

MiniStack answers unsigned requests too. So this door checks every signature itself, with this data folder's own key,
and hands the request on without it.
"""

import logging
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from email.parser import HeaderParser
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape

import aiohttp
from yarl import URL

from devcloud.asgi import HungUp, Receive, Scope, Send, answer
from devcloud.signature import BadSignature, Signatures

log = logging.getLogger("devcloud.media")

# The fields of a form come before its file; this is plenty for them.
_FIELD_BYTES = 64 * 1024
_HANDED_ON = ("content-type", "content-length", "range", "if-none-match", "if-modified-since", "if-range")
_HANDED_BACK = {
    *("content-type", "content-length", "content-range", "accept-ranges", "content-encoding", "content-disposition"),
    *("etag", "last-modified", "cache-control", "expires", "location"),
}
_ANY_ORIGIN = [
    # An address is signed and secret: who has it may read it, from whatever page.
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", "ETag"),
    ("cross-origin-resource-policy", "cross-origin"),
    ("x-content-type-options", "nosniff"),
    # A picture that is opened on its own runs nothing.
    ("content-security-policy", "default-src 'none'; sandbox"),
]


class Media:
    def __init__(self, endpoint: str, signatures: Signatures) -> None:
        """`endpoint` is the emulated AWS."""
        self._endpoint = endpoint
        self._signatures = signatures
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, raw_path = scope["method"], scope["raw_path"].decode("ascii", "replace")
        query = scope["query_string"].decode("latin-1")
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if method == "OPTIONS":
            await answer(send, 204, b"", [*_ANY_ORIGIN, *_PREFLIGHT])
            return
        body = _Body(receive)
        try:
            if method == "POST" and raw_path.count("/") == 1:
                self._signatures.check_form(await body.fields(headers), now=datetime.now(UTC))
            elif method in ("GET", "HEAD", "PUT"):
                self._signatures.check_presigned(method, raw_path, query, headers, now=datetime.now(UTC))
            else:
                raise BadSignature("Access Denied")
        except BadSignature as problem:
            await answer(send, 403, _error("AccessDenied", str(problem)), [*_ANY_ORIGIN, _XML])
            return
        except HungUp:
            return
        await self._hand_on(method, raw_path, query, headers, body, send)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _hand_on(
        self, method: str, raw_path: str, query: str, headers: Mapping[str, str], body: "_Body", send: Send
    ) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(auto_decompress=False, timeout=aiohttp.ClientTimeout(total=300))
        rest = [(name, value) for name, value in parse_qsl(query, True) if not name.startswith("X-Amz-")]
        url = URL(f"{self._endpoint}{raw_path}" + (f"?{urlencode(rest)}" if rest else ""), encoded=True)
        kept = {name: headers[name] for name in _HANDED_ON if name in headers}
        data = body.parts() if method in ("POST", "PUT") else None
        # MiniStack only looks whether there is a signature where the answer's headers are asked for.
        host = {"host": URL(self._endpoint).authority}
        kept |= self._signatures.sign(method, raw_path, host, b"", service="s3", now=datetime.now(UTC))
        try:
            async with self._session.request(
                method, url, headers=kept, data=data, allow_redirects=False, skip_auto_headers=("content-type",)
            ) as reply:
                back = [(n.lower(), v) for n, v in reply.headers.items() if n.lower() in _HANDED_BACK]
                if not _is_shown(reply.content_type) and not any(n == "content-disposition" for n, _ in back):
                    back.append(("content-disposition", "attachment"))
                encoded = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in [*back, *_ANY_ORIGIN]]
                await send({"type": "http.response.start", "status": reply.status, "headers": encoded})
                async for part in reply.content.iter_chunked(64 * 1024):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
        except HungUp:
            return
        except aiohttp.ClientConnectorError:
            await answer(send, 503, _error("ServiceUnavailable", "Please try again."), [*_ANY_ORIGIN, _XML])


class _Body:
    """A request's body that is looked into and then handed on whole, piece by piece."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._seen: list[bytes] = []
        self._more = True

    async def parts(self) -> AsyncIterator[bytes]:
        for part in self._seen:
            yield part
        while self._more:
            yield await self._next()

    async def fields(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The fields of a form before its file, names lower-cased. Raises BadSignature when it is no such form."""
        kind = HeaderParser().parsestr(f"content-type: {headers.get('content-type', '')}\n\n")
        boundary = kind.get_boundary()
        if kind.get_content_type() != "multipart/form-data" or not boundary:
            raise BadSignature("Access Denied")
        while self._more and b"filename=" not in self._head() and len(self._head()) < _FIELD_BYTES:
            self._seen.append(await self._next())
        found: dict[str, str] = {}
        for section in self._head().split(b"--" + boundary.encode()):
            head, _, value = section.partition(b"\r\n\r\n")
            part = HeaderParser().parsestr(head.decode("utf-8", "replace").lstrip("\r\n"))
            name = part.get_param("name", header="content-disposition")
            if isinstance(name, str) and part.get_filename() is None:
                # The first one counts, as it does for S3.
                found.setdefault(name.lower(), value.removesuffix(b"\r\n").decode("utf-8", "replace"))
        return found

    def _head(self) -> bytes:
        return b"".join(self._seen)

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise HungUp
        self._more = message.get("more_body", False)
        return bytes(message.get("body", b""))


def _is_shown(content_type: str) -> bool:
    """Whether a browser may show it here: this bucket has the pages' own address, unlike one on AWS."""
    return content_type.startswith("image/") and content_type != "image/svg+xml"


_XML = ("content-type", "application/xml")
_PREFLIGHT = [
    ("access-control-allow-methods", "GET, HEAD, PUT, POST"),
    ("access-control-allow-headers", "*"),
    ("access-control-max-age", "3600"),
]


def _error(code: str, message: str) -> bytes:
    error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'.encode()
