"""A reply that nobody follows any more ends after a while, with all it said."""

import asyncio
from collections.abc import Iterator

import pytest

from chalicelib.clients.clock import Clock
from chalicelib.entrypoints import socket
from tests.support.model_server import Say, Wait, model_server
from tests.support.post_office import post_office
from tests.support.replies import Stage
from tests.support.world import Aws, world_on

GIVEN_UP_SECONDS = 4


@pytest.fixture
def stage(aws: Aws) -> Iterator[Stage]:
    """A stage on which a reply is given up after a few seconds without a reader."""
    aws.wipe()
    with post_office() as office, model_server() as model:
        short = {"abandoned_reply_seconds": GIVEN_UP_SECONDS, "lease_renew_seconds": 0.3}
        with world_on(aws.settings(socket_endpoint=office.address).model_copy(update=short)) as world:
            world.container.clock = Clock()
            made = Stage(world, office, model)
            yield made
            made.close()


async def begun(stage: Stage, text: str) -> tuple[str, "asyncio.Task[list[str]]"]:
    """A reply that somebody has read the first words of, who is gone now; the model waits."""
    reader = await asyncio.to_thread(stage.follower, "first")
    stage.model.will(Say(text), Wait(), Say("for me."))
    generation = await asyncio.to_thread(stage.started)
    working = asyncio.create_task(stage.work())
    await asyncio.to_thread(stage.office.wait_for, reader, "d", seconds=30)
    await asyncio.to_thread(socket.disconnect, {"requestContext": {"connectionId": reader}})
    return generation["id"], working


async def test_a_reply_nobody_follows_is_interrupted_and_kept(stage: Stage) -> None:
    generation_id, working = await begun(stage, "To the empty room.")
    async with asyncio.timeout(30):
        await working
    assert stage.record(generation_id).finish_reason == "interrupted"
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "To the empty room."
    assert stage.model.closed_early.wait(5)
    assert (await asyncio.to_thread(stage.turn, "And now?")).status == 202


async def test_who_comes_back_in_time_keeps_it_alive(stage: Stage) -> None:
    _, working = await begun(stage, "Wait ")
    await asyncio.to_thread(stage.follower, "reader")
    await asyncio.sleep(GIVEN_UP_SECONDS * 1.5)
    stage.model.go()
    await working
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "Wait for me."


@pytest.mark.parametrize("way", ["", "/events"], ids=["polling", "event stream"])
async def test_who_reads_without_a_socket_keeps_it_alive(stage: Stage, way: str) -> None:
    generation_id, working = await begun(stage, "Wait ")
    path, last = f"/generations/{generation_id}{way}", {"last-event-id": "1-1"}

    async def read() -> None:
        while not working.done():
            await asyncio.to_thread(lambda: stage.person.request("GET", path, headers=last))
            await asyncio.sleep(0.3)

    reading = asyncio.create_task(read())
    await asyncio.sleep(GIVEN_UP_SECONDS * 1.5)
    stage.model.go()
    await working
    await reading
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "Wait for me."
