"""What macros and worlds have put down belongs to a branch: a new one begins with a copy and goes its own way."""

import asyncio
import json
from typing import Any

import pytest

from chalicelib.models.worlds import Timed, TimedEffect
from chalicelib.stores.chat_keys import chat_key
from chalicelib.stores.chat_rows import ChatRow
from tests.integration.test_scenes import _told
from tests.integration.test_worlds_in_play import linked
from tests.support.chats import chat_of, messages
from tests.support.model_server import Say
from tests.support.people import Api, ApiUser
from tests.support.replies import Stage
from tests.support.world import World


def branch_of(person: ApiUser, chat_id: str, message_id: str, **more: Any) -> str:
    answer = person.post(f"/chats/{chat_id}/branches", {"message_id": message_id, **more})
    assert answer.status == 201, answer
    return str(answer.json["id"])


def put(person: ApiUser, chat_id: str, branch_id: str | None, **values: Any) -> None:
    query = {"branch_id": branch_id} if branch_id else {}
    seen = person.get(f"/chats/{chat_id}/variables", **query).json["revision"]
    body = {"revision": seen, "put": values}
    answer = person.request("PATCH", f"/chats/{chat_id}/variables", json_body=body, query=query)
    assert answer.status == 200, answer


def values(person: ApiUser, chat_id: str, branch_id: str | None = None) -> Any:
    query = {"branch_id": branch_id} if branch_id else {}
    return person.get(f"/chats/{chat_id}/variables", **query).json["values"]


def test_a_new_branch_begins_with_a_copy_of_the_variables_and_goes_its_own_way(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 3)
    put(ada, chat["id"], None, gold=1)
    first = messages(ada, chat)[0]["id"]
    branch = branch_of(ada, chat["id"], first)
    assert values(ada, chat["id"], branch) == {"gold": 1}
    put(ada, chat["id"], branch, gold=7)
    put(ada, chat["id"], None, days=2)
    assert values(ada, chat["id"]) == {"gold": 1, "days": 2}
    assert values(ada, chat["id"], branch) == {"gold": 7}


def test_a_branch_made_on_another_one_begins_with_that_ones_variables(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 3)
    first = messages(ada, chat)[0]["id"]
    branch = branch_of(ada, chat["id"], first)
    put(ada, chat["id"], branch, gold=7)
    assert values(ada, chat["id"], branch_of(ada, chat["id"], first, branch_id=branch)) == {"gold": 7}
    assert values(ada, chat["id"], branch_of(ada, chat["id"], first)) == {}


def test_what_was_a_chats_before_goes_on_as_its_branches_own(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 3)
    world.container.variables._store.put(ada.id, chat["id"], None, {"gold": 3}, seen=0)
    branch = branch_of(ada, chat["id"], messages(ada, chat)[0]["id"])
    assert values(ada, chat["id"]) == values(ada, chat["id"], branch) == {"gold": 3}
    put(ada, chat["id"], None, gold=4)
    assert (values(ada, chat["id"]), values(ada, chat["id"], branch)) == ({"gold": 4}, {"gold": 3})


def test_variables_go_with_their_branch(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 3)
    branch = branch_of(ada, chat["id"], messages(ada, chat)[0]["id"])
    put(ada, chat["id"], branch, gold=7)
    assert ada.delete(f"/chats/{chat['id']}/branches/{branch}").status == 204
    assert [row for row in world.rows() if row["sk"]["S"].startswith("variables")] == []


def test_a_branch_of_another_chat_has_no_variables_here(api: Api) -> None:
    ada = api.sign_up("ada")
    chat, other = chat_of(ada, 1), chat_of(ada, 1)
    assert ada.get(f"/chats/{chat['id']}/variables", branch_id=other["branch_id"]).status == 404


def exported(stage: Stage, branch_id: str) -> Any:
    container, owner_id, chat_id = stage.container, stage.person.id, stage.chat["id"]
    files = {name: "".join(lines) for name, lines in container.chat_files.pack(owner_id, chat_id)}
    return json.loads(files[branch_id].split("\n", 1)[0])["chat_metadata"]


async def test_macros_of_a_reply_change_the_variables_of_its_branch_alone_and_files_say_so(stage: Stage) -> None:
    card = {"description": "{{incvar::visits}}", "name": "Mira", "first_mes": "The lamp is lit."}

    def prepare() -> str:
        made = stage.person.post("/characters", {"card": card})
        stage.chat = stage.person.post("/chats", {"character_id": made.json["id"]}).json
        return branch_of(stage.person, stage.chat["id"], stage.messages()[0]["id"])

    branch = await asyncio.to_thread(prepare)
    await _told(stage, "Once.")
    await _told(stage, "Twice.")
    chat_id = stage.chat["id"]
    assert await asyncio.to_thread(values, stage.person, chat_id, branch) == {}
    counted = await asyncio.to_thread(values, stage.person, chat_id)
    assert [int(one) for one in counted.values()] == [2]
    assert exported(stage, stage.chat["branch_id"])["variables"] == counted
    assert "variables" not in exported(stage, branch)


def sticky_world(person: ApiUser, **more: Any) -> str:
    entry = {"uid": 0, "key": ["storm"], "content": "The storm is near.", "position": 0, "sticky": 9, **more}
    file = {"entries": {"0": entry}}
    answer = person.request("POST", "/worlds/import", json_body=file, query={"filename": "Weather.json"})
    return str(answer.json["world"]["id"])


def near(prompt: list[dict[str, Any]]) -> bool:
    return any("The storm is near." in one["content"] for one in prompt)


async def said_on(stage: Stage, branch: str, text: str) -> bool:
    """Whether the entry is in the prompt of what is said on a branch."""
    stage.model.will(Say("Aye."))
    await asyncio.to_thread(stage.started, text, branch_id=branch)
    assert await stage.work() == []
    return near(stage.model.requests[-1]["messages"])


def sea(stage: Stage, **more: Any) -> None:
    """A world whose only entry sticks, and no looking back for its key."""
    stage.person.patch("/worlds/settings", {"depth": 1})
    linked(stage.person, f"/chats/{stage.chat['id']}", sticky_world(stage.person, **more))


async def test_what_sticks_on_one_branch_does_not_stick_on_another(stage: Stage) -> None:
    def prepare() -> str:
        sea(stage)
        return branch_of(stage.person, stage.chat["id"], stage.messages()[0]["id"])

    branch = await asyncio.to_thread(prepare)
    assert near(await _told(stage, "A storm!"))
    assert near(await _told(stage, "What now?"))
    assert not await said_on(stage, branch, "What now?")
    timed = exported(stage, stage.chat["branch_id"])["timedWorldInfo"]
    assert timed["sticky"]["Weather.0"] == {"start": 2, "end": 11, "protected": False}
    assert "timedWorldInfo" not in exported(stage, branch)


async def test_what_sticks_goes_along_to_a_new_branch(stage: Stage) -> None:
    await asyncio.to_thread(sea, stage)
    assert near(await _told(stage, "A storm!"))

    def fork() -> tuple[str, str]:
        told = stage.messages()
        return (
            branch_of(stage.person, stage.chat["id"], told[-1]["id"]),
            branch_of(stage.person, stage.chat["id"], told[0]["id"]),
        )

    late, early = await asyncio.to_thread(fork)
    assert await said_on(stage, late, "What now?")
    # The early one leads to before the entry woke: there it never did.
    assert not await said_on(stage, early, "What now?")


async def test_effects_that_were_a_chats_go_on_on_its_branches(stage: Stage) -> None:
    def prepare() -> None:
        sea(stage)
        effect = TimedEffect(start=0, end=30)
        row = ChatRow(*chat_key(stage.person.id, stage.chat["id"]))
        row.update([ChatRow.timed.set(Timed(sticky={"Weather.0": effect}).model_dump(exclude_defaults=True))])

    await asyncio.to_thread(prepare)
    assert near(await _told(stage, "What now?"))


@pytest.mark.parametrize("how", ["delete", "below"])
async def test_an_effect_goes_with_the_messages_since_it_began(stage: Stage, how: str) -> None:
    await asyncio.to_thread(sea, stage)
    assert near(await _told(stage, "A storm!"))

    def take_away() -> None:
        for one in reversed(stage.messages()[1:]):
            query = {"revision": one["revision"]} | ({"below": "true"} if how == "below" else {})
            place = f"/chats/{stage.chat['id']}/messages/{one['id']}"
            assert stage.person.request("DELETE", place, query=query).status == 204

    await asyncio.to_thread(take_away)
    assert not near(await _told(stage, "What now?"))


async def test_hidden_messages_do_not_wear_an_effect_off(stage: Stage) -> None:
    await asyncio.to_thread(sea, stage, sticky=4)
    assert near(await _told(stage, "A storm!"))

    def hide() -> None:
        one = stage.messages()[-1]
        place = f"/chats/{stage.chat['id']}/messages/{one['id']}"
        assert stage.person.patch(place, {"revision": one["revision"], "hidden": True}).status == 200

    await asyncio.to_thread(hide)
    assert near(await _told(stage, "One."))
    assert near(await _told(stage, "Two."))
    assert not near(await _told(stage, "Three."))


async def test_a_swipe_counts_the_messages_its_reply_counted(stage: Stage) -> None:
    await asyncio.to_thread(sea, stage, sticky=2)
    assert near(await _told(stage, "A storm!"))
    assert not near(await _told(stage, "What now?"))
    stage.model.will(Say("Aye."))
    await asyncio.to_thread(stage.started, None, kind="swipe")
    assert await stage.work() == []
    assert not near(stage.model.requests[-1]["messages"])


async def test_a_delayed_entry_counts_what_was_said_and_not_what_is_to_come(stage: Stage) -> None:
    await asyncio.to_thread(sea, stage, sticky=0, delay=3)
    assert not near(await _told(stage, "A storm!"))
    assert near(await _told(stage, "A storm!"))


async def test_an_imported_effect_counts_the_messages_that_are_shown_to_the_model(stage: Stage) -> None:
    def prepare() -> None:
        timed = {"sticky": {"Weather.0": {"hash": 1, "start": 1, "end": 4, "protected": False}}, "cooldown": {}}
        said = [{"name": "x", "is_user": False, "is_system": n < 6, "mes": f"{n}", "send_date": ""} for n in range(8)]
        lines = [{"user_name": "unused", "chat_metadata": {"timedWorldInfo": timed}}, *said]
        answer = stage.person.request(
            "POST",
            "/chats/import",
            data="\n".join(json.dumps(one) for one in lines).encode(),
            query={"character_id": stage.chat["character_id"]},
            headers={"content-type": "application/x-ndjson"},
        )
        assert answer.status == 201, answer
        stage.chat = answer.json
        sea(stage)

    await asyncio.to_thread(prepare)
    assert exported(stage, stage.chat["branch_id"])["timedWorldInfo"]["sticky"]["Weather.0"]["start"] == 1
    assert near(await _told(stage, "What now?"))
    assert not near(await _told(stage, "And now?"))


async def test_typed_words_say_the_variables_of_their_branch(stage: Stage) -> None:
    def say() -> list[str]:
        chat_id, first = stage.chat["id"], stage.messages()[0]["id"]
        branch = branch_of(stage.person, chat_id, first)
        put(stage.person, chat_id, None, gold="3")
        put(stage.person, chat_id, branch, gold="7")
        said = [stage.turn("I have {{getvar::gold}}.", branch_id=one) for one in (branch, stage.chat["branch_id"])]
        return [answer.json["message"]["text"] for answer in said]

    assert await asyncio.to_thread(say) == ["I have 7.", "I have 3."]
    stage.orders()
