"""Fixtures of the local cloud's own tests."""

from collections.abc import Iterator

import pytest

from devcloud.supervisor import Cloud
from tests.support.cloud import cloud

__all__ = ["cloud"]


@pytest.fixture(scope="package")
def idle_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A local cloud without workers: what a test puts into a queue stays there."""
    made = Cloud(tmp_path_factory.mktemp("idle"), port=0, workers=0, settings={"TAVERN_REDIS_URL": ""})
    made.start()
    yield made
    made.stop()
