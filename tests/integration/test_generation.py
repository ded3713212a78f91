"""Replies from the turn to the end frame: REST, queue, worker, log, sockets."""

import asyncio
import hashlib
import time
from typing import Any

import pytest

from chalicelib.clients.loop import run
from tests.support.model_server import Cut, Fail, Say, Wait
from tests.support.replies import Stage

on_both_logs = pytest.mark.parametrize("stage", ["dynamo", "redis"], indirect=True)


@on_both_logs
async def test_a_reply_is_streamed_and_stored(stage: Stage) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    stage.model.will(Say("The lamp "), Say("is "), Say("lit."))
    generation = await asyncio.to_thread(stage.started, "Is anybody there?")

    assert await stage.work() == []

    end = stage.office.wait_for(reader, "end")
    assert stage.office.text(reader, generation["id"]) == "The lamp is lit."
    assert end["finish_reason"] == "stop"
    assert end["sha256"] == hashlib.sha256(b"The lamp is lit.").hexdigest()
    assert end["length"] == 16
    assert not end["changed"]
    messages = await asyncio.to_thread(stage.messages)
    assert [message["text"] for message in messages][-2:] == ["Is anybody there?", "The lamp is lit."]
    assert messages[-1]["id"] == generation["message_id"] == end["message_id"]
    assert messages[-1]["name"] == "Mira"
    assert messages[-1]["reply"]["model"] == "m"
    assert messages[-1]["reply"]["reply_tokens"] == 3
    assert messages[-1]["reply"]["first_token_ms"] is not None
    opened = await asyncio.to_thread(stage.person.get, f"/chats/{stage.chat['id']}")
    assert opened.json["active"] == []
    assert opened.json["branch"]["active_turn_id"] is None
    assert opened.json["chat"]["revision"] == end["chat_revision"]
    assert opened.json["chat"]["preview"] == "The lamp is lit."


@on_both_logs
async def test_the_first_words_leave_while_the_model_still_thinks(stage: Stage) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    stage.model.will(Say("First "), Wait(), Say("last."))
    generation = await asyncio.to_thread(stage.started)
    working = asyncio.create_task(stage.work())

    piece = await asyncio.to_thread(stage.office.wait_for, reader, "d")
    assert piece["x"] == "First "
    assert piece["n"] == [1, 1]
    assert [frame["type"] for frame in stage.office.frames[reader]] == ["following", "changed", "start", "d"]
    halfway = await asyncio.to_thread(stage.person.get, f"/generations/{generation['id']}")
    assert (halfway.json["status"], halfway.json["text"]) == ("running", "First ")
    stage.model.go()
    await working
    assert stage.office.text(reader, generation["id"]) == "First last."


@on_both_logs
async def test_stop_keeps_the_text_and_hangs_up_on_the_model(stage: Stage) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    stage.model.will(Say("So far, "), Wait(20))
    generation = await asyncio.to_thread(stage.started)
    working = asyncio.create_task(stage.work())
    await asyncio.to_thread(stage.office.wait_for, reader, "d")

    began = time.monotonic()
    stopped = await asyncio.to_thread(stage.person.post, f"/turns/{generation['turn_id']}/stop")
    assert stopped.status == 204
    end = await asyncio.to_thread(stage.office.wait_for, reader, "end")

    assert time.monotonic() - began < 2
    assert await asyncio.to_thread(stage.model.closed_early.wait, 2)
    await working
    assert end["finish_reason"] == "stopped"
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "So far, "
    again = await asyncio.to_thread(stage.person.post, f"/turns/{generation['turn_id']}/stop")
    assert again.status == 204


async def test_a_queued_reply_is_stopped_by_the_row_alone(stage: Stage) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    generation = await asyncio.to_thread(stage.started)

    await asyncio.to_thread(stage.send, reader, type="stop", turn_id=generation["turn_id"])

    assert stage.office.wait_for(reader, "end")["finish_reason"] == "stopped"
    assert await stage.work() == []
    assert stage.model.requests == []
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "Hello?"
    assert (await asyncio.to_thread(stage.turn)).status == 202


async def test_a_swipe_stands_beside_the_first_text(stage: Stage) -> None:
    stage.model.will(Say("One."))
    await asyncio.to_thread(stage.started)
    await stage.work()
    stage.model.will(Say("Two."))
    last = (await asyncio.to_thread(stage.messages))[-1]

    generation = await asyncio.to_thread(stage.started, None, kind="swipe", revision=last["revision"])
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "One."
    await stage.work()

    assert generation["message_id"] == last["id"]
    shown = (await asyncio.to_thread(stage.messages))[-1]
    assert (shown["text"], shown["swipe_index"], shown["swipe_count"]) == ("Two.", 1, 2)
    assert shown["revision"] == last["revision"] + 1
    path = f"/chats/{stage.chat['id']}/messages/{last['id']}/swipes"
    swipes = (await asyncio.to_thread(stage.person.get, path)).json
    assert [swipe["text"] for swipe in swipes] == ["One.", "Two."]
    prompts = [message["content"] for message in stage.model.requests[1]["messages"]]
    assert "One." not in prompts


async def test_continue_goes_on_after_the_text_as_it_stands(stage: Stage) -> None:
    stage.model.will(Say("Once"))
    await asyncio.to_thread(stage.started)
    await stage.work()
    stage.model.will(Say(" upon a time. "))
    reader = await asyncio.to_thread(stage.follower, "reader")

    generation = await asyncio.to_thread(stage.started, None, kind="continue")
    await stage.work()

    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "Once upon a time."
    assert stage.office.text(reader, generation["id"]) == " upon a time. "
    end = stage.office.wait_for(reader, "end")
    assert end["sha256"] == hashlib.sha256(b"Once upon a time.").hexdigest()
    assert end["changed"]


@pytest.mark.parametrize("kind", ["quiet", "impersonate"])
async def test_quiet_and_impersonation_write_no_message_and_take_no_lock(stage: Stage, kind: str) -> None:
    before = await asyncio.to_thread(stage.messages)
    instruction = {"instruction": "A title, please."} if kind == "quiet" else {}
    stage.model.will(Say("The Lighthouse"))

    generation = await asyncio.to_thread(stage.started, None, kind=kind, **instruction)
    meanwhile = await asyncio.to_thread(stage.turn)
    assert meanwhile.status == 202
    await stage.work([order for order in await asyncio.to_thread(stage.orders) if generation["id"] in order["body"]])

    got = await asyncio.to_thread(stage.person.get, f"/generations/{generation['id']}")
    assert (got.json["status"], got.json["text"], got.json["message_id"]) == ("done", "The Lighthouse", None)
    assert len(await asyncio.to_thread(stage.messages)) == len(before) + 1


async def test_reasoning_travels_apart(stage: Stage) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    stage.model.will(Say("<thi"), Say("nk>Who asks?</th"), Say("ink>\nIt is I."))
    await asyncio.to_thread(stage.started)
    await stage.work()

    message = (await asyncio.to_thread(stage.messages))[-1]
    assert (message["text"], message["reasoning"]) == ("It is I.", "Who asks?")
    assert "".join(frame.get("r", "") for frame in stage.office.of_type(reader, "d")) == "Who asks?"


async def test_the_model_does_not_speak_for_the_person(stage: Stage) -> None:
    stage.model.will(Say("Good evening.\nad"), Say("a: And good"), Say(" night."))
    await asyncio.to_thread(stage.started)
    await stage.work()
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "Good evening."


async def test_a_provider_that_fails_once_before_its_first_word_is_asked_again(stage: Stage) -> None:
    stage.model.will(Fail(503))
    stage.model.will(Say("Here I am."))
    await asyncio.to_thread(stage.started)
    await stage.work()
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "Here I am."


async def test_the_fallback_speaks_when_the_connection_fails(stage: Stage) -> None:
    spare = await asyncio.to_thread(
        stage.person.post,
        "/connections",
        {"name": "Spare", "kind": "openai_chat", "address": stage.model.address, "model": "spare"},
    )
    first = await asyncio.to_thread(
        stage.person.post,
        "/connections",
        {
            "name": "First",
            "kind": "openai_chat",
            "address": "http://127.0.0.1:9/v1",
            "model": "first",
            "fallback_id": spare.json["id"],
        },
    )
    stage.model.will(Say("From the spare."))
    await asyncio.to_thread(stage.started, connection_id=first.json["id"])
    await stage.work()

    message = (await asyncio.to_thread(stage.messages))[-1]
    assert (message["text"], message["reply"]["connection"]) == ("From the spare.", "Spare")
    assert stage.model.requests[0]["model"] == "spare"


async def test_a_provider_that_fails_ends_the_reply_with_a_sentence(stage: Stage) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    stage.model.will(Fail(401))
    generation = await asyncio.to_thread(stage.started)
    await stage.work()

    end = stage.office.wait_for(reader, "end")
    assert end["finish_reason"] == "error"
    assert end["error"]["message"].endswith(".")
    got = (await asyncio.to_thread(stage.person.get, f"/generations/{generation['id']}")).json
    assert (got["status"], got["error_message"]) == ("done", end["error"]["message"])
    assert (await asyncio.to_thread(stage.turn)).status == 202


async def test_a_cut_connection_keeps_what_was_said(stage: Stage) -> None:
    stage.model.will(Say("Half a sen"), Wait(0.3), Cut())
    await asyncio.to_thread(stage.started)
    await stage.work()
    message = (await asyncio.to_thread(stage.messages))[-1]
    assert (message["text"], message["reply"]["finish_reason"]) == ("Half a sen", "error")


async def test_the_functions_time_limit_interrupts_and_keeps_the_text(stage: Stage) -> None:
    stage.model.will(Say("As far as "), Wait(20))
    generation = await asyncio.to_thread(stage.started)
    order = (await asyncio.to_thread(stage.orders))[0]
    from chalicelib.models.jobs import GenerationOrder

    def write() -> None:
        asked = GenerationOrder.model_validate_json(order["body"])
        run(stage.container.replies.write(asked, remaining_ms=lambda: 7_000))

    await asyncio.to_thread(write)
    done = stage.record(generation["id"])
    assert done.finish_reason == "interrupted"


async def test_a_chat_that_is_deleted_stops_its_reply(stage: Stage) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    stage.model.will(Say("Too late"), Wait(20))
    generation = await asyncio.to_thread(stage.started)
    working = asyncio.create_task(stage.work())
    await asyncio.to_thread(stage.office.wait_for, reader, "d")

    gone = await asyncio.to_thread(stage.person.delete, f"/chats/{stage.chat['id']}")
    assert gone.status in (200, 204)
    await working
    assert stage.record(generation["id"]).finish_reason == "stopped"


async def test_a_reply_that_nobody_follows_goes_on(stage: Stage) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    stage.model.will(Say("Nobody "), Wait(), Say("listens."))
    await asyncio.to_thread(stage.started)
    working = asyncio.create_task(stage.work())
    await asyncio.to_thread(stage.office.wait_for, reader, "d")
    stage.office.gone.add(reader)
    stage.model.go()
    await working
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "Nobody listens."
    assert stage.container.sockets.find(reader) is None


async def test_a_slow_reader_gets_merged_pieces_one_post_at_a_time(stage: Stage) -> None:
    slow = await asyncio.to_thread(stage.follower, "slow")
    words = [f"word{number} " for number in range(12)]
    steps = [step for word in words for step in (Say(word), Wait(0.12))]
    stage.model.will(*steps)
    generation = await asyncio.to_thread(stage.started)
    stage.office.delay_seconds = 0.5
    await stage.work()
    stage.office.wait_for(slow, "end")

    assert stage.office.at_once_most[slow] == 1
    assert stage.office.text(slow, generation["id"]) == "".join(words)
    pieces = stage.office.of_type(slow, "d")
    assert any(frame["n"][1] > frame["n"][0] for frame in pieces)


async def test_a_refused_post_is_tried_again(stage: Stage) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    stage.model.will(Say("Once "), Wait(), Say("more."))
    generation = await asyncio.to_thread(stage.started)
    working = asyncio.create_task(stage.work())
    await asyncio.to_thread(stage.office.wait_for, reader, "d")
    stage.office.refuse_next = 2
    stage.model.go()
    await working
    assert stage.office.text(reader, generation["id"]) == "Once more."


async def test_an_empty_answer_writes_no_message(stage: Stage) -> None:
    before = len(await asyncio.to_thread(stage.messages))
    stage.model.will(Say("   "))
    await asyncio.to_thread(stage.started)
    await stage.work()
    assert len(await asyncio.to_thread(stage.messages)) == before + 1


async def test_a_very_long_reply_is_whole(stage: Stage) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    text = "灯台 " * 60_000
    stage.model.will(*(Say(text[at : at + 9_000]) for at in range(0, len(text), 9_000)))
    generation = await asyncio.to_thread(stage.started)
    await stage.work()
    stage.office.wait_for(reader, "end")
    assert stage.office.text(reader, generation["id"]) == text
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == text.rstrip()
    assert max(map(len, stage.office.bodies[reader])) < 128 * 1024


async def test_usage_counts_against_the_quota(stage: Stage) -> None:
    await asyncio.to_thread(stage.started)
    await stage.work()
    usage = (await asyncio.to_thread(stage.person.get, "/account/usage")).json
    assert (usage["replies"], usage["tokens"]) == (1, 10)


async def test_a_reply_puts_its_character_to_the_top_at_most_once_a_minute(stage: Stage) -> None:
    place = f"/characters/{stage.chat['character_id']}"

    async def last_used_after_a_reply(seconds: float) -> str:
        stage.world.clock.advance(seconds=seconds)
        await asyncio.to_thread(stage.started)
        await stage.work()
        return str((await asyncio.to_thread(stage.person.get, place)).json["last_used_at"])

    first = await last_used_after_a_reply(300)
    assert await last_used_after_a_reply(20) == first
    assert await last_used_after_a_reply(60) > first


async def test_a_message_keeps_the_count_of_its_text(stage: Stage) -> None:
    stage.model.will(Say("The sea is calm tonight.", reasoning="Calm, I think."))
    generation = await asyncio.to_thread(stage.started)
    await stage.work()
    kept = stage.container.chat_store.get_message(
        stage.person.id, stage.chat["id"], stage.record(generation["id"]).message_id or ""
    )
    assert (kept.tokens, kept.counted_by) == (6, "o200k_base")


async def test_a_version_that_ends_above_the_newest_message_is_not_the_chats_preview(stage: Stage) -> None:
    stage.model.will(Say("First."))
    await asyncio.to_thread(stage.started)
    await stage.work()
    stage.model.will(Say("Second."))
    await asyncio.to_thread(stage.started, "And then?")
    await stage.work()
    path = f"/chats/{stage.chat['id']}"

    def above() -> dict[str, Any]:
        first, *below = stage.messages()[2:]
        for message in reversed(below):
            answer = stage.person.delete(f"{path}/messages/{message['id']}", revision=message["revision"])
            assert answer.status in (200, 204), answer
        return {"first": first, "below": below}

    told = await asyncio.to_thread(above)
    stage.model.will(Say("Another first."), Wait())
    swipe = {"kind": "swipe", "message_id": told["first"]["id"], "revision": told["first"]["revision"]}
    await asyncio.to_thread(lambda: stage.started(None, **swipe))
    working = asyncio.create_task(stage.work())
    for message in told["below"]:
        restored = await asyncio.to_thread(stage.person.post, f"{path}/messages/{message['id']}/restore", {})
        assert restored.status == 200, restored
    stage.model.go()
    await working
    listed = (await asyncio.to_thread(stage.person.get, "/chats")).json["items"][0]
    assert stage.messages()[-1]["text"] == "Second."
    assert listed["preview"] == "Second."
