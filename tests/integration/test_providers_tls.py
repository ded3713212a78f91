"""Services behind TLS: whose certificate is believed, and what a person reads when it is not."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib.providers.guard import Guard
from chalicelib.providers.wire import Wire
from tests.integration.test_providers_failing import LOOPBACK, access, failure, read
from tests.support.tls import Authority
from tests.support.upstream import upstream

HELLO = [b'data: {"choices": [{"delta": {"content": "Hello"}}]}\n\n', b"data: [DONE]\n\n"]
Serve = Callable[[Path, Authority], ssl.SSLContext]


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that the product trusts, as a machine's own authorities are trusted."""
    made = Authority()
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", made.trust())
    return made


def wire() -> Wire:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    return Wire(Guard(private_networks=LOOPBACK, resolve=resolve), stall_seconds=2)


async def test_the_checked_address_is_asked_under_its_own_name(authority: Authority, tmp_path: Path) -> None:
    context = authority.server(tmp_path, "models.example")
    names: list[str] = []
    context.sni_callback = lambda _, name, __: names.append(name)
    used = wire()
    async with upstream(context) as server:
        server.pieces = HELLO
        await read(used, access(f"https://models.example:{server.port}/v1"), [])
    await used.close()
    assert names == ["models.example"]
    assert server.requests[0].headers["Host"] == f"models.example:{server.port}"


@pytest.mark.parametrize(
    "serve",
    [
        lambda folder, authority: Authority().server(folder, "models.example"),
        lambda folder, authority: authority.server(folder, "another.example"),
        lambda folder, authority: authority.server(folder, "127.0.0.1"),
        lambda folder, authority: authority.server(folder, "models.example", days=-1),
    ],
    ids=["signed by nobody known", "for another name", "for the address alone", "run out"],
)
async def test_a_certificate_that_is_not_good_is_called_that(
    authority: Authority, tmp_path: Path, serve: Serve
) -> None:
    used = wire()
    async with upstream(serve(tmp_path, authority)) as server:
        error = await failure(used, access(f"https://models.example:{server.port}/v1"))
    await used.close()
    assert error.code == "provider_unreachable"
    assert "its certificate is not valid" in error.message
    assert server.requests == []
