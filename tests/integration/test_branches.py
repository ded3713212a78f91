"""Branches through the REST doors: from any message, one within the other; and cutting off all below a message."""

import pytest

from chalicelib.errors import Conflict
from chalicelib.models.chats import Message
from chalicelib.stores.branches import BranchStore
from chalicelib.stores.chat_keys import branch_key, chat_key
from chalicelib.stores.chat_rows import BranchRow, ChatRow
from chalicelib.stores.chat_updates import chat_lives, grow_branch, next_message_id, touch_chat
from chalicelib.stores.transactions import commit
from tests.support.chats import chat_of, meanwhile, messages, start, texts, watched
from tests.support.people import Api, ApiUser
from tests.support.world import World


def say(world: World, person: ApiUser, chat_id: str, branch_id: str, text: str) -> str:
    """Puts a message at a branch's head, as sending one does; its id."""
    store, now = world.container.chat_store, world.clock.now()
    branch = store.get_branch(person.id, chat_id, branch_id)
    message = Message(id=next_message_id(branch), chat_id=chat_id, role="user", name="Ben", text=text, created_at=now)
    grow, unmoved = grow_branch(branch, 1, now)

    def fill(write: object) -> None:
        write.update(BranchRow(*branch_key(person.id, chat_id, branch_id)), actions=grow, condition=unmoved)  # type: ignore[attr-defined]
        touch = touch_chat(chat_id, now, preview=text, added=1)
        write.update(ChatRow(*chat_key(person.id, chat_id)), actions=touch, condition=chat_lives())  # type: ignore[attr-defined]
        write.save(store.message_row(person.id, message))  # type: ignore[attr-defined]

    assert commit(fill) == []
    return message.id


def branch_from(person: ApiUser, chat: dict[str, str], message_id: str) -> str:
    answer = person.post(f"/chats/{chat['id']}/branches", {"message_id": message_id})
    assert answer.status == 201, answer
    return str(answer.json["id"])


def test_a_branch_shares_what_is_above_and_goes_its_own_way(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 4)
    second = messages(ada, chat)[1]
    branch = branch_from(ada, chat, second["id"])
    say(world, ada, chat["id"], branch, "Another way.")
    assert texts(ada, chat, branch_id=branch) == ["Message 0.", "Message 1.", "Another way."]
    assert texts(ada, chat) == [f"Message {number}." for number in range(4)]


def test_branches_within_branches_are_read_through(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 3)
    branch, told = chat["branch_id"], ["Message 0.", "Message 1.", "Message 2."]
    last = messages(ada, chat)[-1]["id"]
    for depth in range(12):
        branch = branch_from(ada, chat, last)
        for number in range(2):
            last = say(world, ada, chat["id"], branch, f"{depth}.{number}")
        told += [f"{depth}.0", f"{depth}.1"]
    assert texts(ada, chat, branch_id=branch, limit=100) == told
    page = ada.get(f"/chats/{chat['id']}/messages", branch_id=branch, limit=10).json
    older = texts(ada, chat, branch_id=branch, limit=100, before=page["before"])
    assert older + [message["text"] for message in page["messages"]] == told


def test_branching_from_a_spans_middle_drops_what_lies_below(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 5)
    first = branch_from(ada, chat, messages(ada, chat)[3]["id"])
    say(world, ada, chat["id"], first, "below")
    second = branch_from(ada, chat, messages(ada, chat)[1]["id"])
    listed = {one["id"]: one for one in ada.get(f"/chats/{chat['id']}/branches").json}
    spans = listed[second]["spans"]
    assert [span["upto"] for span in spans] == [1, -1]
    assert texts(ada, chat, branch_id=second) == ["Message 0.", "Message 1."]


def test_branching_costs_the_same_in_a_long_chat(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = api.sign_up("ada")
    costs = []
    for count in (10, 400):
        chat = chat_of(ada, count)
        middle = messages(ada, chat, limit=8)[0]["id"]
        with watched(monkeypatch) as calls:
            branch_from(ada, chat, middle)
        costs.append([call.operation for call in calls])
        assert sum(call.sent_bytes for call in calls) < 8_000
    assert costs[0] == costs[1]


def test_a_send_writes_at_most_8_kilobytes_besides_the_text(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 100)
    ada.patch(f"/chats/{chat['id']}", {"authors_note": "n" * 40_000})
    with watched(monkeypatch) as calls:
        sent = ada.post(f"/chats/{chat['id']}/turns", {"text": "t" * 5_000}, headers={"idempotency-key": "k"})
    assert sent.status == 202
    written = sum(call.sent_bytes for call in calls if call.operation == "TransactWriteItems")
    assert 5_000 < written < 5_000 + 8_000
    (row,) = [row for row in world.rows() if row["sk"]["S"] == f"chat#{chat['id']}"]
    assert len(str(row)) < 3_000


def test_branching_twice_with_one_key_is_branching_once(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 2)
    asked = {"message_id": messages(ada, chat)[0]["id"]}
    made = [
        ada.post(f"/chats/{chat['id']}/branches", asked, headers={"idempotency-key": "k"}).json["id"] for _ in range(2)
    ]
    assert made[0] == made[1]
    assert len(ada.get(f"/chats/{chat['id']}/branches").json) == 2


def test_a_branch_comes_from_a_message_that_is_there(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 2)
    place = f"/chats/{chat['id']}/branches"
    deleted = messages(ada, chat)[1]
    ada.delete(f"/chats/{chat['id']}/messages/{deleted['id']}", revision=1)
    for message_id in (deleted["id"], f"{chat['branch_id']}.7", "nothing", f"{chat['branch_id']}.-1", ""):
        assert ada.post(place, {"message_id": message_id}).status in (404, 422)


def test_a_branch_has_a_name_that_can_change_and_may_become_the_one_that_opens(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 3)
    branch = branch_from(ada, chat, messages(ada, chat)[0]["id"])
    renamed = ada.patch(f"/chats/{chat['id']}/branches/{branch}", {"title": "The storm"}).json
    assert renamed["title"] == "The storm"
    ada.patch(f"/chats/{chat['id']}", {"branch_id": branch})
    opened = ada.get(f"/chats/{chat['id']}").json
    assert (opened["branch"]["title"], len(opened["page"]["messages"])) == ("The storm", 1)


def test_a_deleted_branch_takes_nothing_from_those_that_came_from_it(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 2)
    parent = branch_from(ada, chat, messages(ada, chat)[1]["id"])
    last = say(world, ada, chat["id"], parent, "shared")
    child = branch_from(ada, chat, last)
    assert ada.delete(f"/chats/{chat['id']}/branches/{parent}").status == 204
    assert texts(ada, chat, branch_id=child) == ["Message 0.", "Message 1.", "shared"]
    assert branch_from(ada, chat, last)
    assert ada.get(f"/chats/{chat['id']}", branch_id=parent).status == 404


def test_the_branch_that_opens_and_one_that_is_written_on_stay(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 2)
    branch = branch_from(ada, chat, messages(ada, chat)[1]["id"])
    assert ada.delete(f"/chats/{chat['id']}/branches/{chat['branch_id']}").status == 409
    BranchRow(*branch_key(ada.id, chat["id"], branch)).update([BranchRow.active_turn_id.set("turn")])
    busy = ada.delete(f"/chats/{chat['id']}/branches/{branch}")
    assert (busy.status, busy.code) == (409, "reply_in_progress")


def test_all_below_a_message_goes_in_one_write_and_comes_back(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 300)
    fourth = messages(ada, chat, before=f"{chat['branch_id']}.4")[3]
    place = f"/chats/{chat['id']}/messages/{fourth['id']}"
    with watched(monkeypatch) as calls:
        assert ada.delete(place, revision=1, below=True).status == 204
    assert [call.operation for call in calls].count("TransactWriteItems") == 1
    assert texts(ada, chat) == ["Message 0.", "Message 1.", "Message 2."]
    listed = ada.get("/chats").json["items"][0]
    assert (listed["message_count"], listed["preview"]) == (3, "Message 2.")
    ada.post(place + "/restore")
    assert len(texts(ada, chat, limit=200)) == 200
    assert ada.get("/chats").json["items"][0]["message_count"] == 300


def test_the_story_goes_on_after_a_cut_and_what_was_cut_comes_back_as_a_branch(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 4)
    third = messages(ada, chat)[2]
    place = f"/chats/{chat['id']}/messages/{third['id']}"
    ada.delete(place, revision=1, below=True)
    said = say(world, ada, chat["id"], chat["branch_id"], "Otherwise.")
    assert texts(ada, chat) == ["Message 0.", "Message 1.", "Otherwise."]
    assert ada.post(place + "/restore").status == 200
    kept = ada.get(f"/chats/{chat['id']}/branches").json[-1]
    assert texts(ada, chat, branch_id=kept["id"]) == [f"Message {number}." for number in range(4)]
    assert texts(ada, chat) == ["Message 0.", "Message 1.", "Otherwise."]
    assert branch_from(ada, chat, said)


def test_a_cut_leaves_other_branches_alone(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 6)
    branch = branch_from(ada, chat, messages(ada, chat)[4]["id"])
    second = messages(ada, chat)[1]
    ada.delete(f"/chats/{chat['id']}/messages/{second['id']}", revision=1, below=True)
    assert texts(ada, chat) == ["Message 0."]
    assert len(texts(ada, chat, branch_id=branch)) == 5


def test_two_branches_cut_at_one_message_come_back_each_with_its_own(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 4)
    (first, *_) = messages(ada, chat)
    branch = branch_from(ada, chat, messages(ada, chat)[2]["id"])
    say(world, ada, chat["id"], branch, "Otherwise.")
    place = f"/chats/{chat['id']}/messages/{first['id']}"
    for one in (branch, chat["branch_id"]):
        assert ada.delete(place, revision=1, below=True, branch_id=one).status == 204
        assert texts(ada, chat, branch_id=one) == []
    assert ada.post(place + f"/restore?branch_id={branch}").status == 200
    assert texts(ada, chat, branch_id=branch) == ["Message 0.", "Message 1.", "Message 2.", "Otherwise."]
    assert texts(ada, chat) == []
    # Who does not say which gets what went last.
    assert ada.post(place + "/restore").status == 200
    assert texts(ada, chat) == [f"Message {number}." for number in range(4)]


def test_the_whole_chat_can_be_cut_and_begun_again(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    chat = start(ada)
    (greeting,) = messages(ada, chat)
    ada.delete(f"/chats/{chat['id']}/messages/{greeting['id']}", revision=1, below=True)
    assert texts(ada, chat) == []
    say(world, ada, chat["id"], chat["branch_id"], "First.")
    assert texts(ada, chat) == ["First."]


def test_nothing_is_cut_while_a_reply_is_written(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 3)
    BranchRow(*branch_key(ada.id, chat["id"], chat["branch_id"])).update([BranchRow.active_turn_id.set("turn")])
    first = messages(ada, chat)[0]
    busy = ada.delete(f"/chats/{chat['id']}/messages/{first['id']}", revision=1, below=True)
    assert (busy.status, busy.code) == (409, "reply_in_progress")
    assert len(texts(ada, chat)) == 3


def test_a_moved_branch_is_not_cut(world: World, api: Api) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 3)
    seen = world.container.chat_store.get_branch(ada.id, chat["id"], chat["branch_id"])
    say(world, ada, chat["id"], chat["branch_id"], "meanwhile")
    message = world.container.chat_store.get_message(ada.id, chat["id"], f"{chat['branch_id']}.1")
    with pytest.raises(Conflict, match="just changed"):
        BranchStore().cut(ada.id, seen, message, chat_revision=None, new_segment="new", now=world.clock.now())


def test_what_somebody_has_not_seen_is_not_cut_and_both_versions_are_shown(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 3)
    seen = ada.get(f"/chats/{chat['id']}").json["chat"]["revision"]
    second, third = messages(ada, chat)[1:]
    ada.patch(f"/chats/{chat['id']}/messages/{third['id']}", {"revision": 1, "text": "From the phone."})
    place = f"/chats/{chat['id']}/messages/{second['id']}"
    refused = ada.delete(place, revision=1, below=True, chat_revision=seen)
    assert (refused.status, refused.code) == (409, "conflict")
    error = refused.json["error"]
    assert error["yours"] == {"revision": 1, "below": True, "chat_revision": seen}
    assert [message["text"] for message in error["theirs"]["messages"]][-1] == "From the phone."
    assert len(texts(ada, chat)) == 3
    assert ada.delete(place, revision=1, below=True, chat_revision=error["theirs"]["chat_revision"]).status == 204
    assert len(texts(ada, chat)) == 1


def test_a_message_that_is_edited_while_it_is_cut_stays(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 3)
    second = messages(ada, chat)[1]
    place = f"/chats/{chat['id']}/messages/{second['id']}"
    with meanwhile(monkeypatch, "TransactWriteItems", lambda: ada.patch(place, {"revision": 1, "text": "Edited."})):
        refused = ada.delete(place, revision=1, below=True)
    assert (refused.status, refused.json["error"]["theirs"]["text"]) == (409, "Edited.")
    assert texts(ada, chat)[1:] == ["Edited.", "Message 2."]


def test_cutting_twice_is_cutting_once(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 3)
    place = f"/chats/{chat['id']}/messages/{messages(ada, chat)[1]['id']}"
    assert [ada.delete(place, revision=1, below=True).status for _ in range(2)] == [204, 204]
    assert texts(ada, chat) == ["Message 0."]


def test_two_who_restore_at_once_get_it_back_once(api: Api, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 3)
    place = f"/chats/{chat['id']}/messages/{messages(ada, chat)[1]['id']}"
    ada.delete(place, revision=1, below=True)
    with meanwhile(monkeypatch, "TransactWriteItems", lambda: ada.post(place + "/restore")):
        assert ada.post(place + "/restore").status == 200
    assert len(ada.get(f"/chats/{chat['id']}/branches").json) == 1
    assert len(texts(ada, chat)) == 3


def test_a_branchs_new_name_counts_the_chats_revision_up(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 1)
    before = ada.get("/chats").json["items"][0]["revision"]
    ada.patch(f"/chats/{chat['id']}/branches/{chat['branch_id']}", {"title": "The storm"})
    assert ada.get("/chats").json["items"][0]["revision"] == before + 1
