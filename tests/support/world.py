"""A world for integration tests: moto for AWS, one container, a clock that only moves when told to."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from chalicelib import container as container_module
from chalicelib.clients.clock import Clock
from chalicelib.clients.direct import shorten
from chalicelib.container import Container
from chalicelib.models.users import Role, User
from chalicelib.settings import Settings
from chalicelib.stores.tables import create_tables, place_tables

REGION = "us-east-1"
BUCKET = "tavern-media"


class StandingClock(Clock):
    """A clock that stands still until `advance`; ids still grow."""

    def __init__(self) -> None:
        self._now = datetime(2026, 5, 17, 14, 0, tzinfo=UTC)
        self._ids = 0

    def now(self) -> datetime:
        return self._now

    def advance(self, **amount: float) -> None:
        """Moves on by a timedelta's keywords: `advance(seconds=30)`."""
        self._now += timedelta(**amount)

    def sleep(self, seconds: float) -> None:
        """Moves on, and lets other threads work for a moment."""
        self.advance(seconds=seconds)
        time.sleep(0.02)

    def new_id(self) -> str:
        self._ids += 1
        self._now += timedelta(milliseconds=1)
        return super().new_id()

    def dice(self) -> random.Random:
        return random.Random(7)


class World:
    """Settings, a container on them, and short ways to what tests look at."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = StandingClock()
        self.container = Container(settings)
        self.container.clock = self.clock

    def person(self, name: str = "ada", role: Role = Role.user) -> User:
        """Somebody signed in, for calling services directly; no account is made."""
        return User(id=name, role=role, session_id=f"{name}-session")

    def rows(self, table: str = "main") -> list[dict[str, Any]]:
        """Every item of a table as DynamoDB keeps it."""
        found = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[f"{self.settings.table_prefix}-{table}"]
        return [item.to_json()["Attributes"] for item in found.all_items()]

    def files(self) -> list[str]:
        """Every key of the bucket."""
        listed = boto3.client("s3", region_name=REGION).list_objects_v2(Bucket=BUCKET)
        return [item["Key"] for item in listed.get("Contents", [])]


class Aws:
    """An emulated AWS that lives as long as the test process; `wipe` empties it."""

    def __init__(self) -> None:
        place_tables(prefix="tavern", region=REGION, endpoint=None, prepare=shorten)
        create_tables()
        self._s3 = boto3.client("s3", region_name=REGION)
        self._s3.create_bucket(Bucket=BUCKET)
        self._sqs = boto3.client("sqs", region_name=REGION)
        self.generation_queue_url = self._sqs.create_queue(QueueName="tavern-generations")["QueueUrl"]
        self.job_queue_url = self._sqs.create_queue(QueueName="tavern-jobs")["QueueUrl"]

    def wipe(self) -> None:
        for table in dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables.values():
            table.items.clear()
        listed = self._s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        for item in listed:
            self._s3.delete_object(Bucket=BUCKET, Key=item["Key"])
        for name in ("tavern-generations", "tavern-jobs"):
            self._sqs.delete_queue(QueueUrl=self._sqs.get_queue_url(QueueName=name)["QueueUrl"])
            self._sqs.create_queue(QueueName=name)

    def settings(self, **knobs: Any) -> Settings:
        """Settings of a deployment on this AWS; `knobs` override."""
        given: dict[str, Any] = {
            "root_key": "a root key for tests only, 32 bytes or more",
            "generation_queue_url": self.generation_queue_url,
            "job_queue_url": self.job_queue_url,
            "media_bucket": BUCKET,
            "socket_endpoint": "http://127.0.0.1:1/socket",
            "private_networks": ("127.0.0.0/8",),
        }
        return Settings.model_validate(given | knobs)


@contextmanager
def emulated_aws() -> Iterator[Aws]:
    with mock_aws():
        yield Aws()


@contextmanager
def world_on(settings: Settings) -> Iterator[World]:
    """A world whose container is the one entrypoints see."""
    place_tables(prefix=settings.table_prefix, region=settings.region, endpoint=settings.aws_endpoint)
    world = World(settings)
    container_module.use(world.container)
    try:
        yield world
    finally:
        container_module.use(None)
