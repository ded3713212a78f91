"""A stage for replies: a person with a chat, a model that obeys, sockets whose posts are kept, a worker to call."""

import asyncio
import json
from typing import Any

import boto3

from chalicelib.clients.loop import run
from chalicelib.container import Container
from chalicelib.entrypoints import socket, worker
from chalicelib.models.generations import GenerationRecord
from tests.support.model_server import ModelServer
from tests.support.people import Answer, Api, ApiUser
from tests.support.post_office import PostOffice
from tests.support.world import REGION, World

CARD = {"name": "Mira", "description": "A lighthouse keeper.", "first_mes": "The lamp is lit."}


class Stage:
    """`person` owns `chat`, whose model is `model`."""

    def __init__(self, world: World, office: PostOffice, model: ModelServer, name: str = "ada") -> None:
        self.world, self.office, self.model = world, office, model
        # The demo characters of a new account take a while and are not on this stage.
        world.container.accounts._welcome = lambda user_id, locale: None
        self.person: ApiUser = Api().sign_up(name)
        made = self.person.post("/characters", {"card": CARD})
        assert made.status == 201, made
        chat = self.person.post("/chats", {"character_id": made.json["id"]})
        assert chat.status == 201, chat
        self.chat: dict[str, Any] = chat.json
        connection = self.person.post(
            "/connections", {"name": "Mine", "kind": "openai_chat", "address": model.address, "model": "m"}
        )
        assert connection.status == 201, connection
        self.connection_id: str = connection.json["id"]

    @property
    def container(self) -> Container:
        return self.world.container

    def close(self) -> None:
        """Ends what the parts keep open."""
        run(self.container.poster.close())
        if self.container.logs.redis is not None:
            run(self.container.logs.redis.close())

    def turn(self, text: str | None = "Hello?", *, key: str | None = None, **more: Any) -> Answer:
        """Takes a turn, as the page does."""
        body = {"connection_id": self.connection_id} | ({"text": text} if text is not None else {}) | more
        headers = {"idempotency-key": key} if key else {}
        return self.person.post(f"/chats/{self.chat['id']}/turns", body, headers=headers)

    def started(self, text: str | None = "Hello?", **more: Any) -> dict[str, Any]:
        """The generation of a turn that must begin."""
        answer = self.turn(text, **more)
        assert answer.status == 202, answer
        generation: dict[str, Any] = answer.json["generations"][0]
        return generation

    def orders(self) -> list[dict[str, Any]]:
        """Takes the messages out of the queue, as the records a worker gets."""
        sqs = boto3.client("sqs", region_name=REGION)
        url = self.world.settings.generation_queue_url
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for one in got:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return [{"messageId": one["MessageId"], "body": one["Body"], "attributes": {}} for one in got]

    async def work(self, orders: list[dict[str, Any]] | None = None) -> list[str]:
        """Lets a worker obey what lies in the queue."""

        def work() -> list[str]:
            return run(worker.process(self.orders() if orders is None else orders))

        return await asyncio.to_thread(work)

    def connect(self, socket_id: str, person: ApiUser | None = None) -> str:
        """Opens a socket with a ticket of its own."""
        ticket = (person or self.person).post("/socket-tickets").json["ticket"]
        event = {"requestContext": {"connectionId": socket_id}, "queryStringParameters": {"ticket": ticket}}
        assert socket.connect(event)["statusCode"] == 200
        return socket_id

    def send(self, socket_id: str, **frame: Any) -> None:
        """A frame from a socket."""
        socket.message({"requestContext": {"connectionId": socket_id}, "body": json.dumps(frame)})

    def follower(self, socket_id: str) -> str:
        """A socket that follows the chat."""
        self.connect(socket_id)
        self.send(socket_id, type="follow", chat_id=self.chat["id"])
        self.office.wait_for(socket_id, "following")
        return socket_id

    def record(self, generation_id: str) -> GenerationRecord:
        return self.container.generation_store.get(self.person.id, generation_id)

    def messages(self) -> list[dict[str, Any]]:
        """What the chat says, oldest first."""
        opened = self.person.get(f"/chats/{self.chat['id']}").json
        page: list[dict[str, Any]] = opened["page"]["messages"]
        return page
