"""Access tokens: JWTs signed with HMAC-SHA256, good for a quarter of an hour."""

from datetime import datetime, timedelta

import jwt

from chalicelib.errors import Unauthenticated
from chalicelib.models.users import Role, User

ACCESS_TOKEN_LIFE = timedelta(minutes=15)
_AUDIENCE = "tavern"
_ALGORITHM = "HS256"


class Tokens:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, user: User, *, now: datetime) -> str:
        claims = {
            "aud": _AUDIENCE,
            "sub": user.id,
            "sid": user.session_id,
            "role": user.role.value,
            "iat": int(now.timestamp()),
            "exp": int((now + ACCESS_TOKEN_LIFE).timestamp()),
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def read(self, token: str, *, now: datetime) -> User:
        """The user a token names. Raises Unauthenticated when it is forged, broken or expired."""
        try:
            # The expiry is checked below, against the clock we were given.
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                options={
                    "require": ["sub", "sid", "role", "exp"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
            user = User(id=claims["sub"], session_id=claims["sid"], role=Role(claims["role"]))
            expires_at = int(claims["exp"])
        except (jwt.InvalidTokenError, ValueError):
            raise Unauthenticated("This sign-in is not valid. Sign in again.", code="token_invalid") from None
        if expires_at <= now.timestamp():
            raise Unauthenticated("This sign-in has expired. Sign in again.", code="token_expired")
        return user
