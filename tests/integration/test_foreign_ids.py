"""Every REST door, tried with another user's ids: nothing is told, nothing is changed.

A door without an entry in one of the tables below fails the last test.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib.entrypoints.rest.doors import all_doors
from tests.support.belongings import CARD, belongings
from tests.support.people import Api, ApiUser
from tests.support.world import Aws, World, world_on

QUIET = (404, 204)
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Try:
    """What is sent besides the ids of the path; `{chat_id}` and the like stand for Ada's ids."""

    body: Any = None
    query: dict[str, str] = field(default_factory=dict)
    raw: str | None = None
    """Content type of a body that is not JSON."""
    answers: tuple[int, ...] = (404,)
    """Some doors are quiet about things that are not there (204), some say which field is wrong (422)."""


TRIES: dict[str, Try] = {
    "DELETE /account/sessions/{session_id}": Try(),
    "GET /characters/{character_id}": Try(),
    "PATCH /characters/{character_id}": Try({"revision": 1, "favourite": True}),
    "DELETE /characters/{character_id}": Try(answers=QUIET),
    "POST /characters/{character_id}/restore": Try(),
    "DELETE /characters/{character_id}/forever": Try(answers=QUIET),
    "PUT /characters/{character_id}/avatar": Try(raw="image/png"),
    "POST /characters/{character_id}/export": Try(),
    "POST /chats": Try({"character_id": "{character_id}"}),
    "POST /chats/import": Try(query={"character_id": "{character_id}"}, raw="application/octet-stream"),
    "GET /chats/{chat_id}": Try(),
    "PATCH /chats/{chat_id}": Try({"title": "Mine now"}),
    "DELETE /chats/{chat_id}": Try(answers=QUIET),
    "DELETE /chats/{chat_id}/forever": Try(answers=QUIET),
    "POST /chats/{chat_id}/restore": Try(),
    "POST /chats/{chat_id}/export": Try(),
    "GET /chats/{chat_id}/messages": Try(),
    "PATCH /chats/{chat_id}/messages/{message_id}": Try({"revision": 1, "text": "Mine now"}),
    "DELETE /chats/{chat_id}/messages/{message_id}": Try(query={"revision": "1"}),
    "POST /chats/{chat_id}/messages/{message_id}/restore": Try(),
    "GET /chats/{chat_id}/messages/{message_id}/swipes": Try(),
    "PUT /chats/{chat_id}/messages/{message_id}/swipe": Try({"revision": 1, "index": 0}),
    "GET /chats/{chat_id}/branches": Try(),
    "POST /chats/{chat_id}/branches": Try({"message_id": "{message_id}"}),
    "PATCH /chats/{chat_id}/branches/{branch_id}": Try({"title": "Mine now"}),
    "DELETE /chats/{chat_id}/branches/{branch_id}": Try(answers=QUIET),
    "POST /chats/{chat_id}/turns": Try({"text": "Hello"}),
    "POST /turns/{turn_id}/stop": Try(answers=QUIET),
    "GET /generations/{generation_id}": Try(),
    "GET /generations/{generation_id}/events": Try(),
    "GET /generations/{generation_id}/manifest": Try(),
    "GET /generations/{generation_id}/request": Try(),
    "POST /chats/{chat_id}/preview": Try({"text": "Hello"}),
    "GET /personas/{persona_id}": Try(),
    "PATCH /personas/{persona_id}": Try({"revision": 1, "name": "Mine now"}),
    "DELETE /personas/{persona_id}": Try(answers=QUIET),
    "PUT /personas/{persona_id}/avatar": Try(raw="image/png"),
    "PUT /personas/locks": Try({"target_id": "{character_id}", "persona_id": "{persona_id}"}),
    "GET /characters/{character_id}/note": Try(),
    "PATCH /characters/{character_id}/note": Try({"revision": 0, "text": "Mine now"}),
    "POST /groups": Try({"name": "Mine", "members": [{"character_id": "{character_id}"}]}),
    "GET /groups/{group_id}": Try(),
    "PATCH /groups/{group_id}": Try({"revision": 1, "name": "Mine now"}),
    "DELETE /groups/{group_id}": Try(answers=QUIET),
    "PUT /groups/{group_id}/avatar": Try(raw="image/png"),
    "POST /groups/{group_id}/export": Try(),
    "GET /chats/{chat_id}/variables": Try(),
    "PATCH /chats/{chat_id}/variables": Try({"revision": 0, "put": {"gold": 1}}),
    "GET /presets/{preset_id}": Try(),
    "PATCH /presets/{preset_id}": Try({"revision": 1, "name": "Mine now"}),
    "DELETE /presets/{preset_id}": Try(answers=QUIET),
    "GET /templates/{template_id}": Try(),
    "PATCH /templates/{template_id}": Try({"revision": 1, "name": "Mine now"}),
    "DELETE /templates/{template_id}": Try(answers=QUIET),
    "GET /templates/{template_id}/file": Try(),
    "POST /templates/export": Try({"ids": ["{template_id}"]}),
    "PATCH /scripts/{script_id}": Try({"revision": 1, "name": "Mine now"}),
    "DELETE /scripts/{script_id}": Try(answers=QUIET),
    "POST /scripts/export": Try({"ids": ["{script_id}"]}),
    "GET /scripts/chats/{chat_id}": Try(),
    "GET /scripts/characters/{character_id}": Try(),
    "PUT /scripts/characters/{character_id}": Try({"digest": "", "items": []}),
    "PUT /scripts/characters/{character_id}/permission": Try({"digest": "", "allowed": True}),
    "GET /scripts/presets/{preset_id}": Try(),
    "PUT /scripts/presets/{preset_id}": Try({"digest": "", "items": []}),
    "PUT /scripts/presets/{preset_id}/permission": Try({"digest": "", "allowed": True}),
    "POST /scripts/try": Try({"script": {"name": "x"}, "text": "x", "character_id": "{character_id}"}),
    "GET /quick-replies/{set_id}": Try(),
    "PATCH /quick-replies/{set_id}": Try({"revision": 1, "name": "Mine now"}),
    "DELETE /quick-replies/{set_id}": Try(answers=QUIET),
    "GET /quick-replies/{set_id}/file": Try(),
    "POST /presets/{preset_id}/copy": Try({"name": "Mine now"}),
    "POST /presets/{preset_id}/export": Try(),
    "GET /connections/{connection_id}": Try(),
    "PATCH /connections/{connection_id}": Try({"revision": 1, "name": "Mine now"}),
    "DELETE /connections/{connection_id}": Try(answers=QUIET),
    "POST /connections/{connection_id}/test": Try(),
    "GET /connections/{connection_id}/models": Try(),
    "POST /connections": Try({"name": "Mine", "kind": "demo", "fallback_id": "{connection_id}"}, answers=(422,)),
    "POST /uploads": Try(
        {
            "filename": "chat.jsonl",
            "size": 10,
            "content_type": "application/octet-stream",
            "purpose": "chat",
            "character_id": "{character_id}",
        }
    ),
    "POST /uploads/{upload_id}/finish": Try(),
    "GET /moves/{move_id}": Try(),
    "DELETE /moves/{move_id}": Try(answers=QUIET),
    "GET /moves/{move_id}/slices": Try(),
    "POST /moves/{move_id}/slices": Try({"numbers": [0]}),
    "POST /moves/{move_id}/begin": Try(),
    "POST /moves/{move_id}/stop": Try(),
    "GET /moves/{move_id}/lines": Try(),
    "POST /moves/{move_id}/take": Try({"positions": [0]}),
    "POST /moves/{move_id}/report": Try(),
    "GET /jobs/{job_id}": Try(),
    "GET /worlds/{world_id}": Try(),
    "POST /worlds/try": Try({"chat_id": "{chat_id}"}),
    "PUT /worlds/everywhere": Try({"world_ids": ["{world_id}"]}),
    "GET /characters/{character_id}/worlds": Try(),
    "PUT /characters/{character_id}/worlds": Try({"world_ids": []}),
    "POST /characters/{character_id}/book/world": Try(),
    "GET /personas/{persona_id}/worlds": Try(),
    "PUT /personas/{persona_id}/worlds": Try({"world_ids": []}),
    "GET /chats/{chat_id}/worlds": Try(),
    "PUT /chats/{chat_id}/worlds": Try({"world_ids": []}),
    "PATCH /worlds/{world_id}": Try({"name": "Mine now"}),
    "DELETE /worlds/{world_id}": Try(),
    "POST /worlds/{world_id}/restore": Try(),
    "DELETE /worlds/{world_id}/forever": Try(),
    "POST /worlds/{world_id}/copy": Try({"name": "Mine now"}),
    "POST /worlds/{world_id}/export": Try(),
    "GET /worlds/{world_id}/book": Try(),
    "GET /worlds/{world_id}/entries": Try(),
    "POST /worlds/{world_id}/entries": Try({}),
    "POST /worlds/{world_id}/entries/bulk": Try({"uids": [48213507], "entry": {"comment": "Mine now"}}),
    "GET /worlds/{world_id}/entries/{entry_id}": Try(),
    "PATCH /worlds/{world_id}/entries/{entry_id}": Try({"revision": 1, "entry": {"comment": "Mine now"}}),
    "DELETE /worlds/{world_id}/entries/{entry_id}": Try(answers=QUIET),
}
FOR_ADMINS = {
    "GET /admin/users": Try(),
    "PATCH /admin/users/{user_id}": Try({"banned": True}),
    "POST /admin/users/{user_id}/reset-link": Try(),
    "GET /admin/invitations": Try(),
    "POST /admin/invitations": Try({}),
}
WITHOUT_IDS = {
    "GET /account",
    "PATCH /account",
    "POST /account/password",
    "GET /account/sessions",
    "POST /account/delete",
    "POST /account/export",
    "POST /account/export-folder",
    "GET /account/usage",
    "POST /socket-tickets",
    "GET /characters",
    "POST /characters",
    "POST /characters/import",
    "GET /characters/tags",
    "GET /chats",
    "GET /personas",
    "POST /personas",
    "GET /groups",
    "POST /groups/import",
    "GET /personas/locks",
    "GET /notes/default",
    "PATCH /notes/default",
    "GET /variables",
    "PATCH /variables",
    "GET /presets",
    "POST /presets",
    "GET /templates",
    "POST /templates",
    "POST /templates/import",
    "POST /templates/preview",
    "GET /scripts",
    "GET /scripts/came",
    "POST /scripts",
    "POST /scripts/import",
    "PUT /scripts/order",
    "GET /quick-replies",
    "POST /quick-replies",
    "POST /quick-replies/import",
    "POST /presets/import",
    "POST /presets/tokens",
    "GET /connections",
    "GET /connections/providers",
    "GET /connections/nearby",
    "GET /jobs",
    "GET /moves",
    "POST /moves",
    "POST /moves/look",
    "POST /moves/files",
    "POST /moves/pictures",
    "GET /worlds",
    "GET /worlds/everywhere",
    "GET /worlds/uses",
    "GET /worlds/settings",
    "PATCH /worlds/settings",
    "POST /worlds",
    "POST /worlds/import",
    "GET /search/messages",
    "GET /search/chats",
}


@dataclass(frozen=True)
class Two:
    """Ada, who has everything, and Bob, who tries her ids."""

    world: World
    ada: ApiUser
    bob: ApiUser
    ids: dict[str, str]


@pytest.fixture(scope="module")
def two(aws: Aws) -> Iterator[Two]:
    aws.wipe()
    with world_on(aws.settings()) as world:
        ada, bob = Api().sign_up("ada"), Api().sign_up("bob")
        yield Two(world, ada, bob, belongings(ada))


def _send(two: Two, door: str, tried: Try) -> Any:
    method, _, path = door.partition(" ")
    filled = json.loads(_filled(json.dumps([path, tried.body, tried.query]), two.ids))
    raw = {"data": PNG, "headers": {"content-type": tried.raw}} if tried.raw else {}
    return two.bob.request(method, filled[0], json_body=filled[1], query=filled[2], **raw)  # type: ignore[arg-type]


def _filled(text: str, ids: dict[str, str]) -> str:
    for name, value in ids.items():
        text = text.replace("{" + name + "}", value)
    return text


def _rows_of(world: World, owner_id: str) -> list[str]:
    return sorted(
        json.dumps(row, sort_keys=True, default=repr)
        for row in world.rows()
        if str(row["pk"]["S"]).startswith(owner_id)
    )


@pytest.mark.parametrize("door", TRIES)
def test_somebody_elses_ids_name_nothing(two: Two, door: str) -> None:
    before = _rows_of(two.world, two.ada.id)
    answer = _send(two, door, TRIES[door])
    assert answer.status in TRIES[door].answers, answer
    assert _rows_of(two.world, two.ada.id) == before
    assert b"Brom" not in answer.body
    assert b"Well met" not in answer.body


@pytest.mark.parametrize("door", FOR_ADMINS)
def test_the_back_office_is_for_those_who_run_the_place(two: Two, door: str) -> None:
    before = _rows_of(two.world, two.ada.id)
    assert _send(two, door, FOR_ADMINS[door]).status == 403
    assert _rows_of(two.world, two.ada.id) == before


@pytest.mark.parametrize(
    "path", ["/characters", "/chats", "/personas", "/groups", "/presets", "/worlds", "/jobs", "/account/sessions"]
)
def test_lists_hold_ones_own_things_only(two: Two, path: str) -> None:
    body = two.bob.get(path).body.decode()
    assert [name for name, value in two.ids.items() if value in body] == []


def test_ids_of_others_in_a_list_by_ids_are_left_out(two: Two) -> None:
    own = two.bob.post("/characters", {"card": CARD}).json["id"]
    asked = two.bob.get("/characters", ids=f"{two.ids['character_id']},{own},{two.ids['chat_id']}")
    assert [one["id"] for one in asked.json["items"]] == [own]


def test_ids_of_others_inside_ones_own_things_do_not_help(two: Two) -> None:
    character = two.bob.post("/characters", {"card": CARD}).json["id"]
    chat = two.bob.post("/chats", {"character_id": character}).json["id"]
    branch = {"text": "Hello", "branch_id": two.ids["branch_id"]}
    assert two.bob.post(f"/chats/{chat}/turns", branch).status == 404
    assert two.bob.get(f"/chats/{chat}", branch_id=two.ids["branch_id"]).status == 404
    assert two.bob.post(f"/chats/{chat}/branches", {"message_id": two.ids["message_id"]}).status == 404
    assert two.bob.patch(f"/chats/{chat}", {"persona_id": two.ids["persona_id"]}).status == 404
    assert two.bob.post("/chats", {"group_id": two.ids["group_id"]}).status == 404
    assert two.bob.get("/chats", group_id=two.ids["group_id"]).json["items"] == []


def test_signed_out_nothing_opens(two: Two) -> None:
    opened = [
        f"{door.method} {door.path}"
        for door in all_doors()
        if door.area != "auth" and Api().request(door.method, _filled(door.path, two.ids)).status != 401
    ]
    assert opened == []


def test_every_door_is_tried() -> None:
    doors = {f"{door.method} {door.path}" for door in all_doors() if door.area != "auth"}
    assert doors == set(TRIES) | set(FOR_ADMINS) | WITHOUT_IDS
