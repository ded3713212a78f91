"""A reply whose worker is lost ends as one does whose worker lives: its text, its count, and who hears of it."""

import asyncio
import json
from typing import Any

import boto3
import pytest

from chalicelib.entrypoints import schedule
from chalicelib.models.generations import GenerationRecord
from chalicelib.models.manifests import KeptPrompt, Sending
from chalicelib.models.prompt import Manifest
from tests.integration.test_branch_state import values
from tests.integration.test_generation_recovery import claim, write
from tests.integration.test_stored_words import SCRIPT, SHOUT, _reply, _scripts
from tests.support.replies import Stage
from tests.support.world import REGION


def lost(stage: Stage, *texts: str, text: str | None = "Hello?", **more: Any) -> dict[str, Any]:
    """The message of a reply whose worker wrote this and was never heard of again."""
    record = taken(stage, *texts, text=text, **more)
    schedule.run({})
    assert stage.record(record.id).status == "done"
    return next(one for one in stage.messages() if one["id"] == record.message_id)


def taken(stage: Stage, *texts: str, text: str | None = "Hello?", **more: Any) -> GenerationRecord:
    record = claim(stage, stage.started(text, **more)["id"])
    write(stage, record, *texts)
    stage.orders()
    stage.world.clock.advance(seconds=16)
    return record


def forget_orders(stage: Stage) -> None:
    boto3.client("sqs", region_name=REGION).purge_queue(QueueUrl=stage.world.settings.job_queue_url)


def told_of(stage: Stage) -> set[str]:
    """Ids of messages that the search index is told of, by the orders in its queue."""
    sqs, url = boto3.client("sqs", region_name=REGION), stage.world.settings.job_queue_url
    got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5).get("Messages", [])
    return {message_id for one in got for message_id in json.loads(one["Body"]).get("message_ids", ())}


def test_scripts_macros_and_names_are_done_to_a_lost_reply(stage: Stage) -> None:
    _scripts(stage, SHOUT)
    kept = lost(stage, "Mira: A storm, {{user}}.", "\nada: No!")
    assert kept["text"] == "A STORM, ada."
    assert (kept["name"], kept["tokens"] is not None) == ("Mira", True)


def test_the_end_tells_readers_what_is_stored(stage: Stage) -> None:
    reader = stage.follower("reader")
    _scripts(stage, SHOUT)
    kept = lost(stage, "A storm.")
    end = stage.office.wait_for(reader, "end")
    assert (end["changed"], end["length"]) == (True, len(kept["text"]))


@pytest.mark.parametrize("kind", ["swipe", "continue"])
async def test_what_a_lost_worker_did_to_a_message_is_found_by_the_search(stage: Stage, kind: str) -> None:
    await asyncio.to_thread(_scripts, stage, SCRIPT | {"findRegex": "/sto ?rm/g", "replaceString": "STORM"})
    first = await _reply(stage, "A sto")
    await asyncio.to_thread(forget_orders, stage)
    kept = await asyncio.to_thread(lost, stage, "rm or sto", "rm.", text=None, kind=kind)
    assert kept["text"] == {"swipe": "rm or STORM.", "continue": "A STORM or STORM."}[kind]
    assert await asyncio.to_thread(told_of, stage) == {first["id"]}


def test_what_macros_in_a_lost_reply_put_down_stays(stage: Stage) -> None:
    assert lost(stage, "Done.{{setvar::gold::7}}")["text"] == "Done."
    assert values(stage.person, stage.chat["id"]) == {"gold": "7"}


def test_a_lost_reply_counts_and_names_its_model_where_its_prompt_was_kept(stage: Stage) -> None:
    record = taken(stage, "Four words of it.")
    sending = Sending(connection_id="c", connection="Mine", provider="openai_chat", model="m", place="p")
    kept = KeptPrompt.model_construct(
        generation_id=record.id,
        chat_id=record.chat_id,
        kind="reply",
        kept_at=stage.world.clock.now(),
        sending=sending,
        tokens=300,
        manifest=Manifest(),
    )
    stage.container.manifest_store.put(stage.person.id, kept, b"")
    schedule.run({})
    facts = stage.messages()[-1]["reply"]
    assert (facts["model"], facts["connection"], facts["prompt_tokens"]) == ("m", "Mine", 300)
    assert facts["reply_tokens"] > 2
    assert stage.person.get("/account/usage").json["tokens"] == 300 + facts["reply_tokens"]


def test_a_lost_reply_whose_connection_is_gone_is_kept_as_it_came(stage: Stage) -> None:
    _scripts(stage, SHOUT)
    record = taken(stage, "A storm.")
    assert stage.person.delete(f"/connections/{stage.connection_id}").status == 204
    schedule.run({})
    kept = next(one for one in stage.messages() if one["id"] == record.message_id)
    assert (kept["text"], kept["name"]) == ("A storm.", "Mira")
