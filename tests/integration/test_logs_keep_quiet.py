"""What somebody wrote, and what nobody may read, stays out of the logs, also when something breaks."""

import logging

import pytest
from pydantic import BaseModel, ValidationError

from chalicelib.models.chats import Message, MessageChange
from chalicelib.models.frames import Follow
from chalicelib.stores.chat_keys import message_key
from chalicelib.stores.chat_rows import MessageRow
from tests.support.chats import character, start
from tests.support.people import PASSWORD, Api
from tests.support.world import World

SECRET = "the lighthouse burns at midnight"


def told(caplog: pytest.LogCaptureFixture) -> str:
    """All that the log was told, tracebacks too."""
    plain = logging.Formatter()
    return "\n".join(f"{plain.format(record)} {vars(record)}" for record in caplog.records)


@pytest.mark.parametrize("model", [Message, MessageChange, Follow])
def test_an_error_of_a_model_does_not_quote_what_came(model: type[BaseModel]) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate({"text": {"deep": SECRET}, SECRET: SECRET, "revision": SECRET})
    assert SECRET not in str(caught.value).replace(f"\n{SECRET}\n", "")


def test_a_bug_is_logged_without_what_it_met(world: World, caplog: pytest.LogCaptureFixture) -> None:
    ada = Api().sign_up("ada")
    chat = start(ada, character(ada))
    opened = ada.get(f"/chats/{chat['id']}").json
    message = opened["page"]["messages"][0]
    # A row that nothing of ours writes: reading it fails on our side.
    row = MessageRow(*message_key(ada.id, chat["id"], message["id"]))
    row.update([MessageRow.role.set(SECRET), MessageRow.text.set(SECRET)])
    caplog.clear()
    answer = ada.get(f"/chats/{chat['id']}")
    # What does not fit our own models is our fault, and is heard of.
    assert (answer.status, answer.code) == (500, "internal")
    assert "unexpected error" in told(caplog)
    assert SECRET not in told(caplog)
    assert SECRET.encode() not in answer.body


def test_a_day_of_use_leaves_no_words_in_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    ada = Api().sign_up("ada")
    chat = start(ada, character(ada, description=SECRET), title=SECRET)
    key = "sk-secret-0123456789abcdef"
    ada.post("/connections", {"name": SECRET, "kind": "openai_chat", "address": "https://127.0.0.1/", "key": key})
    ada.post(f"/chats/{chat['id']}/turns", {"text": SECRET})
    ada.post("/personas", {"name": "Me", "description": SECRET, SECRET: 1})
    ada.get("/characters", search=SECRET)
    Api().post("/auth/sign-in", {"email": "ada@example.org", "password": SECRET})
    ticket = ada.post("/socket-tickets").json["ticket"]
    told_of = told(caplog)
    assert "/chats/{chat_id}/turns" in told_of
    for hidden in (SECRET, key, ticket, ada.token, PASSWORD, "ada@example.org"):
        assert hidden not in told_of
