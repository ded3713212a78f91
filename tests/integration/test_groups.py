"""Groups through the REST doors."""

import json
from typing import Any

import pytest

from tests.support.people import Answer, Api, ApiUser
from tests.support.world import World

FILE: dict[str, Any] = {
    "id": "1700000000000",
    "name": "The lighthouse",
    "members": ["Ada.png", "Ben.png", "Nobody.png"],
    "disabled_members": ["Ben.png"],
    "activation_strategy": 3,
    "generation_mode": 1,
    "generation_mode_join_prefix": "<FIELDNAME>",
    "generation_mode_join_suffix": "",
    "allow_self_responses": True,
    "auto_mode_delay": 9,
    "hideMutedSprites": True,
    "fav": False,
    "chat_id": "2024-1-1",
    "chats": ["2024-1-1"],
    "avatar_url": "img/two.png",
    "unheard_of": {"kept": [1, 2]},
}


def character(person: ApiUser, name: str, **card: Any) -> str:
    made = person.post("/characters", {"card": {"name": name, "first_mes": f"I am {name}, {{{{user}}}}."} | card})
    assert made.status == 201, made
    return str(made.json["id"])


def import_file(person: ApiUser, file: Any) -> Answer:
    data = json.dumps(file).encode()
    return person.post("/groups/import", data=data, headers={"content-type": "application/octet-stream"})


def test_a_group_is_made_read_changed_and_deleted(api: Api) -> None:
    ada = api.sign_up("ada")
    one, two = character(ada, "Mira"), character(ada, "Brom")
    made = ada.post("/groups", {"name": "Us", "members": [{"character_id": one}, {"character_id": two}]})
    assert made.status == 201
    place = f"/groups/{made.json['id']}"
    members = [{"character_id": two, "muted": True}, {"character_id": one}]
    changed = ada.patch(place, {"revision": 1, "order": "list", "members": members}).json
    assert (changed["order"], changed["name"], changed["revision"]) == ("list", "Us", 2)
    assert [(one["character_id"], one["muted"]) for one in changed["members"]] == [(two, True), (one, False)]
    assert ada.get(place).json == changed
    assert ada.get("/groups").json["items"] == [changed]
    assert ada.delete(place).status == 204
    assert ada.get(place).status == 404


def test_a_stale_change_shows_both(api: Api) -> None:
    ada = api.sign_up("ada")
    place = f"/groups/{ada.post('/groups', {'name': 'Us'}).json['id']}"
    ada.patch(place, {"revision": 1, "name": "We"})
    stale = ada.patch(place, {"revision": 1, "name": "They"})
    assert (stale.status, stale.json["error"]["theirs"]["name"]) == (409, "We")


def test_made_twice_with_one_key_it_is_one(api: Api) -> None:
    ada = api.sign_up("ada")
    made = [ada.post("/groups", {"name": "Us"}, headers={"idempotency-key": "k"}).json["id"] for _ in range(2)]
    assert made[0] == made[1]


def test_nobody_is_in_a_group_twice(api: Api) -> None:
    ada = api.sign_up("ada")
    one = character(ada, "Mira")
    twice = [{"character_id": one}, {"character_id": one}]
    assert ada.post("/groups", {"name": "Us", "members": twice}).status == 422


def test_a_member_who_is_gone_may_stay_and_is_left_out_of_what_is_said(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    one, two = character(ada, "Mira"), character(ada, "Brom")
    members = [{"character_id": one}, {"character_id": two}]
    group = ada.post("/groups", {"name": "Us", "members": members}).json["id"]
    world.container.characters.delete(ada.id, two)
    assert ada.patch(f"/groups/{group}", {"revision": 1, "members": members}).status == 200
    assert [actor.id for actor in world.container.groups.cast(ada.id, group).actors] == [one]


def test_a_file_of_sillytavern_is_kept_whole(api: Api) -> None:
    ada = api.sign_up("ada")
    one, two = character(ada, "Ada"), character(ada, "Ben")
    group = import_file(ada, FILE)
    assert group.status == 201
    assert (group.json["order"], group.json["cards"], group.json["auto_delay_seconds"]) == ("pooled", "join", 9)
    assert [(one["character_id"], one["muted"]) for one in group.json["members"]] == [
        (one, False),
        (two, True),
        (None, False),
    ]


def test_a_file_comes_out_as_it_went_in_with_what_was_edited(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    one, two = character(ada, "Ada"), character(ada, "Ben")
    group = import_file(ada, FILE).json
    written = world.container.group_files.write(ada.id, group["id"], {})
    assert written == FILE
    third = character(ada, "Cleo")
    members = [{"character_id": third}, *group["members"]]
    ada.patch(f"/groups/{group['id']}", {"revision": 1, "order": "manual", "members": members})
    written = world.container.group_files.write(ada.id, group["id"], {one: "Ada1.png"})
    assert written == FILE | {
        "activation_strategy": 2,
        "members": ["Cleo.png", "Ada1.png", "Ben.png", "Nobody.png"],
    }
    assert ada.post(f"/groups/{group['id']}/export").json["filename"] == "The lighthouse.json"
    assert two


@pytest.mark.parametrize("file", [[], {}, {"name": "x"}, {"name": " ", "members": []}, "text", {"members": []}])
def test_a_file_that_holds_no_group_is_refused(api: Api, file: Any) -> None:
    assert import_file(api.sign_up("ada"), file).status == 422


def test_in_a_chat_with_a_group_each_member_greets(api: Api) -> None:
    ada = api.sign_up("ada")
    card = {"spec": "chara_card_v3", "spec_version": "3.0", "data": {"name": "Cleo", "first_mes": "Alone."}}
    card["data"] |= {"group_only_greetings": ["Good evening, all of {{group}}."]}  # type: ignore[operator]
    cleo = ada.post("/characters", {"card": card}).json["id"]
    one, silent = character(ada, "Mira"), character(ada, "Brom", first_mes="")
    members = [{"character_id": one}, {"character_id": silent}, {"character_id": cleo}]
    group = ada.post("/groups", {"name": "Us", "members": members}).json["id"]
    chat = ada.post("/chats", {"group_id": group})
    assert chat.status == 201
    assert (chat.json["group_id"], chat.json["character_id"], chat.json["title"]) == (group, "", "Us")
    said = ada.get(f"/chats/{chat.json['id']}").json["page"]["messages"]
    assert [(one["name"], one["character_id"], one["text"], one["swipe_count"]) for one in said] == [
        ("Mira", one, "I am Mira, ada.", 1),
        ("Cleo", cleo, "Good evening, all of Mira, Brom, Cleo.", 2),
    ]
    assert [one["id"] for one in ada.get("/chats", group_id=group).json["items"]] == [chat.json["id"]]
    assert ada.get("/chats", character_id=one).json["items"] == []
    ada.delete(f"/chats/{chat.json['id']}")
    assert ada.get("/chats", group_id=group).json["items"] == []
    ada.post(f"/chats/{chat.json['id']}/restore")
    assert len(ada.get("/chats", group_id=group).json["items"]) == 1


def test_a_chat_is_with_a_character_or_with_a_group(api: Api) -> None:
    ada = api.sign_up("ada")
    group = ada.post("/groups", {"name": "Us"}).json["id"]
    assert ada.post("/chats", {}).status == 422
    assert ada.post("/chats", {"group_id": group, "character_id": character(ada, "Mira")}).status == 422


def test_a_chat_file_of_a_group_says_who_spoke(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    one = character(ada, "Ada")
    two = character(ada, "Ben")
    group = import_file(ada, FILE).json["id"]
    lines: list[dict[str, Any]] = [
        {"chat_metadata": {"note_interval": 3, "note_role": 1}, "user_name": "unused", "character_name": "unused"},
        {"name": "Ada", "is_user": False, "mes": "Here.", "original_avatar": "Ada.png", "extra": {}},
        {"name": "Old Ben", "is_user": False, "mes": "There.", "original_avatar": "Ben.png", "extra": {}},
        {"name": "A stranger", "is_user": False, "mes": "Who?", "extra": {}},
        {"name": "User", "is_user": True, "mes": "Yes.", "extra": {}},
    ]
    data = "\n".join(json.dumps(line) for line in lines).encode()
    chat = ada.post(f"/chats/import?group_id={group}", data=data, headers={"content-type": "application/octet-stream"})
    assert chat.status == 201, chat
    assert (chat.json["authors_note_interval"], chat.json["authors_note_role"]) == (3, "user")
    said = ada.get(f"/chats/{chat.json['id']}").json["page"]["messages"]
    assert [message["character_id"] for message in said] == [one, two, None, None]
    ada.patch(f"/chats/{chat.json['id']}", {"authors_note_place": "before_main"})
    held = world.container.chat_store.get(ada.id, chat.json["id"])
    world.container.variables.keep(ada.id, held, held.branch_id, {}, {"gold": 3})
    (_, pieces), *_ = world.container.chat_files.pack(ada.id, chat.json["id"])
    written = [json.loads(line) for line in "".join(pieces).split("\n")]
    assert written[0]["chat_metadata"] == {
        "note_interval": 3,
        "note_role": 1,
        "note_position": 2,
        "variables": {"gold": 3},
    }
    assert [line.get("original_avatar") for line in written[1:]] == ["Ada.png", "Ben.png", None, None]
