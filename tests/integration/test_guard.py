"""The guard's rules, address by address."""

import pytest

from chalicelib.errors import AddressRefused
from chalicelib.providers.guard import Guard

ALLOWING = Guard(private_networks=["127.0.0.0/8", "::1/128", "192.168.0.0/16"], forbidden_ports=[8787, 6379])
STRICT = Guard()


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "//example.org",
        "example.org",
        "",
        "https://",
        "https:///v1",
        "https://user:secret@example.org/",
        "https://user@example.org/",
        "https://example.org\\@127.0.0.1/",
        "https://example.org/\r\nHost: a",
        "https://exam ple.org/",
        "https://example.org/v1?api_key=1",
        "https://example.org/v1?a=1&Access-Token=1",
        "https://example.org/v1?%6bey=1",
        "https://example.org/v1#x",
        "https://example.org./v1",
        "https://localhost./",
        "https://example.org:99999/",
        "https://a..b/",
        "https://.example.org/",
        f"https://{'a' * 64}.example/",
        f"https://{'a.' * 150}example/",
        "https://exa<mple.org/",
        "https://ex%61mple.org/",
        "https://example.org:0x50/",
        "https://[::1",
        "https://[fe80::1%25eth0]/",
        # Other spellings of 127.0.0.1
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.1/",
        "https://0x7f.0.0.1/",
        "https://127.0.0.1.",
        # Private and special networks, as they are written
        "https://127.0.0.1/",
        "https://127.255.255.254:11434/",
        "https://10.0.0.1/",
        "https://172.16.5.5/",
        "https://192.168.1.20/",
        "https://100.64.0.1/",
        "https://100.100.100.200/",
        "https://0.0.0.0/",
        "https://0.1.2.3/",
        "https://169.254.169.254/latest/meta-data/",
        "https://169.254.170.2/",
        "https://168.63.129.16/",
        "https://192.0.0.192/",
        "https://192.0.2.1/",
        "https://198.18.0.1/",
        "https://224.0.0.1/",
        "https://240.0.0.1/",
        "https://255.255.255.255/",
        "https://[::]/",
        "https://[::1]/",
        "https://[::7f00:1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[64:ff9b:1::1]/",
        "https://[2002:7f00:1::]/",
        "https://[2002:a9fe:a9fe::]/",
        "https://[2001:0:4136:e378::]/",
        "https://[fe80::1]/",
        "https://[fec0::1]/",
        "https://[fc00::1]/",
        "https://[fd00:ec2::254]/",
        "https://[fd20:ce::254]/",
        "https://[ff02::1]/",
        "https://[2001:db8::1]/",
        "https://[100::1]/",
        # Full-width digits, which names are normalised from
        "https://１２７.０.０.１/",
        "https://①②⑦.⓪.⓪.①/",
        # Plain http to the world
        "http://93.184.215.14/",
        "http://[2606:4700::1111]/",
    ],
)
def test_an_address_that_is_refused_as_written(address: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        STRICT.check(address)
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    "address",
    [
        "https://api.openai.com/v1",
        "https://example.org:8443/v1",
        "https://93.184.215.14/",
        "https://[2606:4700::1111]/",
        "https://[::ffff:93.184.215.14]/",
        "https://bücher.example/",
        "https://mine.openai.azure.com/openai/deployments/gpt?api-version=2024-10-21",
    ],
)
def test_an_address_that_passes(address: str) -> None:
    STRICT.check(address)


def test_names_are_used_in_their_ascii_form() -> None:
    assert STRICT.check("https://bücher.example/v1").raw_host == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:11434/v1", "http://192.168.1.20:5001", "http://[::1]:8080", "https://127.0.0.1:11434"],
)
def test_networks_the_operator_allows_may_be_reached_without_tls(address: str) -> None:
    ALLOWING.check(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8787/api",
        "https://[::ffff:127.0.0.1]:8787/",
        "http://192.168.1.20:6379",
        "http://10.0.0.1:80",
        "http://[::ffff:10.0.0.1]:80",
    ],
)
def test_own_ports_and_other_networks_stay_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        ALLOWING.check(address)


@pytest.mark.parametrize(
    "network", ["0.0.0.0/0", "::/0", "169.254.0.0/16", "fe80::/10", "224.0.0.0/4", "fd00::/8", "168.63.129.0/24"]
)
@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://224.0.0.1/",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://168.63.129.16/",
        "http://[::ffff:169.254.169.254]/",
        "http://[64:ff9b::a9fe:a9fe]/",
    ],
)
def test_link_local_and_metadata_are_never_allowed_whatever_the_operator_says(network: str, address: str) -> None:
    with pytest.raises(AddressRefused):
        Guard(private_networks=[network]).check(address)


@pytest.mark.parametrize(
    ("scheme", "found", "allowed"),
    [
        ("https", ["93.184.215.14", "10.0.0.1"], ["93.184.215.14"]),
        ("https", ["10.0.0.1"], None),
        ("https", ["169.254.169.254"], None),
        ("https", ["::ffff:127.0.0.1"], ["::ffff:7f00:1"]),
        ("http", ["93.184.215.14"], None),
        ("http", ["93.184.215.14", "127.0.0.1"], ["127.0.0.1"]),
        ("https", ["fe80::1%eth0"], None),
        ("https", [], None),
    ],
)
async def test_every_address_a_name_stands_for_is_checked(
    scheme: str, found: list[str], allowed: list[str] | None
) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return found

    guard = Guard(private_networks=["127.0.0.0/8"], resolve=resolve)
    if allowed is None:
        with pytest.raises(AddressRefused):
            await guard.addresses("name.example", 443, scheme)
    else:
        assert await guard.addresses("name.example", 443, scheme) == allowed
