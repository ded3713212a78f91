"""The library's doors, as the page uses them."""

import json

import pytest

from tests.support.people import Api, ApiUser
from tests.support.pictures import picture
from tests.support.world import World
from tests.unit.cards.builders import card_png, v2, v3


@pytest.fixture
def ada(api: Api) -> ApiUser:
    return api.sign_up("ada")


PNG = {"content-type": "image/png"}
JSON = {"content-type": "application/json"}


def test_somebody_new_finds_two_characters(ada: ApiUser):
    found = ada.get("/characters", sort="name").json
    assert [item["name"] for item in found["items"]] == ["Ottoline Vesper", "Wen Liao"]
    assert found["items"][0]["picture"]["thumb"].startswith("https://")


def test_a_dropped_card_is_taken_and_told(ada: ApiUser):
    answer = ada.post("/characters/import?filename=maren.png", data=card_png(v2()), headers=PNG)
    assert answer.status == 201
    assert (answer.json["line"]["outcome"], answer.json["line"]["name"]) == ("taken", "maren.png")
    assert ada.get(f"/characters/{answer.json['line']['id']}").json["card"]["data"]["name"] == "Maren"


@pytest.mark.parametrize(
    ("data", "kind", "status", "code"),
    [
        (b"no card", "image/png", 422, "not_a_card"),
        (b"x" * 4_300_000, "image/png", 413, "too_large"),
        (b"x", "text/html", 415, None),
        (b"", "image/png", 422, "invalid"),
    ],
)
def test_a_bad_file_gets_its_code(ada: ApiUser, data: bytes, kind: str, status: int, code: str | None):
    answer = ada.post("/characters/import", data=data, headers={"content-type": kind})
    assert (answer.status, answer.code) == (status, code or answer.code)


def test_the_way_of_a_character(ada: ApiUser):
    made = ada.post("/characters", {"card": v3(tags=["sea"])}, headers={"idempotency-key": "k"})
    assert made.status == 201
    place = f"/characters/{made.json['id']}"
    assert (
        ada.post("/characters", {"card": v3(tags=["sea"])}, headers={"idempotency-key": "k"}).json["id"]
        == (made.json["id"])
    )
    assert ada.put(f"{place}/avatar", data=picture(), headers=PNG).json["picture"]["width"] == 64
    changed = ada.patch(place, {"revision": 2, "favourite": True, "data": {"name": "Maren II"}})
    assert (changed.status, changed.json["name"], changed.json["favourite"]) == (200, "Maren II", True)
    stale = ada.patch(place, {"revision": 2, "favourite": False})
    assert (stale.status, stale.json["error"]["theirs"]["revision"]) == (409, 3)
    assert {"tag": "sea", "count": 1} in ada.get("/characters/tags").json
    download = ada.post(f"{place}/export?format=png", None, data=b"")
    assert (download.status, download.json["filename"]) == (200, "Maren II.png")
    assert ada.delete(place).status == 204
    assert [item["id"] for item in ada.get("/characters", trash="true").json["items"]] == [made.json["id"]]
    assert ada.post(f"{place}/restore", None, data=b"").json["deleted_at"] is None
    assert ada.delete(f"{place}/forever").status == 204
    assert ada.get(place).status == 404


def test_a_list_by_ids_is_in_the_order_asked_for_with_the_trash_and_without_what_is_not_there(ada: ApiUser):
    one, two, three = (ada.post("/characters", {"card": v3(name=name)}).json["id"] for name in ("A", "B", "C"))
    ada.delete(f"/characters/{two}")
    page = ada.get("/characters", ids=f"{three},{two},nobody,{one},{three}").json
    assert [item["id"] for item in page["items"]] == [three, two, one]
    assert page["next"] is None


@pytest.mark.parametrize("ids", ["", ",", "a,,b", "a b", ",".join(["a"] * 101)])
def test_a_list_of_ids_that_is_none_is_refused(ada: ApiUser, ids: str):
    assert ada.get("/characters", ids=ids).status == 422


def test_an_upload_answers_a_form_and_then_a_job(ada: ApiUser):
    form = ada.post("/uploads", {"filename": "m.charx", "size": 7, "content_type": "application/zip"})
    assert form.status == 201
    assert form.json["fields"]["key"] == f"{ada.id}/uploads/{form.json['id']}"
    missing = ada.post(f"/uploads/{form.json['id']}/finish", None, data=b"")
    assert (missing.status, missing.code) == (422, "upload_missing")
    assert ada.get("/jobs").json == []
    assert ada.get("/jobs/none").status == 404


def test_others_are_told_that_nothing_is_there(api: Api, ada: ApiUser):
    bob = api.sign_up("bob")
    made = ada.post("/characters", {"card": v3()}).json["id"]
    place = f"/characters/{made}"
    answers = [
        bob.get(place),
        bob.patch(place, {"revision": 1, "favourite": True}),
        bob.delete(place),
        bob.delete(f"{place}/forever"),
        bob.post(f"{place}/restore", None, data=b""),
        bob.post(f"{place}/export", None, data=b""),
        bob.put(f"{place}/avatar", data=picture(), headers=PNG),
    ]
    assert {answer.status for answer in answers} == {404}


@pytest.mark.parametrize("body", [{}, {"card": []}, {"card": {}}, {"card": {"name": "x"}, "more": 1}])
def test_a_bad_body_is_refused(ada: ApiUser, body: object):
    assert ada.post("/characters", body).status == 422


@pytest.mark.parametrize("text", ["a\u0000b", "a \ud800 b"])
def test_text_that_nobody_can_keep_is_mended_in_files_and_refused_in_requests(ada: ApiUser, text: str):
    card = json.dumps({"card": v3(description=text)}).encode()
    assert ada.post("/characters", None, data=card, headers=JSON).status == 422
    file = json.dumps(v3(description=text)).encode()
    assert ada.post("/characters/import", None, data=file, headers=JSON).json["line"]["outcome"] == "changed"


def test_an_edit_leaves_the_rest_of_a_card_as_it_was_written(ada: ApiUser, world: World):
    entry = {"keys": ["ferry"], "content": "It leaves at noon.", "enabled": True, "insertion_order": 10, "x_mine": None}
    data = {"name": "Tessa", "character_book": {"entries": [entry], "extensions": {}}, "extensions": {"a": [1, None]}}
    made = ada.post("/characters", {"card": {"spec": "chara_card_v3", "spec_version": "3.0", "data": data}}).json
    sent = made["card"]["data"] | {"description": "She keeps the lighthouse."}
    changed = ada.patch(f"/characters/{made['id']}", {"revision": 1, "data": sent})
    assert changed.status == 200, changed
    ada.post(f"/characters/{made['id']}/export?format=json", None, data=b"")
    key = next(key for key in world.files() if "/exports/" in key)
    kept = json.loads(world.container.files.get(key))["data"]
    assert kept["character_book"]["entries"][0]["insertion_order"] == 10
    assert isinstance(kept["character_book"]["entries"][0]["insertion_order"], int)
    assert kept["character_book"]["entries"][0]["x_mine"] is None
    assert kept["extensions"] == {"a": [1, None]}
    assert "nickname" not in kept
    assert "priority" not in kept["character_book"]["entries"][0]
