"""What the local cloud was told stays told, however it ends."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devcloud.journal import Journal
from devcloud.supervisor import Cloud
from tests.support.cloud import aws_client

TABLE = "tavern-main"


@pytest.fixture(scope="module")
def frail_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A cloud whose emulated AWS these tests kill."""
    made = Cloud(tmp_path_factory.mktemp("frail"), port=0, workers=0, settings={"TAVERN_REDIS_URL": ""})
    made.start()
    yield made
    made.stop()


def kill_aws(cloud: Cloud) -> None:
    """As `kill -9` does, and waits until it is there again."""
    cloud.wait_until_up("aws", not_pid=cloud.kill("aws"))


def key(pk: str, sk: str = "x") -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def test_items_survive_a_kill(frail_cloud: Cloud) -> None:
    tables = aws_client(frail_cloud, "dynamodb")
    tables.put_item(TableName=TABLE, Item={**key("kept"), "text": {"S": "lone \ud83d\ude00 smile"}, "n": {"N": "1.50"}})
    tables.put_item(TableName=TABLE, Item=key("gone"))
    tables.delete_item(TableName=TABLE, Key=key("gone"))
    tables.update_item(
        TableName=TABLE,
        Key=key("counted"),
        UpdateExpression="ADD n :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    kill_aws(frail_cloud)
    assert tables.get_item(TableName=TABLE, Key=key("kept"))["Item"]["text"]["S"] == "lone 😀 smile"
    assert "Item" not in tables.get_item(TableName=TABLE, Key=key("gone"))
    assert tables.get_item(TableName=TABLE, Key=key("counted"))["Item"]["n"] == {"N": "1"}


def test_a_transaction_survives_whole_and_a_refused_one_leaves_nothing(frail_cloud: Cloud) -> None:
    tables = aws_client(frail_cloud, "dynamodb")
    tables.transact_write_items(
        TransactItems=[{"Put": {"TableName": TABLE, "Item": key("together", str(number))}} for number in range(3)]
    )
    with pytest.raises(tables.exceptions.TransactionCanceledException):
        tables.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": TABLE, "Item": key("refused")}},
                {
                    "Put": {
                        "TableName": TABLE,
                        "Item": key("together", "0"),
                        "ConditionExpression": "attribute_not_exists(pk)",
                    }
                },
            ]
        )
    kill_aws(frail_cloud)
    found = tables.query(
        TableName=TABLE, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": "together"}}
    )
    assert found["Count"] == 3
    assert "Item" not in tables.get_item(TableName=TABLE, Key=key("refused"))


def test_an_index_lists_what_was_there_before(frail_cloud: Cloud) -> None:
    tables = aws_client(frail_cloud, "dynamodb")
    tables.put_item(TableName=TABLE, Item={**key("indexed"), "i1pk": {"S": "list"}, "i1sk": {"S": "1"}})
    kill_aws(frail_cloud)
    found = tables.query(
        TableName=TABLE,
        IndexName="index1",
        KeyConditionExpression="i1pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "list"}},
    )
    assert [item["pk"]["S"] for item in found["Items"]] == ["indexed"]


def test_the_time_to_live_is_still_set(frail_cloud: Cloud) -> None:
    kill_aws(frail_cloud)
    told = aws_client(frail_cloud, "dynamodb").describe_time_to_live(TableName=TABLE)
    assert told["TimeToLiveDescription"] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}


def test_every_answered_write_survives_a_kill_in_the_middle(frail_cloud: Cloud) -> None:
    tables = aws_client(frail_cloud, "dynamodb")
    answered: list[int] = []
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            try:
                tables.put_item(TableName=TABLE, Item=key("storm", f"{number:06}"))
            except Exception:  # noqa: BLE001 - the kill breaks one of them, whichever way
                return
            answered.append(number)
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(0.3)
    kill_aws(frail_cloud)
    stop.set()
    writer.join()
    count = tables.query(
        TableName=TABLE,
        Select="COUNT",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "storm"}},
        ConsistentRead=True,
    )["Count"]
    # The one that broke may have been written without being answered.
    assert len(answered) > 10
    assert count in (len(answered), len(answered) + 1)


def test_objects_survive_a_kill(frail_cloud: Cloud) -> None:
    bucket = aws_client(frail_cloud, "s3")
    bucket.put_object(Bucket="tavern-media", Key="ada/avatars/龍 1.webp", Body=b"picture", ContentType="image/webp")
    bucket.put_object(Bucket="tavern-media", Key="ada/gone", Body=b"x")
    bucket.delete_object(Bucket="tavern-media", Key="ada/gone")
    kill_aws(frail_cloud)
    kept = bucket.get_object(Bucket="tavern-media", Key="ada/avatars/龍 1.webp")
    assert (kept["Body"].read(), kept["ContentType"]) == (b"picture", "image/webp")
    listed = bucket.list_objects_v2(Bucket="tavern-media", Prefix="ada/")
    assert [entry["Key"] for entry in listed["Contents"]] == ["ada/avatars/龍 1.webp"]
    assert bucket.get_bucket_cors(Bucket="tavern-media")["CORSRules"]


def test_messages_survive_a_kill_with_how_often_they_were_received(frail_cloud: Cloud) -> None:
    queue = aws_client(frail_cloud, "sqs")
    url = queue.create_queue(QueueName="survivors", Attributes={"VisibilityTimeout": "1"})["QueueUrl"]
    for body in ("one", "two", "three"):
        queue.send_message(QueueUrl=url, MessageBody=body)
    first = queue.receive_message(QueueUrl=url)["Messages"][0]
    queue.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    second = queue.receive_message(QueueUrl=url)["Messages"][0]
    kill_aws(frail_cloud)
    time.sleep(1.1)
    left = queue.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["ApproximateReceiveCount"]
    )["Messages"]
    counts = {message["Body"]: message["Attributes"]["ApproximateReceiveCount"] for message in left}
    assert [message["Body"] for message in left] == ["two", "three"]
    assert counts == {second["Body"]: "2", "three": "1"}


def test_a_receipt_from_before_the_kill_still_deletes(frail_cloud: Cloud) -> None:
    queue = aws_client(frail_cloud, "sqs")
    url = queue.create_queue(QueueName="receipts")["QueueUrl"]
    queue.send_message(QueueUrl=url, MessageBody="work")
    receipt = queue.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
    kill_aws(frail_cloud)
    queue.delete_message(QueueUrl=url, ReceiptHandle=receipt)
    counts = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert counts["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_secrets_survive_a_kill(frail_cloud: Cloud) -> None:
    secrets = aws_client(frail_cloud, "secretsmanager")
    secrets.create_secret(Name="tavern/key", SecretString="kept")
    kill_aws(frail_cloud)
    assert secrets.get_secret_value(SecretId="tavern/key")["SecretString"] == "kept"


def test_a_deleted_table_stays_deleted(frail_cloud: Cloud) -> None:
    tables = aws_client(frail_cloud, "dynamodb")
    definition: dict[str, Any] = {
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    tables.create_table(TableName="passing", **definition)
    tables.put_item(TableName="passing", Item={"pk": {"S": "x"}})
    tables.delete_table(TableName="passing")
    tables.create_table(TableName="passing", **definition)
    kill_aws(frail_cloud)
    assert tables.scan(TableName="passing")["Count"] == 0


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
