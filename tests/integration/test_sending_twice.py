"""Two equal requests at the same moment, with one idempotency key: one of them makes it, both are answered the same."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.chats import CARD, character, chat_of, jsonl, messages, said
from tests.support.people import Answer, Api, ApiUser
from tests.support.world import World


class MeetingPoint:
    """Holds the first two who take an id until both are there: each has looked for the key by then, in vain."""

    def __init__(self, world: World) -> None:
        self._meeting = threading.Barrier(2)
        self._waited = threading.local()
        self._new_id = world.clock.new_id
        world.clock.new_id = self.new_id  # type: ignore[method-assign]

    def new_id(self) -> str:
        if not getattr(self._waited, "once", False):
            self._waited.once = True
            self._meeting.wait(20)
        return self._new_id()


def at_once(world: World, person: ApiUser, path: str, body: Any = None, **more: Any) -> list[Answer]:
    more["headers"] = {**more.get("headers", {}), "idempotency-key": "k"}
    MeetingPoint(world)
    with ThreadPoolExecutor(2) as both:
        asked = [both.submit(person.post, path, body, **more) for _ in range(2)]
        return [one.result() for one in asked]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/personas", {"name": "Ben"}),
        ("/presets", {"name": "Mild"}),
        ("/characters", {"card": CARD}),
    ],
)
def test_what_is_made_twice_at_once_is_made_once(world: World, path: str, body: Any) -> None:
    ada = Api().sign_up("ada")
    before = len(ada.get(path).json["items"])
    first, second = at_once(world, ada, path, body)
    assert (first.status, second.status) == (201, 201), (first, second)
    assert first.json == second.json
    assert len(ada.get(path).json["items"]) == before + 1


def test_a_branch_made_twice_at_once_is_made_once(world: World) -> None:
    ada = Api().sign_up("ada")
    chat = chat_of(ada, 3)
    path = f"/chats/{chat['id']}/branches"
    first, second = at_once(world, ada, path, {"message_id": messages(ada, chat)[1]["id"]})
    assert first.status == 201, first
    assert first.json == second.json
    assert len(ada.get(path).json) == 2


def test_a_chat_taken_in_twice_at_once_is_there_once_and_counted_once(world: World) -> None:
    ada = Api().sign_up("ada")
    path = f"/chats/import?character_id={character(ada)}&filename=a.jsonl"
    data, before = jsonl(said("x"), said("y")), world.container.limits.usage(ada.id).storage_bytes
    first, second = at_once(world, ada, path, data=data, headers={"content-type": "application/octet-stream"})
    assert first.status == 201, first
    assert first.json["id"] == second.json["id"]
    assert [chat["id"] for chat in ada.get("/chats").json["items"]] == [first.json["id"]]
    assert world.container.limits.usage(ada.id).storage_bytes - before == len(data)
    inside = {row["pk"]["S"] for row in world.rows() if row["sk"]["S"].startswith("message#")}
    assert inside == {f"{ada.id}#{first.json['id']}"}
