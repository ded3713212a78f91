"""Reading ID tokens of one OpenID Connect issuer, by the keys it publishes.

Source: OpenID Connect Core 1.0, 3.1.3.7, and Discovery 1.0, 4.
"""

import json
import urllib.request
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import jwt

from chalicelib.errors import Unauthenticated, Unavailable

TIMEOUT_SECONDS = 5
KEYS_KEPT_SECONDS = 600
AWAY_KEPT = timedelta(seconds=30)
"""How long an issuer that was away is taken to be so, where somebody waits for a page."""
DOCUMENT_BYTES_MOST = 1_000_000
# Only signatures with a key pair: with HS256 the public key would be the secret.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")


@dataclass(frozen=True)
class Identified:
    """Whom the issuer vouches for."""

    issuer: str
    subject: str
    email: str | None
    name: str | None
    expires_at: datetime


class Issuer:
    def __init__(self, *, issuer: str, client_id: str) -> None:
        self.name, self.client_id = issuer, client_id
        self._away_until: datetime | None = None

    def sign_in_address(self, *, now: datetime) -> str | None:
        """Where people sign in, by the discovery document; None while the issuer is away or says nothing safe."""
        if self._away_until and now < self._away_until:
            return None
        try:
            address = self._document.get("authorization_endpoint")
        except Unavailable:
            self._away_until = now + AWAY_KEPT
            return None
        return address if isinstance(address, str) and _is_safe(address) else None

    def read(self, id_token: str, *, nonce: str, now: datetime) -> Identified:
        """Whom an ID token names. Raises Unauthenticated when it does not hold, Unavailable when the issuer is away."""
        try:
            key = self._keys.get_signing_key_from_jwt(id_token)
            # Times are checked below, against the clock we were given.
            claims = jwt.decode(
                id_token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self.client_id,
                issuer=self.name,
                options={
                    "require": ["iss", "sub", "aud", "exp", "iat", "nonce"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.PyJWKClientConnectionError:
            raise Unavailable("The sign-in service does not answer. Try again in a moment.") from None
        except (jwt.PyJWTError, ValueError):
            raise _refused() from None
        if claims["nonce"] != nonce or not _is_ours(claims, self.client_id):
            raise _refused()
        if not float(claims["iat"]) - 60 <= now.timestamp() < float(claims["exp"]):
            raise Unauthenticated("This sign-in has expired. Sign in again.", code="token_expired")
        return Identified(
            issuer=self.name,
            subject=str(claims["sub"]),
            email=_text(claims.get("email")),
            name=_text(claims.get("name")) or _text(claims.get("preferred_username")),
            expires_at=datetime.fromtimestamp(float(claims["exp"]), tz=now.tzinfo),
        )

    @cached_property
    def _keys(self) -> jwt.PyJWKClient:
        return jwt.PyJWKClient(self._keys_address(), lifespan=KEYS_KEPT_SECONDS, timeout=TIMEOUT_SECONDS)

    def _keys_address(self) -> str:
        """Where the issuer publishes its keys."""
        address = self._document.get("jwks_uri")
        if not isinstance(address, str) or not _is_safe(address):
            raise _misconfigured()
        return address

    @cached_property
    def _document(self) -> dict[str, Any]:
        """The issuer's discovery document. Raises Unavailable, and is asked for again the next time."""
        document = _fetch(f"{self.name.rstrip('/')}/.well-known/openid-configuration")
        if document.get("issuer") != self.name:
            raise _misconfigured()
        return document


def _fetch(address: str) -> dict[str, Any]:
    if not _is_safe(address):
        raise _misconfigured()
    try:
        # The address is the operator's own, and its scheme was just checked.
        with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            document = json.loads(answer.read(DOCUMENT_BYTES_MOST))
    except (OSError, ValueError):
        raise Unavailable("The sign-in service does not answer. Try again in a moment.") from None
    return document if isinstance(document, dict) else {}


def _is_safe(address: str) -> bool:
    """Keys must not travel in the clear, save on this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))


def _is_ours(claims: dict[str, Any], client_id: str) -> bool:
    """With several audiences, the token must have been issued to us (`azp`)."""
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    return claims.get("azp", client_id) == client_id and (len(audiences) == 1 or "azp" in claims)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _refused() -> Unauthenticated:
    return Unauthenticated("The sign-in service's token does not hold. Sign in again.", code="token_invalid")


def _misconfigured() -> Unavailable:
    return Unavailable("The sign-in service is not set up right. Tell the people who run this place.")
