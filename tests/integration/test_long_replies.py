"""Replies of 30,000 tokens with 128 KB of reasoning: every reader has them whole, whenever they came."""

import asyncio
import hashlib
import random
from typing import Any

import pytest

from chalicelib.models.frames import SNAPSHOT_PART_BYTES
from chalicelib.stores.chat_bodies import ITEM_BYTES_MOST
from tests.integration.test_event_stream import Reader
from tests.support.model_server import Say, Step, Wait
from tests.support.post_office import Frame
from tests.support.replies import Stage

on_both_logs = pytest.mark.parametrize("stage", ["dynamo", "redis"], indirect=True)
MESSAGE_BYTES = 128 * 1024
"""What API Gateway takes as one message."""
WORDS = ["the ", "sea ", "lamp ", "keeper, ", "and\n", "dragon ", '"no" ', "灯台 ", "\\ ", "é "]


def prose(words: int, seed: int) -> str:
    return "".join(random.Random(seed).choices(WORDS, k=words)).strip() + "."


def steps(text: str, reasoning: str, *, step: int = 400) -> list[Step]:
    thought: list[Step] = [Say("", reasoning[at : at + step]) for at in range(0, len(reasoning), step)]
    return thought + [Say(text[at : at + step]) for at in range(0, len(text), step)]


THOUGHTS, STORY = prose(28_000, 1), prose(36_000, 2)


def whole(frames: list[Frame]) -> tuple[str, str]:
    """Text and reasoning of one generation, from frames that came in order."""
    reader = Reader("")
    parts: list[Frame] = []
    for frame in frames:
        match frame["type"]:
            case "snapshot":
                parts = [*parts, frame] if frame["part"] > 1 else [frame]
                if frame["part"] == frame["parts"] and frame["upto"] >= reader.upto:
                    reader.text = "".join(part["text"] for part in parts)
                    reader.reasoning = "".join(part["reasoning"] for part in parts)
                    reader.upto = frame["upto"]
            case "d" if frame["n"][0] == reader.upto + 1:
                reader.text += frame.get("x", "")
                reader.reasoning += frame.get("r", "")
                reader.upto = frame["n"][1]
    return reader.text, reader.reasoning


def follow_events(stage: Stage, generation_id: str) -> Reader:
    reader = Reader(generation_id)
    while reader.end is None:
        headers = {"last-event-id": reader.last_id}
        got = stage.person.request("GET", f"/generations/{generation_id}/events", headers=headers)
        assert got.status == 200, got
        reader.take(got.body.decode())
    return reader


@on_both_logs
async def test_readers_on_every_way_have_it_whole(stage: Stage) -> None:
    assert len(THOUGHTS.encode()) > 128 * 1024
    early = await asyncio.to_thread(stage.follower, "early")
    said = steps(STORY, THOUGHTS)
    middle = len(said) * 3 // 4
    stage.model.will(*said[:middle], Wait(), *said[middle:])
    generation: dict[str, Any] = await asyncio.to_thread(stage.started)
    working = asyncio.create_task(stage.work())
    events = asyncio.create_task(asyncio.to_thread(follow_events, stage, generation["id"]))
    shown = sum(map(len, (step.text + step.reasoning for step in said[:middle] if isinstance(step, Say))))

    def has_read(reader: str) -> int:
        return sum(map(len, whole(stage.office.frames[reader])))

    await asyncio.to_thread(stage.office.wait_until, lambda: has_read(early) >= shown, seconds=30)
    late = await asyncio.to_thread(stage.follower, "late")
    await asyncio.to_thread(stage.connect, "back")
    pieces = stage.office.of_type(early, "d")
    after = pieces[len(pieces) // 2]["n"][1]
    resume = {"type": "resume", "generation_id": generation["id"], "epoch": 1, "after": after}
    await asyncio.to_thread(stage.send, "back", **resume)
    stage.model.go()
    await working

    for reader in (early, late, "back"):
        await asyncio.to_thread(stage.office.wait_for, reader, "end")
    assert whole(stage.office.frames[early]) == (STORY, THOUGHTS)
    assert whole(stage.office.frames[late]) == (STORY, THOUGHTS)
    snapshots = stage.office.of_type(late, "snapshot")
    assert len(snapshots) == snapshots[0]["parts"] <= 2 + shown * 2 // SNAPSHOT_PART_BYTES
    # Who comes back in the middle gets what is missing, and nothing else.
    missing = [frame for frame in stage.office.of_type("back", "d") if frame["n"][1] > after]
    assert min(frame["n"][0] for frame in missing) == after + 1
    assert stage.office.of_type("back", "snapshot") == []
    had = [frame for frame in pieces if frame["n"][1] <= after]
    both = sorted(had + missing, key=lambda frame: frame["n"][0])
    assert whole(both) == (STORY, THOUGHTS)
    stream = await events
    assert (stream.text, stream.reasoning) == (STORY, THOUGHTS)
    assert max(len(body) for bodies in stage.office.bodies.values() for body in bodies) < MESSAGE_BYTES

    message = (await asyncio.to_thread(stage.messages))[-1]
    assert (message["text"], message["reasoning"]) == (STORY, THOUGHTS)
    end = stage.office.wait_for(early, "end")
    assert end["sha256"] == hashlib.sha256(STORY.encode()).hexdigest()


async def test_what_is_too_long_for_an_item_lies_in_the_bucket_and_can_be_gone_on_with(stage: Stage) -> None:
    stage.model.will(*steps(STORY, THOUGHTS, step=4_000))
    await asyncio.to_thread(stage.started)
    await stage.work()
    assert len(STORY.encode()) + len(THOUGHTS.encode()) > ITEM_BYTES_MOST
    assert [key for key in stage.world.files() if f"/chats/{stage.chat['id']}/" in key]

    stage.model.will(*steps(" More. " + STORY, THOUGHTS, step=4_000))
    message = (await asyncio.to_thread(stage.messages))[-1]
    await asyncio.to_thread(stage.started, None, kind="continue", revision=message["revision"])
    await stage.work()
    message = (await asyncio.to_thread(stage.messages))[-1]
    assert message["text"] == f"{STORY} More. {STORY}"
    assert message["reasoning"] == f"{THOUGHTS}\n\n{THOUGHTS}"

    stage.model.will(Say("Short."))
    await asyncio.to_thread(stage.started, None, kind="swipe", revision=message["revision"])
    await stage.work()
    path = f"/chats/{stage.chat['id']}/messages/{message['id']}/swipes"
    swipes = (await asyncio.to_thread(stage.person.get, path)).json
    assert [swipe["text"] for swipe in swipes] == [message["text"], "Short."]
