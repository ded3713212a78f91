"""Who is asking: a request's bearer token becomes a User, and its address is made out."""

import hmac
import ipaddress
from collections.abc import Mapping

from chalicelib.container import container
from chalicelib.errors import Forbidden, Unauthenticated
from chalicelib.models.users import Role, User

ACCESS_TOKEN_CHARACTERS_MOST = 2_000


def signed_in(headers: Mapping[str, str]) -> User:
    """The user of a request's `Authorization: Bearer`. Raises Unauthenticated."""
    scheme, _, token = headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > ACCESS_TOKEN_CHARACTERS_MOST:
        raise Unauthenticated("Sign in first.")
    return container().sessions.recognise(token.strip())


def require_role(user: User, role: Role) -> None:
    """Raises Forbidden unless the user's role is this one or above."""
    ranks = list(Role)
    if ranks.index(user.role) < ranks.index(role):
        raise Forbidden("You are not allowed to do this.")


def address_of(headers: Mapping[str, str], source_ip: str) -> str:
    """Where a request comes from. What CloudFront says counts only with the secret that CloudFront alone knows."""
    secret = container().settings.trusted_proxy_secret
    claimed = headers.get("cloudfront-viewer-address", "")
    shown = headers.get("x-origin-secret", "")
    if not secret or not claimed or not _same(shown, secret.get_secret_value()):
        return _normal(source_ip)
    return _normal(claimed.rpartition(":")[0].strip("[]")) or _normal(source_ip)


def _same(shown: str, known: str) -> bool:
    return hmac.compare_digest(shown.encode(errors="replace"), known.encode())


def _normal(address: str) -> str:
    """An address in its one spelling, empty when it is none."""
    try:
        return str(ipaddress.ip_address(address.strip()))
    except ValueError:
        return ""
