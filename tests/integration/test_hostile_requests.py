"""Requests that mean harm or are just wrong: each gets a clear sentence with a code, and nothing falls over."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from chalicelib.entrypoints.rest.doors import all_doors
from chalicelib.services.events import Events, Pace
from cli.openapi import openapi
from tests.support.belongings import belongings
from tests.support.people import PASSWORD, Answer, Api, ApiUser
from tests.support.world import Aws, World, world_on

LIMITS_FAR_AWAY = {"requests_per_minute": 1_000_000, "sign_ins_per_minute": 1_000_000}


def problem(answer: Answer) -> tuple[int, str]:
    """Status and code of a refusal in the one wire shape, with a sentence."""
    error = answer.json["error"]
    assert error["message"].endswith((".", ")"))
    return answer.status, error["code"]


def sign_up(api: Api, data: bytes, content_type: str = "application/json") -> Answer:
    return api.post("/auth/sign-up", data=data, headers={"content-type": content_type})


def with_name(name: str) -> bytes:
    """A sign-up whose name is this JSON, unquoted."""
    return f'{{"name": {name}, "email": "a@b.c", "password": "{PASSWORD}"}}'.encode()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 422),
        (b"null", 422),
        (b"{", 422),
        (b"\xff\xfe\x00", 422),
        (with_name("7"), 422),
        (with_name("null"), 422),
        (with_name('["Ada"]'), 422),
        (with_name('"A\\u0000da"'), 422),
        (with_name('"A\\ud800da"'), 422),
        (with_name('"Ada", "role": "admin"'), 422),
        (with_name('"' + "a" * 41 + '"'), 422),
        (with_name("[" * 10_000 + "]" * 10_000), 422),
        (with_name("9" * 5_000), 422),
        (with_name('"' + "a" * 1_100_000 + '"'), 413),
    ],
)
def test_a_body_that_does_not_fit_is_refused(api: Api, data: bytes, status: int) -> None:
    found, code = problem(sign_up(api, data))
    assert (found, code) in [(status, "invalid"), (status, "too_large")]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"])
def test_another_content_type_is_refused(api: Api, kind: str) -> None:
    assert problem(sign_up(api, with_name('"Ada"'), kind)) == (415, "unsupported_content")


def test_json_with_a_character_set_is_json(api: Api) -> None:
    assert sign_up(api, with_name('"Ada"'), "application/json; charset=utf-8").status == 201


@pytest.mark.parametrize("kind", ["image/png", "application/octet-stream"])
def test_a_binary_body_where_json_belongs_is_refused(api: Api, kind: str) -> None:
    assert sign_up(api, b"\x00\xff\xfe", kind).status == 415


def _signed(claims: dict[str, Any], key: Any = "guessed, and long enough for a key", algorithm: str = "HS256") -> str:
    return jwt.encode(claims, key, algorithm=algorithm)


def _claims(user: ApiUser) -> dict[str, Any]:
    return jwt.decode(user.token, options={"verify_signature": False}) | {"role": "admin"}


@pytest.mark.parametrize(
    "forge",
    [
        lambda user: "",
        lambda user: "x" * 3_000,
        lambda user: "a.b.c",
        lambda user: user.token[:-2] + "xx",
        lambda user: _signed(_claims(user)),
        lambda user: _unsigned(_claims(user)),
        lambda user: user.token.split(".")[0] + "." + _part(_claims(user)) + "." + user.token.split(".")[2],
    ],
)
def test_a_forged_token_opens_nothing(api: Api, forge: Any) -> None:
    ada = api.sign_up("ada")
    answer = Api({"authorization": f"Bearer {forge(ada)}"}).get("/account")
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_of_another_deployment_opens_nothing(aws: Aws) -> None:
    aws.wipe()
    with world_on(aws.settings(root_key="another root key of at least 32 bytes")):
        elsewhere = Api().sign_up("ada").token
    with world_on(aws.settings()):
        assert Api({"authorization": f"Bearer {elsewhere}"}).get("/account").status == 401


def test_a_token_without_an_expiry_opens_nothing(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    claims = {name: value for name, value in _claims(ada).items() if name != "exp"}
    token = _signed(claims, world.container.secrets.derive("access-tokens"))
    assert Api({"authorization": f"Bearer {token}"}).get("/account").status == 401


@pytest.mark.parametrize("scheme", ["Basic", "bearer:", "Token"])
def test_only_bearer_tokens_sign_in(api: Api, scheme: str) -> None:
    ada = api.sign_up("ada")
    assert Api({"authorization": f"{scheme} {ada.token}"}).get("/account").status == 401


@pytest.mark.parametrize("chat_id", ["..", "%00", "%2e%2e%2f", "a" * 65, "ada#chat", "💥", "x%0d%0aSet-Cookie"])
def test_an_id_that_can_be_none_names_nothing(api: Api, chat_id: str) -> None:
    assert problem(api.sign_up("ada").get(f"/chats/{chat_id}")) == (404, "not_found")


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "limit=1&limit=2", "colour=red", "cursor=%00", f"limit={'9' * 5000}", "limit=1e9"],
)
def test_a_query_that_does_not_fit_is_refused(api: Api, query: str) -> None:
    assert problem(api.sign_up("ada").request("GET", f"/chats?{query}")) == (422, "invalid")


@pytest.mark.parametrize("cursor", ["x", "e30=", "../..", "null", "a" * 1_999, base64.b64encode(b"{}").decode()])
@pytest.mark.parametrize("path", ["/chats", "/characters", "/personas", "/presets"])
def test_a_made_up_cursor_does_no_harm(api: Api, path: str, cursor: str) -> None:
    assert api.sign_up("ada").get(path, cursor=cursor).status in (200, 422)


@pytest.mark.parametrize("key", ["", "a b", "x" * 129, "é"])
def test_an_idempotency_key_that_is_none_is_refused(api: Api, key: str) -> None:
    ada = api.sign_up("ada")
    answer = ada.post("/chats/x/turns", {"text": "Hello"}, headers={"idempotency-key": key})
    assert problem(answer) == (422, "invalid")


def test_a_sentence_never_repeats_what_was_sent(api: Api) -> None:
    answer = api.post("/auth/sign-in", {"email": "ada@example.org", "password": 1234567890, "swordfish": "hunter2"})
    assert "1234567890" not in answer.body.decode()
    assert "hunter2" not in answer.body.decode()


# --- whatever the document allows, and what it does not

DOCUMENT = openapi(all_doors(), version="0")
OPERATIONS = {found.ok().label: found.ok() for found in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()}


@pytest.fixture(scope="module")
def ada(aws: Aws) -> Iterator[tuple[ApiUser, dict[str, str]]]:
    """Somebody who owns one of everything, and the ids of it."""
    aws.wipe()
    with world_on(aws.settings(**LIMITS_FAR_AWAY)) as world:
        made = world.container
        # The reply among her belongings is never written: who waits for its events shall not wait for long.
        made.events = Events(
            generation_store=made.generation_store,
            generation=made.generation,
            logs=made.logs,
            readers_most=64,
            pace=Pace(wait=0.5),
        )
        user = Api().sign_up("ada")
        yield user, belongings(user)


def _by_harm(label: str) -> tuple[bool, str]:
    """What deletes comes last."""
    return label.startswith("DELETE"), label


@pytest.mark.parametrize("label", sorted(OPERATIONS, key=_by_harm))
def test_nothing_that_is_sent_makes_the_server_fail(ada: tuple[ApiUser, dict[str, str]], label: str) -> None:
    user, ids = ada
    operation = OPERATIONS[label]
    named = {name: value for name, value in ids.items() if f"{{{name}}}" in label and not _ends_us(label)}
    cases = st.one_of(
        operation.as_strategy(path_parameters=named or None),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE, path_parameters=named or None),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=8,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def check(case: schemathesis.Case) -> None:
        answer = _sent(user, case)
        assert answer.status < 500, (case, answer)
        if answer.status >= 400 and answer.headers.get("x-correlation-id"):
            problem(answer)

    check()


def _ends_us(label: str) -> bool:
    """Signing ourselves out would make the rest of the test a test of 401."""
    return "/account/sessions/" in label


def _sent(user: ApiUser, case: schemathesis.Case) -> Answer:
    """What a browser's server would make of the case: ASCII in the address and in headers."""
    request = case.as_transport_kwargs(base_url="http://tavern.example")
    import requests

    prepared = requests.Request(**{k: v for k, v in request.items() if k not in ("timeout", "verify")}).prepare()
    body = prepared.body or b""
    return user.request(
        case.method,
        prepared.path_url,
        data=body.encode() if isinstance(body, str) else bytes(body),
        headers={name.lower(): str(value) for name, value in prepared.headers.items() if name != "Authorization"},
    )


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _unsigned(claims: dict[str, Any]) -> str:
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."
