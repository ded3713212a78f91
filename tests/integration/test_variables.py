"""Variables of a branch and of everywhere."""

import pytest

from tests.support.belongings import CARD
from tests.support.people import Api, ApiUser
from tests.support.world import World


def chat_of(person: ApiUser) -> str:
    character = person.post("/characters", {"card": CARD}).json["id"]
    return str(person.post("/chats", {"character_id": character}).json["id"])


@pytest.mark.parametrize("everywhere", [True, False])
def test_variables_are_put_dropped_and_the_others_stay(api: Api, everywhere: bool) -> None:
    ada = api.sign_up("ada")
    place = "/variables" if everywhere else f"/chats/{chat_of(ada)}/variables"
    assert ada.get(place).json == {"values": {}, "revision": 0}
    ada.patch(place, {"revision": 0, "put": {"gold": 3, "name": "x", "list": [1, {"a": None}]}})
    changed = ada.patch(place, {"revision": 1, "put": {"gold": 4}, "drop": ["name", "never"]})
    assert changed.json == {"values": {"gold": 4, "list": [1, {"a": None}]}, "revision": 2}
    assert ada.get(place).json == changed.json


def test_a_stale_change_shows_both(api: Api) -> None:
    ada = api.sign_up("ada")
    ada.patch("/variables", {"revision": 0, "put": {"gold": 3}})
    stale = ada.patch("/variables", {"revision": 0, "put": {"gold": 5}})
    assert (stale.status, stale.json["error"]["theirs"]["values"]) == (409, {"gold": 3})


@pytest.mark.parametrize("put", [{"": 1}, {"x" * 201: 1}, {"x": "y" * 100_001}])
def test_what_no_variable_can_be_is_refused(api: Api, put: dict[str, object]) -> None:
    assert api.sign_up("ada").patch("/variables", {"revision": 0, "put": put}).status in (413, 422)


def test_what_a_reply_changed_goes_onto_what_is_there_by_now(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    chat = world.container.chat_store.get(ada.id, chat_of(ada))
    variables = world.container.variables
    ada.patch(f"/chats/{chat.id}/variables", {"revision": 0, "put": {"gold": 1, "days": 1, "old": 0}})
    before = variables.of(ada.id, chat, chat.branch_id).values
    ada.patch(f"/chats/{chat.id}/variables", {"revision": 1, "put": {"days": 7}})
    assert variables.keep(ada.id, chat, chat.branch_id, before, {"gold": 2, "days": 1})
    assert variables.get(ada.id, chat.id, None).values == {"gold": 2, "days": 7}
    assert not variables.keep(ada.id, chat, chat.branch_id, {"gold": 2}, {"gold": 2})


def test_variables_go_with_their_chat(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada)
    ada.patch(f"/chats/{chat}/variables", {"revision": 0, "put": {"gold": 1}})
    world.container.chat_store.wipe(ada.id, chat)
    assert [row for row in world.rows() if row["sk"]["S"].startswith("variables")] == []
