"""What lies beside a thing goes for good with it, and not before: a trash gives everything back."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.belongings import CARD
from tests.support.people import Api, ApiUser
from tests.support.world import World

SCRIPT = {"scriptName": "x", "findRegex": "/a/g", "replaceString": "b", "placement": [2]}


class Belongings:
    """Everything that can lie beside a character, a chat, a group, a persona and a preset."""

    def __init__(self, api: Api, world: World) -> None:
        self.api, self.world, self.ada = api, world, api.sign_up("ada")
        ada = self.ada
        card = CARD | {"data": CARD.get("data", {}) | {"extensions": {"regex_scripts": [SCRIPT]}}}
        self.character = made(ada, "/characters", {"card": card})
        self.chat = made(ada, "/chats", {"character_id": self.character})
        self.group = made(ada, "/groups", {"name": "Us", "members": [{"character_id": self.character}]})
        self.persona = made(ada, "/personas", {"name": "Captain"})
        self.world_id = made(ada, "/worlds", {"name": "Sea"})
        self.other_id = made(ada, "/worlds", {"name": "Land"})
        self.preset = imported_preset(ada)
        worlds = {"world_ids": [self.world_id, self.other_id]}
        for place in (f"characters/{self.character}", f"chats/{self.chat}", f"personas/{self.persona}"):
            assert ada.put(f"/{place}/worlds", worlds).status == 200
        assert ada.put("/worlds/everywhere", worlds).status == 200
        note = {"revision": 0, "text": "Lit.", "enabled": True}
        assert ada.patch(f"/characters/{self.character}/note", note).status == 200
        for target in (self.character, self.group):
            lock = {"target_id": target, "persona_id": self.persona}
            assert ada.put("/personas/locks", lock).status == 200
        for place in (f"characters/{self.character}", f"presets/{self.preset}"):
            said = {"digest": ada.get(f"/scripts/{place}").json["digest"], "allowed": True}
            assert ada.put(f"/scripts/{place}/permission", said).status == 200

    def naming(self, thing_id: str) -> set[str]:
        """Which rows of Ada's still name a thing, by their sort keys; chats and groups may."""
        found = set()
        for row in self.world.rows():
            place = row["sk"]["S"]
            if row["pk"]["S"] == self.ada.id and thing_id in str(row):
                found.add(place.split("#")[0])
        return found - {"chat", "group", "once", "search", "searched", "account"}

    def later(self, days: int) -> None:
        self.world.clock.advance(seconds=int(timedelta(days=days).total_seconds()))


def made(ada: ApiUser, place: str, body: Any) -> str:
    answer = ada.post(place, body)
    assert answer.status == 201, answer
    return str(answer.json["id"])


def imported_preset(ada: ApiUser) -> str:
    file = {"prompts": [], "prompt_order": [], "extensions": {"regex_scripts": [SCRIPT]}}
    answer = ada.request("POST", "/presets/import", json_body=file, query={"filename": "Odd.json"})
    assert answer.status == 201, answer
    return str(answer.json["preset"]["id"])


@pytest.fixture
def have(api: Api, world: World) -> Belongings:
    return Belongings(api, world)


BESIDE = {"worlds-of", "note", "personalocks", "script-permission"}


def test_the_trash_keeps_what_lies_beside_a_character(have: Belongings) -> None:
    assert have.naming(have.character) >= BESIDE | {"character", "card"}
    assert have.ada.delete(f"/characters/{have.character}").status == 204
    assert have.naming(have.character) >= BESIDE
    assert have.ada.post(f"/characters/{have.character}/restore").status == 200
    assert have.ada.get(f"/characters/{have.character}/worlds").json["world_ids"] == [have.world_id, have.other_id]
    assert have.ada.get("/personas/locks").json["locks"][have.character] == have.persona


@pytest.mark.parametrize("how", ["forever", "sweep"])
def test_a_character_that_goes_for_good_takes_along_what_lies_beside_it(have: Belongings, how: str) -> None:
    if how == "forever":
        assert have.ada.delete(f"/characters/{have.character}/forever").status == 204
    else:
        assert have.ada.delete(f"/characters/{have.character}").status == 204
        have.later(31)
        have.world.container.characters.sweep(have.world.clock.now())
    assert have.naming(have.character) == set()
    assert have.naming(have.group) == {"personalocks"}


def test_a_group_takes_its_locks_along(have: Belongings) -> None:
    assert have.ada.delete(f"/groups/{have.group}").status == 204
    assert have.naming(have.group) == set()
    assert "personalocks" in have.naming(have.character)


def test_a_persona_takes_its_worlds_and_its_locks_along(have: Belongings) -> None:
    assert have.ada.delete(f"/personas/{have.persona}").status == 204
    assert have.naming(have.persona) == set()


def test_a_preset_takes_along_what_was_said_to_its_scripts(have: Belongings) -> None:
    assert have.naming(have.preset) == {"preset", "script-permission"}
    assert have.ada.delete(f"/presets/{have.preset}").status == 204
    assert have.naming(have.preset) == set()


def test_a_chat_keeps_its_worlds_in_the_trash_and_loses_them_with_it(have: Belongings) -> None:
    assert have.ada.delete(f"/chats/{have.chat}").status == 204
    assert have.naming(have.chat) == {"worlds-of"}
    have.later(31)
    have.world.container.chats.sweep()
    assert have.naming(have.chat) == set()


def test_a_world_in_the_trash_is_still_everybodys_and_then_nobodys(have: Belongings) -> None:
    assert have.ada.delete(f"/worlds/{have.world_id}").status == 204
    assert have.naming(have.world_id) == {"world", "worlds-of"}
    assert have.ada.delete(f"/worlds/{have.world_id}/forever").status == 204
    assert have.naming(have.world_id) == set()
    assert have.ada.get("/worlds/everywhere").json["world_ids"] == [have.other_id]
    assert have.ada.get(f"/characters/{have.character}/worlds").json["world_ids"] == [have.other_id]
