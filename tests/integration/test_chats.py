"""Chats through the REST doors: starting, opening at any length, lists, the trash."""

from typing import Any

import pytest

from tests.support.chats import character, chat_of, import_file, jsonl, meanwhile, messages, said, start, texts, watched
from tests.support.people import Api
from tests.support.world import World


def test_a_chat_begins_with_the_greeting_and_the_others_are_its_swipes(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    opened = ada.get(f"/chats/{chat['id']}").json
    (greeting,) = opened["page"]["messages"]
    assert greeting["text"] == '"You are late, ada," says Mara.'
    assert (greeting["role"], greeting["name"], greeting["swipe_count"]) == ("assistant", "Mara", 3)
    swipes = ada.get(f"/chats/{chat['id']}/messages/{greeting['id']}/swipes").json
    assert [swipe["text"] for swipe in swipes] == [greeting["text"], '"Come in, ada."', '"We are closed."']
    assert opened["active"] == []
    assert opened["page"]["before"] is None


def test_a_chat_can_begin_with_another_greeting_as_another_persona(api: Api) -> None:
    ada = api.sign_up("ada")
    persona = ada.post("/personas", {"name": "Captain Ben"}).json
    chat = start(ada, greeting=1, persona_id=persona["id"])
    assert texts(ada, chat) == ['"Come in, Captain Ben."']
    assert chat["preview"] == '"Come in, Captain Ben."'


def test_a_greeting_that_is_not_there_is_refused(api: Api) -> None:
    ada = api.sign_up("ada")
    answer = ada.post("/chats", {"character_id": character(ada), "greeting": 3})
    assert (answer.status, answer.code) == (422, "invalid")
    assert ada.get("/chats").json["items"] == []


def test_a_character_without_a_greeting_starts_an_empty_chat(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = start(ada, character(ada, first_mes="", alternate_greetings=[]))
    assert texts(ada, chat) == []
    assert chat["message_count"] == 0


def test_starting_twice_with_one_key_is_starting_once(api: Api) -> None:
    ada = api.sign_up("ada")
    asked = {"character_id": character(ada)}
    first = ada.post("/chats", asked, headers={"idempotency-key": "k1"}).json
    again = ada.post("/chats", asked, headers={"idempotency-key": "k1"}).json
    other = ada.post("/chats", {**asked, "title": "Other"}, headers={"idempotency-key": "k1"})
    assert first["id"] == again["id"]
    assert len(ada.get("/chats").json["items"]) == 1
    assert (other.status, other.code) == (422, "idempotency_mismatch")


def test_opening_asks_for_the_same_at_any_length(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = api.sign_up("ada")
    asked = []
    for count in (10, 1000):
        chat = chat_of(ada, count, "x" * 2000 + " {}")
        with watched(monkeypatch) as calls:
            opened = ada.get(f"/chats/{chat['id']}").json
        asked.append([call.operation for call in calls])
        assert sum(call.received_bytes for call in calls) < 200_000
        assert len(opened["page"]["messages"]) == min(count, 20)
    assert asked[0] == asked[1]


def test_opening_reads_little_even_where_messages_are_long(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 60, "x" * 15_000 + " {}")
    with watched(monkeypatch) as calls:
        page = ada.get(f"/chats/{chat['id']}").json["page"]
    assert sum(call.received_bytes for call in calls) < 200_000
    assert len(page["messages"]) == 9
    assert page["before"] == page["messages"][0]["id"]


def test_reading_upwards_comes_to_every_message_once(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 137)
    page = ada.get(f"/chats/{chat['id']}").json["page"]
    read = [message["text"] for message in page["messages"]]
    while page["before"]:
        page = ada.get(f"/chats/{chat['id']}/messages", before=page["before"], limit=30).json
        read = [message["text"] for message in page["messages"]] + read
    assert read == [f"Message {number}." for number in range(137)]


def test_a_message_of_400_000_characters_is_kept_whole_outside_the_table(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    long = "ä" * 400_000
    chat = import_file(ada, jsonl(said("short"), said(long))).json
    page = ada.get(f"/chats/{chat['id']}").json["page"]
    assert [message["text"] for message in page["messages"]] == [long]
    assert texts(ada, chat, before=page["before"]) == ["short"]
    (stored,) = [key for key in world.files() if f"/chats/{chat['id']}/" in key]
    assert stored.startswith(f"{ada.id}/")
    assert max(len(str(row)) for row in world.rows()) < 20_000


def test_a_page_before_a_message_of_another_chat_is_not_found(api: Api) -> None:
    ada = api.sign_up("ada")
    one, other = start(ada), start(ada)
    foreign = messages(ada, other)[0]["id"]
    assert ada.get(f"/chats/{one['id']}/messages", before=foreign).status == 404


def test_the_chat_used_last_stands_first_and_pages_go_on(api: Api) -> None:
    ada = api.sign_up("ada")
    mara, otto = character(ada), character(ada, name="Otto")
    made = [start(ada, who, title=f"{number}") for number, who in enumerate([mara, otto, mara, mara])]
    first = ada.get("/chats", limit=3).json
    second = ada.get("/chats", limit=3, cursor=first["next"]).json
    assert [chat["title"] for chat in first["items"] + second["items"]] == ["3", "2", "1", "0"]
    of_otto = ada.get("/chats", character_id=otto).json["items"]
    assert [chat["id"] for chat in of_otto] == [made[1]["id"]]


@pytest.mark.parametrize("cursor", ["", "%00", "nonsense", "a#b", "2026-05-17#x" * 20])
def test_a_forged_cursor_harms_nothing(api: Api, cursor: str) -> None:
    ada = api.sign_up("ada")
    start(ada)
    assert ada.get("/chats", cursor=cursor).status in (200, 422)


def test_the_title_the_persona_and_the_note_can_change(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    persona = ada.post("/personas", {"name": "Ben"}).json
    changed = ada.patch(
        f"/chats/{chat['id']}", {"title": "Storm", "persona_id": persona["id"], "authors_note": "n" * 20_000}
    ).json
    assert (changed["title"], changed["persona_id"], changed["revision"]) == ("Storm", persona["id"], 2)
    back = ada.patch(f"/chats/{chat['id']}", {"persona_id": None}).json
    assert (back["persona_id"], back["title"], len(back["authors_note"])) == (None, "Storm", 20_000)


def test_a_change_names_only_what_is_there(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    assert ada.patch(f"/chats/{chat['id']}", {"persona_id": "nobody"}).status == 404
    assert ada.patch(f"/chats/{chat['id']}", {"branch_id": "nowhere"}).status == 404


def test_a_deleted_chat_waits_in_the_trash_and_comes_back(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    assert ada.delete(f"/chats/{chat['id']}").status == 204
    assert ada.get("/chats").json["items"] == []
    assert ada.get("/chats", character_id=chat["character_id"]).json["items"] == []
    assert [one["id"] for one in ada.get("/chats", trash=True).json["items"]] == [chat["id"]]
    assert ada.post(f"/chats/{chat['id']}/restore").json["deleted_at"] is None
    assert [one["id"] for one in ada.get("/chats").json["items"]] == [chat["id"]]
    assert len(texts(ada, chat)) == 1


def test_nothing_is_changed_in_the_trash(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    (message,) = messages(ada, chat)
    ada.delete(f"/chats/{chat['id']}")
    edit = ada.patch(f"/chats/{chat['id']}/messages/{message['id']}", {"revision": 1, "text": "x"})
    assert edit.status == 404
    assert ada.patch(f"/chats/{chat['id']}", {"title": "x"}).status == 404
    assert ada.post(f"/chats/{chat['id']}/branches", {"message_id": message["id"]}).status == 404


def test_after_thirty_days_nothing_of_a_deleted_chat_is_left(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    kept = start(ada)
    gone = import_file(ada, jsonl(said("a" * 350_000), said("b", swipes=["b", "c"], swipe_id=0))).json
    ada.delete(f"/chats/{gone['id']}")
    world.clock.advance(days=29)
    assert world.container.chats.sweep() == 0
    world.clock.advance(days=2)
    assert world.container.chats.sweep() == 1
    assert not [row for row in world.rows() if gone["id"] in str(row)]
    assert not [key for key in world.files() if gone["id"] in key]
    assert [row for row in world.rows() if kept["id"] in str(row)]


def test_deleting_forever_needs_the_trash_and_frees_the_storage(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    mara = character(ada)
    before = ada.get("/account/usage").json["storage_bytes"]
    chat = import_file(ada, jsonl(said("a" * 10_000)), mara).json
    assert ada.get("/account/usage").json["storage_bytes"] > before + 10_000
    assert ada.delete(f"/chats/{chat['id']}/forever").status == 409
    ada.delete(f"/chats/{chat['id']}")
    assert ada.delete(f"/chats/{chat['id']}/forever").status == 204
    world.clock.advance(seconds=1)
    world.container.chats.sweep()
    assert ada.get(f"/chats/{chat['id']}").status == 404
    assert ada.get("/account/usage").json["storage_bytes"] == before


def test_what_is_being_written_shows_when_the_chat_opens(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    sent = ada.post(f"/chats/{chat['id']}/turns", {"text": "Hello."}, headers={"idempotency-key": "k"}).json
    opened = ada.get(f"/chats/{chat['id']}").json
    assert [one["id"] for one in opened["active"]] == [one["id"] for one in sent["generations"]]
    assert opened["branch"]["active_turn_id"] == sent["turn"]["id"]
    assert [one["text"] for one in opened["page"]["messages"]][1:] == ["Hello."]


def test_deleting_a_chat_ends_the_reply_that_is_written_there(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    sent = ada.post(f"/chats/{chat['id']}/turns", {"text": "Hello."}, headers={"idempotency-key": "k"}).json
    assert ada.delete(f"/chats/{chat['id']}").status == 204
    (generation,) = sent["generations"]
    ended = ada.get(f"/generations/{generation['id']}").json
    assert (ended["status"], ended["finish_reason"]) == ("done", "stopped")
    assert ada.get(f"/chats/{chat['id']}").json["active"] == []


def test_a_character_with_a_new_chat_was_used_last(api: Api) -> None:
    ada = api.sign_up("ada")
    mara, otto = character(ada), character(ada, name="Otto")
    start(ada, mara)
    recent = [one["id"] for one in ada.get("/characters").json["items"]]
    assert recent.index(mara) < recent.index(otto)


DOORS: list[tuple[str, str, Any]] = [
    ("GET", "/chats/{chat}", None),
    ("PATCH", "/chats/{chat}", {"title": "Mine now"}),
    ("DELETE", "/chats/{chat}", None),
    ("POST", "/chats/{chat}/restore", {}),
    ("DELETE", "/chats/{chat}/forever", None),
    ("POST", "/chats/{chat}/export", {}),
    ("GET", "/chats/{chat}/messages", None),
    ("PATCH", "/chats/{chat}/messages/{message}", {"revision": 1, "text": "Mine"}),
    ("DELETE", "/chats/{chat}/messages/{message}?revision=1", None),
    ("POST", "/chats/{chat}/messages/{message}/restore", {}),
    ("GET", "/chats/{chat}/messages/{message}/swipes", None),
    ("PUT", "/chats/{chat}/messages/{message}/swipe", {"revision": 1, "index": 1}),
    ("GET", "/chats/{chat}/branches", None),
    ("POST", "/chats/{chat}/branches", {"message_id": "{message}"}),
    ("PATCH", "/chats/{chat}/branches/{branch}", {"title": "Mine"}),
    ("DELETE", "/chats/{chat}/branches/{branch}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), DOORS, ids=lambda value: str(value)[:60])
def test_somebody_elses_chat_is_not_there(api: Api, method: str, path: str, body: Any) -> None:
    ada, eve = api.sign_up("ada"), api.sign_up("eve")
    chat = start(ada)
    (message,) = messages(ada, chat)
    ids = {"chat": chat["id"], "message": message["id"], "branch": chat["branch_id"]}
    if body:
        body = {key: value.format(**ids) if isinstance(value, str) else value for key, value in body.items()}
    refused = eve.request(method, path.format(**ids), json_body=body)
    assert (refused.status, refused.code) == (404, "not_found")
    assert messages(ada, chat) == [message]


@pytest.mark.parametrize("chat_id", ["x", "a" * 60, "..", "chat%23", "a%20b", "%00", "%ED%A0%80"])
def test_an_id_that_cannot_be_is_not_found(api: Api, chat_id: str) -> None:
    ada = api.sign_up("ada")
    assert ada.get(f"/chats/{chat_id}").status in (404, 422)


def test_two_who_change_different_things_of_a_chat_both_have_their_way(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    place = f"/chats/{chat['id']}"
    with meanwhile(monkeypatch, "TransactWriteItems", lambda: ada.patch(place, {"authors_note": "Rain."})):
        assert ada.patch(place, {"title": "The storm"}).json["authors_note"] == "Rain."
    changed = ada.get(place).json["chat"]
    assert (changed["title"], changed["authors_note"]) == ("The storm", "Rain.")
