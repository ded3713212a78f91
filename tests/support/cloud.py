"""A local cloud for tests: real processes on free ports, data in a temporary folder.

A test file gets it by `from tests.support.cloud import cloud` in its folder's conftest.py.
"""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from devcloud.supervisor import Cloud


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The whole product, with one worker and whatever Redis the machine has; shared by the tests of a session."""
    made = Cloud(tmp_path_factory.mktemp("cloud"), port=0, workers=1)
    made.start()
    yield made
    made.stop()


def aws_client(cloud: Cloud, service: str, endpoint: str | None = None) -> Any:
    """A boto3 client with the keys of this cloud; `endpoint` where it is not the emulated AWS itself."""
    return boto3.client(
        service,
        endpoint_url=endpoint or cloud.places.aws_endpoint,
        region_name="us-east-1",
        aws_access_key_id=cloud.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=cloud.environment["AWS_SECRET_ACCESS_KEY"],
        config=Config(
            retries={"max_attempts": 0},
            signature_version="s3v4" if service == "s3" else "v4",
            s3={"addressing_style": "path"},
        ),
    )
