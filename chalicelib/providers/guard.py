"""Which addresses connections may reach: the guard against requests into the operator's own network (SSRF).

The address is checked as written, then every address its name resolves to; the request goes to exactly the checked ones
(`pinned` is the resolver of the HTTP client), so that a name that changes between check and use gains nothing.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from chalicelib.errors import AddressRefused

_HOST = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")
# The query of an address is for things like Azure's api-version: an address is shown, a key is not.
_LIKE_A_SECRET = re.compile(r"key|token|secret|passw|auth|^sig", re.IGNORECASE)
Ip = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]

# Never, whatever the operator allows: this host, link-local with the clouds' metadata, multicast, reserved, and the
# metadata services that lie elsewhere (AWS and Google on IPv6, Alibaba, Azure, Oracle).
_NEVER = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/128", "fe80::/10", "ff00::/8"),
            *("fd00:ec2::/32", "fd20:ce::/32", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.0/24"),
        ),
    )
)
_GLOBAL_V6 = ip_network("2000::/3")
_NAT64, _SIX_TO_FOUR = ip_network("64:ff9b::/96"), ip_network("2002::/16")


class Guard:
    def __init__(
        self,
        *,
        private_networks: Iterable[str] = (),
        forbidden_ports: Iterable[int] = (),
        resolve: Resolve | None = None,
    ) -> None:
        """`private_networks` may be reached besides the public internet, except on `forbidden_ports`."""
        self._private = tuple(ip_network(network) for network in private_networks)
        self._forbidden_ports = frozenset(forbidden_ports)
        self._resolve = resolve or _system_resolve

    def check(self, address: str) -> URL:
        """The address as the HTTP client will use it, checked as written. Raises AddressRefused."""
        if any(letter <= " " or letter in "\\\x7f" for letter in address):
            raise AddressRefused("The address must not contain spaces, control characters or backslashes.")
        try:
            url = URL(address)
            host, port = url.raw_host or "", url.port
        except ValueError:
            raise AddressRefused("This is not an address. It should look like https://example.org/v1.") from None
        if url.scheme not in ("http", "https"):
            raise AddressRefused("The address must begin with https:// (or http:// for a server on your own network).")
        if url.raw_user is not None or url.raw_password is not None:
            raise AddressRefused("The address must not contain a user name or password. Enter the key as the key.")
        if url.raw_fragment:
            raise AddressRefused("The address must not contain #.")
        if any(_LIKE_A_SECRET.search(name) for name in url.query):
            raise AddressRefused("The address must not contain a key. Enter the key as the key.")
        literal = _literal(host)
        if port is None or (literal is None and (len(host) > 253 or not _HOST.fullmatch(host))) or "%" in host:
            raise AddressRefused("The address names no proper host.")
        if literal is None and host.rsplit(".", 1)[-1][:1].isdigit():
            # 2130706433, 0x7f.1 and 0177.0.0.1 are 127.0.0.1 to some resolvers.
            raise AddressRefused("Write the IP address as four numbers, like 192.168.1.20.")
        if literal is not None and not self._allowed(literal, port, url.scheme):
            raise self._refused(host, url.scheme)
        return url

    async def addresses(self, host: str, port: int, scheme: str) -> list[str]:
        """The IP addresses of the host that may be reached. Raises AddressRefused when there is none of that kind.

        Raises OSError when the name does not resolve.
        """
        found = [ip_address(text.split("%")[0]) for text in await self._resolve(host, port)]
        allowed = [str(ip) for ip in found if self._allowed(ip, port, scheme)]
        if not allowed:
            raise self._refused(host, scheme)
        return allowed

    def pinned(self, scheme: str) -> AbstractResolver:
        """A resolver for the HTTP client of one scheme that yields checked addresses only."""
        return _Pinned(self, scheme)

    def _allowed(self, ip: Ip, port: int, scheme: str) -> bool:
        inner = _inner(ip)
        if any(_within(each, network) for each in (ip, inner) for network in _NEVER):
            return False
        if any(_within(inner, network) for network in self._private):
            return port not in self._forbidden_ports
        if isinstance(inner, IPv6Address) and inner not in _GLOBAL_V6:
            return False
        return scheme == "https" and inner.is_global

    def _refused(self, host: str, scheme: str) -> AddressRefused:
        if scheme == "http":
            return AddressRefused(
                f"{host} may not be reached over http://. Use https://; plain http:// is only for private networks "
                "that the operator of this server has allowed."
            )
        return AddressRefused(
            f"{host} lies in a network that may not be reached from here. The operator of this server can allow "
            "private networks in its settings."
        )


class _Pinned(AbstractResolver):
    def __init__(self, guard: Guard, scheme: str) -> None:
        self._guard, self._scheme = guard, scheme

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in await self._guard.addresses(host, port, self._scheme)
        ]

    async def close(self) -> None:
        """Nothing is held."""


async def _system_resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _literal(host: str) -> Ip | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _inner(ip: Ip) -> Ip:
    """The IPv4 address inside an IPv6 one that only wraps it: mapped, compatible, NAT64 or 6to4."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip.ipv4_mapped:
        return ip.ipv4_mapped
    if ip in _NAT64 or 1 < int(ip) <= 0xFFFFFFFF:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip in _SIX_TO_FOUR:
        return IPv4Address((int(ip) >> 80) & 0xFFFFFFFF)
    return ip


def _within(ip: Ip, network: object) -> bool:
    return ip.version == getattr(network, "version", None) and ip in network  # type: ignore[operator]  # same version
