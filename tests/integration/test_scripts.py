"""Regex scripts through the REST doors: kept, ordered, tried, and asked about."""

import json
from typing import Any

import pytest

from tests.support.people import Api, ApiUser

JSON = {"Content-Type": "application/json"}
FILE = {
    "id": "5e1c",
    "scriptName": "Dashes",
    "findRegex": "/--/g",
    "replaceString": "—",
    "trimStrings": [],
    "placement": [2],
    "disabled": False,
    "markdownOnly": False,
    "promptOnly": True,
    "runOnEdit": True,
    "substituteRegex": 0,
    "minDepth": None,
    "maxDepth": None,
    "of_a_later_version": 1,
}
DISPLAY = FILE | {"scriptName": "Stars", "markdownOnly": True, "promptOnly": False}


def card(*scripts: dict[str, Any]) -> dict[str, Any]:
    data = {"name": "Brom", "first_mes": "Well met.", "extensions": {"regex_scripts": list(scripts)}}
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": data}


def test_a_file_is_kept_whole_and_its_changes_go_into_it(api: Api) -> None:
    ada = api.sign_up("ada")
    taken = ada.post("/scripts/import", {"files": [FILE, {"name": "no script"}]}).json
    assert taken["left"] == 1
    script = taken["items"][0]
    assert (script["name"], script["places"], script["prompt_only"]) == ("Dashes", ["reply"], True)
    changed = ada.patch(f"/scripts/{script['id']}", {"revision": 1, "disabled": True, "depth_most": 4}).json
    assert (changed["revision"], changed["depth_most"]) == (2, 4)
    back = ada.post("/scripts/export", {"ids": [script["id"]]}).json
    assert back == {"filename": "regex-Dashes.json", "files": [FILE | {"disabled": True, "maxDepth": 4}]}
    cleared = ada.patch(f"/scripts/{script['id']}", {"revision": 2, "depth_most": None}).json
    assert cleared["depth_most"] is None


def test_scripts_run_in_the_order_one_puts_them_in(api: Api) -> None:
    ada = api.sign_up("ada")
    ids = [ada.post("/scripts", {"name": name, "find": "x"}).json["id"] for name in "abc"]
    ordered = ada.put("/scripts/order", {"ids": [ids[2], ids[0]]}).json["items"]
    assert [one["name"] for one in ordered] == ["c", "a", "b"]
    ada.delete(f"/scripts/{ids[0]}")
    assert [one["name"] for one in ada.get("/scripts").json["items"]] == ["c", "b"]
    assert ada.delete(f"/scripts/{ids[0]}").status == 204


def test_a_stale_change_shows_both_and_another_script_is_not_in_its_way(api: Api) -> None:
    ada = api.sign_up("ada")
    one, two = (ada.post("/scripts", {"name": name, "find": "x"}).json for name in "ab")
    ada.patch(f"/scripts/{one['id']}", {"revision": 1, "find": "y"})
    assert ada.patch(f"/scripts/{two['id']}", {"revision": 1, "find": "y"}).status == 200
    stale = ada.patch(f"/scripts/{one['id']}", {"revision": 1, "find": "z"})
    assert (stale.status, stale.json["error"]["theirs"]["find"]) == (409, "y")


def test_the_same_request_sent_twice_makes_one(api: Api) -> None:
    ada = api.sign_up("ada")
    first, second = (
        ada.post("/scripts", {"name": "a", "find": "x"}, headers={"Idempotency-Key": "k"}) for _ in range(2)
    )
    assert first.json == second.json
    assert len(ada.get("/scripts").json["items"]) == 1


def test_long_scripts_lie_in_the_bucket_and_leave_nothing_there(api: Api) -> None:
    ada = api.sign_up("ada")
    noise = "".join(chr(0x4E00 + (number * 7919) % 20_000) for number in range(130_000))
    made = [ada.post("/scripts", {"name": name, "find": "x", "replace": noise}).json for name in "ab"]
    assert [one["replace"] == noise for one in ada.get("/scripts").json["items"]] == [True, True]
    for one in made:
        ada.delete(f"/scripts/{one['id']}")
    assert ada.get("/scripts").json["items"] == []


def _tried(ada: ApiUser, text: str, **script: Any) -> dict[str, Any]:
    return dict(ada.post("/scripts/try", {"script": {"name": "x", **script}, "text": text}).json)


def test_a_script_can_be_tried_before_it_is_kept(api: Api) -> None:
    ada = api.sign_up("ada")
    tried = _tried(ada, "a 1 b 22", find="/\\d+/g", replace="<$0>", disabled=True, display_only=True)
    assert tried == {"text": "a <1> b <22>", "found": [{"start": 2, "end": 3}, {"start": 6, "end": 8}], "refused": ""}


@pytest.mark.parametrize("find", ["/(a+)+$/", "/(/"])
def test_a_pattern_that_cannot_run_is_told_in_a_sentence_and_soon(api: Api, find: str) -> None:
    tried = _tried(api.sign_up("ada"), "a" * 20_000 + "!", find=find, replace="-")
    assert tried["text"] == "a" * 20_000 + "!"
    assert tried["refused"] == "" or tried["refused"].endswith(".")


def test_scripts_of_a_card_wait_until_somebody_has_said_yes_to_these_very_ones(api: Api) -> None:
    ada = api.sign_up("ada")
    character = ada.post("/characters", {"card": card(DISPLAY)}).json
    chat = ada.post("/chats", {"character_id": character["id"]}).json
    of_chat, of_card = f"/scripts/chats/{chat['id']}", f"/scripts/characters/{character['id']}"
    asked = ada.get(of_chat).json
    assert asked["display"] == []
    assert [(one["name"], one["allowed"], one["items"][0]["name"]) for one in asked["asks"]] == [
        ("Brom", None, "Stars")
    ]

    stale = ada.put(f"{of_card}/permission", {"digest": "other", "allowed": True})
    assert (stale.status, stale.json["error"]["theirs"]["digest"]) == (409, asked["asks"][0]["digest"])
    said = ada.put(f"{of_card}/permission", {"digest": asked["asks"][0]["digest"], "allowed": True})
    assert said.json["allowed"] is True
    now = ada.get(of_chat).json
    assert ([one["name"] for one in now["display"]], now["asks"]) == (["Stars"], [])

    data = {"data": card(DISPLAY | {"replaceString": "!"})["data"], "revision": character["revision"]}
    assert ada.patch(f"/characters/{character['id']}", data).status == 200
    changed = ada.get(of_chat).json
    assert (changed["display"], [one["allowed"] for one in changed["asks"]]) == ([], [None])


def test_scripts_of_a_card_are_edited_where_they_are_and_keep_what_was_said_to_them(api: Api) -> None:
    ada = api.sign_up("ada")
    character = ada.post("/characters", {"card": card(DISPLAY, FILE)}).json
    place = f"/scripts/characters/{character['id']}"
    seen = ada.get(place).json
    ada.put(f"{place}/permission", {"digest": seen["digest"], "allowed": True})
    edited = {"name": "Stars", "find": "/x/g", "replace": "*", "places": ["reply"], "display_only": True}
    items = [{"place": 1}, {"place": 0, "script": edited}, {"script": {"name": "New", "find": "y"}}]
    changed = ada.put(place, {"digest": seen["digest"], "items": items}).json
    assert [one["name"] for one in changed["items"]] == ["Dashes", "Stars", "New"]
    assert changed["allowed"] is True
    files = ada.get(f"/characters/{character['id']}").json["card"]["data"]["extensions"]["regex_scripts"]
    assert files[0] == FILE
    assert (files[1]["findRegex"], files[1]["of_a_later_version"]) == ("/x/g", 1)
    stale = ada.put(place, {"digest": seen["digest"], "items": []})
    assert (stale.status, stale.json["error"]["theirs"]["digest"]) == (409, changed["digest"])
    assert ada.put(place, {"digest": changed["digest"], "items": [{"place": 0}, {"place": 0}]}).status == 422
    none_left = ada.put(place, {"digest": changed["digest"], "items": []}).json
    assert (none_left["items"], none_left["allowed"]) == ([], None)


def test_scripts_of_a_preset_are_edited_in_its_file_and_what_was_said_is_listed(api: Api) -> None:
    ada = api.sign_up("ada")
    file = {"temperature": 1, "prompts": [], "extensions": {"regex_scripts": [FILE], "other": 1}}
    preset = ada.post(
        "/presets/import", data=json.dumps(file).encode(), headers=JSON, query={"filename": "Quiet.json"}
    ).json["preset"]
    place = f"/scripts/presets/{preset['id']}"
    seen = ada.get(place).json
    assert ada.get("/scripts/came").json["items"] == []
    ada.put(f"{place}/permission", {"digest": seen["digest"], "allowed": False})
    script = {"name": "Dashes", "find": "/--/g", "disabled": True}
    changed = ada.put(place, {"digest": seen["digest"], "items": [{"place": 0, "script": script}]}).json
    assert (changed["items"][0]["disabled"], changed["allowed"]) == (True, False)
    assert ada.get(f"/presets/{preset['id']}").json["file"]["extensions"]["other"] == 1
    assert ada.get("/scripts/came").json["items"] == [changed]


def test_who_says_no_is_not_asked_again(api: Api) -> None:
    ada = api.sign_up("ada")
    character = ada.post("/characters", {"card": card(DISPLAY)}).json
    chat = ada.post("/chats", {"character_id": character["id"]}).json
    digest = ada.get(f"/scripts/characters/{character['id']}").json["digest"]
    ada.put(f"/scripts/characters/{character['id']}/permission", {"digest": digest, "allowed": False})
    assert ada.get(f"/scripts/chats/{chat['id']}").json == {"display": [], "asks": []}


def test_the_display_is_told_only_what_changes_it(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = ada.post("/chats", {"character_id": ada.post("/characters", {"card": card()}).json["id"]}).json
    ada.post("/scripts/import", {"files": [FILE, DISPLAY, DISPLAY | {"disabled": True}]})
    shown = ada.get(f"/scripts/chats/{chat['id']}").json
    assert ([one["name"] for one in shown["display"]], shown["asks"]) == (["Stars"], [])


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"name": ""},
        {"name": "x", "places": ["everywhere"]},
        {"name": "x", "find": "x" * 20_001},
        {"name": "x", "depth_least": -5},
        {"name": "x", "unknown": 1},
    ],
)
def test_a_script_that_makes_no_sense_is_refused(api: Api, asked: dict[str, object]) -> None:
    assert api.sign_up("ada").post("/scripts", asked).status == 422


def test_a_file_of_something_else_is_refused(api: Api) -> None:
    assert api.sign_up("ada").post("/scripts/import", {"files": [{"entries": {}}]}).status == 422
