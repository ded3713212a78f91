"""Several answers to one request, and words that every reply begins with."""

import asyncio
from typing import Any

from tests.support.model_server import Say
from tests.support.replies import Stage


def use_preset(stage: Stage, **fields: Any) -> None:
    """A preset in full with these fields, in use."""
    made = stage.person.post("/presets", {"name": "P"}).json
    opened = stage.person.patch(f"/presets/{made['id']}", {"revision": made["revision"], "kind": "chat"}).json
    body = {"revision": opened["revision"], "fields": fields}
    assert stage.person.patch(f"/presets/{made['id']}", body).status == 200
    assert stage.person.patch("/account", {"choices": {"preset_id": made["id"]}}).status == 200


def begin_with(stage: Stage, words: str) -> None:
    assert stage.person.patch("/account", {"choices": {"start_reply_with": words}}).status == 200


def swipes(stage: Stage) -> tuple[dict[str, Any], list[str]]:
    """The last message, and the texts of all its versions."""
    last = stage.messages()[-1]
    found = stage.person.get(f"/chats/{stage.chat['id']}/messages/{last['id']}/swipes").json
    return last, [one["text"] for one in found]


async def test_further_answers_are_further_versions_of_the_reply(stage: Stage) -> None:
    use_preset(stage, n=3)
    stage.model.will(
        Say("One", index=0), Say("Two", index=1), Say(".", index=0), Say(" two.", index=1), Say("Thr", "Hm.", 2)
    )
    stage.started()
    await stage.work()
    assert stage.model.requests[-1]["n"] == 3
    last, texts = swipes(stage)
    assert (last["text"], last["swipe_index"], last["swipe_count"]) == ("One.", 0, 3)
    assert texts == ["One.", "Two two.", "Thr"]


async def test_of_a_swipe_they_stand_behind_the_one_that_is_shown(stage: Stage) -> None:
    stage.model.will(Say("Old."))
    stage.started()
    await stage.work()
    use_preset(stage, n=2)
    stage.model.will(Say("New.", index=0), Say("Newer.\nada: I say", index=1))
    stage.started(None, kind="swipe")
    await stage.work()
    last, texts = swipes(stage)
    assert (last["text"], last["swipe_index"], last["swipe_count"]) == ("New.", 1, 3)
    assert texts == ["Old.", "New.", "Newer."]
    chosen = stage.person.put(
        f"/chats/{stage.chat['id']}/messages/{last['id']}/swipe", {"revision": last["revision"], "index": 2}
    )
    assert chosen.json["text"] == "Newer."


async def test_one_answer_that_has_come_to_its_stop_waits_for_the_others(stage: Stage) -> None:
    use_preset(stage, n=2)
    stage.model.will(Say("One.\nada: ", index=0), Say("on and on", index=0), Say("Two.", index=1))
    stage.started()
    await stage.work()
    assert swipes(stage)[1] == ["One.", "Two."]


async def test_what_goes_on_is_asked_for_once(stage: Stage) -> None:
    use_preset(stage, n=2)
    stage.started(None, kind="continue")
    await stage.work()
    assert "n" not in stage.model.requests[-1]


async def test_a_service_that_gives_but_one_answer_gives_one_version(stage: Stage) -> None:
    use_preset(stage, n=5)
    stage.started()
    await stage.work()
    assert swipes(stage)[1] == ["Hello."]


async def test_the_words_a_reply_begins_with_are_sent_and_stored(stage: Stage) -> None:
    begin_with(stage, "Well, {{user}}:")
    stage.model.will(Say(" come"), Say(" in."))
    reader = await asyncio.to_thread(stage.follower, "reader")
    await asyncio.to_thread(stage.started)
    await stage.work()
    assert stage.model.requests[-1]["messages"][-1] == {"role": "assistant", "content": "Well, ada:"}
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "Well, ada: come in."
    assert stage.office.wait_for(reader, "end")["changed"] is False


async def test_what_goes_on_has_its_own_beginning(stage: Stage) -> None:
    begin_with(stage, "Well, ")
    stage.model.will(Say(" And burns."))
    stage.started(None, kind="continue")
    await stage.work()
    assert stage.messages()[-1]["text"].endswith("The lamp is lit. And burns.")


async def test_each_version_begins_with_them_also_where_a_request_is_repeated(stage: Stage) -> None:
    begin_with(stage, "Aye. ")
    use_preset(stage, n=2)
    for _ in range(2):
        stage.model.will(Say("One.", index=0), Say("Two.", index=1))
    first = stage.started()
    await stage.work()
    assert swipes(stage)[1] == ["Aye. One.", "Aye. Two."]
    stage.started(None, kind="swipe", repeats=first["id"])
    await stage.work()
    assert stage.model.bodies[-1] == stage.model.bodies[-2]
    assert swipes(stage)[1] == ["Aye. One.", "Aye. Two.", "Aye. One.", "Aye. Two."]
