"""What the local cloud was told stays told, however it ends."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from devcloud.journal import Journal
from devcloud.supervisor import Cloud
from tests.support.cloud import aws_client

TABLE = "tavern-main"


@dataclass
class Aws:
    """The emulated AWS of a test, and what was noted before it was killed."""

    cloud: Cloud
    tables: Any
    bucket: Any
    queue: Any
    secrets: Any
    notes: dict[str, Any] = field(default_factory=dict)

    def kill(self) -> None:
        """As `kill -9` does, and waits until it is there again."""
        self.cloud.wait_until_up("aws", not_pid=self.cloud.kill("aws"))


@pytest.fixture(scope="module")
def alive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """Before the kill."""
    cloud = Cloud(tmp_path_factory.mktemp("frail"), port=0, workers=0, settings={"TAVERN_REDIS_URL": ""})
    cloud.start()
    services = [aws_client(cloud, name) for name in ("dynamodb", "s3", "sqs", "secretsmanager")]
    yield Aws(cloud, *services)
    cloud.stop()


@pytest.fixture(scope="module")
def aws(alive: Aws) -> Aws:
    """After the kill: everything below was written before it, once for all tests."""
    _write_items(alive.tables)
    _write_transactions(alive.tables)
    _make_tables(alive.tables)
    _write_objects(alive.bucket)
    _send_messages(alive)
    alive.secrets.create_secret(Name="tavern/key", SecretString="kept")
    alive.kill()
    return alive


def key(pk: str, sk: str = "x") -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def count(aws: Aws, pk: str) -> int:
    found = aws.tables.query(
        TableName=TABLE,
        Select="COUNT",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": pk}},
        ConsistentRead=True,
    )
    return int(found["Count"])


def _write_items(tables: Any) -> None:
    tables.put_item(TableName=TABLE, Item={**key("kept"), "text": {"S": "a smile \U0001f600"}, "n": {"N": "1.50"}})
    tables.put_item(TableName=TABLE, Item=key("gone"))
    tables.delete_item(TableName=TABLE, Key=key("gone"))
    tables.put_item(TableName=TABLE, Item={**key("indexed"), "i1pk": {"S": "list"}, "i1sk": {"S": "1"}})
    for _ in range(2):
        tables.update_item(
            TableName=TABLE,
            Key=key("counted"),
            UpdateExpression="ADD n :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )


def _write_transactions(tables: Any) -> None:
    tables.transact_write_items(
        TransactItems=[{"Put": {"TableName": TABLE, "Item": key("together", str(number))}} for number in range(3)]
    )
    taken = {"Item": key("together", "0"), "ConditionExpression": "attribute_not_exists(pk)"}
    with pytest.raises(tables.exceptions.TransactionCanceledException):
        tables.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": TABLE, "Item": key("refused")}},
                {"Put": {"TableName": TABLE, **taken}},
            ]
        )


def _make_tables(tables: Any) -> None:
    definition: dict[str, Any] = {
        "TableName": "passing",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    tables.create_table(**definition)
    tables.put_item(TableName="passing", Item={"pk": {"S": "x"}})
    tables.delete_table(TableName="passing")
    tables.create_table(**definition)


def _write_objects(bucket: Any) -> None:
    bucket.put_object(Bucket="tavern-media", Key="ada/avatars/龍 1.webp", Body=b"picture", ContentType="image/webp")
    bucket.put_object(Bucket="tavern-media", Key="ada/gone", Body=b"x")
    bucket.delete_object(Bucket="tavern-media", Key="ada/gone")


def _send_messages(aws: Aws) -> None:
    url = aws.queue.create_queue(QueueName="survivors", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    for body in ("one", "two", "three", "four"):
        aws.queue.send_message(QueueUrl=url, MessageBody=body)
    first = aws.queue.receive_message(QueueUrl=url)["Messages"][0]
    aws.queue.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    aws.notes.update(
        url=url,
        received=aws.queue.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"],
        failed=aws.queue.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"],
    )


def test_items_survive_a_kill(aws: Aws) -> None:
    kept = aws.tables.get_item(TableName=TABLE, Key=key("kept"))["Item"]
    assert (kept["text"], kept["n"]) == ({"S": "a smile \U0001f600"}, {"N": "1.5"})
    assert "Item" not in aws.tables.get_item(TableName=TABLE, Key=key("gone"))
    assert aws.tables.get_item(TableName=TABLE, Key=key("counted"))["Item"]["n"] == {"N": "2"}


def test_a_transaction_survives_whole_and_a_refused_one_leaves_nothing(aws: Aws) -> None:
    assert count(aws, "together") == 3
    assert count(aws, "refused") == 0


def test_an_index_lists_what_was_there_before(aws: Aws) -> None:
    found = aws.tables.query(
        TableName=TABLE,
        IndexName="index1",
        KeyConditionExpression="i1pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "list"}},
    )
    assert [item["pk"]["S"] for item in found["Items"]] == ["indexed"]


def test_the_time_to_live_is_still_set(aws: Aws) -> None:
    told = aws.tables.describe_time_to_live(TableName=TABLE)
    assert told["TimeToLiveDescription"] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}


def test_a_deleted_table_leaves_nothing_to_one_of_the_same_name(aws: Aws) -> None:
    assert aws.tables.scan(TableName="passing")["Count"] == 0


def test_objects_survive_a_kill(aws: Aws) -> None:
    kept = aws.bucket.get_object(Bucket="tavern-media", Key="ada/avatars/龍 1.webp")
    assert (kept["Body"].read(), kept["ContentType"]) == (b"picture", "image/webp")
    listed = aws.bucket.list_objects_v2(Bucket="tavern-media", Prefix="ada/")
    assert [entry["Key"] for entry in listed["Contents"]] == ["ada/avatars/龍 1.webp"]
    assert aws.bucket.get_bucket_cors(Bucket="tavern-media")["CORSRules"]


def test_messages_survive_a_kill_with_how_often_they_were_received(aws: Aws) -> None:
    url = aws.notes["url"]
    # A receipt from before the kill still counts: for a message that is done, and for one that is to come again.
    aws.queue.delete_message(QueueUrl=url, ReceiptHandle=aws.notes["received"])
    aws.queue.change_message_visibility(QueueUrl=url, ReceiptHandle=aws.notes["failed"], VisibilityTimeout=0)
    left = aws.queue.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["ApproximateReceiveCount"]
    )["Messages"]
    counts = {message["Body"]: message["Attributes"]["ApproximateReceiveCount"] for message in left}
    assert counts == {"three": "2", "four": "1"}


def test_secrets_survive_a_kill(aws: Aws) -> None:
    assert aws.secrets.get_secret_value(SecretId="tavern/key")["SecretString"] == "kept"


def test_every_answered_write_survives_a_kill_in_the_middle(aws: Aws) -> None:
    answered: list[int] = []

    def write() -> None:
        for number in range(100_000):
            try:
                aws.tables.put_item(TableName=TABLE, Item=key("storm", f"{number:06}"))
            except (BotoCoreError, ClientError):
                return
            answered.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(0.3)
    aws.kill()
    writer.join()
    # The one that broke may have been written without being answered.
    assert len(answered) > 10
    assert count(aws, "storm") in (len(answered), len(answered) + 1)


def test_after_a_killed_cloud_work_in_progress_is_free_again(tmp_path: Path) -> None:
    settings = {"TAVERN_REDIS_URL": ""}
    first = Cloud(tmp_path, port=0, workers=0, settings=settings)
    first.start()
    aws_client(first, "sqs").send_message(QueueUrl=first.environment["TAVERN_JOB_QUEUE_URL"], MessageBody="work")
    aws_client(first, "sqs").receive_message(QueueUrl=first.environment["TAVERN_JOB_QUEUE_URL"])
    for role in first.roles:
        first.hold(role)
        first.kill(role)
    first.stop()
    second = Cloud(tmp_path, port=0, workers=0, settings=settings)
    second.start()
    found = aws_client(second, "sqs").receive_message(QueueUrl=second.environment["TAVERN_JOB_QUEUE_URL"])
    second.stop()
    assert [message["Body"] for message in found["Messages"]] == ["work"]


def test_a_torn_end_of_the_log_costs_only_what_was_not_finished(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "torn.db")
    for number in range(50):
        journal.write([("kind", str(number), json.dumps("x" * 500))])
    for suffix in ("", "-wal"):
        copied = (tmp_path / f"torn.db{suffix}").read_bytes()
        (tmp_path / f"copy.db{suffix}").write_bytes(copied[:-700] if suffix else copied)
    journal.close()
    again = Journal(tmp_path / "copy.db")
    names = [name for name, _ in again.read("kind")]
    again.close()
    assert 40 < len(names) < 50
    assert names == [str(number) for number in range(len(names))]


def test_a_write_that_fails_leaves_nothing_of_itself(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "whole.db")
    with pytest.raises(sqlite3.Error):
        journal.write([("kind", "one", "1"), ("kind", "two", None)])  # type: ignore[list-item]
    assert list(journal.read("kind")) == []
    journal.close()
