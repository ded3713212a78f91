"""A local cloud for tests: real processes on free ports, data in a temporary folder.

A test file gets it by `from tests.support.cloud import cloud` in its folder's conftest.py.
"""

from collections.abc import Iterator

import pytest

from devcloud.supervisor import Cloud


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The whole product, with one worker and whatever Redis the machine has; shared by the tests of a session."""
    made = Cloud(tmp_path_factory.mktemp("cloud"), port=0, workers=1)
    made.start()
    yield made
    made.stop()
