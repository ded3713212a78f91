"""The local WebSocket API, seen by a client: what API Gateway does with its sockets."""

import asyncio
import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from devcloud.gateway import SocketGateway, SocketHandlers, SocketLimits
from devcloud.signature import Signatures
from tests.support.served import served

SHORT = 5


@dataclass
class Told:
    """What the handlers of a test were told, and what they answer."""

    connects: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    disconnects: list[dict[str, Any]] = field(default_factory=list)
    on_connect: Callable[[dict[str, Any]], Any] = lambda event: {"statusCode": 200}
    on_message: Callable[[dict[str, Any]], Any] = lambda event: {"statusCode": 200}

    def connect(self, event: dict[str, Any], context: Any) -> Any:
        self.connects.append(event)
        return self.on_connect(event)

    def message(self, event: dict[str, Any], context: Any) -> Any:
        self.messages.append(event)
        return self.on_message(event)

    def disconnect(self, event: dict[str, Any], context: Any) -> Any:
        self.disconnects.append(event)


@pytest.fixture
def told() -> Told:
    return Told()


@contextmanager
def gateway(told: Told, **limits: Any) -> Iterator[str]:
    """The address of a gateway with these handlers."""
    chosen = SocketLimits(**limits)
    made = SocketGateway(
        SocketHandlers(told.connect, told.message, told.disconnect), Signatures("secret"), limits=chosen
    )
    with served(sockets=made, limits=chosen) as port:
        yield f"ws://127.0.0.1:{port}/socket"
    made.close()


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(SHORT):
        while not condition():
            await asyncio.sleep(0.005)


async def _send_for_ever(socket: ClientConnection) -> None:
    while True:
        await socket.send("busy")
        await asyncio.sleep(0.05)


async def test_the_handshake_waits_for_the_connect_handler(told: Told) -> None:
    go_on = threading.Event()
    told.on_connect = lambda event: go_on.wait(SHORT) and {"statusCode": 200}
    with gateway(told) as url:
        opening = asyncio.ensure_future(connect(url).__aenter__())
        await until(lambda: told.connects)
        assert not opening.done()
        go_on.set()
        socket = await opening
        await socket.close()


@pytest.mark.parametrize("status", [401, 403, 429, 500])
async def test_a_refused_connect_gives_the_client_its_status(told: Told, status: int) -> None:
    told.on_connect = lambda event: {"statusCode": status}
    with gateway(told) as url, pytest.raises(InvalidStatus) as refused:
        await connect(url).__aenter__()
    assert refused.value.response.status_code == status


async def test_a_failing_connect_handler_is_a_502(told: Told) -> None:
    def fail(event: dict[str, Any]) -> Any:
        raise ValueError("broken")

    told.on_connect = fail
    with gateway(told) as url, pytest.raises(InvalidStatus) as refused:
        await connect(url).__aenter__()
    assert refused.value.response.status_code == 502


async def test_a_connect_handler_that_takes_too_long_is_a_504(told: Told) -> None:
    told.on_connect = lambda event: time.sleep(0.5)
    with gateway(told, integration_seconds=0.1) as url, pytest.raises(InvalidStatus) as refused:
        await connect(url).__aenter__()
    assert refused.value.response.status_code == 504


async def test_the_connect_event_has_the_shape_of_aws(told: Told) -> None:
    with gateway(told) as url:
        async with connect(f"{url}?ticket=abc&ticket=def", additional_headers={"X-Origin-Secret": "s"}):
            pass
    event = told.connects[0]
    context = event["requestContext"]
    assert event["queryStringParameters"] == {"ticket": "def"}
    assert event["multiValueQueryStringParameters"] == {"ticket": ["abc", "def"]}
    assert event["headers"]["X-Origin-Secret"] == "s"
    assert event["multiValueHeaders"]["X-Origin-Secret"] == ["s"]
    assert context["routeKey"] == "$connect"
    assert context["eventType"] == "CONNECT"
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["stage"] == "socket"
    assert {"requestId", "extendedRequestId", "requestTimeEpoch", "connectedAt", "domainName", "apiId"} <= set(context)
    assert "messageId" not in context


async def test_a_connect_event_without_a_query_has_no_such_fields(told: Told) -> None:
    with gateway(told) as url:
        async with connect(url):
            pass
    assert "queryStringParameters" not in told.connects[0]


async def test_connection_ids_look_like_those_of_aws(told: Told) -> None:
    with gateway(told) as url:
        async with connect(url):
            pass
    connection_id = told.connects[0]["requestContext"]["connectionId"]
    assert len(connection_id) == 16
    assert len(base64.urlsafe_b64decode(connection_id)) == 11


async def test_the_message_event_carries_body_and_ids_but_no_headers(told: Told) -> None:
    with gateway(told) as url:
        async with connect(url) as socket:
            await socket.send('{"action": "ping"}')
            await until(lambda: told.messages)
    event = told.messages[0]
    assert event["body"] == '{"action": "ping"}'
    assert event["isBase64Encoded"] is False
    assert event["requestContext"]["eventType"] == "MESSAGE"
    assert event["requestContext"]["routeKey"] == "$default"
    assert event["requestContext"]["messageId"]
    assert event["requestContext"]["connectionId"] == told.connects[0]["requestContext"]["connectionId"]
    assert "headers" not in event


async def test_the_answer_to_a_message_is_not_sent(told: Told) -> None:
    told.on_message = lambda event: {"statusCode": 200, "body": "nobody reads this"}
    with gateway(told) as url:
        async with connect(url) as socket:
            await socket.send("hello")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(socket.recv(), 0.2)


async def test_messages_of_one_connection_are_handled_at_the_same_time(told: Told) -> None:
    together = threading.Barrier(3)
    told.on_message = lambda event: together.wait(SHORT)
    with gateway(told) as url:
        async with connect(url) as socket:
            for number in range(3):
                await socket.send(str(number))
            await until(lambda: len(told.messages) == 3)
            await asyncio.sleep(0.05)
    assert not together.broken


async def test_a_failing_message_handler_sends_the_error_frame_of_aws(told: Told) -> None:
    def fail(event: dict[str, Any]) -> Any:
        raise ValueError("broken")

    told.on_message = fail
    with gateway(told) as url:
        async with connect(url) as socket:
            await socket.send("hello")
            frame = json.loads(await asyncio.wait_for(socket.recv(), SHORT))
    assert frame["message"] == "Internal server error"
    assert frame["connectionId"] == told.connects[0]["requestContext"]["connectionId"]
    assert frame["requestId"]


async def test_a_message_handler_that_takes_too_long_sends_an_error_frame(told: Told) -> None:
    told.on_message = lambda event: time.sleep(0.4)
    with gateway(told, integration_seconds=0.1) as url:
        async with connect(url) as socket:
            await socket.send("hello")
            frame = json.loads(await asyncio.wait_for(socket.recv(), SHORT))
    assert frame["message"] == "Endpoint request timed out"


async def test_a_frame_above_32_kb_closes_the_socket_with_1009(told: Told) -> None:
    with gateway(told) as url:
        async with connect(url) as socket:
            await socket.send("x" * (32 * 1024 + 1))
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(socket.recv(), SHORT)
    assert socket.close_code == 1009
    assert told.messages == []


async def test_a_message_of_128_kb_in_small_frames_arrives_whole(told: Told) -> None:
    with gateway(told) as url:
        async with connect(url) as socket:
            await socket.send(["x" * 32 * 1024] * 4)
            await until(lambda: told.messages)
    assert len(told.messages[0]["body"]) == 128 * 1024


async def test_a_message_above_128_kb_closes_the_socket_with_1009(told: Told) -> None:
    with gateway(told) as url:
        async with connect(url) as socket:
            await socket.send(["x" * 32 * 1024] * 4 + ["x"])
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(socket.recv(), SHORT)
    assert socket.close_code == 1009
    assert told.messages == []


async def test_an_idle_socket_is_closed_with_1001(told: Told) -> None:
    with gateway(told, idle_seconds=0.2) as url:
        async with connect(url) as socket:
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(socket.recv(), SHORT)
    assert socket.close_code == 1001
    assert told.disconnects[0]["requestContext"]["disconnectStatusCode"] == 1001


async def test_messages_keep_a_socket_from_being_idle(told: Told) -> None:
    with gateway(told, idle_seconds=0.3) as url:
        async with connect(url) as socket:
            for _ in range(4):
                await asyncio.sleep(0.15)
                await socket.send("still here")
            await until(lambda: len(told.messages) == 4)


async def test_a_busy_socket_is_closed_when_its_time_is_over(told: Told) -> None:
    with gateway(told, connection_seconds=0.3) as url:
        async with connect(url) as socket:
            with pytest.raises(ConnectionClosed):
                await _send_for_ever(socket)
    assert socket.close_code == 1001


async def test_the_disconnect_event_says_how_the_client_left(told: Told) -> None:
    with gateway(told) as url:
        async with connect(url) as socket:
            await socket.close(code=4001, reason="tab closed")
        await until(lambda: told.disconnects)
    context = told.disconnects[0]["requestContext"]
    assert context["eventType"] == "DISCONNECT"
    assert context["disconnectStatusCode"] == 4001
    assert context["disconnectReason"] == "tab closed"
    assert set(told.disconnects[0]["headers"]) == {"Host", "x-api-key", "x-restapi"}


async def test_too_many_new_connections_a_second_are_refused_with_429(told: Told) -> None:
    with gateway(told, new_connections_a_second=2) as url:
        async with connect(url), connect(url):
            with pytest.raises(InvalidStatus) as refused:
                await connect(url).__aenter__()
    assert refused.value.response.status_code == 429


async def test_another_address_takes_no_sockets(told: Told) -> None:
    with gateway(told) as url, pytest.raises(InvalidStatus) as refused:
        await connect(f"{url}/elsewhere").__aenter__()
    assert refused.value.response.status_code == 403
