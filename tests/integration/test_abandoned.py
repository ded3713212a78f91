"""A reply that nobody follows any more ends after a while, with all it said."""

import asyncio
from collections.abc import Iterator

import pytest

from chalicelib.clients.clock import Clock
from tests.support.model_server import Say, Wait, model_server
from tests.support.post_office import post_office
from tests.support.replies import Stage
from tests.support.world import Aws, world_on


@pytest.fixture
def stage(aws: Aws) -> Iterator[Stage]:
    """A stage on which a reply is given up after three seconds without a reader."""
    aws.wipe()
    with post_office() as office, model_server() as model:
        short = {"abandoned_reply_seconds": 3, "lease_renew_seconds": 0.3}
        with world_on(aws.settings(socket_endpoint=office.address).model_copy(update=short)) as world:
            world.container.clock = Clock()
            made = Stage(world, office, model)
            yield made
            made.close()


async def test_a_reply_nobody_follows_is_interrupted_and_kept(stage: Stage) -> None:
    stage.model.will(Say("To the empty "), Say("room."), Wait(20))
    generation = await asyncio.to_thread(stage.started)
    async with asyncio.timeout(15):
        await stage.work()
    assert stage.record(generation["id"]).finish_reason == "interrupted"
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "To the empty room."
    assert stage.model.closed_early.wait(5)
    assert (await asyncio.to_thread(stage.turn, "And now?")).status == 202


async def test_who_comes_back_in_time_keeps_it_alive(stage: Stage) -> None:
    stage.model.will(Say("Wait "), Wait(4), Say("for me."))
    await asyncio.to_thread(stage.started)
    working = asyncio.create_task(stage.work())
    await asyncio.sleep(1)
    await asyncio.to_thread(stage.follower, "reader")
    await working
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "Wait for me."


@pytest.mark.parametrize("way", ["", "/events"], ids=["polling", "event stream"])
async def test_who_reads_without_a_socket_keeps_it_alive(stage: Stage, way: str) -> None:
    stage.model.will(Say("Slowly, "), Wait(5), Say("but surely."))
    generation = await asyncio.to_thread(stage.started)
    working = asyncio.create_task(stage.work())
    path, last = f"/generations/{generation['id']}{way}", {"last-event-id": "1-1"}
    while not working.done():
        await asyncio.to_thread(lambda: stage.person.request("GET", path, headers=last))
        await asyncio.sleep(0.5)
    await working
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "Slowly, but surely."
