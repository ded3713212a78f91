"""The local REST API in front of a small Chalice app: what API Gateway does around a function."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from chalice.app import Chalice, Response

from devcloud.rest import RestApi, RestLimits
from tests.support.served import served

LIMITS = RestLimits(seconds=0.5, request_bytes=10_000, response_bytes=6_000)


def _small_app() -> Chalice:
    app = Chalice(app_name="small")
    app.api.binary_types += ["image/webp"]

    @app.route("/event/{name}", methods=["GET", "POST"], content_types=["application/json", "text/plain"])
    def event(name: str) -> Any:
        return {"name": name, "event": app.current_request.to_dict()}

    @app.route("/raw/{name}")
    def raw(name: str) -> Any:
        return {"name": name}

    @app.route("/raw/fixed")
    def fixed() -> Any:
        return {"name": "the fixed one"}

    @app.route("/mine/{name}")
    def mine(name: str) -> Any:
        time.sleep(0.01)
        return {"name": app.current_request.uri_params["name"], "id": app.current_request.context["requestId"]}

    @app.route("/slow")
    def slow() -> Any:
        time.sleep(1)
        return {}

    @app.route("/large")
    def large() -> Any:
        return {"text": "x" * 7_000}

    @app.route("/echo", methods=["POST"], content_types=["image/webp"])
    def echo() -> Any:
        return Response(app.current_request.raw_body, headers={"Content-Type": "image/webp"})

    @app.route("/cookies")
    def cookies() -> Any:
        return Response({}, headers={"Set-Cookie": ["a=1; HttpOnly", "b=2"]})

    return app


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    api = RestApi(_small_app(), limits=LIMITS)
    with served(rest=api) as chosen:
        yield chosen
    api.close()


class Browser:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, body, named)
        answer = self._connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def browser(port: int) -> Iterator[Browser]:
    made = Browser(port)
    yield made
    made.close()


def _code(body: bytes) -> str:
    return str(json.loads(body)["error"]["code"])


def test_the_stage_is_not_part_of_a_route(browser: Browser) -> None:
    status, _, body = browser.ask("GET", "/api/raw/one")
    assert (status, json.loads(body)) == (200, {"name": "one"})


def test_a_fixed_name_wins_over_a_parameter(browser: Browser) -> None:
    assert json.loads(browser.ask("GET", "/api/raw/fixed")[2]) == {"name": "the fixed one"}


@pytest.mark.parametrize(
    ("path", "name"), [("a%2Fb", "a/b"), ("%E9%BE%8D", "龍"), ("a+b", "a+b"), ("a%20b", "a b"), ("a=b", "a=b")]
)
def test_path_parameters_are_decoded(browser: Browser, path: str, name: str) -> None:
    assert json.loads(browser.ask("GET", f"/api/raw/{path}")[2]) == {"name": name}


def test_the_event_has_what_aws_puts_into_it(browser: Browser) -> None:
    body = browser.ask("GET", "/api/event/x?tag=a&tag=b&q=%C3%BC", User_Agent="a browser")[2]
    event = json.loads(body)["event"]
    assert event["query_params"] == {"tag": "b", "q": "ü"}
    context = event["context"]
    assert context["identity"] == {"sourceIp": "127.0.0.1", "userAgent": "a browser"}
    assert context["stage"] == "api"
    assert context["resourcePath"] == "/event/{name}"
    assert context["path"] == "/api/event/x"
    assert {"requestId", "apiId", "requestTimeEpoch", "domainName", "accountId"} <= set(context)


def test_binary_bodies_come_and_go_unharmed(browser: Browser) -> None:
    picture = bytes(range(256))
    status, headers, body = browser.ask("POST", "/api/echo", picture, Content_Type="image/webp", Accept="image/*,*/*")
    assert (status, headers["content-type"], body) == (200, "image/webp", picture)


def test_a_body_that_is_no_binary_type_is_read_as_text_as_on_aws(browser: Browser) -> None:
    status, _, _ = browser.ask("POST", "/api/event/x", b"\xff\xfe", Content_Type="text/plain")
    assert status == 200


def test_several_cookies_are_several_headers(browser: Browser) -> None:
    _, headers, _ = browser.ask("GET", "/api/cookies")
    assert headers.get_all("set-cookie") == ["a=1; HttpOnly", "b=2"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer abc"}])
def test_an_unknown_path_is_not_found_in_our_own_words(browser: Browser, headers: dict[str, str]) -> None:
    status, _, body = browser.ask("GET", "/api/nowhere", None, **headers)
    assert (status, _code(body)) == (404, "not_found")


def test_a_wrong_method_and_a_wrong_type_have_our_shape(browser: Browser) -> None:
    status, _, body = browser.ask("DELETE", "/api/raw/x")
    assert (status, _code(body)) == (405, "invalid")
    status, _, body = browser.ask("POST", "/api/event/x", b"<a/>", Content_Type="application/xml")
    assert (status, _code(body)) == (415, "invalid")


def test_a_function_that_takes_too_long_is_a_504(browser: Browser) -> None:
    status, _, body = browser.ask("GET", "/api/slow")
    assert (status, _code(body)) == (504, "unavailable")


def test_a_request_above_the_limit_is_a_413(port: int) -> None:
    browser = Browser(port)
    status, _, body = browser.ask("POST", "/api/event/x", b"x" * 10_001, Content_Type="text/plain")
    browser.close()
    assert (status, _code(body)) == (413, "too_large")


def test_an_answer_above_the_limit_is_an_error(browser: Browser) -> None:
    status, _, body = browser.ask("GET", "/api/large")
    assert (status, _code(body)) == (502, "internal")


def test_requests_at_the_same_time_do_not_see_each_other(port: int) -> None:
    local = threading.local()
    made: list[Browser] = []

    def ask(number: int) -> tuple[str, str]:
        if not hasattr(local, "browser"):
            local.browser = Browser(port)
            made.append(local.browser)
        told = json.loads(local.browser.ask("GET", f"/api/mine/{number}")[2])
        return told["name"], told["id"]

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(200)))
    for browser in made:
        browser.close()
    assert [name for name, _ in answers] == [str(number) for number in range(200)]
    assert len({request_id for _, request_id in answers}) == 200
