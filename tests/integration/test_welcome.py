"""The characters everybody is given: nobody's account depends on them."""

import pytest

from tests.support.people import PASSWORD, Api
from tests.support.world import World

SIGN_UP = {"name": "ada", "email": "ada@example.org", "password": PASSWORD}


@pytest.fixture
def broken(world: World) -> World:
    """A world whose bucket is gone: no portrait can be kept there."""
    world.container.files._bucket = "nowhere"
    return world


def _mend(world: World) -> None:
    world.container.files._bucket = world.settings.media_bucket


def test_a_welcome_that_fails_keeps_nobody_out_and_is_noted(broken: World, caplog: pytest.LogCaptureFixture) -> None:
    answer = Api().post("/auth/sign-up", SIGN_UP)
    assert answer.status == 201, answer
    assert Api({"authorization": f"Bearer {answer.json['access_token']}"}).get("/characters").json["items"] == []
    assert "a welcome failed" in caplog.text


@pytest.mark.parametrize("way", ["sign-in", "refresh"])
def test_the_next_way_in_brings_the_characters(broken: World, way: str) -> None:
    first = Api().post("/auth/sign-up", SIGN_UP)
    _mend(broken)
    if way == "sign-in":
        again = Api().post("/auth/sign-in", {"email": SIGN_UP["email"], "password": PASSWORD})
    else:
        cookie = first.headers["set-cookie"][0].partition(";")[0]
        again = Api({"cookie": cookie}).post("/auth/refresh")
    assert again.status == 200, again
    person = Api({"authorization": f"Bearer {again.json['access_token']}"})
    assert len(person.get("/characters").json["items"]) == 2


def test_who_threw_them_away_is_not_given_them_again(world: World) -> None:
    ada = Api().sign_up("ada")
    for character in ada.get("/characters").json["items"]:
        assert ada.delete(f"/characters/{character['id']}/forever").status == 204
    assert Api().post("/auth/sign-in", {"email": "ada@example.org", "password": PASSWORD}).status == 200
    assert ada.get("/characters").json["items"] == []
