"""Search: what is found, what is no longer, how the index is built and kept, and whose it is."""

import json
from typing import Any

import boto3
import pytest

from chalicelib.entrypoints import jobs
from chalicelib.models.chats import Message, Span
from chalicelib.models.jobs import IndexOrder
from chalicelib.services import index_changes, indexing
from tests.support.belongings import CARD
from tests.support.people import Api, ApiUser
from tests.support.world import REGION, World

SAID = ["The amber falcon flew over the moor.", "青铜门后面睡着一条龙。", "Nothing of note, said the falcon."]


def lines(*texts: str, date: str = "2026-01-02T03:04:05.000Z") -> bytes:
    head = {"user_name": "unused", "character_name": "unused", "chat_metadata": {}}
    said = [{"name": "Brom", "is_user": False, "mes": text, "send_date": date} for text in texts]
    return "\n".join(json.dumps(line) for line in (head, *said)).encode()


class Shelf:
    """Ada, her character, and the queue that keeps her index."""

    def __init__(self, world: World, api: Api) -> None:
        self.world, self.ada = world, api.sign_up("ada")
        self.character_id = self.ada.post("/characters", {"card": CARD}).json["id"]

    def chat(self, *texts: str, date: str = "2026-01-02T03:04:05.000Z", character_id: str = "") -> str:
        path = f"/chats/import?character_id={character_id or self.character_id}"
        came = self.ada.post(path, data=lines(*texts, date=date), headers={"content-type": "application/x-ndjson"})
        assert came.status == 201, came
        return str(came.json["id"])

    def search(self, q: str, **more: Any) -> Any:
        answer = self.ada.get("/search/messages", q=q, **more)
        assert answer.status == 200, answer
        return answer.json

    def found(self, q: str, **more: Any) -> list[str]:
        return [item["message_id"].partition(".")[2] for item in self.search(q, **more)["items"]]

    def messages(self, chat_id: str) -> list[Any]:
        return list(self.ada.get(f"/chats/{chat_id}").json["page"]["messages"])

    def work_off(self) -> None:
        """Does what lies in the job queue, which holds orders back for two seconds."""
        sqs, url = boto3.client("sqs", region_name=REGION), self.world.settings.job_queue_url
        for one in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5)["Messages"]:
            jobs._obey("id", one["Body"])

    def tell(self, chat_id: str, *message_ids: str) -> None:
        """The order of a change, as it comes from the queue a moment later."""
        order = IndexOrder(owner_id=self.ada.id, chat_id=chat_id, message_ids=list(message_ids))
        jobs._obey("id", order.model_dump_json())

    def indexed(self) -> list[str]:
        """The texts in the index, as the files hold them."""
        container = self.world.container
        index = container.search_index.read(self.ada.id)
        assert index is not None
        parts = container.search_parts.get_all(self.ada.id, [facts.id for facts in index.parts])
        return sorted(entry.text for part in parts for entry in part.entries())


@pytest.fixture
def shelf(world: World, api: Api) -> Shelf:
    return Shelf(world, api)


def test_the_first_search_builds_the_index_and_finds(shelf: Shelf) -> None:
    chat_id = shelf.chat(*SAID)
    answer = shelf.search("Amber FALCON")
    assert answer["index"] == {"state": "ready", "done": 3, "total": 3}
    [item] = answer["items"]
    assert (item["chat_id"], item["name"], item["character_id"]) == (chat_id, "Brom", shelf.character_id)
    assert [item["snippet"][low:high] for low, high in item["matches"]] == ["amber", "falcon"]
    opened = shelf.ada.get(f"/chats/{chat_id}").json
    assert (item["branch_id"], item["message_id"]) == (opened["branch"]["id"], opened["page"]["messages"][0]["id"])


def test_chinese_is_found_without_spaces(shelf: Shelf) -> None:
    shelf.chat(*SAID)
    [item] = shelf.search("睡着一条龙")["items"]
    assert item["snippet"] == SAID[1]
    assert [item["snippet"][low:high] for low, high in item["matches"]] == ["睡着一条龙"]


def test_nothing_typed_is_refused_and_nothing_said_finds_nothing(shelf: Shelf) -> None:
    assert shelf.search("falcon")["items"] == []
    assert shelf.ada.get("/search/messages", q='""').code == "invalid"
    assert shelf.ada.get("/search/messages", q="a", cursor="x").code == "invalid"


def test_pages_follow_one_another_newest_first(shelf: Shelf) -> None:
    shelf.chat("falcon one", date="2026-01-01T00:00:00.000Z")
    shelf.chat("falcon two", "falcon two too", date="2026-01-03T00:00:00.000Z")
    shelf.chat("falcon three", date="2026-01-02T00:00:00.000Z")
    first = shelf.search("falcon", limit=3)
    second = shelf.search("falcon", limit=3, cursor=first["next"])
    shown = [item["snippet"] for item in (*first["items"], *second["items"])]
    assert shown == ["falcon two too", "falcon two", "falcon three", "falcon one"]
    assert second["next"] is None


def test_chat_character_and_time_narrow_the_search(shelf: Shelf) -> None:
    other = shelf.ada.post("/characters", {"card": CARD}).json["id"]
    early = shelf.chat("falcon", date="2026-01-01T00:00:00.000Z")
    late = shelf.chat("falcon", date="2026-02-01T00:00:00.000Z", character_id=other)

    def chats(**more: Any) -> list[str]:
        return [item["chat_id"] for item in shelf.search("falcon", **more)["items"]]

    assert chats() == [late, early]
    assert chats(chat_id=early) == [early]
    assert chats(character_id=other) == [late]
    assert chats(since="2026-01-15T00:00:00Z") == [late]
    assert chats(until="2026-01-15T00:00:00Z") == [early]


def test_a_new_chat_is_found_before_and_after_the_queue_took_it_in(shelf: Shelf) -> None:
    shelf.search("anything")
    shelf.chat("A heron stood there.")
    assert shelf.indexed() == []
    assert shelf.found("heron") == ["0"]
    shelf.work_off()
    assert shelf.indexed() == ["a heron stood there."]
    assert shelf.found("heron") == ["0"]


def test_an_edit_shows_what_it_says_now(shelf: Shelf) -> None:
    chat_id = shelf.chat(*SAID)
    shelf.search("falcon")
    message = shelf.messages(chat_id)[0]
    place = f"/chats/{chat_id}/messages/{message['id']}"
    assert shelf.ada.patch(place, {"revision": 1, "text": "The grey heron flew."}).status == 200
    assert shelf.found("amber") == []
    shelf.tell(chat_id, message["id"])
    assert shelf.found("heron") == ["0"]
    assert "the grey heron flew." in shelf.indexed()
    assert not [text for text in shelf.indexed() if "amber" in text]


def test_a_deleted_message_is_gone_at_once_and_comes_back_when_restored(shelf: Shelf) -> None:
    chat_id = shelf.chat(*SAID)
    shelf.search("falcon")
    message = shelf.messages(chat_id)[0]
    place = f"/chats/{chat_id}/messages/{message['id']}"
    shelf.ada.delete(place, revision=1)
    assert shelf.found("amber") == []
    shelf.tell(chat_id, message["id"])
    assert len(shelf.indexed()) == 2
    shelf.ada.post(f"{place}/restore")
    shelf.tell(chat_id, message["id"])
    assert shelf.found("amber") == ["0"]


def test_what_was_cut_off_is_gone_and_what_was_put_back_is_found(shelf: Shelf) -> None:
    chat_id = shelf.chat(*SAID)
    shelf.search("falcon")
    message = shelf.messages(chat_id)[1]
    place = f"/chats/{chat_id}/messages/{message['id']}"
    shelf.ada.delete(place, revision=1, below="true")
    assert shelf.found("falcon") == ["0"]
    shelf.tell(chat_id)
    assert len(shelf.indexed()) == 1
    shelf.ada.post(f"{place}/restore")
    shelf.tell(chat_id)
    assert shelf.found("falcon") == ["2", "0"]


def test_a_message_of_another_branch_leads_to_that_branch(shelf: Shelf) -> None:
    chat_id = shelf.chat(*SAID)
    last = shelf.messages(chat_id)[0]
    branch = shelf.ada.post(f"/chats/{chat_id}/branches", {"message_id": last["id"]}).json
    shelf.ada.patch(f"/chats/{chat_id}", {"branch_id": branch["id"]})
    [first, last_said] = shelf.search("falcon")["items"][::-1]
    assert first["branch_id"] == branch["id"]
    assert last_said["branch_id"] != branch["id"]


def test_a_chat_in_the_trash_is_not_found_and_leaves_the_index_when_it_goes(shelf: Shelf) -> None:
    chat_id = shelf.chat(*SAID)
    shelf.chat("another falcon")
    assert len(shelf.found("falcon")) == 3
    shelf.ada.delete(f"/chats/{chat_id}")
    assert len(shelf.found("falcon")) == 1
    shelf.ada.delete(f"/chats/{chat_id}/forever")
    shelf.world.clock.advance(seconds=1)
    shelf.world.container.chats.sweep()
    shelf.tell(chat_id)
    assert shelf.indexed() == ["another falcon"]


def test_a_message_that_is_told_twice_stands_once_in_the_index(shelf: Shelf) -> None:
    chat_id = shelf.chat(*SAID)
    shelf.search("falcon")
    for message in shelf.messages(chat_id) * 2:
        shelf.tell(chat_id, message["id"])
    assert len(shelf.indexed()) == 3


def test_a_position_that_waits_for_its_reply_is_taken_in_when_it_comes(shelf: Shelf) -> None:
    chat_id = shelf.chat(*SAID)
    shelf.search("falcon")
    store = shelf.world.container.chat_store
    branch = store.get_branch(shelf.ada.id, chat_id, store.get_head(shelf.ada.id, chat_id).branch_id)
    turn = shelf.ada.post(f"/chats/{chat_id}/turns", {"text": "Where did the heron go?"}).json
    shelf.tell(chat_id)
    assert shelf.found("heron") == ["3"]
    reply = Message(
        id=turn["generations"][0]["message_id"],
        chat_id=chat_id,
        role="assistant",
        name="Brom",
        text="The heron went home.",
        created_at=shelf.world.clock.now(),
    )
    shelf.world.container.message_store.put_all(shelf.ada.id, [(reply, [])])
    assert branch.spans == [Span(segment=branch.spans[0].segment, upto=2)]
    shelf.tell(chat_id, reply.id)
    assert shelf.found("heron") == ["4", "3"]
    assert len(shelf.indexed()) == 5


def test_who_never_searched_has_no_index_to_keep(shelf: Shelf) -> None:
    chat_id = shelf.chat(*SAID)
    shelf.tell(chat_id)
    assert [row for row in shelf.world.rows() if "search" in row["sk"]["S"]] == []


def test_while_somebody_else_works_on_it_a_change_waits(shelf: Shelf) -> None:
    shelf.search("falcon")
    store, now = shelf.world.container.search_index, shelf.world.clock.now()
    assert store.take(shelf.ada.id, now=now, until=now + indexing.LEASE)
    chat_id = shelf.chat("A heron.")
    shelf.tell(chat_id)
    assert shelf.indexed() == []
    shelf.world.clock.advance(seconds=61)
    shelf.tell(shelf.chat("Two herons."))
    assert shelf.indexed() == ["a heron.", "two herons."]
    assert store.list_marks(shelf.ada.id) == {}


def test_a_long_shelf_is_built_in_slices_with_progress(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    chats = [shelf.chat(f"falcon {number}", "and so on") for number in range(4)]
    monkeypatch.setattr(indexing, "AT_ONCE", indexing.LEASE * 0)
    first = shelf.search("falcon")
    assert first["index"] == {"state": "building", "done": 2, "total": 8}
    assert [item["chat_id"] for item in first["items"]][-1] == chats[0]
    jobs._obey("id", IndexOrder(owner_id=shelf.ada.id).model_dump_json())
    whole = shelf.search("falcon")
    assert whole["index"]["state"] == "ready"
    assert len(whole["items"]) == 4


def test_many_messages_lie_in_several_parts_and_small_ones_are_joined(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_changes, "PART_BYTES", 100)
    monkeypatch.setattr(index_changes, "OPEN_BYTES", 80)
    monkeypatch.setattr(indexing, "PART_BYTES", 100)
    long = shelf.chat(*[f"falcon number {number:02d} on the moor" for number in range(12)])
    assert len(shelf.found("falcon", limit=50)) == 12
    read = shelf.world.container.search_index.read
    index = read(shelf.ada.id)
    assert index is not None
    assert len(index.parts) >= 3
    for number in range(3):
        shelf.tell(shelf.chat(f"heron {number}"))
    assert len(shelf.found("heron")) == 3
    message = shelf.messages(long)[0]
    shelf.ada.delete(f"/chats/{long}/messages/{message['id']}", revision=1)
    shelf.tell(long, message["id"])
    assert len(shelf.indexed()) == 14
    index = read(shelf.ada.id)
    assert index is not None
    kept = {f"{shelf.ada.id}/search/{facts.id}" for facts in index.parts}
    assert {key for key in shelf.world.files() if "/search/" in key} == kept


def test_another_persons_messages_are_never_found(shelf: Shelf) -> None:
    chat_id = shelf.chat(*SAID)
    shelf.search("falcon")
    eve: ApiUser = Api().sign_up("eve")
    assert eve.get("/search/messages", q="falcon").json["items"] == []
    assert eve.get("/search/messages", q="falcon", chat_id=chat_id).json["items"] == []
    cursor = shelf.search("falcon", limit=1)["next"]
    assert eve.get("/search/messages", q="falcon", cursor=cursor).json["items"] == []
    assert eve.get("/search/chats", q="Brom").json == []


def test_chats_are_found_by_their_titles(shelf: Shelf) -> None:
    first, second = shelf.chat("one"), shelf.chat("two")
    shelf.ada.patch(f"/chats/{first}", {"title": "The Cartographer's Night"})
    shelf.ada.patch(f"/chats/{second}", {"title": "地图师的夜晚"})
    assert [chat["id"] for chat in shelf.ada.get("/search/chats", q="night cartographer’s").json] == [first]
    assert [chat["id"] for chat in shelf.ada.get("/search/chats", q="地图师").json] == [second]
    assert shelf.ada.get("/search/chats", q='""').json == []
