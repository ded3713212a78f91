"""Stopping: whatever a reply is doing, the model hears at once that nobody wants more; the text so far is kept."""

import asyncio
from collections.abc import Iterator

import pytest
import redis as redis_client

from tests.support.model_server import Say, Step, Wait, model_server
from tests.support.post_office import post_office
from tests.support.replies import Stage
from tests.support.upstream import upstream
from tests.support.world import Aws, world_on

SILENT = Wait(30)


@pytest.fixture(params=["dynamo", "redis"])
def stage(request: pytest.FixtureRequest, aws: Aws) -> Iterator[Stage]:
    """A stage whose workers hear of a stop by no renewal of their lease: that would come too late."""
    knobs: dict[str, object] = {"lease_renew_seconds": 3600.0, "lease_seconds": 7200.0}
    if request.param == "redis":
        knobs["redis_url"] = request.getfixturevalue("redis_url")
        flush(str(knobs["redis_url"]))
    aws.wipe()
    with post_office() as office, model_server() as model:
        knobs["socket_endpoint"] = office.address
        with world_on(aws.settings(**knobs)) as world:
            made = Stage(world, office, model)
            yield made
            made.close()


def flush(url: str) -> None:
    with redis_client.Redis.from_url(url) as connection:
        connection.flushall()


async def begun(stage: Stage, *steps: Step) -> tuple[dict[str, object], "asyncio.Task[list[str]]"]:
    """A reply whose model has been asked and has said all it is going to say for now."""
    stage.model.will(*steps)
    said = sum(isinstance(step, Say) for step in steps)
    generation = await asyncio.to_thread(stage.started)
    working = asyncio.create_task(stage.work())
    await asyncio.to_thread(stage.office.wait_until, lambda: stage.model.requests)
    if said:
        await asyncio.to_thread(stage.office.wait_for, "reader", "d")
    return generation, working


async def stop(stage: Stage, generation: dict[str, object], way: str) -> None:
    turn_id = str(generation["turn_id"])
    if way == "rest":
        assert (await asyncio.to_thread(stage.person.post, f"/turns/{turn_id}/stop")).status == 204
    else:
        await asyncio.to_thread(stage.send, "reader", type="stop", turn_id=turn_id)


@pytest.mark.parametrize("way", ["rest", "socket"])
@pytest.mark.parametrize("steps", [(SILENT,), (Say("So far, "), SILENT)], ids=["before the first word", "in a stall"])
async def test_a_silent_model_is_hung_up_on(stage: Stage, way: str, steps: tuple[Step, ...]) -> None:
    await asyncio.to_thread(stage.follower, "reader")
    generation, working = await begun(stage, *steps)
    await stop(stage, generation, way)
    end = await asyncio.to_thread(stage.office.wait_for, "reader", "end", seconds=10)
    assert end["finish_reason"] == "stopped"
    assert await asyncio.to_thread(stage.model.closed_early.wait, 10)
    await working
    said = "".join(step.text for step in steps if isinstance(step, Say))
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == (said or "Hello?")


async def test_a_talking_model_is_hung_up_on(stage: Stage) -> None:
    await asyncio.to_thread(stage.follower, "reader")
    words = [step for number in range(400) for step in (Say(f"word{number} "), Wait(0.02))]
    generation, working = await begun(stage, *words)
    await stop(stage, generation, "rest")
    end = await asyncio.to_thread(stage.office.wait_for, "reader", "end", seconds=10)
    assert end["finish_reason"] == "stopped"
    assert await asyncio.to_thread(stage.model.closed_early.wait, 10)
    await working
    text = stage.office.text("reader", str(generation["id"]))
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == text
    assert text.startswith("word0 word1 ")


@pytest.mark.parametrize("stage", ["dynamo"], indirect=True)
@pytest.mark.parametrize("kind", ["openai_text", "anthropic", "gemini", "koboldcpp", "llamacpp"])
async def test_models_of_every_kind_are_hung_up_on(stage: Stage, kind: str) -> None:
    await asyncio.to_thread(stage.follower, "reader")
    async with upstream() as server:
        server.silent_after = 0
        body = {"name": kind, "kind": kind, "address": server.address, "model": "m", "key": "a-key"}
        made = await asyncio.to_thread(stage.person.post, "/connections", body)
        assert made.status == 201, made
        generation = await asyncio.to_thread(stage.started, connection_id=made.json["id"])
        working = asyncio.create_task(stage.work())
        async with asyncio.timeout(10):
            while not server.requests:
                await asyncio.sleep(0.01)
        await stop(stage, generation, "socket")
        async with asyncio.timeout(10):
            await server.hung_up.wait()
        await working
    assert stage.office.wait_for("reader", "end")["finish_reason"] == "stopped"


async def test_a_stop_between_queue_and_claim_asks_no_model(stage: Stage) -> None:
    await asyncio.to_thread(stage.follower, "reader")
    generation = await asyncio.to_thread(stage.started)
    record = stage.record(generation["id"])
    # The door has set the flag; before it comes to end the queued reply, a worker takes it.
    await asyncio.to_thread(stage.container.generation_store.ask_stop, record)
    await stage.work()
    end = await asyncio.to_thread(stage.office.wait_for, "reader", "end", seconds=10)
    assert end["finish_reason"] == "stopped"
    assert stage.model.requests == []
    assert (await asyncio.to_thread(stage.turn, "Again.")).status == 202


@pytest.mark.parametrize("stage", ["redis"], indirect=True)
async def test_a_stop_flag_that_redis_loses_stops_all_the_same(stage: Stage) -> None:
    await asyncio.to_thread(stage.follower, "reader")
    generation, working = await begun(stage, Say("So far, "), SILENT)
    log = stage.container.logs

    async def lose(record: object) -> None:
        await asyncio.to_thread(flush, stage.world.settings.redis_url or "")

    log.ask_stop = lose  # type: ignore[method-assign,assignment]  # set and gone before a worker looked
    await stop(stage, generation, "rest")
    end = await asyncio.to_thread(stage.office.wait_for, "reader", "end", seconds=10)
    assert end["finish_reason"] == "stopped"
    await working
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "So far, "
