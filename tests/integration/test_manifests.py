"""Explained prompts: kept with each reply, shown, repeated byte for byte, and tried without sending."""

import asyncio
import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import boto3
import pytest

from chalicelib.models.jobs import JobOrder
from chalicelib.stores.threads import in_thread
from tests.support.model_server import Fail, Say, Wait
from tests.support.people import Answer
from tests.support.replies import CARD, Stage
from tests.support.world import BUCKET, REGION

BOOK = {
    "name": "Lamp room",
    "entries": [
        {"keys": ["oil"], "content": "The lamp burns whale oil.", "extensions": {}, "insertion_order": 1},
        {"keys": ["boat"], "content": "The boat is called Heron.", "extensions": {}, "insertion_order": 2},
    ],
}
WITH_BOOK = {"spec": "chara_card_v3", "spec_version": "3.0", "data": CARD | {"character_book": BOOK}}


def explained(stage: Stage, generation_id: str) -> Answer:
    return stage.person.get(f"/generations/{generation_id}/manifest")


def request_of(stage: Stage, generation_id: str) -> Answer:
    return stage.person.get(f"/generations/{generation_id}/request")


async def told(stage: Stage, text: str | None = "Is there oil?", **more: Any) -> str:
    """Takes a turn to its end; the generation's id."""
    started = await asyncio.to_thread(stage.started, text, **more)
    assert await stage.work() == []
    return str(started["id"])


def enter(stage: Stage, card: dict[str, Any]) -> None:
    made = stage.person.post("/characters", {"card": card})
    stage.chat = stage.person.post("/chats", {"character_id": made.json["id"]}).json


async def test_a_reply_keeps_what_it_was_made_from_and_why(stage: Stage) -> None:
    await asyncio.to_thread(enter, stage, WITH_BOOK)
    answer = await asyncio.to_thread(explained, stage, await told(stage))
    assert answer.status == 200, answer
    kept = answer.json
    blocks = {
        one["source"]: kept["messages"][one["place"]]["content"][one["start"] : one["start"] + one["length"]]
        for one in kept["manifest"]["blocks"]
    }
    assert blocks["description"] == "A lighthouse keeper."
    woke = next(one for one in kept["manifest"]["blocks"] if one["reason"] == "key")
    assert (blocks[woke["source"]], woke["detail"]) == ("The lamp burns whale oil.", "oil")
    assert (kept["connection"], kept["model"], kept["kind"]) == ("Mine", "m", "reply")


async def test_the_request_is_kept_byte_for_byte(stage: Stage) -> None:
    generation_id = await told(stage, "Grüße, 灯塔!")
    kept = await asyncio.to_thread(request_of, stage, generation_id)
    assert kept.status == 200
    assert kept.body == stage.model.bodies[-1]
    assert "attachment" in kept.headers["content-disposition"]
    told_size = (await asyncio.to_thread(explained, stage, generation_id)).json["request_bytes"]
    assert told_size == len(stage.model.bodies[-1])


async def test_a_repeated_request_is_the_same_bytes_and_becomes_a_swipe(stage: Stage) -> None:
    stage.model.will(Say("One."))
    first = await told(stage)
    # Whatever the person changes meanwhile, the request stays what it was.
    character = stage.chat["character_id"]
    seen = (await asyncio.to_thread(stage.person.get, f"/characters/{character}")).json
    data = seen["card"]["data"] | {"description": "Somebody else by now."}
    change = {"revision": seen["revision"], "data": data}
    changed = await asyncio.to_thread(stage.person.patch, f"/characters/{character}", change)
    assert changed.status == 200, changed
    stage.model.will(Say("Two."))
    again = await told(stage, None, kind="swipe", repeats=first, connection_id=None)
    assert stage.model.bodies[-1] == stage.model.bodies[-2]
    last = (await asyncio.to_thread(stage.messages))[-1]
    assert (last["text"], last["swipe_count"]) == ("Two.", 2)
    assert (await asyncio.to_thread(request_of, stage, again)).body == stage.model.bodies[-1]
    assert (await asyncio.to_thread(explained, stage, again)).json["manifest"]["blocks"]


async def test_a_request_is_not_repeated_at_another_model(stage: Stage) -> None:
    first = await told(stage)
    path = f"/connections/{stage.connection_id}"
    revision = (await asyncio.to_thread(stage.person.get, path)).json["revision"]
    await asyncio.to_thread(stage.person.patch, path, {"revision": revision, "model": "another"})
    answer = await asyncio.to_thread(stage.turn, None, kind="swipe", repeats=first)
    assert (answer.status, answer.json["error"]["code"]) == (422, "connection_changed")
    await asyncio.to_thread(stage.person.delete, path)
    assert (await asyncio.to_thread(stage.turn, None, kind="swipe", repeats=first)).status == 404


async def test_only_what_the_last_message_was_made_from_is_repeated(stage: Stage) -> None:
    first = await told(stage)
    await told(stage, "And then?")
    answer = await asyncio.to_thread(stage.turn, None, kind="swipe", repeats=first)
    assert (answer.status, answer.json["error"]["code"]) == (422, "not_repeatable")
    assert (await asyncio.to_thread(stage.turn, "Hello?", repeats=first)).status == 422


async def test_a_continuation_is_not_repeated(stage: Stage) -> None:
    await told(stage)
    more = await told(stage, None, kind="continue")
    answer = await asyncio.to_thread(stage.turn, None, kind="swipe", repeats=more)
    assert (answer.status, answer.json["error"]["code"]) == (422, "not_repeatable")


async def test_what_failed_before_its_first_word_is_explained_too(stage: Stage) -> None:
    stage.model.will(Fail(400))
    generation_id = await told(stage)
    assert (await asyncio.to_thread(request_of, stage, generation_id)).body == stage.model.bodies[-1]


async def test_it_is_kept_while_the_reply_is_being_written(stage: Stage) -> None:
    stage.model.will(Say("Slowly"), Wait())
    started = await asyncio.to_thread(stage.started, "Hello?")
    working = asyncio.create_task(stage.work())
    async with asyncio.timeout(20):
        while (await asyncio.to_thread(explained, stage, started["id"])).status != 200:
            await asyncio.sleep(0.02)
    assert not working.done()
    stage.model.go()
    await working


async def test_a_bucket_that_is_away_costs_the_explanation_and_not_the_reply(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise OSError("the text of somebody's story")

    monkeypatch.setattr(stage.container.manifest_store, "put", broken)
    stage.model.will(Say("All the same."))
    generation_id = await told(stage)
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "All the same."
    answer = await asyncio.to_thread(explained, stage, generation_id)
    assert (answer.status, answer.json["error"]["code"]) == (404, "prompt_not_kept")
    line = next(line for line in caplog.records if line.getMessage() == "prompt not kept")
    assert (line.generation_id, line.error) == (generation_id, "OSError")  # type: ignore[attr-defined]
    assert "story" not in str(vars(line))


async def test_an_operator_may_keep_no_prompts(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage.container.manifests, "_share", 0.0)
    await told(stage)
    assert [key for key in stage.world.files() if "/manifests/" in key] == []


async def test_kept_prompts_go_after_thirty_days(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await told(stage)
    [key] = [key for key in stage.world.files() if "/manifests/" in key]
    assert key.startswith(f"{stage.person.id}/manifests/{stage.chat['id']}/")
    tags = boto3.client("s3", region_name=REGION).get_object_tagging(Bucket=BUCKET, Key=key)["TagSet"]
    assert tags == [{"Key": "kept", "Value": "30-days"}]
    put_at = stage.container.files.list_under(key)[0][1]
    store = stage.container.manifest_store
    assert (store.sweep(put_at + timedelta(days=29)), store.sweep(put_at + timedelta(days=31))) == (0, 1)
    assert [key for key in stage.world.files() if "/manifests/" in key] == []


async def test_a_chat_that_is_deleted_for_good_takes_its_prompts_along(stage: Stage) -> None:
    await told(stage)
    path = f"/chats/{stage.chat['id']}"
    await asyncio.to_thread(stage.person.delete, path)
    await asyncio.to_thread(stage.person.delete, f"{path}/forever")
    stage.world.clock.advance(seconds=1)
    await in_thread(stage.container.chats.sweep)
    assert [key for key in stage.world.files() if "/manifests/" in key] == []


async def test_the_takeout_has_them(stage: Stage) -> None:
    generation_id = await told(stage)
    job = (await asyncio.to_thread(stage.person.post, "/account/export", {})).json
    await asyncio.to_thread(stage.container.jobs.run, JobOrder(owner_id=stage.person.id, job_id=job["id"]))
    [key] = [key for key in stage.world.files() if key.endswith(".zip")]
    with zipfile.ZipFile(io.BytesIO(stage.container.files.get(key))) as archive:
        held = json.loads(archive.read(f"prompts/{stage.chat['id']}/{generation_id}.json"))
    assert held["request"].encode() == stage.model.bodies[-1]


# --- dry runs


def preview(stage: Stage, **body: Any) -> Answer:
    return stage.person.post(f"/chats/{stage.chat['id']}/preview", {"connection_id": stage.connection_id} | body)


async def test_a_dry_run_shows_what_would_be_sent(stage: Stage) -> None:
    await asyncio.to_thread(enter, stage, WITH_BOOK)
    tried = await asyncio.to_thread(preview, stage, text="Is there oil?")
    assert tried.status == 200, tried
    await told(stage, "Is there oil?")
    sent = [one["content"] for one in stage.model.requests[-1]["messages"]]
    assert [one["content"] for one in tried.json["messages"]] == sent
    assert tried.json["generation_id"] is None


async def test_a_dry_run_leaves_nothing_behind(stage: Stage) -> None:
    rows, files = stage.world.rows(), stage.world.files()
    for body in ({"text": "Hello?"}, {"kind": "impersonate"}, {"kind": "quiet", "instruction": "Name it."}, {}):
        assert (await asyncio.to_thread(preview, stage, **body)).status == 200
    assert (stage.world.rows(), stage.world.files()) == (rows, files)
    assert stage.model.bodies == []
    assert stage.orders() == []


async def test_dry_runs_of_swipes_and_continuations_go_by_the_last_reply(stage: Stage) -> None:
    stage.model.will(Say("The lamp is lit, and"))
    await told(stage)
    swipe = (await asyncio.to_thread(preview, stage, kind="swipe")).json["messages"]
    assert "The lamp is lit, and" not in [one["content"] for one in swipe]
    continued = (await asyncio.to_thread(preview, stage, kind="continue")).json["messages"]
    assert "The lamp is lit, and" in [one["content"] for one in continued]


async def test_a_dry_run_tells_what_does_not_fit(stage: Stage) -> None:
    await asyncio.to_thread(enter, stage, CARD | {"description": "word " * 17_000})
    tried = (await asyncio.to_thread(preview, stage, text="Hello?")).json
    assert tried["lacking"] == "cards"


async def test_what_cannot_be_ordered_cannot_be_tried(stage: Stage) -> None:
    assert (await asyncio.to_thread(preview, stage, text="  ")).status == 422
    assert (await asyncio.to_thread(preview, stage, kind="swipe", repeats="x")).status == 422
    assert (await asyncio.to_thread(preview, stage, connection_id="gone")).status == 404
