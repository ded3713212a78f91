"""Chats for tests: a character with greetings, chats of any length, and what DynamoDB is asked for."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from botocore.endpoint import Endpoint

from chalicelib.clients.direct import _ShortWay
from tests.support.people import Answer, Api, ApiUser

CARD: dict[str, Any] = {
    "spec": "chara_card_v2",
    "spec_version": "2.0",
    "data": {
        "name": "Mara",
        "description": "Keeps the lighthouse.",
        "personality": "",
        "scenario": "",
        "first_mes": '"You are late, {{user}}," says {{char}}.',
        "mes_example": "",
        "alternate_greetings": ['"Come in, <USER>."', '"We are closed."'],
        "creator_notes": "",
        "system_prompt": "",
        "post_history_instructions": "",
        "tags": [],
        "creator": "",
        "character_version": "",
        "extensions": {},
    },
}


def character(person: ApiUser, **fields: Any) -> str:
    """Id of a new character."""
    card = {**CARD, "data": {**CARD["data"], **fields}}
    answer = person.post("/characters", {"card": card})
    assert answer.status == 201, answer
    return str(answer.json["id"])


def start(person: ApiUser, character_id: str | None = None, **asked: Any) -> dict[str, Any]:
    """A new chat."""
    answer = person.post("/chats", {"character_id": character_id or character(person), **asked})
    assert answer.status == 201, answer
    return dict(answer.json)


def jsonl(*lines: dict[str, Any], metadata: dict[str, Any] | None = None) -> bytes:
    header = {"chat_metadata": metadata or {}, "user_name": "unused", "character_name": "unused"}
    return "\n".join(json.dumps(line) for line in (header, *lines)).encode()


def said(text: str, *, by_user: bool = False, **more: Any) -> dict[str, Any]:
    """A line of a chat file."""
    name = "Ben" if by_user else "Mara"
    plain = {"name": name, "is_user": by_user, "is_system": False, "send_date": "2026-05-01T10:00:00.000Z"}
    return {**plain, "mes": text, "extra": {}, **more}


def import_file(person: ApiUser, data: bytes, character_id: str | None = None, **query: Any) -> Answer:
    asked = {"character_id": character_id or character(person), "filename": "story.jsonl", **query}
    return person.request(
        "POST", "/chats/import", data=data, headers={"content-type": "application/octet-stream"}, query=asked
    )


def chat_of(person: ApiUser, count: int, text: str = "Message {}.") -> dict[str, Any]:
    """A chat of so many messages."""
    lines = [said(text.format(number), by_user=number % 2 == 1) for number in range(count)]
    answer = import_file(person, jsonl(*lines))
    assert answer.status == 201, answer
    return dict(answer.json)


def messages(person: Api, chat: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
    """The newest page, the oldest message first."""
    answer = person.get(f"/chats/{chat['id']}/messages", **query)
    assert answer.status == 200, answer
    return list(answer.json["messages"])


def texts(person: Api, chat: dict[str, Any], **query: Any) -> list[str]:
    return [message["text"] for message in messages(person, chat, **query)]


@contextmanager
def meanwhile(
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    act: Callable[[], object],
    among: Callable[[bytes], bool] = lambda body: True,
) -> Iterator[None]:
    """Has another device act just before the first request of this kind (and `among` them) that is made inside."""
    ask, waiting = _ShortWay._ask, [act]

    def ask_after(way: Any, asked: str, body: bytes) -> Any:
        if asked == operation and waiting and among(body):
            waiting.pop()()
        return ask(way, asked, body)

    with monkeypatch.context() as patch:
        patch.setattr(_ShortWay, "_ask", ask_after)
        yield
    assert not waiting, f"No {operation} was asked for."


class Call(NamedTuple):
    operation: str
    sent_bytes: int
    received_bytes: int


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Call]]:
    """Every call to DynamoDB made inside, by the short way and by botocore's own; there must be one."""
    calls: list[Call] = []
    short, own = _ShortWay._ask, Endpoint.make_request

    def ask(way: Any, operation: str, body: bytes) -> Any:
        answer = short(way, operation, body)
        if way._service == "dynamodb":
            calls.append(Call(operation, len(body), len(answer[1])))
        return answer

    def make_request(endpoint: Any, operation: Any, request: dict[str, Any]) -> Any:
        answer = own(endpoint, operation, request)
        if operation.service_model.service_name == "dynamodb":
            calls.append(Call(operation.name, len(request["body"]), len(answer[0].content)))
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(_ShortWay, "_ask", ask)
        patch.setattr(Endpoint, "make_request", make_request)
        yield calls
    assert calls, "Nothing was seen: the watch looks at the wrong place."
