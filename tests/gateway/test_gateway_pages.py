"""The web client's files as the front serves them."""

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest

from devcloud.pages import Pages
from tests.support.served import served

Answer = tuple[int, http.client.HTTPMessage, bytes]


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>TavernAI Plus</title>")
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "assets" / "index-Bx3kQ9aZ.js").write_text("plain")
    (folder / "assets" / "index-Bx3kQ9aZ.js.gz").write_bytes(b"packed")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
def port(dist: Path) -> Iterator[int]:
    with served(pages=Pages(dist, media_origin="http://media.test")) as chosen:
        yield chosen


def get(port: int, path: str, method: str = "GET", **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body


@pytest.mark.parametrize("path", ["/", "/index.html", "/chats/abc", "/deep/er/still"])
def test_addresses_of_the_app_answer_the_page(port: int, path: str) -> None:
    status, headers, body = get(port, path)
    assert (status, body) == (200, b"<title>TavernAI Plus</title>")
    assert headers["cache-control"] == "no-cache"


def test_files_with_a_hash_in_their_name_are_kept_for_ever(port: int) -> None:
    status, headers, body = get(port, "/assets/index-Bx3kQ9aZ.js")
    assert (status, body) == (200, b"plain")
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["content-type"].startswith("text/javascript")


def test_a_packed_file_is_sent_to_those_who_take_it(port: int) -> None:
    _, headers, body = get(port, "/assets/index-Bx3kQ9aZ.js", Accept_Encoding="gzip, br")
    assert (headers["content-encoding"], body) == ("gzip", b"packed")
    assert headers["vary"] == "accept-encoding"


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"])
def test_nothing_outside_the_folder_is_served(port: int, path: str) -> None:
    assert b"secret" not in get(port, path)[2]


def test_every_answer_carries_the_strict_headers(port: int) -> None:
    for path in ("/", "/favicon.svg", "/assets/index-Bx3kQ9aZ.js"):
        headers = get(port, path)[1]
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert "http://media.test" in policy["img-src"]
        assert policy["connect-src"] == f"'self' ws://127.0.0.1:{port} wss://127.0.0.1:{port} http://media.test"
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_a_head_has_no_body(port: int) -> None:
    assert get(port, "/", method="HEAD")[2] == b""


def test_without_a_built_client_the_page_says_what_to_do(tmp_path: Path) -> None:
    with served(pages=Pages(tmp_path, media_origin="http://media.test")) as port:
        status, _, body = get(port, "/")
    assert status == 503
    assert b"make setup" in body
