"""The short way to AWS gives what botocore gives."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from chalicelib.clients.direct import shorten
from tests.support.world import REGION, World

KEY = {"pk": {"S": "ada"}, "sk": {"S": "thing"}}
ITEM = {**KEY, "data": {"B": b"\x00\xff"}, "more": {"BS": [b"a", b"b"]}, "deep": {"M": {"B": {"S": "text"}}}}


def test_bytes_come_back_as_bytes_and_maps_as_they_were(world: World):
    table = f"{world.settings.table_prefix}-main"
    client = shorten(boto3.client("dynamodb", region_name=REGION))
    client.put_item(TableName=table, Item=ITEM)
    got = client.get_item(TableName=table, Key=KEY)["Item"]
    assert got["data"] == {"B": b"\x00\xff"}
    assert sorted(got["more"]["BS"]) == [b"a", b"b"]
    assert got["deep"] == ITEM["deep"]


def test_what_is_refused_is_told_as_botocore_tells_it(world: World):
    table = f"{world.settings.table_prefix}-main"
    short, long = shorten(boto3.client("dynamodb", region_name=REGION)), boto3.client("dynamodb", region_name=REGION)
    put = {"TableName": table, "Item": KEY, "ConditionExpression": "attribute_exists(pk)"}
    for ask in (
        lambda client: client.put_item(**put),
        lambda client: client.transact_write_items(TransactItems=[{"Put": put}]),
        lambda client: client.get_item(TableName="nowhere", Key=KEY),
    ):
        told = []
        for client in (short, long):
            with pytest.raises(ClientError) as caught:
                ask(client)
            told.append((caught.value.response["Error"], caught.value.response.get("CancellationReasons")))
        assert told[0][0]["Code"] == told[1][0]["Code"]
        assert told[0] == told[1]


@pytest.fixture
def moody_server() -> Iterator[Any]:
    """Answers with what is in `server.answers`, in turn; remembers what it was asked."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            status, body = server.answers.pop(0)
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server: Any = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.answers = [], []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _client(port: int) -> Any:
    return shorten(boto3.client("dynamodb", region_name=REGION, endpoint_url=f"http://127.0.0.1:{port}"))


def test_a_passing_failure_is_tried_again_as_the_same_transaction(moody_server: Any):
    busy = b'{"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}'
    moody_server.answers = [(500, b"out of order"), (400, busy), (200, b"{}")]
    _client(moody_server.server_port).transact_write_items(TransactItems=[])
    tokens = {asked["ClientRequestToken"] for asked in moody_server.asked}
    assert len(moody_server.asked) == 3
    assert len(tokens) == 1


def test_what_does_not_pass_is_not_tried_again(moody_server: Any):
    moody_server.answers = [(400, b'{"__type": "x#ValidationException", "message": "No."}')]
    with pytest.raises(ClientError, match=r"No\."):
        _client(moody_server.server_port).get_item(TableName="t", Key=KEY)
    assert len(moody_server.asked) == 1


def test_a_server_that_is_not_there_is_botocores_error(moody_server: Any):
    port = moody_server.server_port
    moody_server.server_close()
    with pytest.raises(EndpointConnectionError):
        _client(port).get_item(TableName="t", Key=KEY)
