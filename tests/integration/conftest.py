"""Fixtures of integration tests: a stage for replies on either log."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from moto.core.botocore_stubber import BotocoreStubber

from tests.support.model_server import model_server
from tests.support.post_office import post_office
from tests.support.redis import redis_server
from tests.support.replies import Stage
from tests.support.world import Aws, world_on


@pytest.fixture(scope="session", autouse=True)
def one_request_at_a_time() -> Iterator[None]:
    """moto copies whole tables for a transaction and puts them back: of two threads one would lose its writes."""
    lock = threading.RLock()
    process = BotocoreStubber.process_request

    def locked(self: BotocoreStubber, request: Any) -> Any:
        with lock:
            return process(self, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BotocoreStubber, "process_request", locked)
        yield


@pytest.fixture(scope="session")
def redis_cluster_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A redis-server in cluster mode that has all slots."""
    folder = tmp_path_factory.mktemp("redis-cluster")
    with redis_server(folder, "--cluster-enabled", "yes") as url, redis.Redis.from_url(url) as connection:
        connection.execute_command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        while "cluster_state:ok" not in str(connection.execute_command("CLUSTER", "INFO")):
            time.sleep(0.02)
        yield url


@pytest.fixture
def stage(request: pytest.FixtureRequest, aws: Aws) -> Iterator[Stage]:
    """A stage without Redis; `@on_both_logs` gives a test one on each log."""
    yield from _stage(request, aws, getattr(request, "param", "dynamo"))


def _stage(request: pytest.FixtureRequest, aws: Aws, log: str) -> Iterator[Stage]:
    knobs: dict[str, object] = {}
    if log == "redis":
        url = request.getfixturevalue("redis_url")
        with redis.Redis.from_url(url) as connection:
            connection.flushall()
        knobs["redis_url"] = url
    aws.wipe()
    with post_office() as office, model_server() as model:
        knobs["socket_endpoint"] = office.address
        with world_on(aws.settings(**knobs)) as world:
            made = Stage(world, office, model)
            yield made
            made.close()
