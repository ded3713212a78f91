"""Worlds and their entries through the REST doors."""

import json
from typing import Any

import pytest

from chalicelib.models.kept_worlds import StoredEntry
from chalicelib.stores.world_rows import entry_row
from tests.integration.test_imports import uploaded, work
from tests.support.people import Api, ApiUser
from tests.support.world import World

FILE = {
    "name": "Coast",
    "extensions": {"own": [1, 2]},
    "entries": {
        "0": {
            "uid": 0,
            "key": ["lamp"],
            "comment": "Lamp",
            "content": "The lamp burns oil.",
            "order": 100,
            "x": {"y": 1},
        },
        "2": {"uid": 2, "key": ["sea"], "comment": "Sea", "content": "The sea is cold.", "disable": True},
    },
}


@pytest.fixture
def ada(api: Api) -> ApiUser:
    return api.sign_up("ada")


def made(ada: ApiUser, entries: int = 0) -> str:
    world_id: str = ada.post("/worlds", {"name": "Coast"}).json["id"]
    for number in range(entries):
        assert ada.post(f"/worlds/{world_id}/entries", {"entry": {"comment": f"E{number}"}}).status == 201
    return world_id


def taken(ada: ApiUser, file: Any = FILE, filename: str = "Coast.json") -> str:
    answer = ada.request("POST", "/worlds/import", json_body=file, query={"filename": filename})
    assert answer.status == 201, answer
    world_id: str = answer.json["world"]["id"]
    return world_id


def exported(world: World, ada: ApiUser, world_id: str) -> Any:
    _, data = world.container.world_files.pack(ada.id, world_id)
    return json.loads(data)


def test_a_world_is_made_renamed_thrown_away_and_restored(ada: ApiUser) -> None:
    world_id = made(ada)
    assert ada.patch(f"/worlds/{world_id}", {"name": "Shore"}).json["name"] == "Shore"
    assert ada.delete(f"/worlds/{world_id}").status == 204
    assert ada.get("/worlds").json["items"] == []
    assert [one["id"] for one in ada.get("/worlds", trash="true").json["items"]] == [world_id]
    assert ada.post(f"/worlds/{world_id}/entries", {}).status == 404
    assert ada.post(f"/worlds/{world_id}/restore").json["deleted_at"] is None
    assert [one["name"] for one in ada.get("/worlds").json["items"]] == ["Shore"]


def test_sending_twice_makes_one_world(ada: ApiUser) -> None:
    answers = [ada.post("/worlds", {"name": "x"}, headers={"idempotency-key": "k"}).json for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(ada.get("/worlds").json["items"]) == 1


def test_an_entry_is_added_changed_and_deleted(ada: ApiUser) -> None:
    world_id = made(ada, 2)
    entry = ada.get(f"/worlds/{world_id}/entries/1").json
    assert (entry["uid"], entry["entry"]["comment"], entry["entry"]["selective"]) == (1, "E1", True)
    changed = ada.patch(
        f"/worlds/{world_id}/entries/1",
        {"revision": 1, "entry": {"content": "Long ago", "mine": 1}, "remove": ["delay"]},
    ).json
    assert (changed["revision"], changed["content_length"], changed["entry"]["mine"]) == (2, 8, 1)
    assert "delay" not in changed["entry"]
    assert ada.delete(f"/worlds/{world_id}/entries/0").status == 204
    assert [one["uid"] for one in ada.get(f"/worlds/{world_id}/entries").json["items"]] == [1]
    assert ada.get(f"/worlds/{world_id}").json["entry_count"] == 1
    assert ada.post(f"/worlds/{world_id}/entries", {"entry": {"uid": 1}}).json["uid"] == 2


def test_a_stale_change_of_an_entry_shows_both_and_another_entry_may_change(ada: ApiUser) -> None:
    world_id = made(ada, 2)
    ada.patch(f"/worlds/{world_id}/entries/0", {"revision": 1, "entry": {"comment": "theirs"}})
    stale = ada.patch(f"/worlds/{world_id}/entries/0", {"revision": 1, "entry": {"comment": "mine"}})
    assert (stale.status, stale.code) == (409, "conflict")
    assert stale.json["error"]["theirs"]["entry"]["comment"] == "theirs"
    assert ada.patch(f"/worlds/{world_id}/entries/1", {"revision": 1, "entry": {"comment": "mine"}}).status == 200


def test_many_entries_are_changed_numbered_deleted_and_brought_back(ada: ApiUser) -> None:
    world_id = taken(ada, {"entries": {str(n): {"uid": n, "key": [f"k{n}"], "content": "x"} for n in range(100)}})
    place = f"/worlds/{world_id}/entries/bulk"
    uids = list(range(10, 70))
    done = ada.post(place, {"uids": [*uids, 5000], "entry": {"disable": True, "folder": "old"}}).json
    assert (len(done["changed"]), done["changed"][0]) == (60, {"uid": 10, "revision": 2})
    ada.post(place, {"uids": [12, 11, 10], "action": "number", "field": "displayIndex", "first": 5})
    entries = {one["uid"]: one["entry"] for one in ada.get(f"/worlds/{world_id}/entries").json["items"]}
    assert sum(one.get("folder") == "old" and one["disable"] for one in entries.values()) == 60
    assert [entries[uid]["displayIndex"] for uid in (12, 11, 10)] == [5, 6, 7]
    gone = ada.post(place, {"uids": uids, "action": "delete"}).json
    assert gone["world"]["entry_count"] == 40
    assert ada.get(f"/worlds/{world_id}/entries/10").status == 404
    back = ada.post(place, {"uids": uids, "action": "restore"}).json
    assert back["world"]["entry_count"] == 100
    assert ada.get(f"/worlds/{world_id}/entries/10").json["entry"]["displayIndex"] == 7


def test_a_light_list_leaves_out_what_is_usual(ada: ApiUser) -> None:
    world_id = made(ada)
    ada.post(f"/worlds/{world_id}/entries", {"entry": {"content": "x" * 500, "key": ["a"], "order": 7}})
    (one,) = ada.get(f"/worlds/{world_id}/entries", light="true").json["items"]
    assert one["entry"] == {"addMemo": True, "content": "x" * 160, "key": ["a"], "order": 7}
    assert one["content_length"] == 500


def test_a_list_of_entries_has_pages(ada: ApiUser) -> None:
    world_id = taken(ada, {"entries": {str(n): {"uid": n, "content": "x"} for n in range(25)}})
    seen, cursor = [], None
    while True:
        page = ada.get(f"/worlds/{world_id}/entries", limit="10", **({"cursor": cursor} if cursor else {})).json
        seen += [one["uid"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == list(range(25))


def test_a_file_of_sillytavern_comes_back_as_it_was(world: World, ada: ApiUser) -> None:
    assert exported(world, ada, taken(ada)) == FILE


def test_an_edit_changes_its_field_and_nothing_else_of_the_file(world: World, ada: ApiUser) -> None:
    world_id = taken(ada)
    ada.patch(f"/worlds/{world_id}/entries/0", {"revision": 1, "entry": {"order": 5}})
    changed = exported(world, ada, world_id)
    assert changed["entries"]["0"].pop("order") == 5
    assert changed["entries"]["0"] == {key: value for key, value in FILE["entries"]["0"].items() if key != "order"}  # type: ignore[index]
    assert changed["extensions"] == FILE["extensions"]


def test_a_copy_has_all_and_a_name_of_its_own(world: World, ada: ApiUser) -> None:
    copied = ada.post(f"/worlds/{taken(ada)}/copy", {"name": "Second"}).json
    assert (copied["name"], copied["entry_count"]) == ("Second", 2)
    assert exported(world, ada, copied["id"])["entries"] == FILE["entries"]


def test_long_contents_lie_apart(world: World, ada: ApiUser) -> None:
    content = "é" * 200_000
    world_id = taken(ada, {"entries": {"0": {"uid": 0, "content": content}}})
    assert ada.get(f"/worlds/{world_id}/entries/0").json["entry"]["content"] == content
    assert any(key.startswith(f"{ada.id}/worlds/{world_id}/0-") for key in world.files())
    assert all(len(str(row)) < 400_000 for row in world.rows())


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"{}", b'{"entries": 5}'])
def test_what_is_no_world_is_refused(ada: ApiUser, body: bytes) -> None:
    answer = ada.request("POST", "/worlds/import", data=body, headers={"content-type": "application/json"})
    assert (answer.status, answer.code) == (422, "invalid_world")


def test_an_export_can_be_fetched(ada: ApiUser) -> None:
    answer = ada.post(f"/worlds/{taken(ada)}/export")
    assert (answer.status, answer.json["filename"]) == (200, "Coast.json")


def test_what_was_in_the_trash_for_thirty_days_goes_for_good(world: World, ada: ApiUser) -> None:
    world_id = taken(ada)
    ada.delete(f"/worlds/{world_id}")
    world.container.worlds.sweep(world.clock.now())
    assert ada.get(f"/worlds/{world_id}").status == 200
    world.clock.advance(days=31)
    world.container.worlds.sweep(world.clock.now())
    assert ada.get("/worlds", trash="true").status in (200, 401)
    assert [row for row in world.rows() if world_id in str(row)] == []


def test_a_world_is_shown_as_the_book_of_a_card(ada: ApiUser) -> None:
    book = ada.get(f"/worlds/{taken(ada)}/book").json
    assert book["name"] == "Coast"
    assert [(one["keys"], one["content"], one["enabled"]) for one in book["entries"]] == [
        (["lamp"], "The lamp burns oil.", True),
        (["sea"], "The sea is cold.", False),
    ]


def test_a_large_file_comes_by_upload_and_job(world: World) -> None:
    ada = world.person()
    data = json.dumps(FILE).encode()
    upload_id = uploaded(world, ada, data, "Coast.json", purpose="world")
    world.container.uploads.finish(ada, upload_id)
    assert work(world) == []
    done = world.container.jobs.get(ada.id, upload_id)
    assert [(line.outcome, line.id) for line in done.report] == [("taken", upload_id)]
    assert world.container.worlds.get(ada.id, upload_id).entry_count == 2
    # The upload has given its space back: what counts is the world.
    taken_bytes = world.container.world_store.get(ada.id, upload_id).stored_bytes
    assert taken_bytes
    assert world.container.limits.usage(ada.id).storage_bytes == taken_bytes


def test_what_an_unfinished_import_left_behind_goes_with_its_upload(world: World) -> None:
    ada = world.person()
    upload_id = uploaded(world, ada, b"{}", "Coast.json", purpose="world")
    entry = StoredEntry(uid=0, entry={"content": "half"})
    entry_row(ada.id, upload_id, entry, None).save()
    world.clock.advance(hours=25)
    world.container.uploads.sweep(world.clock.now())
    assert [row for row in world.rows() if upload_id in str(row)] == []
