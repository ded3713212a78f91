"""Presets of SillyTavern through the REST doors: in, edited, in use, out again."""

import asyncio
import json
from typing import Any

import pytest

from tests.support.model_server import Say
from tests.support.people import Api, ApiUser
from tests.support.replies import Stage
from tests.support.world import World

ORDER = ["chatHistory", "tone", "main", "jailbreak"]
CHAT = {
    "temperature": 0.70,
    "openai_max_context": 8192,
    "openai_max_tokens": 250,
    "prompts": [
        {"identifier": "main", "name": "Main", "role": "system", "content": "Be {{char}}.", "system_prompt": True},
        {"identifier": "tone", "name": "Tone", "role": "user", "content": "Softly.", "system_prompt": False},
        {"identifier": "jailbreak", "name": "PHI", "content": "Briefly.", "system_prompt": True, "odd": [1, None]},
        {"identifier": "chatHistory", "name": "History", "marker": True, "system_prompt": True},
    ],
    "prompt_order": [{"character_id": 100001, "order": [{"identifier": one, "enabled": True} for one in ORDER]}],
    "squash_system_messages": False,
    "new_chat_prompt": "",
    "verbosity": "low",
    "a_field_of_tomorrow": {"big": 12345678901234567890, "small": 1e-7, "text": "né 小"},
}
TEXT = {"temp": 1.2, "rep_pen": 1.05, "xtc_probability": 0.5, "genamt": 111, "max_length": 2048, "later": [True]}
JSON = {"content-type": "application/json"}
EVIL = {
    "reverse_proxy": "https://evil.example",
    "proxy_password": "x",
    "custom_url": "https://evil.example",
    "custom_include_headers": "X-Steal: yes",
    "server_urls": {"kobold": "https://evil.example"},
}


def taken(person: ApiUser, given: dict[str, Any], name: str = "Quiet hours.json") -> Any:
    data = json.dumps(given, ensure_ascii=False).encode()
    answer = person.post("/presets/import", data=data, headers=JSON, query={"filename": name})
    assert answer.status == 201, answer
    return answer.json


def file_of(person: ApiUser, preset_id: str) -> Any:
    return person.get(f"/presets/{preset_id}").json["file"]


@pytest.mark.parametrize(("given", "kind"), [(CHAT, "chat"), (TEXT, "text")])
def test_a_file_comes_back_as_it_came(api: Api, world: World, given: dict[str, Any], kind: str) -> None:
    ada = api.sign_up("ada")
    made = taken(ada, given)
    assert (made["line"]["outcome"], made["preset"]["name"], made["preset"]["kind"]) == ("taken", "Quiet hours", kind)
    assert world.container.presets.get(ada.id, made["preset"]["id"]).file == given
    download = ada.post(f"/presets/{made['preset']['id']}/export").json
    assert (download["filename"], download["dropped"]) == ("Quiet hours.json", [])
    key = f"{ada.id}/presets/{made['preset']['id']}/exports/1.json"
    out = world.container.files.get(key).decode()
    assert json.loads(out) == given
    assert json.dumps(json.loads(out)) == json.dumps(given)


def test_no_file_says_where_a_connection_leads(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    made = taken(ada, CHAT | EVIL)
    assert made["line"]["outcome"] == "changed"
    assert all(field in made["line"]["note"] for field in EVIL)
    assert file_of(ada, made["preset"]["id"]).keys() == CHAT.keys()
    refused = ada.patch(f"/presets/{made['preset']['id']}", {"revision": 1, "fields": {"custom_url": "https://evil"}})
    assert (refused.status, refused.code) == (422, "invalid")
    packed = world.container.preset_files.pack(world.container.presets.get(ada.id, made["preset"]["id"]))
    assert b"evil" not in packed


def test_edits_change_fields_and_leave_the_rest(api: Api) -> None:
    ada = api.sign_up("ada")
    place = f"/presets/{taken(ada, CHAT)['preset']['id']}"
    changed = ada.patch(place, {"revision": 1, "fields": {"temperature": 0.5}, "without": ["verbosity"]})
    assert changed.json["revision"] == 2
    expected = {**CHAT, "temperature": 0.5}
    del expected["verbosity"]
    assert file_of(ada, place.removeprefix("/presets/")) == expected
    stale = ada.patch(place, {"revision": 1, "fields": {"temperature": 0.9}})
    assert (stale.status, stale.code, stale.json["error"]["theirs"]["revision"]) == (409, "conflict", 2)


def test_a_list_leaves_the_files_out(api: Api) -> None:
    ada = api.sign_up("ada")
    taken(ada, CHAT)
    assert all("file" not in one for one in ada.get("/presets").json["items"])


def test_a_preset_larger_than_a_row_is_kept_and_wiped(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    noise = "".join(chr(0x4E00 + (i * 7919) % 20_000) for i in range(400_000))
    large = {**CHAT, "prompts": [*CHAT["prompts"], {"identifier": "x", "content": noise}]}  # type: ignore[misc]
    preset_id = taken(ada, large)["preset"]["id"]
    assert file_of(ada, preset_id) == large
    assert ada.patch(f"/presets/{preset_id}", {"revision": 1, "fields": {"n": 1}}).status == 200
    assert file_of(ada, preset_id) == {**large, "n": 1}
    kept = world.container.files._listing(f"{ada.id}/presets/")
    assert sum(len(page.get("Contents", [])) for page in kept) == 1
    ada.delete(f"/presets/{preset_id}")
    kept = world.container.files._listing(f"{ada.id}/presets/")
    assert sum(len(page.get("Contents", [])) for page in kept) == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"prompts"',
        b'{"temperature": NaN, "top_p": 1}',
        b'{"temperature": 1e999, "top_p": 1}',
        b'{"name": "A world", "entries": {}}',
        b'{"prompts": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'{"prompts": [{"content": "\\ud800"}]}',
    ],
)
def test_what_is_no_preset_is_refused_with_a_sentence(api: Api, data: bytes) -> None:
    ada = api.sign_up("ada")
    answer = ada.post("/presets/import", data=data, headers=JSON)
    assert answer.status == 422
    assert answer.json["error"]["message"].endswith(".")


def test_a_copy_says_the_same_under_another_name(api: Api) -> None:
    ada = api.sign_up("ada")
    preset_id = taken(ada, CHAT)["preset"]["id"]
    copy = ada.post(f"/presets/{preset_id}/copy", {"name": "Twin"}).json
    assert (copy["name"], copy["revision"]) == ("Twin", 1)
    assert file_of(ada, copy["id"]) == CHAT


def test_a_plain_preset_is_opened_in_full_and_folded_again(api: Api) -> None:
    ada = api.sign_up("ada")
    place = f"/presets/{ada.post('/presets', {'name': 'Mine', 'main_prompt': 'Tell.'}).json['id']}"
    assert ada.patch(place, {"revision": 1, "fields": {"temperature": 1}}).status == 422
    opened = ada.patch(place, {"revision": 1, "kind": "chat"}).json
    assert (opened["kind"], opened["folds"]) == ("chat", True)
    assert ada.get(place).json["file"]["prompts"][0]["content"] == "Tell."
    assert ada.patch(place, {"revision": 2, "main_prompt": "Else."}).status == 422
    folded = ada.patch(place, {"revision": 2, "kind": "plain"}).json
    assert (folded["kind"], folded["main_prompt"], folded["revision"]) == ("plain", "Tell.", 3)
    imported = taken(ada, CHAT)["preset"]["id"]
    assert ada.patch(f"/presets/{imported}", {"revision": 1, "kind": "plain"}).status == 422


def test_a_file_of_samplers_only_is_given_the_prompts_it_is_used_with(api: Api) -> None:
    ada = api.sign_up("ada")
    bare = {"temperature": 0.4, "openai_max_tokens": 99}
    preset_id = taken(ada, bare)["preset"]["id"]
    assert ada.patch(f"/presets/{preset_id}", {"revision": 1, "kind": "chat"}).status == 200
    file = file_of(ada, preset_id)
    assert file.keys() == {*bare, "prompts", "prompt_order"}
    assert file["prompts"][0]["identifier"] == "main"


def test_a_given_id_is_taken_once(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    files = world.container.preset_files
    data = json.dumps(CHAT).encode()
    first = files.take(ada.id, data, "OpenAI Settings/Mine.json", preset_id="moved-1")
    again = files.take(ada.id, data, "OpenAI Settings/Mine.json", preset_id="moved-1")
    assert (first.line.outcome, first.line.id) == ("taken", "moved-1")
    assert (again.line.outcome, again.line.code, again.preset) == ("left_out", "duplicate", None)


def test_of_a_file_with_several_things_the_samplers_are_taken(api: Api) -> None:
    made = taken(api.sign_up("ada"), {"instruct": {"input_sequence": "x"}, "preset": {**TEXT, "name": "Mild"}})
    assert made["preset"]["kind"] == "text"


def test_tokens_of_texts_are_counted(api: Api) -> None:
    counted = api.sign_up("ada").post("/presets/tokens", {"texts": ["", "Hello there."]}).json
    assert counted == {"tokens": [0, 3]}


async def test_the_chosen_preset_makes_the_prompt_in_its_order(stage: Stage) -> None:
    def choose() -> None:
        preset_id = taken(stage.person, CHAT)["preset"]["id"]
        assert stage.person.patch("/account", {"choices": {"preset_id": preset_id}}).status == 200

    await asyncio.to_thread(choose)
    stage.model.will(Say("Aye."))
    await asyncio.to_thread(stage.started, "Hello?")
    assert await stage.work() == []
    request = stage.model.requests[-1]
    assert [(one["role"], one["content"]) for one in request["messages"]] == [
        ("assistant", "The lamp is lit."),
        ("user", "Hello?"),
        ("user", "Softly."),
        ("system", "Be Mira."),
        ("system", "Briefly."),
        # What the order does not name stands at the very end.
        ("system", "A lighthouse keeper."),
    ]
    assert (request["temperature"], request["max_tokens"]) == (0.7, 250)


def brought(person: ApiUser, given: dict[str, Any], **query: str) -> Any:
    data = json.dumps(given, ensure_ascii=False).encode()
    answer = person.post("/presets/import", data=data, headers=JSON, query={"filename": "Quiet hours.json", **query})
    assert answer.status == 201, answer
    return answer.json


def named(person: ApiUser) -> list[str]:
    return [one["id"] for one in person.get("/presets").json["items"] if one["name"] == "Quiet hours"]


def test_a_file_that_is_here_already_is_told_and_not_added(api: Api) -> None:
    ada = api.sign_up("ada")
    first = brought(ada, CHAT)["preset"]["id"]
    again = brought(ada, CHAT)
    assert (again["preset"], again["line"]["code"], again["line"]["id"]) == (None, "duplicate", first)
    other = brought(ada, CHAT | {"temperature": 0.1})
    assert (other["preset"], other["line"]["code"], other["line"]["id"]) == (None, "same_name", first)
    assert named(ada) == [first]
    assert brought(ada, TEXT)["line"]["outcome"] == "taken"


def test_a_file_that_is_here_already_is_added_where_that_is_wanted(api: Api) -> None:
    ada = api.sign_up("ada")
    first = brought(ada, CHAT)["preset"]["id"]
    second = brought(ada, CHAT, there="add")["preset"]["id"]
    assert named(ada) == [first, second]


def test_a_file_takes_the_place_of_the_one_that_is_here_where_that_is_wanted(api: Api) -> None:
    ada = api.sign_up("ada")
    first = brought(ada, CHAT)["preset"]["id"]
    replaced = brought(ada, CHAT | {"temperature": 0.1} | EVIL, there="replace")
    assert (replaced["preset"]["id"], replaced["preset"]["revision"], replaced["line"]["outcome"]) == (
        first,
        2,
        "changed",
    )
    assert named(ada) == [first]
    assert file_of(ada, first) == CHAT | {"temperature": 0.1}
