"""The web client's files, as CloudFront serves them: addresses of the app answer index.html, with strict headers."""

import asyncio
import mimetypes
import re
from collections.abc import Iterable
from pathlib import Path

from devcloud.asgi import Receive, Scope, Send, answer

# Vite puts a hash of its content into the name of every file it builds.
_HASHED = re.compile(r"^/assets/.+-[\w-]{8,}\.\w+$")
_HOST = re.compile(r"[\w.\-\[\]:]+")
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))

_MISSING = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>TavernAI Plus</title></head>
<body><h1>The page is not built yet</h1>
<p>The doors are open, but the web client is missing. Build it with <code>make setup</code>
(or <code>npm run build</code> in <code>web/</code>) and load this page again.</p></body></html>
"""


class Pages:
    def __init__(self, folder: Path, *, media_origin: str) -> None:
        """`folder` holds the built client; `media_origin` is where its pictures come from."""
        self._folder = folder.resolve()
        self._media_origin = media_origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = dict(scope["headers"])
        host = given.get(b"host", b"").decode("latin-1")
        outside = b"outside=1" in scope["query_string"].split(b"&")
        strict = security_headers(self._media_origin, host, outside_pictures=outside)
        if scope["method"] not in ("GET", "HEAD"):
            await answer(send, 405, b"", [("allow", "GET, HEAD"), *strict])
            return
        path = self._file(scope["path"])
        if path is None:
            html = [("content-type", "text/html; charset=utf-8"), ("cache-control", "no-store")]
            await answer(send, 503, _MISSING.encode(), [*html, *strict])
            return
        accepted = given.get(b"accept-encoding", b"").decode("latin-1")
        body, encoding = await asyncio.to_thread(_read, path, accepted)
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        text = kind.startswith("text/") or kind in ("application/javascript", "application/json", "image/svg+xml")
        lasting = bool(_HASHED.match(scope["path"]))
        headers = [
            ("content-type", f"{kind}; charset=utf-8" if text else kind),
            ("cache-control", "public, max-age=31536000, immutable" if lasting else "no-cache"),
            ("vary", "accept-encoding"),
            *([("content-encoding", encoding)] if encoding else []),
            *strict,
        ]
        await answer(send, 200, b"" if scope["method"] == "HEAD" else body, headers)

    def _file(self, path: str) -> Path | None:
        """The file of an address; index.html for addresses of the app; None where nothing is built."""
        asked = (self._folder / path.lstrip("/")).resolve()
        if asked.is_relative_to(self._folder) and asked.is_file():
            return asked
        index = self._folder / "index.html"
        return index if index.is_file() else None


def security_headers(media_origin: str, host: str, *, outside_pictures: bool = False) -> list[tuple[str, str]]:
    """What every page and file carries. Nothing from elsewhere runs, loads or frames.

    `host` is the one the browser asked for: some browsers do not count sockets to it as 'self'. `outside_pictures` is
    for a visit whose reader allowed a character's pictures from other hosts: the page asks by `?outside=1`.
    """
    pictures = " https:" if outside_pictures else ""
    sockets = f"ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        # Vue sets single style properties through the DOM, which a strict policy allows; there is no inline style.
        "style-src": "'self'",
        "img-src": f"'self' blob: data: {media_origin}{pictures}",
        "media-src": f"'self' blob: {media_origin}",
        "font-src": "'self'",
        "connect-src": f"'self' {sockets} {media_origin}",
        "manifest-src": "'self'",
        "worker-src": "'self'",
        "form-action": f"'self' {media_origin}",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    return [
        ("content-security-policy", "; ".join(f"{name} {value}" for name, value in policy.items())),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ("cross-origin-opener-policy", "same-origin"),
    ]


def _read(path: Path, accepted: str) -> tuple[bytes, str | None]:
    """The bytes to send and how they are compressed: a file made beforehand beside the plain one."""
    for name, suffix in _offered(accepted):
        packed = path.with_name(path.name + suffix)
        if packed.is_file():
            return packed.read_bytes(), name
    return path.read_bytes(), None


def _offered(accepted: str) -> Iterable[tuple[str, str]]:
    names = {part.partition(";")[0].strip() for part in accepted.split(",")}
    return (pair for pair in _ENCODINGS if pair[0] in names)
