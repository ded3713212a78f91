"""Worlds in the prompts of replies: where they are linked, how they are scanned, and that they are read once."""

import asyncio
from typing import Any

from chalicelib.services.shelves import Shelves, Sources
from tests.integration.test_scenes import BOOK, _enter, _told
from tests.support.model_server import Say
from tests.support.people import Api, ApiUser
from tests.support.replies import CARD, Stage
from tests.support.world import World


def world_of(person: ApiUser, name: str, **entries: str) -> str:
    """A world whose entries wake by their names."""
    made = {str(n): {"uid": n, "key": [key], "content": entries[key], "position": 0} for n, key in enumerate(entries)}
    file = {"entries": made}
    answer = person.request("POST", "/worlds/import", json_body=file, query={"filename": f"{name}.json"})
    world_id: str = answer.json["world"]["id"]
    return world_id


def linked(person: ApiUser, place: str, *world_ids: str) -> Any:
    answer = person.put(f"{place}/worlds", {"world_ids": list(world_ids)})
    assert answer.status == 200, answer
    return answer.json


async def test_worlds_of_all_four_kinds_come_into_a_prompt(stage: Stage) -> None:
    def prepare() -> None:
        ada = stage.person
        persona = ada.post("/personas", {"name": "Ada"}).json["id"]
        ada.patch(f"/chats/{stage.chat['id']}", {"persona_id": persona})
        everywhere = world_of(ada, "Everywhere", oil="Oil is dear.")
        assert ada.put("/worlds/everywhere", {"world_ids": [everywhere]}).status == 200
        linked(ada, f"/characters/{stage.chat['character_id']}", world_of(ada, "Hers", lamp="The lamp is old."))
        linked(ada, f"/personas/{persona}", world_of(ada, "Mine", boots="The boots leak."))
        told = linked(ada, f"/chats/{stage.chat['id']}", world_of(ada, "Ours", storm="The storm is near."))
        assert [(one["source"], one["name"]) for one in told["in_play"]] == [
            ("global", "Everywhere"),
            ("character", "Hers"),
            ("chat", "Ours"),
            ("persona", "Mine"),
        ]

    await asyncio.to_thread(prepare)
    contents = "\n".join(one["content"] for one in await _told(stage, "oil, lamp, boots and storm"))
    told = ("Oil is dear.", "The lamp is old.", "The boots leak.", "The storm is near.")
    assert [text for text in told if text not in contents] == []


async def test_the_book_inside_a_card_gives_way_to_a_world_of_the_character(stage: Stage) -> None:
    card = {"spec": "chara_card_v3", "spec_version": "3.0", "data": CARD | {"character_book": BOOK}}
    await asyncio.to_thread(_enter, stage, card)
    place = f"/characters/{stage.chat['character_id']}"

    def unfold() -> Any:
        made = stage.person.post(f"{place}/book/world")
        assert made.status == 201, made
        assert stage.person.get(f"{place}/worlds").json == {"world_ids": [made.json["id"]]}
        entries = stage.person.get(f"/worlds/{made.json['id']}/entries").json["items"]
        change = {"revision": 1, "entry": {"content": "The lamp burns tallow."}}
        stage.person.patch(f"/worlds/{made.json['id']}/entries/{entries[0]['uid']}", change)

    await asyncio.to_thread(unfold)
    contents = [message["content"] for message in await _told(stage, "Is there oil?")]
    assert "The lamp burns tallow." in contents
    assert "The lamp burns whale oil." not in contents


async def test_how_worlds_are_scanned_is_a_persons_choice(stage: Stage) -> None:
    def prepare() -> None:
        world_id = world_of(stage.person, "Everywhere", oil="Oil is dear.")
        stage.person.put("/worlds/everywhere", {"world_ids": [world_id]})
        changed = stage.person.patch("/worlds/settings", {"depth": 0})
        assert (changed.json["depth"], changed.json["recursive"]) == (0, True)
        assert stage.person.get("/worlds/settings").json == changed.json

    await asyncio.to_thread(prepare)
    assert not any("Oil is dear." in one["content"] for one in await _told(stage, "oil"))


def test_a_world_that_is_not_there_cannot_be_linked(world: World) -> None:

    ada = Api().sign_up("ada")
    assert ada.put("/worlds/everywhere", {"world_ids": ["gone"]}).status == 404


def test_a_world_is_read_once_and_then_only_what_was_changed(world: World) -> None:

    ada = Api().sign_up("ada")
    world_id = world_of(ada, "Everywhere", **{f"k{n}": f"text {n}" for n in range(30)})
    store, container = world.container.world_store, world.container
    shelves = Shelves(store=store, link_store=container.world_link_store)

    def read() -> Any:
        choices = container.user_store.get(ada.id).account.choices
        (shelf,) = shelves.of(Sources(ada.id, None, (), None), choices)
        return shelf.world

    ada.put("/worlds/everywhere", {"world_ids": [world_id]})
    first = read()
    assert read() is first
    ada.patch(f"/worlds/{world_id}/entries/3", {"revision": 1, "entry": {"content": "new"}})
    ada.delete(f"/worlds/{world_id}/entries/5")
    ada.post(f"/worlds/{world_id}/entries", {"entry": {"content": "added", "key": ["z"]}})
    second = read()
    assert [one.uid for one in second.entries] == [*(uid for uid in range(30) if uid != 5), 30]
    assert (second.entries[3].content, second.entries[-1].content) == ("new", "added")
    assert second.entries[0] is first.entries[0]
    fresh = Shelves(store=store, link_store=container.world_link_store)
    assert fresh.world(ada.id, store.get(ada.id, world_id)) == second


def test_much_that_was_changed_is_packed_anew(world: World) -> None:

    ada = Api().sign_up("ada")
    world_id = world_of(ada, "Everywhere", **{f"k{n}": f"text {n}" for n in range(101)})
    ada.post(f"/worlds/{world_id}/entries/bulk", {"uids": list(range(101)), "entry": {"disable": True}})
    record = world.container.world_store.get(ada.id, world_id)
    assert (record.packed_at, record.recent) == (record.revision, {})
    pack = world.container.world_store.read_pack(ada.id, world_id)
    assert pack is not None
    assert all(one["disable"] for one in pack[0])


def test_a_deed_of_several_requests_is_packed_once_after_the_last(world: World) -> None:
    ada = Api().sign_up("ada")
    world_id = world_of(ada, "Everywhere", **{f"k{n}": f"text {n}" for n in range(101)})
    before = world.container.world_store.get(ada.id, world_id).packed_at
    bulk, off = f"/worlds/{world_id}/entries/bulk", {"disable": True}
    ada.post(bulk, {"uids": list(range(101)), "entry": off, "more": True})
    assert world.container.world_store.get(ada.id, world_id).packed_at == before
    # A reply in between reads it right all the same.
    shelves = Shelves(store=world.container.world_store, link_store=world.container.world_link_store)
    assert all(one.disabled for one in shelves.world(ada.id, world.container.world_store.get(ada.id, world_id)).entries)
    ada.post(bulk, {"uids": [0], "entry": off})
    record = world.container.world_store.get(ada.id, world_id)
    assert (record.packed_at, record.recent) == (record.revision, {})


async def test_an_entry_that_sticks_is_still_there_in_the_next_prompt(stage: Stage) -> None:
    def prepare() -> None:
        world_id = world_of(stage.person, "Everywhere", oil="Oil is dear.")
        change = {"revision": 1, "entry": {"sticky": 4}}
        assert stage.person.patch(f"/worlds/{world_id}/entries/0", change).status == 200
        stage.person.put("/worlds/everywhere", {"world_ids": [world_id]})
        stage.person.patch("/worlds/settings", {"depth": 1})

    await asyncio.to_thread(prepare)
    assert any("Oil is dear." in one["content"] for one in await _told(stage, "oil"))
    branch = stage.container.chat_store.get_branch(stage.person.id, stage.chat["id"], stage.chat["branch_id"])
    assert branch.timed is not None
    assert list(branch.timed.sticky) == ["Everywhere.0"]
    assert any("Oil is dear." in one["content"] for one in await _told(stage, "rope"))
    assert not any("Oil is dear." in one["content"] for one in await _told(stage, "sail"))


async def test_what_macros_put_into_variables_is_kept(stage: Stage) -> None:
    def prepare() -> None:
        content = "{{setvar::door::open}}{{setglobalvar::moon::full}}The door stands open."
        stage.person.put("/worlds/everywhere", {"world_ids": [world_of(stage.person, "Everywhere", oil=content)]})

    await asyncio.to_thread(prepare)
    await _told(stage, "oil")
    place = f"/chats/{stage.chat['id']}/variables"
    assert (await asyncio.to_thread(stage.person.get, place)).json["values"] == {"door": "open"}
    assert (await asyncio.to_thread(stage.person.get, "/variables")).json["values"] == {"moon": "full"}
    await _told(stage, "rope")
    assert (await asyncio.to_thread(stage.person.get, place)).json["revision"] == 1


def test_a_trial_tells_what_would_wake_and_why_the_rest_would_not(api: Api) -> None:
    ada = api.sign_up("ada")
    world_id = world_of(ada, "Coast", oil="Oil is dear.", boat="The boat leaks.", storm="The storm is near.")
    ada.patch(f"/worlds/{world_id}/entries/1", {"revision": 1, "entry": {"disable": True}})
    tried = ada.post("/worlds/try", {"text": "oil and boat", "world_ids": [world_id]}).json
    told = [(one["uid"], one["wakes"], one["reason"], one["detail"]) for one in tried["entries"]]
    assert told == [(0, True, "key", "oil"), (1, False, "disabled", ""), (2, False, "no_key", "")]
    assert tried["tokens"] == tried["entries"][0]["tokens"] > 0
    assert ada.post("/worlds/try", {"text": "oil", "world_ids": ["gone"]}).status == 404
    assert ada.post("/worlds/try", {"text": "oil"}).json["entries"] == []


def test_a_trial_looks_at_a_chat_as_its_next_reply_would(api: Api) -> None:
    ada = api.sign_up("ada")
    ada.post("/connections", {"name": "Mine", "kind": "demo"})
    card = {"spec": "chara_card_v2", "spec_version": "2.0", "data": {"name": "Brom", "first_mes": "Well met."}}
    chat = ada.post("/chats", {"character_id": ada.post("/characters", {"card": card}).json["id"]}).json["id"]
    world_id = world_of(ada, "Coast", bees="The bees are hers.", met="They met before.")
    ada.put("/worlds/everywhere", {"world_ids": [world_id]})
    tried = ada.post("/worlds/try", {"chat_id": chat, "text": "And the bees?"}).json
    assert [(one["uid"], one["reason"]) for one in tried["entries"] if one["wakes"]] == [(0, "key"), (1, "key")]
    assert ada.get(f"/chats/{chat}").json["chat"]["message_count"] == 1


def test_what_has_a_world_is_listed(api: Api) -> None:
    ada, ben = api.sign_up("ada"), api.sign_up("ben")
    world_id, persona = world_of(ada, "Coast", lamp="It burns."), ada.post("/personas", {"name": "Ada"}).json["id"]
    linked(ada, f"/personas/{persona}", world_id)
    assert ada.get("/worlds/uses").json == [{"thing_id": persona, "world_ids": [world_id]}]
    assert ben.get("/worlds/uses").json == []


async def test_in_a_group_each_members_worlds_are_in_play_while_that_member_speaks(stage: Stage) -> None:
    def prepare() -> tuple[str, list[str]]:
        ada, shared = stage.person, world_of(stage.person, "Shared", storm="The storm is near.")
        members = []
        for name, more in (("Mira", {}), ("Brom", {"character_book": BOOK})):
            card = {"spec": "chara_card_v3", "spec_version": "3.0", "data": CARD | {"name": name} | more}
            members.append(ada.post("/characters", {"card": card}).json["id"])
        linked(ada, f"/characters/{members[0]}", world_of(ada, "Hers", lamp="The lamp is old."), shared)
        ada.put("/worlds/everywhere", {"world_ids": [shared]})
        asked = {"name": "Us", "members": [{"character_id": one} for one in members]}
        group = ada.post("/groups", asked).json["id"]
        stage.chat = ada.post("/chats", {"group_id": group}).json
        return stage.chat["id"], members

    chat_id, members = await asyncio.to_thread(prepare)
    told = (await asyncio.to_thread(stage.person.get, f"/chats/{chat_id}/worlds")).json["in_play"]
    assert [(one["source"], one["name"], one["character_id"], one["character_name"]) for one in told] == [
        ("global", "Shared", None, ""),
        ("character", "Hers", members[0], "Mira"),
        ("character", "Lamp room", members[1], "Brom"),
    ]
    for speaker, hers, his in ((members[0], True, False), (members[1], False, True)):
        stage.model.will(Say("Aye."))
        await asyncio.to_thread(stage.started, "storm, lamp and oil", character_id=speaker)
        assert await stage.work() == []
        contents = str(stage.model.requests[-1]["messages"])
        assert ("The lamp is old." in contents, "whale oil" in contents) == (hers, his)
        assert contents.count("The storm is near.") == 1
        asked = {"chat_id": chat_id, "character_id": speaker, "text": "lamp and oil"}
        tried = (await asyncio.to_thread(stage.person.post, "/worlds/try", asked)).json["entries"]
        woken = [one["uid"] for one in tried if one["wakes"] and one["source"] == "character"]
        assert len(woken) == 1
    assert (await asyncio.to_thread(stage.person.post, "/worlds/try", {"chat_id": chat_id})).status == 200
    nobody = {"chat_id": chat_id, "character_id": "nobody"}
    assert (await asyncio.to_thread(stage.person.post, "/worlds/try", nobody)).status == 422


def test_a_world_that_is_there_for_two_reasons_is_listed_for_the_one_it_counts_for(stage: Stage) -> None:
    ada, world_id = stage.person, world_of(stage.person, "Sea", storm="The storm is near.")
    linked(ada, f"/characters/{stage.chat['character_id']}", world_id)
    told = linked(ada, f"/chats/{stage.chat['id']}", world_id)
    assert [(one["source"], one["name"]) for one in told["in_play"]] == [("chat", "Sea")]
