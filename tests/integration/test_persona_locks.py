"""Who the person is: by the chat, by a lock to its partner, by their choice; and where that stands in a prompt."""

import json

from tests.support.people import Api, ApiUser
from tests.support.replies import Stage

CARD = {"name": "Mira", "description": "A keeper.", "first_mes": "Welcome, {{user}}."}


def persona(person: ApiUser, name: str, **more: object) -> str:
    return str(person.post("/personas", {"name": name} | more).json["id"])


def greeted(person: ApiUser, **chat: object) -> str:
    made = person.post("/chats", chat).json
    return str(person.get(f"/chats/{made['id']}").json["page"]["messages"][0]["text"])


def test_a_lock_to_a_character_beats_the_choice_and_the_chat_beats_the_lock(api: Api) -> None:
    ada = api.sign_up("ada")
    mira = ada.post("/characters", {"card": CARD}).json["id"]
    chosen, locked, own = persona(ada, "Chosen"), persona(ada, "Locked"), persona(ada, "Own")
    ada.patch("/account", {"choices": {"persona_id": chosen}})
    assert greeted(ada, character_id=mira) == "Welcome, Chosen."
    locks = ada.put("/personas/locks", {"target_id": mira, "persona_id": locked})
    assert locks.json == {"locks": {mira: locked}}
    assert greeted(ada, character_id=mira) == "Welcome, Locked."
    assert greeted(ada, character_id=mira, persona_id=own) == "Welcome, Own."
    assert ada.put("/personas/locks", {"target_id": mira, "persona_id": None}).json == {"locks": {}}
    assert greeted(ada, character_id=mira) == "Welcome, Chosen."


def test_a_lock_may_be_to_a_group(api: Api) -> None:
    ada = api.sign_up("ada")
    mira = ada.post("/characters", {"card": CARD}).json["id"]
    group = ada.post("/groups", {"name": "Us", "members": [{"character_id": mira}]}).json["id"]
    ada.put("/personas/locks", {"target_id": group, "persona_id": persona(ada, "Locked")})
    assert greeted(ada, group_id=group) == "Welcome, Locked."


def test_a_persona_that_goes_takes_its_locks_along(api: Api) -> None:
    ada = api.sign_up("ada")
    mira = ada.post("/characters", {"card": CARD}).json["id"]
    locked = persona(ada, "Locked")
    ada.put("/personas/locks", {"target_id": mira, "persona_id": locked})
    ada.delete(f"/personas/{locked}")
    assert ada.get("/personas/locks").json == {"locks": {}}
    assert ada.put("/personas/locks", {"target_id": "nobody", "persona_id": persona(ada, "x")}).status == 404


async def test_a_locked_persona_speaks_and_stands_in_the_chat_at_its_depth(stage: Stage) -> None:
    given = {"description": "A {{user}} of old.", "place": "in_chat", "depth": 0, "role": "user", "title": "old"}
    locked = persona(stage.person, "Sailor", **given)
    assert stage.person.get(f"/personas/{locked}").json["title"] == "old"
    stage.person.put("/personas/locks", {"target_id": stage.chat["character_id"], "persona_id": locked})
    said = stage.turn("Hello?").json["message"]
    assert said["name"] == "Sailor"
    await stage.work()
    messages = stage.model.requests[-1]["messages"]
    assert "A Sailor of old." in messages[-1]["content"]
    assert "A Sailor of old." not in json.dumps(messages[:-1])
