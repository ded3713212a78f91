"""Variables that macros put down in greetings and in what somebody types."""

from typing import Any

import pytest

from tests.support.people import Api, ApiUser
from tests.support.replies import Stage

GREETING = "Hello {{setvar::mood::glad}}{{getvar::mood}} {{incvar::visits}}.{{setglobalvar::met::yes}}"
OTHER = "Go {{setvar::mood::sad}}{{incvar::visits}}{{getvar::mood}}."


def begun(ada: ApiUser, **fields: Any) -> dict[str, Any]:
    """A chat with a character whose greetings note something."""
    card = {"name": "Mira", "first_mes": GREETING, "alternate_greetings": [OTHER]}
    character = ada.post("/characters", {"card": card}).json
    answer = ada.post("/chats", {"character_id": character["id"], **fields})
    assert answer.status == 201, answer
    chat: dict[str, Any] = answer.json
    return chat


def values(ada: ApiUser, chat: dict[str, Any] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = ada.get(f"/chats/{chat['id']}/variables" if chat else "/variables").json["values"]
    return found


def numbers(values: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


@pytest.mark.parametrize(("greeting", "mood", "text"), [(0, "glad", "Hello glad 1."), (1, "sad", "Go 1sad.")])
def test_the_greeting_a_chat_opens_with_is_remembered_and_no_other(
    api: Api, greeting: int, mood: str, text: str
) -> None:
    ada = api.sign_up("ada")
    chat = begun(ada, greeting=greeting)
    assert ada.get(f"/chats/{chat['id']}").json["page"]["messages"][0]["text"] == text
    assert numbers(values(ada, chat)) == {"mood": mood, "visits": "1"}
    assert values(ada) == ({"met": "yes"} if greeting == 0 else {})


def test_a_greeting_knows_the_variables_of_everywhere(api: Api) -> None:
    ada = api.sign_up("ada")
    ada.patch("/variables", {"revision": 0, "put": {"town": "Quay"}})
    character = ada.post("/characters", {"card": {"name": "M", "first_mes": "In {{getglobalvar::town}}."}}).json
    chat = ada.post("/chats", {"character_id": character["id"]}).json
    assert ada.get(f"/chats/{chat['id']}").json["page"]["messages"][0]["text"] == "In Quay."
    assert values(ada, chat) == {}


def test_a_chat_begun_twice_with_one_key_is_one(api: Api) -> None:
    ada = api.sign_up("ada")
    character = ada.post("/characters", {"card": {"name": "Mira", "first_mes": GREETING}}).json
    body = {"character_id": character["id"]}
    first = ada.post("/chats", body, headers={"idempotency-key": "k-1"}).json
    again = ada.post("/chats", body, headers={"idempotency-key": "k-1"}).json
    assert first["id"] == again["id"]
    assert numbers(values(ada, first)) == {"mood": "glad", "visits": "1"}


async def test_what_typed_words_put_down_is_there_for_the_reply_and_kept_once(stage: Stage) -> None:
    text = "I {{setvar::oath::sworn}}{{incvar::turns}}swear.{{addglobalvar::swears::1}}"
    stage.started(text, key="once")
    again = stage.turn(text, key="once")
    assert again.status == 202
    assert stage.messages()[-1]["text"] == "I 1swear."
    assert numbers(values(stage.person, stage.chat)) == {"oath": "sworn", "turns": "1"}
    assert numbers(values(stage.person)) == {"swears": "1"}
    await stage.work()
    assert numbers(values(stage.person, stage.chat)) == {"oath": "sworn", "turns": "1"}
    stage.started("{{getvar::oath}} {{incvar::turns}}")
    await stage.work()
    assert stage.messages()[-2]["text"] == "sworn 2"


async def test_a_dry_run_puts_nothing_down(stage: Stage) -> None:
    body = {"text": "I {{setvar::oath::sworn}}swear.", "connection_id": stage.connection_id}
    assert stage.person.post(f"/chats/{stage.chat['id']}/preview", body).status == 200
    assert values(stage.person, stage.chat) == {}
