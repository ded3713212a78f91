"""Messages through the REST doors: edit, hide, delete and restore, swipes; a stale write shows both versions."""

import pytest

from tests.support.chats import chat_of, import_file, jsonl, meanwhile, messages, said, start, texts, watched
from tests.support.people import Api
from tests.support.world import World


def test_an_edit_carries_the_revision_it_saw(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    (greeting,) = messages(ada, chat)
    place = f"/chats/{chat['id']}/messages/{greeting['id']}"
    edited = ada.patch(place, {"revision": 1, "text": "Edited."}).json
    assert (edited["text"], edited["revision"], edited["tokens"]) == ("Edited.", 2, None)
    assert edited["edited_at"] is not None
    assert texts(ada, chat) == ["Edited."]


def test_a_stale_edit_is_a_conflict_that_shows_both(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    (greeting,) = messages(ada, chat)
    place = f"/chats/{chat['id']}/messages/{greeting['id']}"
    ada.patch(place, {"revision": 1, "text": "From the phone."})
    stale = ada.patch(place, {"revision": 1, "text": "From the desk."})
    assert (stale.status, stale.code) == (409, "conflict")
    assert stale.json["error"]["yours"] == {"revision": 1, "text": "From the desk."}
    assert stale.json["error"]["theirs"]["text"] == "From the phone."
    assert texts(ada, chat) == ["From the phone."]


def test_an_edit_that_is_sent_twice_is_answered_alike(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    (greeting,) = messages(ada, chat)
    place = f"/chats/{chat['id']}/messages/{greeting['id']}"
    edit = {"revision": 1, "text": "Edited."}
    with meanwhile(monkeypatch, "TransactWriteItems", lambda: ada.patch(place, edit)):
        answers = [ada.patch(place, edit) for _ in range(2)]
    assert [(answer.status, answer.json["revision"]) for answer in answers] == [(200, 2), (200, 2)]


def test_a_deletion_that_is_sent_twice_at_once_is_done_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 2)
    place = f"/chats/{chat['id']}/messages/{messages(ada, chat)[1]['id']}"
    with meanwhile(monkeypatch, "TransactWriteItems", lambda: ada.delete(place, revision=1)):
        assert ada.delete(place, revision=1).status == 204
    assert ada.get("/chats").json["items"][0]["message_count"] == 1


def test_swipes_of_a_message_that_is_restored_while_it_is_deleted_stay(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    (greeting,) = messages(ada, chat)
    place = f"/chats/{chat['id']}/messages/{greeting['id']}"
    with meanwhile(monkeypatch, "UpdateItem", lambda: ada.post(place + "/restore"), lambda body: b"swipe#" in body):
        ada.delete(place, revision=1)
    rows = [row for row in world.rows() if row["sk"]["S"].startswith("swipe#") and chat["id"] in row["pk"]["S"]]
    assert len(texts(ada, chat)) == 1
    assert (len(rows), [row for row in rows if "expires_at" in row]) == (3, [])


def test_the_list_never_shows_an_older_text_than_the_chat_ends_with(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    (greeting,) = messages(ada, chat)
    place = f"/chats/{chat['id']}/messages/{greeting['id']}"
    second = {"revision": 2, "text": "Second."}
    with meanwhile(monkeypatch, "UpdateItem", lambda: ada.patch(place, second), lambda body: b"preview" in body):
        ada.patch(place, {"revision": 1, "text": "First."})
    assert texts(ada, chat) == ["Second."]
    assert ada.get("/chats").json["items"][0]["preview"] == "Second."


def test_a_chat_put_away_in_the_middle_of_an_edit_comes_back_with_it_in_the_list(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    (greeting,) = messages(ada, chat)

    def put_away() -> None:
        assert ada.delete(f"/chats/{chat['id']}").status in (200, 204)

    with meanwhile(monkeypatch, "UpdateItem", put_away, lambda body: b"preview" in body):
        ada.patch(f"/chats/{chat['id']}/messages/{greeting['id']}", {"revision": 1, "text": "Edited."})
    ada.post(f"/chats/{chat['id']}/restore")
    assert texts(ada, chat) == ["Edited."]
    assert ada.get("/chats").json["items"][0]["preview"] == "Edited."


def test_every_write_counts_the_chats_revision_up_and_the_list_shows_the_newest_text(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    (greeting,) = messages(ada, chat)
    ada.patch(f"/chats/{chat['id']}/messages/{greeting['id']}", {"revision": 1, "text": "A new beginning."})
    (listed,) = ada.get("/chats").json["items"]
    assert (listed["revision"], listed["preview"]) == (chat["revision"] + 1, "A new beginning.")


def test_hiding_leaves_the_text(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    (greeting,) = messages(ada, chat)
    hidden = ada.patch(f"/chats/{chat['id']}/messages/{greeting['id']}", {"revision": 1, "hidden": True}).json
    assert (hidden["hidden"], hidden["text"], hidden["edited_at"]) == (True, greeting["text"], None)


def test_a_change_of_nothing_writes_nothing(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    (greeting,) = messages(ada, chat)
    same = ada.patch(f"/chats/{chat['id']}/messages/{greeting['id']}", {"revision": 1, "text": greeting["text"]})
    assert same.json == greeting


def test_a_text_of_over_300_kilobytes_goes_to_a_file_and_comes_back(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    (greeting,) = messages(ada, chat)
    place = f"/chats/{chat['id']}/messages/{greeting['id']}"
    long = "界" * 200_000
    assert ada.patch(place, {"revision": 1, "text": long}).status == 200
    assert texts(ada, chat) == [long]
    ada.patch(place, {"revision": 2, "text": "short again"})
    assert texts(ada, chat) == ["short again"]
    assert not [key for key in world.files() if f"/chats/{chat['id']}/" in key]


@pytest.mark.parametrize(
    "body",
    [
        {"text": "no revision"},
        {"revision": 1, "text": 7},
        {"revision": 1, "text": "x" * 400_001},
        {"revision": 1, "unknown": True},
        {"revision": "one", "text": "x"},
        {"revision": 1, "text": "a\ud800b"},
    ],
)
def test_a_change_that_makes_no_sense_is_refused(api: Api, body: dict[str, object]) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    (greeting,) = messages(ada, chat)
    refused = ada.patch(f"/chats/{chat['id']}/messages/{greeting['id']}", body)
    assert refused.status == 422
    assert messages(ada, chat) == [greeting]


def test_a_deleted_message_is_gone_and_comes_back(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 5)
    gone = messages(ada, chat)[2]
    place = f"/chats/{chat['id']}/messages/{gone['id']}"
    assert ada.delete(place, revision=1).status == 204
    assert texts(ada, chat) == ["Message 0.", "Message 1.", "Message 3.", "Message 4."]
    assert ada.get("/chats").json["items"][0]["message_count"] == 4
    assert ada.patch(place, {"revision": 2, "text": "x"}).status == 404
    assert ada.post(place + "/restore").json["text"] == "Message 2."
    assert texts(ada, chat) == [f"Message {number}." for number in range(5)]
    assert ada.get("/chats").json["items"][0]["message_count"] == 5


def test_deleting_needs_the_revision_and_twice_is_once(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 2)
    last = messages(ada, chat)[-1]
    place = f"/chats/{chat['id']}/messages/{last['id']}"
    assert ada.delete(place, revision=7).status == 409
    assert ada.delete(place, revision=1).status == 204
    assert ada.delete(place, revision=1).status == 204
    assert ada.get("/chats").json["items"][0]["message_count"] == 1
    assert ada.get("/chats").json["items"][0]["preview"] == "Message 0."


def test_a_page_is_full_although_messages_were_deleted(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 30)
    for message in messages(ada, chat, limit=12):
        ada.delete(f"/chats/{chat['id']}/messages/{message['id']}", revision=1)
    assert texts(ada, chat, limit=10) == [f"Message {number}." for number in range(8, 18)]


def test_a_deleted_message_and_its_swipes_expire_after_thirty_days(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    (greeting,) = messages(ada, chat)
    place = f"/chats/{chat['id']}/messages/{greeting['id']}"
    ada.delete(place, revision=1)
    rows = [
        row for row in world.rows() if chat["id"] in row["pk"]["S"] and row["sk"]["S"].startswith(("mess", "swipe"))
    ]
    days = {(int(row["expires_at"]["N"]) - world.clock.now().timestamp()) // 86_400 for row in rows}
    assert (len(rows), days) == (4, {29.0})
    ada.post(place + "/restore")
    rows = [row for row in world.rows() if chat["id"] in row["pk"]["S"]]
    assert not [row for row in rows if "expires_at" in row]


def test_choosing_a_swipe_keeps_what_was_edited_in_the_one_before(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    (greeting,) = messages(ada, chat)
    place = f"/chats/{chat['id']}/messages/{greeting['id']}"
    ada.patch(place, {"revision": 1, "text": "Edited first."})
    chosen = ada.put(place + "/swipe", {"revision": 2, "index": 2}).json
    assert (chosen["text"], chosen["swipe_index"], chosen["revision"]) == ('"We are closed."', 2, 3)
    ada.patch(place, {"revision": 3, "text": "Edited third."})
    swipes = ada.get(place + "/swipes").json
    assert [swipe["text"] for swipe in swipes] == ["Edited first.", '"Come in, ada."', "Edited third."]
    back = ada.put(place + "/swipe", {"revision": 4, "index": 0}).json
    assert (back["text"], back["swipe_count"]) == ("Edited first.", 3)
    assert ada.get(place + "/swipes").json[2]["text"] == "Edited third."


def test_choosing_on_a_stale_revision_or_a_swipe_that_is_not_there_is_refused(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    (greeting,) = messages(ada, chat)
    place = f"/chats/{chat['id']}/messages/{greeting['id']}/swipe"
    assert ada.put(place, {"revision": 9, "index": 1}).status == 409
    assert ada.put(place, {"revision": 1, "index": 3}).status == 404
    assert ada.put(place, {"revision": 1, "index": -1}).status == 422


def test_what_belongs_to_a_swipe_goes_with_it_and_what_belongs_to_the_message_stays(api: Api) -> None:
    ada = api.sign_up("ada")
    line = said(
        "one",
        title="kept",
        extra={"model": "small"},
        swipes=["one", "two"],
        swipe_id=0,
        swipe_info=[{"extra": {"model": "small"}}, {"extra": {"model": "large", "reasoning": "Hm."}}],
    )
    chat = import_file(ada, jsonl(line)).json
    (message,) = messages(ada, chat)
    place = f"/chats/{chat['id']}/messages/{message['id']}"
    chosen = ada.put(place + "/swipe", {"revision": 1, "index": 1}).json
    assert (chosen["reply"]["model"], chosen["reasoning"]) == ("large", "Hm.")
    assert chosen["extra"]["line"] == {"title": "kept"}


def test_an_edit_costs_the_same_in_a_long_chat(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = api.sign_up("ada")
    costs = []
    for count in (10, 500):
        chat = chat_of(ada, count)
        last = messages(ada, chat, limit=1)[0]
        with watched(monkeypatch) as calls:
            ada.patch(f"/chats/{chat['id']}/messages/{last['id']}", {"revision": 1, "text": "Edited."})
        costs.append([call.operation for call in calls])
        assert sum(call.sent_bytes for call in calls) < 8_000
    assert costs[0] == costs[1]
