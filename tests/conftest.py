"""Fixtures every floor shares."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1")
for name in [name for name in os.environ if name.startswith("TAVERN_")]:
    del os.environ[name]

import pytest

from tests.support.people import Api
from tests.support.redis import redis_server
from tests.support.world import Aws, World, emulated_aws, world_on

LONG = ("chaos", "browser", "gateway", "integration")
"""Folders whose files take long: chaos and gateway mostly wait, the browser mostly works."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, of each kind one in turn: side by side they wait and work, and none of them is begun last."""
    tests = Path(__file__).parent
    files = dict.fromkeys(item.path for item in items)
    turns: Counter[str] = Counter()
    places = {}
    for file in files:
        folder = file.relative_to(tests).parts[0]
        place = LONG.index(folder) if folder in LONG else len(LONG)
        places[file] = (turns[folder] if folder in LONG else len(files), place)
        turns[folder] += 1
    items.sort(key=lambda item: places[item.path])


@pytest.fixture(scope="session")
def aws() -> Iterator[Aws]:
    """An emulated AWS with the tables, the bucket and the queues."""
    with emulated_aws() as made:
        yield made


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real redis-server."""
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def world(aws: Aws) -> Iterator[World]:
    """An empty world without Redis."""
    aws.wipe()
    with world_on(aws.settings()) as made:
        yield made


@pytest.fixture
def world_with_redis(aws: Aws, redis_url: str) -> Iterator[World]:
    """An empty world with Redis."""
    import redis

    with redis.Redis.from_url(redis_url) as connection:
        connection.flushall()
    aws.wipe()
    with world_on(aws.settings(redis_url=redis_url)) as made:
        yield made


@pytest.fixture
def api(world: World) -> Api:
    """The REST doors of an empty world."""
    return Api()
