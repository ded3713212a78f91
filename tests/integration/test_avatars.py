"""Pictures of groups and personas: one at a time, counted once, and none left behind."""

import threading

import pytest

from tests.support.people import Api, ApiUser
from tests.support.pictures import picture
from tests.support.world import World

HEADERS = {"content-type": "image/png"}


def place_of(person: ApiUser, area: str) -> str:
    return f"/{area}/{person.post(f'/{area}', {'name': 'Ben'}).json['id']}"


def bytes_of(world: World, area: str) -> int:
    return sum(len(world.container.files.get(key)) for key in world.files() if f"/{area}/" in key)


@pytest.mark.parametrize("area", ["groups", "personas"])
def test_the_same_picture_again_is_counted_once(api: Api, world: World, area: str) -> None:
    ada = api.sign_up("ada")
    place = place_of(ada, area)
    empty = world.container.limits.usage(ada.id).storage_bytes
    for _ in range(3):
        assert ada.request("PUT", place + "/avatar", data=picture("red"), headers=HEADERS).status == 200
    assert world.container.limits.usage(ada.id).storage_bytes - empty == bytes_of(world, area) > 0
    ada.delete(place)
    assert world.container.limits.usage(ada.id).storage_bytes == empty


@pytest.mark.parametrize("other", ["gold", "blue"])
@pytest.mark.parametrize("area", ["groups", "personas"])
def test_a_picture_that_came_too_late_leaves_nothing_behind(api: Api, world: World, area: str, other: str) -> None:
    ada = api.sign_up("ada")
    place = place_of(ada, area)
    empty = world.container.limits.usage(ada.id).storage_bytes
    ada.request("PUT", place + "/avatar", data=picture("red"), headers=HEADERS)
    both = threading.Barrier(2, timeout=20)
    put = world.container.files.put

    def put_together(key: str, data: bytes, kind: str) -> None:
        """Both devices have read the thing before either writes it."""
        if "/full-" in key:
            both.wait()
        put(key, data, kind)

    world.container.files.put = put_together  # type: ignore[method-assign]
    statuses: list[int] = []
    sends = [
        threading.Thread(
            target=lambda data=data: statuses.append(
                ada.request("PUT", place + "/avatar", data=data, headers=HEADERS).status
            )
        )
        for data in (picture("blue"), picture(other))
    ]
    for one in sends:
        one.start()
    for one in sends:
        one.join()
    assert sorted(statuses) == [200, 409]
    assert world.container.limits.usage(ada.id).storage_bytes - empty == bytes_of(world, area) > 0
