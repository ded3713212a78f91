"""Author's notes: a chat's in all its ways, the one new chats begin with, and those of characters."""

import json
from typing import Any

import pytest

from tests.support.people import Api, ApiUser
from tests.support.replies import Stage


def character(person: ApiUser) -> str:
    card = {"name": "Mira", "description": "A keeper.", "first_mes": "Here."}
    return str(person.post("/characters", {"card": card}).json["id"])


def test_new_chats_begin_with_the_default_note(api: Api) -> None:
    ada = api.sign_up("ada")
    mira = character(ada)
    assert ada.get("/notes/default").json["revision"] == 0
    given = {"text": "Be brief.", "interval": 3, "place": "before_main", "depth": 2, "role": "user", "scanned": True}
    assert ada.patch("/notes/default", {"revision": 0} | given).status == 200
    chat = ada.post("/chats", {"character_id": mira}).json
    ways = {
        name.removeprefix("authors_note_"): value for name, value in chat.items() if name.startswith("authors_note_")
    }
    assert ways | {"text": chat["authors_note"]} == given


@pytest.mark.parametrize("place", ["/notes/default", "/characters/{mira}/note"])
def test_a_stale_change_of_a_note_shows_both(api: Api, place: str) -> None:
    ada = api.sign_up("ada")
    place = place.replace("{mira}", character(ada))
    assert ada.patch(place, {"revision": 0, "text": "First."}).json["revision"] == 1
    stale = ada.patch(place, {"revision": 0, "text": "Second."})
    assert (stale.status, stale.json["error"]["theirs"]["text"]) == (409, "First.")
    assert ada.patch(place, {"revision": 1, "text": ""}).json["text"] == ""


async def asked(stage: Stage, **chat: Any) -> list[dict[str, Any]]:
    """The messages the model gets for a turn in a chat set this way."""
    assert stage.person.patch(f"/chats/{stage.chat['id']}", chat).status == 200
    stage.turn("Hello?")
    await stage.work()
    found: list[dict[str, Any]] = stage.model.requests[-1]["messages"]
    return found


async def test_a_note_stands_where_and_as_whom_the_chat_says(stage: Stage) -> None:
    note = {"authors_note": "Be brief.", "authors_note_depth": 0, "authors_note_role": "user"}
    last = (await asked(stage, **note))[-1]
    assert (last["role"], last["content"].endswith("Be brief.")) == ("user", True)
    first = (await asked(stage, authors_note_place="before_main", authors_note_role="system"))[0]
    assert first["content"].startswith("Be brief.")


async def test_a_note_may_stand_in_every_second_prompt_only(stage: Stage) -> None:
    first = await asked(stage, authors_note="Be brief.", authors_note_interval=2)
    second = await asked(stage)
    assert ["Be brief." in json.dumps(one) for one in (first, second)] == [False, True]


@pytest.mark.parametrize(
    ("merge", "text"), [("before", "Own.\nBe brief."), ("after", "Be brief.\nOwn."), ("replace", "Own.")]
)
async def test_a_characters_note_stands_beside_the_chats_or_in_its_place(stage: Stage, merge: str, text: str) -> None:
    place = f"/characters/{stage.chat['character_id']}/note"
    stage.person.patch(place, {"revision": 0, "text": "Own.", "merge": merge, "enabled": True})
    contents = [one["content"] for one in await asked(stage, authors_note="Be brief.", authors_note_depth=0)]
    assert any(content.endswith(text) for content in contents)
    stage.person.patch(place, {"revision": 1, "enabled": False})
    assert "Own." not in json.dumps(await asked(stage))


async def test_variables_of_the_chat_and_of_everywhere_are_read(stage: Stage) -> None:
    place = f"/chats/{stage.chat['id']}/variables"
    stage.person.patch(place, {"revision": 0, "put": {"gold": "seven"}})
    stage.person.patch("/variables", {"revision": 0, "put": {"city": "Port Low"}})
    note = "{{getvar::gold}} in {{getglobalvar::city}}"
    assert "seven in Port Low" in json.dumps(await asked(stage, authors_note=note))
