"""An OpenID Connect issuer on this machine: real HTTP, real keys, and whatever claims a test wants."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT_ID = "tavern-client"


class LocalIssuer:
    def __init__(self, address: str) -> None:
        self.address = address
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def documents(self) -> dict[str, Any]:
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {
            "/.well-known/openid-configuration": {"issuer": self.address, "jwks_uri": f"{self.address}/keys"},
            "/keys": {"keys": [{**public, "kid": "k1", "use": "sig", "alg": "RS256"}]},
        }

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
def local_issuer() -> Iterator[LocalIssuer]:
    made: list[LocalIssuer] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            document = made[0].documents().get(self.path)
            self.send_response(200 if document else 404)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(document or {}).encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.append(LocalIssuer(f"http://127.0.0.1:{server.server_port}"))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield made[0]
        finally:
            server.shutdown()
