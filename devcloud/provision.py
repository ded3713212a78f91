"""What the deployment's templates would create: tables, bucket, queues. Harmless when they are there.

`python -m devcloud.provision endpoint prefix` prints the addresses of the queues.
"""

import json
import socket
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from chalicelib.stores.tables import create_tables, place_tables
from devcloud.signature import REGION

BUCKET = "tavern-media"
# The function's time limit and a minute: streaming.md's last net.
GENERATION_VISIBILITY_SECONDS = 960
JOB_VISIBILITY_SECONDS = 960
MOST_RECEIVES = 3
WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Queues:
    generations: str
    jobs: str


def provision(endpoint: str, *, table_prefix: str) -> Queues:
    """Creates what is missing; the addresses of the queues."""
    place_tables(prefix=table_prefix, region=REGION, endpoint=endpoint)
    create_tables()
    _create_bucket(client("s3", endpoint))
    sqs = client("sqs", endpoint)
    return Queues(
        generations=_create_queue(sqs, "tavern-generations", GENERATION_VISIBILITY_SECONDS),
        jobs=_create_queue(sqs, "tavern-jobs", JOB_VISIBILITY_SECONDS),
    )


def client(service: str, endpoint: str) -> Any:
    """A boto3 client for the emulated AWS; the keys are in the environment."""
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        config=Config(retries={"max_attempts": 3}, s3={"addressing_style": "path"}),
    )


def _create_bucket(s3: Any) -> None:
    try:
        s3.head_bucket(Bucket=BUCKET)
    except ClientError:
        s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_cors(
        Bucket=BUCKET,
        CORSConfiguration={
            "CORSRules": [
                {
                    "AllowedOrigins": ["*"],
                    "AllowedMethods": ["GET", "HEAD", "POST", "PUT"],
                    "AllowedHeaders": ["*"],
                    "ExposeHeaders": ["ETag"],
                    "MaxAgeSeconds": 3600,
                }
            ]
        },
    )


def _create_queue(sqs: Any, name: str, visibility_seconds: int) -> str:
    """A queue whose messages go to `{name}-dead` after three receives."""
    dead = sqs.create_queue(QueueName=f"{name}-dead", Attributes={"MessageRetentionPeriod": "1209600"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    url: str = sqs.create_queue(QueueName=name)["QueueUrl"]
    sqs.set_queue_attributes(
        QueueUrl=url,
        Attributes={
            "VisibilityTimeout": str(visibility_seconds),
            "RedrivePolicy": f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": "{MOST_RECEIVES}"}}',
        },
    )
    return url


def _wait_for(endpoint: str) -> None:
    """Until somebody listens there; for as long as it is the parent that waits, too."""
    address = urlsplit(endpoint)
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex((address.hostname or "", address.port or 80)) == 0:
                return
        time.sleep(0.02)


if __name__ == "__main__":
    _wait_for(sys.argv[1])
    print(json.dumps(asdict(provision(sys.argv[1], table_prefix=sys.argv[2]))))
