"""What scripts and macros make of a message that somebody edits."""

from typing import Any

import pytest

from tests.support.chats import character, import_file, jsonl, meanwhile, messages, said, start
from tests.support.people import Api, ApiUser

SHOUT = {"scriptName": "x", "findRegex": "/storm/g", "replaceString": "STORM", "runOnEdit": True}
REPLIES, TYPED, COMMANDS = 2, 1, 3


def _scripts(person: ApiUser, *files: dict[str, Any]) -> None:
    assert person.post("/scripts/import", {"files": [SHOUT | file for file in files]}).status == 201


def _edited(person: ApiUser, chat: dict[str, Any], at: int, text: str) -> str:
    """What stands there when the message was edited and is read again."""
    before = messages(person, chat)[at]
    answer = person.patch(
        f"/chats/{chat['id']}/messages/{before['id']}", {"revision": before["revision"], "text": text}
    )
    assert answer.status == 200, answer
    assert messages(person, chat)[at]["text"] == answer.json["text"]
    return str(answer.json["text"])


@pytest.mark.parametrize(
    ("script", "stored"),
    [
        ({"placement": [REPLIES]}, "A STORM."),
        ({"placement": [TYPED, COMMANDS, 5, 6]}, "A storm."),
        ({"placement": [REPLIES], "runOnEdit": False}, "A storm."),
        ({"placement": [REPLIES], "promptOnly": True}, "A storm."),
        ({"placement": [REPLIES], "markdownOnly": True}, "A storm."),
        ({"placement": [REPLIES], "disabled": True}, "A storm."),
        ({"placement": [REPLIES], "minDepth": 7}, "A STORM."),
        ({"placement": [REPLIES], "findRegex": "/^.*$/s", "replaceString": ""}, "A storm."),
        ({"placement": [REPLIES], "replaceString": "{{char}}'s"}, "A Mara's."),
        ({"placement": [REPLIES], "findRegex": "/(/"}, "A storm."),
    ],
)
def test_a_script_for_replies_that_runs_on_edits_changes_an_edited_reply(
    api: Api, script: dict[str, Any], stored: str
) -> None:
    ada = api.sign_up("ada")
    _scripts(ada, script)
    assert _edited(ada, start(ada), 0, "A storm.") == stored


def test_each_speaker_has_their_own_scripts(api: Api) -> None:
    ada = api.sign_up("ada")
    _scripts(ada, *({"placement": [place], "replaceString": str(place)} for place in (TYPED, REPLIES, COMMANDS)))
    lines = [said("a"), said("b", by_user=True), said("c", extra={"type": "narrator"})]
    chat = import_file(ada, jsonl(*lines)).json
    assert [_edited(ada, chat, at, "storm") for at in range(3)] == ["2", "1", "3"]


def test_macros_in_an_edited_message_are_resolved(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    name = ada.get("/account").json["name"]
    assert _edited(ada, chat, 0, "{{user}} and {{char}}, {{unknown}}") == f"{name} and Mara, {{{{unknown}}}}"


def test_macros_in_a_groups_message_know_who_said_it(api: Api) -> None:
    ada = api.sign_up("ada")
    members = [{"character_id": character(ada, name=name)} for name in ("Mara", "Brom")]
    group = ada.post("/groups", {"name": "Pier", "members": members}).json
    chat = ada.post("/chats", {"group_id": group["id"]}).json
    assert [_edited(ada, chat, at, "{{char}}") for at in range(2)] == ["Mara", "Brom"]


def test_what_is_trimmed_out_of_an_edit_is_the_name_of_who_said_it(api: Api) -> None:
    ada = api.sign_up("ada")
    script = {"placement": [REPLIES, TYPED], "findRegex": "/.+/", "replaceString": "$0.", "trimStrings": ["{{char}}"]}
    _scripts(ada, script)
    chat = import_file(ada, jsonl(said("a"), said("b", by_user=True))).json
    assert [_edited(ada, chat, at, "MaraBen") for at in range(2)] == ["Ben.", "Mara."]


def test_scripts_of_a_card_run_on_edits_once_they_are_allowed(api: Api) -> None:
    ada = api.sign_up("ada")
    id = character(ada, extensions={"regex_scripts": [SHOUT | {"placement": [REPLIES]}]})
    chat = start(ada, id)
    assert _edited(ada, chat, 0, "A storm.") == "A storm."
    digest = ada.get(f"/scripts/characters/{id}").json["digest"]
    assert ada.put(f"/scripts/characters/{id}/permission", {"digest": digest, "allowed": True}).status == 200
    assert _edited(ada, chat, 0, "Another storm.") == "Another STORM."


def test_an_edit_that_a_script_changed_is_answered_alike_when_it_is_sent_twice(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = api.sign_up("ada")
    _scripts(ada, {"placement": [REPLIES]})
    chat = start(ada)
    place = f"/chats/{chat['id']}/messages/{messages(ada, chat)[0]['id']}"
    edit = {"revision": 1, "text": "A storm."}
    with meanwhile(monkeypatch, "TransactWriteItems", lambda: ada.patch(place, edit)):
        answers = [ada.patch(place, edit) for _ in range(2)]
    assert [(answer.json["text"], answer.json["revision"]) for answer in answers] == [("A STORM.", 2)] * 2


def test_a_pattern_that_would_take_for_ever_leaves_the_edit(api: Api) -> None:
    ada = api.sign_up("ada")
    _scripts(ada, {"placement": [REPLIES], "findRegex": "/^(?=(a+)+$)b/"}, {"placement": [REPLIES]})
    text = "a" * 5_000 + "! storm"
    assert _edited(ada, start(ada), 0, text) == text.replace("storm", "STORM")


def test_who_wants_the_macros_of_before_has_them_wherever_words_are_stored(api: Api) -> None:
    ada = api.sign_up("ada")
    assert ada.patch("/account", {"choices": {"legacy_macros": True}}).json["choices"]["legacy_macros"] is True
    assert _edited(ada, start(ada), 0, "{{if 1}}{{char}}{{/if}}") == "{{if 1}}Mara{{/if}}"
