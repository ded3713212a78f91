"""Worlds count towards their owner's storage, whatever is done to them, and say so when it is full."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from chalicelib.stores.world_rows import WorldRow, world_place
from tests.support.people import Api, ApiUser
from tests.support.world import World, world_on

LONG = "The storm is near. " * 50


def used(person: ApiUser) -> int:
    return int(person.get("/account/usage").json["storage_bytes"])


def imported(person: ApiUser, *contents: str, **more: Any) -> Any:
    entries = {str(uid): {"uid": uid, "key": ["x"], "content": text} for uid, text in enumerate(contents)}
    file = {"entries": entries, **more}
    return person.request("POST", "/worlds/import", json_body=file, query={"filename": "Sea.json"})


def world_of(person: ApiUser, *contents: str, **more: Any) -> str:
    answer = imported(person, *contents, **more)
    assert answer.status == 201, answer
    return str(answer.json["world"]["id"])


@contextmanager
def room_for(world: World, size: int) -> Iterator[None]:
    with world_on(world.settings.model_copy(update={"storage_bytes": size})):
        yield


def test_a_world_counts_its_entries_and_what_else_its_file_said(api: Api) -> None:
    ada = api.sign_up("ada")
    before = used(ada)
    world_of(ada, LONG)
    one = used(ada) - before
    assert 950 < one < 1_600
    world_of(ada, LONG, LONG, note="y" * 500)
    assert used(ada) - before > 3 * one - 20 + 500


def test_changes_count_and_a_world_that_goes_for_good_gives_all_back(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    before = used(ada)
    world_id = world_of(ada, LONG, LONG)
    whole, place = used(ada) - before, f"/worlds/{world_id}/entries"
    added = ada.post(place, {"entry": {"content": LONG}}).json
    grown = used(ada) - before
    assert grown > whole + 900
    ada.patch(f"{place}/{added['uid']}", {"revision": 1, "entry": {"content": ""}})
    assert used(ada) - before < grown - 900
    bulk = {"uids": [0, 1]}
    assert ada.post(f"{place}/bulk", bulk | {"action": "delete"}).status == 200
    assert used(ada) - before < 900
    assert ada.post(f"{place}/bulk", bulk | {"action": "restore"}).status == 200
    assert used(ada) - before > whole
    copied = ada.post(f"/worlds/{world_id}/copy", {"name": "Again"})
    assert copied.status == 201
    assert used(ada) - before > 2 * whole
    for one in (world_id, copied.json["id"]):
        assert ada.delete(f"/worlds/{one}").status == 204
    world.clock.advance(seconds=int(timedelta(days=31).total_seconds()))
    usage = world.container.limits.usage
    assert usage(ada.id).storage_bytes - before > 2 * whole
    world.container.worlds.sweep(world.clock.now())
    assert usage(ada.id).storage_bytes == before


def test_full_storage_is_said_and_leaves_the_worlds_as_they_are(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    world_id = world_of(ada, LONG)
    full = used(ada)
    with room_for(world, full + 100):
        for answer in (
            imported(ada, LONG),
            ada.post(f"/worlds/{world_id}/entries", {"entry": {"content": LONG}}),
            ada.patch(f"/worlds/{world_id}/entries/0", {"revision": 1, "entry": {"content": LONG * 2}}),
            ada.post(f"/worlds/{world_id}/copy", {"name": "Again"}),
        ):
            assert (answer.status, answer.code) == (429, "storage_full"), answer
            assert "storage is full" in answer.json["error"]["message"]
        assert used(ada) == full
        assert ada.patch(f"/worlds/{world_id}/entries/0", {"revision": 1, "entry": {"content": "Short."}}).status == 200
        assert [one["id"] for one in ada.get("/worlds").json["items"]] == [world_id]


def test_a_change_that_somebody_else_overtakes_counts_once(api: Api) -> None:
    ada = api.sign_up("ada")
    world_id = world_of(ada, LONG)
    before = used(ada)
    place = f"/worlds/{world_id}/entries/0"
    assert ada.patch(place, {"revision": 7, "entry": {"content": LONG * 9}}).status == 409
    assert used(ada) == before


def test_a_world_from_before_worlds_counted_is_counted_with_its_next_change(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    before = used(ada)
    world_id = world_of(ada, LONG, LONG)
    whole = used(ada) - before
    WorldRow(*world_place(ada.id, world_id)).update([WorldRow.stored_bytes.remove()])
    world.container.limits.settle_storage(ada.id, -whole)
    assert ada.patch(f"/worlds/{world_id}/entries/0", {"revision": 1, "entry": {"comment": "x"}}).status == 200
    assert whole < used(ada) - before < whole + 50


def test_a_world_that_was_never_counted_gives_nothing_back(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    world_id = world_of(ada, LONG)
    whole = used(ada)
    WorldRow(*world_place(ada.id, world_id)).update([WorldRow.stored_bytes.remove()])
    world.container.worlds.delete(ada.id, world_id)
    assert used(ada) == whole
