"""Personas through the REST doors."""

import io

from PIL import Image

from tests.support.people import Api
from tests.support.world import World


def picture(colour: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (64, 96), colour).save(made, "PNG")
    return made.getvalue()


def test_a_persona_is_made_read_changed_and_deleted(api: Api) -> None:
    ada = api.sign_up("ada")
    made = ada.post("/personas", {"name": "Ben", "description": "A sailor."})
    assert made.status == 201
    place = f"/personas/{made.json['id']}"
    changed = ada.patch(place, {"revision": 1, "description": "A captain."}).json
    assert (changed["name"], changed["description"], changed["revision"]) == ("Ben", "A captain.", 2)
    assert ada.get(place).json == changed
    assert ada.delete(place).status == 204
    assert ada.delete(place).status == 204
    assert ada.get(place).status == 404


def test_a_stale_change_shows_both(api: Api) -> None:
    ada = api.sign_up("ada")
    place = f"/personas/{ada.post('/personas', {'name': 'Ben'}).json['id']}"
    ada.patch(place, {"revision": 1, "name": "Benjamin"})
    stale = ada.patch(place, {"revision": 1, "name": "Benny"})
    assert (stale.status, stale.code) == (409, "conflict")
    assert stale.json["error"]["yours"]["name"] == "Benny"
    assert stale.json["error"]["theirs"]["name"] == "Benjamin"


def test_personas_come_in_pages_the_oldest_first(api: Api) -> None:
    ada = api.sign_up("ada")
    for number in range(5):
        ada.post("/personas", {"name": f"{number}"})
    first = ada.get("/personas", limit=3).json
    second = ada.get("/personas", limit=3, cursor=first["next"]).json
    assert [one["name"] for one in first["items"] + second["items"]] == ["0", "1", "2", "3", "4"]


def test_a_page_of_long_descriptions_ends_early_and_goes_on(api: Api) -> None:
    ada = api.sign_up("ada")
    for number in range(25):
        ada.post("/personas", {"name": f"{number}", "description": "x" * 50_000})
    first = ada.get("/personas", limit=100).json
    second = ada.get("/personas", limit=100, cursor=first["next"]).json
    assert [one["name"] for one in first["items"] + second["items"]] == [f"{number}" for number in range(25)]


def test_making_twice_with_one_key_is_making_once(api: Api) -> None:
    ada = api.sign_up("ada")
    made = [ada.post("/personas", {"name": "Ben"}, headers={"idempotency-key": "k"}).json["id"] for _ in range(2)]
    assert made[0] == made[1]


def test_an_avatar_is_encoded_anew_and_the_one_before_goes(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    place = f"/personas/{ada.post('/personas', {'name': 'Ben'}).json['id']}"
    headers = {"content-type": "image/png"}
    first = ada.request("PUT", place + "/avatar", data=picture("red"), headers=headers).json
    assert (first["picture"]["width"], first["revision"]) == (64, 2)
    ada.request("PUT", place + "/avatar", data=picture("blue"), headers=headers)
    assert len([key for key in world.files() if "/personas/" in key]) == 2
    ada.delete(place)
    assert not [key for key in world.files() if "/personas/" in key]


def test_what_is_no_picture_is_refused(api: Api) -> None:
    ada = api.sign_up("ada")
    place = f"/personas/{ada.post('/personas', {'name': 'Ben'}).json['id']}"
    refused = ada.request("PUT", place + "/avatar", data=b"<svg/>", headers={"content-type": "image/png"})
    assert refused.status == 422
    assert ada.get(place).json["picture"] is None


def test_somebody_elses_persona_is_not_there(api: Api) -> None:
    ada, eve = api.sign_up("ada"), api.sign_up("eve")
    persona = ada.post("/personas", {"name": "Ben"}).json
    place = f"/personas/{persona['id']}"
    assert eve.get(place).status == 404
    assert eve.patch(place, {"revision": 1, "name": "Mine"}).status == 404
    assert eve.delete(place).status == 204
    assert (
        eve.request("PUT", place + "/avatar", data=picture("red"), headers={"content-type": "image/png"}).status == 404
    )
    assert ada.get(place).json == persona
