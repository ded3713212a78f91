"""`@connections` of the local WebSocket API, used by boto3's own client."""

import asyncio
import json
import socket as sockets
import time
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from websockets.asyncio.client import connect

from devcloud.connections import Connection, Full, Gone
from devcloud.events import Origin
from devcloud.gateway import SocketGateway, SocketHandlers, SocketLimits
from devcloud.signature import Signatures
from tests.support.served import served

LIMITS = SocketLimits(waiting_bytes=200_000, stuck_seconds=0.5)


def _nothing(event: dict[str, Any], context: Any) -> dict[str, int]:
    return {"statusCode": 200}


@pytest.fixture(scope="module")
def gateway() -> SocketGateway:
    return SocketGateway(SocketHandlers(_nothing, _nothing, _nothing), Signatures("secret"), limits=LIMITS)


@pytest.fixture(scope="module")
def port(gateway: SocketGateway) -> Iterator[int]:
    with served(sockets=gateway, limits=LIMITS) as chosen:
        yield chosen
    gateway.close()


@pytest.fixture(scope="module")
def api(port: int) -> Any:
    return _client(port, "secret")


def _client(port: int, secret: str, key: str = "test") -> Any:
    return boto3.client(
        "apigatewaymanagementapi",
        endpoint_url=f"http://127.0.0.1:{port}/socket",
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"max_attempts": 0, "mode": "standard"}),
    )


async def _only(gateway: SocketGateway, *, besides: str = "") -> str:
    """The id of the one connection there is; the gateway runs in another thread, so it may take a moment."""
    async with asyncio.timeout(5):
        while len(ids := [name for name in gateway.connection_ids if name != besides]) != 1:
            await asyncio.sleep(0.005)
    return ids[0]


def _code(refused: Any) -> tuple[str, int]:
    response = refused.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


async def test_a_post_reaches_the_client(gateway: SocketGateway, port: int, api: Any) -> None:
    async with connect(f"ws://127.0.0.1:{port}/socket") as socket:
        connection_id = await _only(gateway)
        answer = await asyncio.to_thread(api.post_to_connection, ConnectionId=connection_id, Data="Grüße".encode())
        assert await asyncio.wait_for(socket.recv(), 5) == "Grüße"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


async def test_a_long_post_arrives_whole_and_in_order(gateway: SocketGateway, port: int, api: Any) -> None:
    async with connect(f"ws://127.0.0.1:{port}/socket") as socket:
        connection_id = await _only(gateway)
        # Two-byte letters across the borders of the 32 KB frames.
        long = "é" * 64_000
        await asyncio.to_thread(api.post_to_connection, ConnectionId=connection_id, Data=long.encode())
        await asyncio.to_thread(api.post_to_connection, ConnectionId=connection_id, Data=b"after")
        assert await asyncio.wait_for(socket.recv(), 5) == long
        assert await asyncio.wait_for(socket.recv(), 5) == "after"


async def test_a_long_post_travels_in_frames_of_32_kb(gateway: SocketGateway, port: int, api: Any) -> None:
    async with connect(f"ws://127.0.0.1:{port}/socket") as socket:
        connection_id = await _only(gateway)
        await asyncio.to_thread(api.post_to_connection, ConnectionId=connection_id, Data=b"x" * 100_000)
        frames = [len(frame) async for frame in socket.recv_streaming()]
    assert frames == [32_768, 32_768, 32_768, 1_696]


async def test_get_tells_about_the_connection(gateway: SocketGateway, port: int, api: Any) -> None:
    async with connect(f"ws://127.0.0.1:{port}/socket", user_agent_header="a browser"):
        connection_id = await _only(gateway)
        told = await asyncio.to_thread(api.get_connection, ConnectionId=connection_id)
    assert told["Identity"] == {"SourceIp": "127.0.0.1", "UserAgent": "a browser"}
    assert abs(told["ConnectedAt"].timestamp() - time.time()) < 10
    assert told["LastActiveAt"] >= told["ConnectedAt"]


async def test_delete_closes_the_socket(gateway: SocketGateway, port: int, api: Any) -> None:
    async with connect(f"ws://127.0.0.1:{port}/socket") as socket:
        connection_id = await _only(gateway)
        answer = await asyncio.to_thread(api.delete_connection, ConnectionId=connection_id)
        await asyncio.wait_for(socket.wait_closed(), 5)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert socket.close_code == 1000


@pytest.mark.parametrize("call", ["post_to_connection", "get_connection", "delete_connection"])
async def test_a_connection_that_is_gone_answers_410(api: Any, call: str) -> None:
    arguments = {"ConnectionId": "L0SM9cOFvHcCIhw="} | ({"Data": b"x"} if call.startswith("post") else {})
    with pytest.raises(api.exceptions.GoneException) as refused:
        await asyncio.to_thread(getattr(api, call), **arguments)
    assert _code(refused) == ("GoneException", 410)


async def test_a_connection_whose_handshake_is_not_complete_answers_410(port: int) -> None:
    ids: list[str] = []

    def posting(event: dict[str, Any], context: Any) -> dict[str, int]:
        ids.append(event["requestContext"]["connectionId"])
        with pytest.raises(ClientError) as refused:
            _client(other, "secret").post_to_connection(ConnectionId=ids[0], Data=b"too early")
        assert _code(refused) == ("GoneException", 410)
        return {"statusCode": 200}

    gateway = SocketGateway(SocketHandlers(posting, _nothing, _nothing), Signatures("secret"))
    with served(sockets=gateway) as other:
        async with connect(f"ws://127.0.0.1:{other}/socket"):
            pass
    gateway.close()
    assert ids


async def test_a_post_above_128_kb_answers_413(gateway: SocketGateway, port: int, api: Any) -> None:
    async with connect(f"ws://127.0.0.1:{port}/socket"):
        connection_id = await _only(gateway)
        with pytest.raises(ClientError) as refused:
            await asyncio.to_thread(api.post_to_connection, ConnectionId=connection_id, Data=b"x" * (128 * 1024 + 1))
    assert _code(refused) == ("PayloadTooLargeException", 413)


@pytest.mark.parametrize(("key", "secret"), [("test", "wrong"), ("somebody", "secret")])
async def test_a_wrong_signature_answers_403(port: int, key: str, secret: str) -> None:
    with pytest.raises(ClientError) as refused:
        await asyncio.to_thread(_client(port, secret, key).post_to_connection, ConnectionId="x", Data=b"x")
    assert _code(refused) == ("ForbiddenException", 403)


async def test_a_request_without_a_signature_answers_403(port: int) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/socket/@connections/x", data=b"x", method="POST")
    with pytest.raises(HTTPError) as refused:
        await asyncio.to_thread(urllib.request.urlopen, request)
    assert refused.value.code == 403
    assert json.load(refused.value)["message"] == "Missing Authentication Token"
    refused.value.close()


async def test_a_reader_that_does_not_read_blocks_nobody_and_is_dropped(
    gateway: SocketGateway, port: int, api: Any
) -> None:
    with sockets.create_connection(("127.0.0.1", port)) as deaf:
        deaf.sendall(
            b"GET /socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        deaf_id = await _only(gateway)
        async with connect(f"ws://127.0.0.1:{port}/socket") as socket:
            other_id = await _only(gateway, besides=deaf_id)
            async with asyncio.timeout(30):
                while await _posted(api, deaf_id) != "GoneException":
                    assert await _posted(api, other_id, b"hello") == "taken"
                    assert await asyncio.wait_for(socket.recv(), 5) == "hello"


async def _posted(api: Any, connection_id: str, data: bytes = b"x" * 120_000) -> str:
    """The error of a post, or `taken`."""
    try:
        await asyncio.to_thread(api.post_to_connection, ConnectionId=connection_id, Data=data)
    except ClientError as refused:
        return str(refused.response["Error"]["Code"])
    return "taken"


async def test_only_so_much_waits_for_a_slow_reader() -> None:
    async def never(message: Any) -> None:
        await asyncio.Event().wait()

    connection = Connection(Origin("id", 0, "127.0.0.1", "", ""), never, lambda: None, waiting_bytes=10)
    connection.post("12345")
    connection.post("67890")
    with pytest.raises(Full):
        connection.post("1")


async def test_what_waits_is_sent_before_the_goodbye() -> None:
    sent: list[Any] = []

    async def take(message: Any) -> None:
        sent.append(message.get("text") or message["type"])

    connection = Connection(Origin("id", 0, "127.0.0.1", "", ""), take, lambda: None, waiting_bytes=10)
    connection.post("one")
    connection.post("two")
    connection.close(1000, "")
    with pytest.raises(Gone):
        connection.post("three")
    await connection.send_all(stuck_seconds=1)
    assert sent == ["one", "two", "websocket.close"]
    assert connection.gone
