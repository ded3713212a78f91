"""Redis goes and comes back: replies never notice, and it is used again without a restart of anything."""

import asyncio
import gc
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_client

from chalicelib.stores.rates import REST_SECONDS
from chalicelib.stores.streams_redis import BREAK_SECONDS
from tests.support.model_server import Say, Wait, model_server
from tests.support.post_office import post_office
from tests.support.redis_process import RedisProcess
from tests.support.replies import Stage
from tests.support.world import Aws, world_on

pytestmark = pytest.mark.filterwarnings(
    # redis-py leaves connections whose server died to the garbage collector, which complains of it.
    "ignore:unclosed:ResourceWarning"
)


@pytest.fixture(params=["redis", "cluster"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RedisProcess]:
    made = RedisProcess(tmp_path / "redis", cluster=request.param == "cluster")
    made.start()
    made.wait_until_up()
    yield made
    made.kill(forgets=False)
    gc.collect()


@pytest.fixture
def stage(aws: Aws, server: RedisProcess) -> Iterator[Stage]:
    aws.wipe()
    with post_office() as office, model_server() as model:
        knobs = {"socket_endpoint": office.address, "redis_url": server.url, "redis_cluster": server.cluster}
        with world_on(aws.settings(**knobs)) as world:
            made = Stage(world, office, model)
            yield made
            made.close()


def rates_counted(server: RedisProcess) -> int:
    with redis_client.Redis(port=server.port) as client:
        return len(client.keys("rate:*"))


async def replied(stage: Stage, text: str) -> str:
    """The log that a reply was written to which said this."""
    stage.model.will(Say(text))
    generation = await asyncio.to_thread(stage.started)
    assert await stage.work() == []
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == text
    return stage.record(generation["id"]).log


async def test_a_redis_that_comes_back_is_used_again(stage: Stage, server: RedisProcess) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    assert await replied(stage, "With Redis.") == "redis"

    stage.model.will(Say("In the "), Wait(), Say("middle."))
    generation = await asyncio.to_thread(stage.started)
    working = asyncio.create_task(stage.work())
    await asyncio.to_thread(stage.office.wait_until, lambda: stage.office.text(reader, generation["id"]))
    server.kill(forgets=True)
    stage.model.go()
    await working
    assert stage.record(generation["id"]).log == "dynamo"
    assert stage.office.text(reader, generation["id"]) == "In the middle."
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "In the middle."
    assert await replied(stage, "Without it.") == "dynamo"

    server.start()
    server.wait_until_up()
    assert rates_counted(server) == 0
    ends = time.monotonic() + BREAK_SECONDS + REST_SECONDS + 10
    while await replied(stage, "Is it there?") != "redis":
        assert time.monotonic() < ends
        await asyncio.sleep(0.5)
    while rates_counted(server) == 0:
        assert time.monotonic() < ends
        await asyncio.to_thread(stage.messages)
        await asyncio.sleep(0.5)
    # Its list of followers was lost with it.
    assert [frame["finish_reason"] for frame in stage.office.of_type(reader, "end")][-1] == "stop"
    stage.model.will(Say("And live."))
    last = await asyncio.to_thread(stage.started)
    await stage.work()
    assert stage.office.text(reader, last["id"]) == "And live."
