"""Another user's ids inside bodies, queries and frames of one's own: each field that carries one is tried.

A field without an entry in the tables below fails the last test.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from chalicelib.entrypoints import socket
from chalicelib.entrypoints.rest.doors import all_doors
from chalicelib.models.frames import Follow, Resume, Stop, Unfollow
from tests.integration.test_foreign_ids import _rows_of
from tests.support.belongings import belongings
from tests.support.model_server import model_server
from tests.support.people import ApiUser
from tests.support.post_office import PostOffice, post_office
from tests.support.replies import Stage
from tests.support.world import Aws, world_on

UPLOAD = {"filename": "c.jsonl", "size": 10, "content_type": "application/octet-stream", "purpose": "chat"}


@dataclass(frozen=True)
class Try:
    """A request of Bob's with `{a.…}` for Ada's ids and `{b.…}` for his own."""

    door: str
    body: Any = None
    query: str = ""
    raw: bool = False
    status: int = 404


# By the request's model and field.
REFUSED: dict[str, Try] = {
    "NewChat.character_id": Try("POST /chats", {"character_id": "{a.character_id}"}),
    "NewChat.persona_id": Try("POST /chats", {"character_id": "{b.character_id}", "persona_id": "{a.persona_id}"}),
    "ChatChange.persona_id": Try("PATCH /chats/{b.chat_id}", {"persona_id": "{a.persona_id}"}),
    "ChatChange.branch_id": Try("PATCH /chats/{b.chat_id}", {"branch_id": "{a.branch_id}"}),
    "OpenQuery.branch_id": Try("GET /chats/{b.chat_id}", query="branch_id={a.branch_id}"),
    "MessageQuery.branch_id": Try("GET /chats/{b.chat_id}/messages", query="branch_id={a.branch_id}"),
    "MessageQuery.before": Try("GET /chats/{b.chat_id}/messages", query="before={a.message_id}"),
    "NewBranch.message_id": Try("POST /chats/{b.chat_id}/branches", {"message_id": "{a.message_id}"}),
    "NewBranch.branch_id": Try(
        "POST /chats/{b.chat_id}/branches", {"message_id": "{b.message_id}", "branch_id": "{a.branch_id}"}
    ),
    "VariableQuery.branch_id": Try("GET /chats/{b.chat_id}/variables", query="branch_id={a.branch_id}"),
    "DeleteQuery.branch_id": Try(
        "DELETE /chats/{b.chat_id}/messages/{b.message_id}", query="revision=1&below=true&branch_id={a.branch_id}"
    ),
    "ChatImportQuery.character_id": Try("POST /chats/import", query="character_id={a.character_id}", raw=True),
    "ChatExportQuery.branch_id": Try("POST /chats/{b.chat_id}/export", query="branch_id={a.branch_id}"),
    "NewTurn.branch_id": Try("POST /chats/{b.chat_id}/turns", {"text": "Hi", "branch_id": "{a.branch_id}"}),
    "NewTurn.message_id": Try(
        "POST /chats/{b.still_chat_id}/turns", {"kind": "swipe", "message_id": "{a.message_id}"}, status=422
    ),
    "NewTurn.character_id": Try(
        "POST /chats/{b.still_chat_id}/turns", {"text": "Hi", "character_id": "{a.character_id}"}, status=422
    ),
    "NewChat.group_id": Try("POST /chats", {"group_id": "{a.group_id}"}),
    "ChatImportQuery.group_id": Try("POST /chats/import", query="group_id={a.group_id}", raw=True),
    "AskedMember.character_id": Try("POST /groups", {"name": "Us", "members": [{"character_id": "{a.character_id}"}]}),
    "PersonaLock.persona_id": Try(
        "PUT /personas/locks", {"target_id": "{b.character_id}", "persona_id": "{a.persona_id}"}
    ),
    "PersonaLock.target_id": Try(
        "PUT /personas/locks", {"target_id": "{a.character_id}", "persona_id": "{b.persona_id}"}
    ),
    "WorldTrial.character_id": Try(
        "POST /worlds/try", {"chat_id": "{b.chat_id}", "character_id": "{a.character_id}"}, status=422
    ),
    "WorldTrial.chat_id": Try("POST /worlds/try", {"chat_id": "{a.chat_id}"}),
    "WorldTrial.branch_id": Try("POST /worlds/try", {"chat_id": "{b.chat_id}", "branch_id": "{a.branch_id}"}),
    "NewUpload.group_id": Try("POST /uploads", {**UPLOAD, "group_id": "{a.group_id}"}),
    "NewUpload.character_id": Try("POST /uploads", {**UPLOAD, "character_id": "{a.character_id}"}),
    "ScriptTry.character_id": Try(
        "POST /scripts/try", {"script": {"name": "x"}, "text": "x", "character_id": "{a.character_id}"}
    ),
    "ScriptsAsked.ids": Try("POST /scripts/export", {"ids": ["{a.script_id}"]}),
    "ExportAsked.ids": Try("POST /templates/export", {"ids": ["{a.template_id}"]}),
    "NewConnection.fallback_id": Try(
        "POST /connections", {"name": "Mine", "kind": "demo", "fallback_id": "{a.connection_id}"}, status=422
    ),
    "ConnectionChange.fallback_id": Try(
        "PATCH /connections/{b.connection_id}", {"revision": 1, "fallback_id": "{a.connection_id}"}, status=422
    ),
}
# What is not refused, and the test that shows that it leads nowhere.
LEADS_NOWHERE = {
    "ChatQuery.character_id": "test_lists_by_ids_of_others_are_empty",
    "ChatQuery.group_id": "test_lists_by_ids_of_others_are_empty",
    "CharacterQuery.ids": "test_lists_by_ids_of_others_are_empty",
    "SearchQuery.chat_id": "test_lists_by_ids_of_others_are_empty",
    "SearchQuery.character_id": "test_lists_by_ids_of_others_are_empty",
    "ChoicesChange.persona_id": "test_what_is_chosen_of_others_is_not_used",
    "ChoicesChange.preset_id": "test_what_is_chosen_of_others_is_not_used",
    "ChoicesChange.text_preset_id": "test_what_is_chosen_of_others_is_not_used",
    "ChoicesChange.connection_id": "test_what_is_chosen_of_others_is_not_used",
    "ChoicesChange.instruct_id": "test_what_is_chosen_of_others_is_not_used",
    "ChoicesChange.context_id": "test_what_is_chosen_of_others_is_not_used",
    "ChoicesChange.system_prompt_id": "test_what_is_chosen_of_others_is_not_used",
    "ChoicesChange.reasoning_id": "test_what_is_chosen_of_others_is_not_used",
    "ScriptOrder.ids": "test_an_order_of_others_scripts_says_nothing",
    "RestoreQuery.branch_id": "test_nothing_comes_back_from_a_branch_of_others",
    "NewTurn.connection_id": "test_a_connection_of_others_answers_nothing",
}
FRAMES = {
    "Follow.chat_id": {"type": "follow", "chat_id": "{a.chat_id}"},
    "Resume.generation_id": {"type": "resume", "generation_id": "{a.generation_id}", "epoch": 1, "after": 0},
    "Stop.turn_id": {"type": "stop", "turn_id": "{a.turn_id}"},
}


@dataclass(frozen=True)
class Two:
    stage: Stage
    office: PostOffice
    ada: ApiUser
    bob: ApiUser
    ids: dict[str, str]

    def filled(self, value: Any) -> Any:
        text = json.dumps(value)
        for name, given in self.ids.items():
            text = text.replace("{" + name + "}", given)
        assert "{a." not in text
        return json.loads(text)

    def ada_has(self) -> list[str]:
        return _rows_of(self.stage.world, self.ada.id)


@pytest.fixture(scope="module")
def two(aws: Aws) -> Iterator[Two]:
    aws.wipe()
    with post_office() as office, model_server() as model, world_on(aws.settings(socket_endpoint=office.address)) as w:
        stage = Stage(w, office, model, "bob")
        ada = Stage(w, office, model, "ada").person
        theirs, own = belongings(ada), belongings(stage.person)
        ids = {f"a.{name}": value for name, value in theirs.items()} | {f"b.{name}": own[name] for name in own}
        ids["b.still_chat_id"] = stage.chat["id"]
        yield Two(stage, office, ada, stage.person, ids)
        stage.close()


@pytest.mark.parametrize("field", REFUSED)
def test_an_id_of_somebody_else_is_refused(two: Two, field: str) -> None:
    tried, before = REFUSED[field], two.ada_has()
    method, _, path = two.filled(tried.door).partition(" ")
    address = path + (f"?{two.filled(tried.query)}" if tried.query else "")
    headers = {"content-type": "application/octet-stream"} if tried.raw else {}
    answer = two.bob.request(
        method, address, json_body=two.filled(tried.body), data=b"{}" if tried.raw else None, headers=headers
    )
    assert answer.status == tried.status, answer
    assert two.ada_has() == before
    assert b"Brom" not in answer.body


def test_lists_by_ids_of_others_are_empty(two: Two) -> None:
    character = two.ids["a.character_id"]
    assert two.bob.get("/chats", character_id=character).json["items"] == []
    assert two.bob.get("/chats", group_id=two.ids["a.group_id"]).json["items"] == []
    assert two.bob.get("/characters", ids=character).json["items"] == []
    assert two.ada.get("/search/messages", q="well met").json["items"]
    assert two.bob.get("/search/messages", q="well met", chat_id=two.ids["a.chat_id"]).json["items"] == []
    assert two.bob.get("/search/messages", q="well met", character_id=character).json["items"] == []


async def test_what_is_chosen_of_others_is_not_used(two: Two) -> None:
    two.ada.patch(f"/personas/{two.ids['a.persona_id']}", {"revision": 1, "name": "Secret", "description": "Secret."})
    two.ada.patch(f"/presets/{two.ids['a.preset_id']}", {"revision": 1, "main_prompt": "Secret."})
    names = ("persona_id", "preset_id", "connection_id")
    two.ada.patch(f"/templates/{two.ids['a.template_id']}", {"revision": 1, "system": {"text": "Secret."}})
    choices = {name: two.ids[f"a.{name}"] for name in names}
    choices["text_preset_id"] = two.ids["a.preset_id"]
    for name in ("instruct_id", "context_id", "system_prompt_id", "reasoning_id"):
        choices[name] = two.ids["a.template_id"]
    two.bob.patch("/account", {"choices": choices})
    two.stage.orders()
    two.stage.started("Hello?")
    await two.stage.work()
    assert two.stage.messages()[-2]["name"] == "bob"
    assert "Secret" not in str(two.stage.model.requests[-1])
    two.stage.started("And by default?", connection_id=None)
    await two.stage.work()
    assert two.stage.messages()[-1]["reply"]["connection"] == "Demo"


def test_an_order_of_others_scripts_says_nothing(two: Two) -> None:
    before = two.ada_has()
    answer = two.bob.put("/scripts/order", {"ids": [two.ids["a.script_id"]]})
    assert [one["id"] for one in answer.json["items"]] == [two.ids["b.script_id"]]
    assert two.ada_has() == before


def test_nothing_comes_back_from_a_branch_of_others(two: Two) -> None:
    before, branch = two.ada_has(), two.ids["a.branch_id"]
    answer = two.bob.post(two.filled("/chats/{b.chat_id}/messages/{b.message_id}/restore") + f"?branch_id={branch}")
    assert (answer.status, answer.json["id"]) == (200, two.ids["b.message_id"])
    assert two.ada_has() == before


async def test_a_connection_of_others_answers_nothing(two: Two) -> None:
    two.stage.orders()
    generation = two.stage.started("Hello?", connection_id=two.ids["a.connection_id"])
    await two.stage.work()
    ended = two.bob.get(f"/generations/{generation['id']}").json
    assert (ended["finish_reason"], ended["error_code"], ended["text"]) == ("error", "not_found", "")


@pytest.mark.parametrize("field", FRAMES)
def test_a_frame_with_an_id_of_somebody_else_is_refused(two: Two, field: str) -> None:
    before, name = two.ada_has(), f"socket-{field}"
    two.stage.connect(name)
    socket.message({"requestContext": {"connectionId": name}, "body": json.dumps(two.filled(FRAMES[field]))})
    refused = two.office.wait_for(name, "error")
    assert "not_found" in str(refused)
    assert two.ada_has() == before


def _id_fields(model: type[BaseModel]) -> set[str]:
    model.model_rebuild()  # What it names may stand below it in its module.
    names = {name for name in model.model_fields if name.endswith("_id") or name in ("ids", "before")}
    nested = [
        part
        for field in model.model_fields.values()
        for part in (field.annotation, *getattr(field.annotation, "__args__", ()))
        if isinstance(part, type) and issubclass(part, BaseModel)
    ]
    return {f"{model.__name__}.{name}" for name in names}.union(*map(_id_fields, nested))


def test_every_field_that_carries_an_id_is_tried() -> None:
    asked = {model for door in all_doors() for model in (door.body, door.query) if model not in (None, bytes)}
    carried = set().union(*(_id_fields(model) for model in asked if model is not None))
    assert carried == set(REFUSED) | set(LEADS_NOWHERE)
    frames = set().union(*(_id_fields(frame) for frame in (Follow, Unfollow, Resume, Stop)))
    assert frames == set(FRAMES) | {"Unfollow.chat_id"}
