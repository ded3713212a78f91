"""Replies from the turn to the end frame: REST, queue, worker, log, sockets."""

import asyncio
import hashlib

import pytest


from tests.support.model_server import Cut, Fail, Say, Wait
from tests.support.replies import Stage


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
    messages = await asyncio.to_thread(stage.messages)
    assert [message["text"] for message in messages][-2:] == ["Is anybody there?", "The lamp is lit."]
    assert messages[-1]["id"] == generation["message_id"] == end["message_id"]
    assert messages[-1]["name"] == "Mira"
    assert messages[-1]["reply"]["model"] == "m"
    assert messages[-1]["reply"]["reply_tokens"] == 3
    assert messages[-1]["reply"]["first_token_ms"] is not None
