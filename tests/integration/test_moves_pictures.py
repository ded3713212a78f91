"""Pictures inside of chats: taken in, found by what messages call them, and given back as they were."""

import io
import json
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
import pytest

from chalicelib.errors import NotFound
from chalicelib.models.keepsakes import FileQuery, PictureQuery
from chalicelib.models.users import User
from chalicelib.moving.archives import Archive
from tests.integration.test_departures import left
from tests.integration.test_moves import QUIET, lines, moved, named, settle
from tests.support.moving import card, chat, picture, zipped
from tests.support.people import Api, ApiUser
from tests.support.world import BUCKET, REGION, World

FILES = {
    "characters/Maren.png": card("Maren"),
    "chats/Maren/a.jsonl": chat("Look!", "At what?"),
    "user/images/Maren/quay at dusk.png": picture("gold", (40, 30)),
    "user/images/Maren/broken.png": b"\x89PNG no more",
    "user/files/map.txt": b"north is up",
    "user/odd/thing.bin": b"?",
}


@pytest.fixture
def ada(world: World) -> User:
    return settle(world)


def test_pictures_are_found_by_what_messages_call_them(world: World, ada: User):
    found = lines(world, ada, moved(world, ada, zipped(FILES)))
    told = {name: (line.outcome, line.reason) for name, line in named(found, "pictures").items()}
    assert told == {
        "images/Maren/quay at dusk.png": ("taken", ""),
        "images/Maren/broken.png": ("changed", "bad_picture"),
        "files/map.txt": ("changed", "attached"),
    }
    asked = ["/user/images/Maren/quay%20at%20dusk.png", "user/images/Maren/broken.png", "https://example.org/a.png"]
    shown = world.container.moved_pictures.find(ada, PictureQuery(places=asked)).pictures
    assert [(one.width, one.height) if one else None for one in shown] == [(40, 30), None, None]


def test_pictures_are_shown_to_nobody_else(world: World, ada: User):
    moved(world, ada, zipped(FILES))
    query = PictureQuery(places=["/user/images/Maren/quay at dusk.png", "/user/files/map.txt"])
    seen = world.container.moved_pictures.find(world.person("eve"), query)
    assert (seen.pictures, seen.files) == ([None, None], [None, None])
    with pytest.raises(NotFound):
        world.container.moved_pictures.fetch(world.person("eve"), FileQuery(place="/user/files/map.txt"))


def test_what_is_no_picture_is_offered_as_a_file_that_no_browser_opens(world: World, ada: User):
    page = b"<script>steal()</script>"
    files = {**FILES, "user/images/Maren/evil.html": page, "user/images/Maren/walk.mp4": b"moving"}
    moved(world, ada, zipped(files))
    places = ["/user/images/Maren/evil.html", "user/images/Maren/walk.mp4", "/user/images/Maren/quay at dusk.png"]
    found = world.container.moved_pictures.find(ada, PictureQuery(places=[*places, "/user/files/gone.txt"]))
    told = [(one.name, one.bytes) if one else None for one in found.files]
    assert told == [("evil.html", len(page)), ("walk.mp4", 6), None, None]
    offered = world.container.moved_pictures.fetch(ada, FileQuery(place=places[0]))
    asked = parse_qs(urlsplit(offered.url).query)
    assert (offered.filename, asked["response-content-disposition"]) == (
        "evil.html",
        ["attachment; filename*=UTF-8''evil.html"],
    )
    key = unquote(urlsplit(offered.url).path).lstrip("/").removeprefix(f"{BUCKET}/")
    stored = boto3.client("s3", region_name=REGION).get_object(Bucket=BUCKET, Key=key)
    assert (stored["ContentType"], stored["Body"].read()) == ("application/octet-stream", page)
    with pytest.raises(NotFound):
        world.container.moved_pictures.fetch(ada, FileQuery(place="/user/files/gone.txt"))


def test_pictures_are_taken_once_and_another_state_lies_beside(world: World, ada: User):
    moved(world, ada, zipped(FILES))
    before = world.container.limits.usage("ada").storage_bytes
    again = lines(world, ada, moved(world, ada, zipped(FILES)), kind="pictures")
    assert {line.reason for line in again} == {"here_already"}
    assert world.container.limits.usage("ada").storage_bytes == before
    other = {**FILES, "user/files/map.txt": b"south is up"}
    archive = Archive(io.BytesIO(zipped(other)))
    world.container.moves.bring(ada, "data", archive, list(QUIET), lambda move, told: True, True)
    names = sorted(one.name for one in world.container.keepsakes.list("ada", "user"))
    assert names == ["files/map.txt", "files/map.txt", "images/Maren/broken.png", "images/Maren/quay at dusk.png"]


def test_pictures_leave_as_they_came_to_where_messages_look_for_them(world: World, api: Api):
    ada = api.sign_up("ada")
    extra = {"image": "/user/images/Maren/quay at dusk.png", "inline_image": True}
    line = {"name": "Maren", "mes": "See.", "extra": extra}
    said = b'{"chat_metadata": {}, "user_name": "unused", "character_name": "unused"}\n' + json.dumps(line).encode()
    files = FILES | {"chats/Maren/a.jsonl": said}
    _bring(world, ada, files)
    out = left(world, ada)
    for path in ("user/images/Maren/quay at dusk.png", "user/images/Maren/broken.png", "user/files/map.txt"):
        assert out[path] == files[path]
    assert json.loads(out["chats/Maren/a.jsonl"].splitlines()[1])["extra"] == extra


def _bring(world: World, person: ApiUser, files: dict[str, bytes]) -> None:
    user = User(id=person.id, session_id="")
    archive = Archive(io.BytesIO(zipped(files)))
    world.container.moves.bring(user, "data", archive, list(QUIET), lambda move, told: True, False)
