"""An OpenID Connect issuer on this machine: real HTTP, real keys, and whatever claims a test wants.

`python -m tests.support.issuer` runs one for a browser; a server is told of it by TAVERN_OIDC_ISSUER and
TAVERN_OIDC_CLIENT_ID.
"""

import html
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT_ID = "tavern-client"
_PAGE = """<!doctype html><html lang="en"><title>Local issuer</title>
<h1>Local issuer</h1><p><a id="allow" href="{}">Go on as Ada</a></p><p><a id="deny" href="{}">Refuse</a></p>"""


class LocalIssuer:
    def __init__(self, address: str) -> None:
        self.address = address
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def documents(self) -> dict[str, Any]:
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.address,
                "jwks_uri": f"{self.address}/keys",
                "authorization_endpoint": f"{self.address}/authorize",
            },
            "/keys": {"keys": [{**public, "kid": "k1", "use": "sig", "alg": "RS256"}]},
        }

    def authorize_page(self, query: str) -> str:
        """The page of the implicit flow, which leads back with a token or a refusal after the hash sign."""
        asked = dict(parse_qsl(query))
        assert (asked["response_type"], asked["client_id"]) == ("id_token", CLIENT_ID)
        assert {"openid", "email", "profile"} <= set(asked["scope"].split())
        token = self.id_token(now=datetime.now(UTC), nonce=asked["nonce"])
        answers = ({"id_token": token, "state": asked["state"]}, {"error": "access_denied", "state": asked["state"]})
        ways = (html.escape(f"{asked['redirect_uri']}#{urlencode(answer)}") for answer in answers)
        return _PAGE.format(*ways)

    def id_token(self, *, now: datetime, nonce: str, key: Any = None, algorithm: str = "RS256", **claims: Any) -> str:
        """A token as a good issuer writes it, save for what `claims`, `key` and `algorithm` change."""
        held = {
            "iss": self.address,
            "aud": CLIENT_ID,
            "sub": "subject-1",
            "nonce": nonce,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=5)).timestamp()),
            "email": "ada@example.org",
            "name": "Ada",
        } | claims
        held = {name: value for name, value in held.items() if value is not None}
        return jwt.encode(held, key or self.key, algorithm=algorithm, headers={"kid": "k1"})


@contextmanager
def local_issuer(port: int = 0) -> Iterator[LocalIssuer]:
    made: list[LocalIssuer] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            if asked.path == "/authorize":
                self._answer(200, "text/html", made[0].authorize_page(asked.query))
                return
            document = made[0].documents().get(asked.path)
            self._answer(200 if document else 404, "application/json", json.dumps(document or {}))

        def _answer(self, status: int, kind: str, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        made.append(LocalIssuer(f"http://127.0.0.1:{server.server_port}"))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield made[0]
        finally:
            server.shutdown()


if __name__ == "__main__":
    with local_issuer(port=8788) as running:
        print(f"TAVERN_OIDC_ISSUER={running.address} TAVERN_OIDC_CLIENT_ID={CLIENT_ID}", flush=True)
        threading.Event().wait()
