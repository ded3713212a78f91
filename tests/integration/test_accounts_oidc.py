"""Signing in with an ID token of the issuer that the settings name."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.support.issuer import CLIENT_ID, LocalIssuer, local_issuer
from tests.support.people import Answer, Api
from tests.support.world import Aws, World, world_on

NONCE = "a nonce of the page"


@pytest.fixture(scope="module")
def issuer() -> Iterator[LocalIssuer]:
    with local_issuer() as made:
        yield made


@pytest.fixture
def here(aws: Aws, issuer: LocalIssuer) -> Iterator[World]:
    aws.wipe()
    with world_on(aws.settings(oidc_issuer=issuer.address, oidc_client_id=CLIENT_ID)) as world:
        yield world


def sign_in(token: str, nonce: str = NONCE) -> Answer:
    return Api().post("/auth/oidc", {"id_token": token, "nonce": nonce})


def test_the_first_time_makes_an_account_and_the_next_finds_it(here: World, issuer: LocalIssuer) -> None:
    first = sign_in(issuer.id_token(now=here.clock.now(), nonce=NONCE))
    assert first.status == 200, first
    assert first.json["account"]["name"] == "Ada"
    again = sign_in(issuer.id_token(now=here.clock.now(), nonce=NONCE, email="changed@example.org"))
    assert again.json["account"]["id"] == first.json["account"]["id"]


def test_a_token_is_good_once(here: World, issuer: LocalIssuer) -> None:
    token = issuer.id_token(now=here.clock.now(), nonce=NONCE)
    assert sign_in(token).status == 200
    assert (sign_in(token).status, sign_in(token).code) == (401, "token_reused")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://127.0.0.1:1"},
        {"aud": "somebody-else"},
        {"aud": [CLIENT_ID, "somebody-else"]},
        {"azp": "somebody-else"},
        {"nonce": "another nonce of a page"},
        {"nonce": None},
        {"sub": None},
        {"exp": None},
        {"key": rsa.generate_private_key(public_exponent=65537, key_size=2048)},
        {"key": "a secret that is long enough for HS256 here", "algorithm": "HS256"},
    ],
    ids=lambda claims: next(iter(claims)),
)
def test_a_token_that_does_not_hold_is_refused(here: World, issuer: LocalIssuer, claims: dict[str, Any]) -> None:
    answer = sign_in(issuer.id_token(**({"now": here.clock.now(), "nonce": NONCE} | claims)))
    assert (answer.status, answer.code) == (401, "token_invalid")


def test_an_expired_token_is_refused(here: World, issuer: LocalIssuer) -> None:
    old = issuer.id_token(now=here.clock.now() - timedelta(minutes=6), nonce=NONCE)
    assert sign_in(old).code == "token_expired"


def test_what_is_no_token_is_refused(here: World) -> None:
    assert sign_in("not.a.token").status == 401


def test_an_address_that_has_an_account_is_not_joined(here: World, issuer: LocalIssuer) -> None:
    Api().sign_up("ada")
    answer = sign_in(issuer.id_token(now=here.clock.now(), nonce=NONCE))
    assert (answer.status, answer.code) == (409, "address_taken")


def test_who_has_no_password_deletes_the_account_after_a_fresh_sign_in(here: World, issuer: LocalIssuer) -> None:
    token = sign_in(issuer.id_token(now=here.clock.now(), nonce=NONCE)).json["access_token"]
    ada = Api({"authorization": f"Bearer {token}"})
    here.clock.advance(minutes=14)
    assert ada.post("/account/delete", {}).status == 204


def test_an_issuer_that_is_away_is_a_passing_trouble(aws: Aws, issuer: LocalIssuer) -> None:
    aws.wipe()
    with world_on(aws.settings(oidc_issuer="http://127.0.0.1:1", oidc_client_id=CLIENT_ID)) as world:
        assert sign_in(issuer.id_token(now=world.clock.now(), nonce=NONCE)).status == 503


def test_the_page_is_told_where_the_issuer_signs_people_in(here: World, issuer: LocalIssuer) -> None:
    options = Api().get("/auth/options").json
    assert options["oidc_authorization_url"] == f"{issuer.address}/authorize"
    assert (options["oidc_issuer"], options["oidc_client_id"]) == (issuer.address, CLIENT_ID)


def test_the_other_ways_in_stay_open_while_the_issuer_is_away(aws: Aws) -> None:
    aws.wipe()
    with world_on(aws.settings(oidc_issuer="http://127.0.0.1:1", oidc_client_id=CLIENT_ID)):
        answer = Api().get("/auth/options")
    assert (answer.status, answer.json["oidc_authorization_url"]) == (200, None)


def test_without_an_issuer_there_is_no_such_way_in(api: Api) -> None:
    assert sign_in("x.y.z").status == 404
