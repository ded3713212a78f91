"""A whole data folder that was taken in: what it became, and that it becomes it once."""

import json
from collections.abc import Iterator

import pytest

from chalicelib.models.characters import CharacterQuery
from chalicelib.models.chats import ChatQuery, MessageQuery
from chalicelib.models.moves import Move
from chalicelib.models.shapes import PageQuery
from chalicelib.models.users import User
from tests.integration.test_moves import lines, moved, named, settle
from tests.support.moving import data_folder, zipped
from tests.support.world import Aws, World, world_on

There = tuple[World, User, Move]


@pytest.fixture(scope="module")
def there(aws: Aws) -> Iterator[There]:
    """A world into which the folder has come."""
    aws.wipe()
    with world_on(aws.settings()) as world:
        ada = settle(world)
        yield world, ada, moved(world, ada, zipped(data_folder()))


def test_a_data_folder_becomes_what_was_in_it(there: There):
    world, ada, move = there
    assert (move.status, move.done) == ("done", move.total)
    found = lines(world, ada, move)
    assert len(found) == move.total
    assert {name: line.outcome for name, line in named(found, "characters").items()} == {
        "Maren": "taken",
        "Brom": "taken",
    }
    people = world.container.characters.list_page(ada, CharacterQuery()).items
    assert {one.name: one.tags for one in people}["Maren"][-1] == "harbour"
    chats = world.container.chats.list(ada, ChatQuery()).items
    assert {one.title for one in chats} == {"first", "second", "only", "100 - a"}
    assert [one.outcome for one in found if one.kind in ("worlds", "templates", "scripts", "quick_replies")] == [
        "taken"
    ] * 7
    group = named(found, "groups")["100"]
    assert (group.outcome, group.reason, group.values) == ("changed", "some_members", {"names": "Gone.png"})
    personas = world.container.personas.list(ada, PageQuery()).items
    assert [(one.name, one.description, one.picture is not None) for one in personas] == [
        ("Ada", "A cartographer.", True),
        ("Lost", "", False),
    ]


def test_expressions_come_with_their_character(there: There):
    world, ada, move = there
    line = named(lines(world, ada, move), "characters")["Maren"]
    assert line.reason == "sprites"
    body = world.container.characters.get_body("ada", line.id or "")
    assets = body.card.data.assets or []
    assert [(one.type, one.name) for one in assets] == [("emotion", "joy")]
    assert list(body.files) == ["assets/emotion/images/joy.png"]


def test_swipes_of_a_chat_are_taken(there: There):
    world, ada, move = there
    chat_id = named(lines(world, ada, move), "chats")["Maren/first"].id or ""
    page = world.container.chats.read(ada, chat_id, MessageQuery())
    assert [(one.text, one.swipe_count) for one in page.messages] == [
        ("Hello", 1),
        ("Good morning.", 2),
        ("Where to?", 1),
        ("North.", 2),
    ]


def test_what_is_never_taken_is_told_in_a_line_a_folder(there: There):
    world, ada, move = there
    found = lines(world, ada, move)
    told = {line.name: (line.outcome, line.reason) for line in found if line.kind == "others"}
    assert told == {
        "backups": ("left_out", "older_copies"),
        "stats.json": ("left_out", "not_taken"),
        "thumbnails": ("left_out", "made_anew"),
    }


def test_taking_it_once_more_takes_nothing_twice(there: There):
    world, ada, _ = there
    again = moved(world, ada, zipped(data_folder(), root=""))
    assert {line.outcome for line in lines(world, ada, again) if line.kind in ("characters", "chats")} == {"left_out"}
    for kind in (
        "worlds",
        "presets",
        "templates",
        "scripts",
        "quick_replies",
        "characters",
        "groups",
        "chats",
        "themes",
    ):
        assert {line.reason for line in lines(world, ada, again, kind=kind)} == {"here_already"}, kind
    assert len(world.container.chats.list(ada, ChatQuery()).items) == 4


def test_a_preset_never_says_where_a_connection_leads(there: There):
    world, ada, move = there
    line = named(lines(world, ada, move), "presets")["Mine"]
    assert (line.outcome, line.reason) == ("changed", "no_addresses")
    rows = json.dumps(world.rows(), default=repr) + repr(world.container.presets.get("ada", line.id or "").file)
    assert "evil.example" not in rows
    assert "steal" not in rows
    kept = world.container.keepsakes
    for keepsake in kept.list("ada"):
        assert b"evil.example" not in kept.read(keepsake)
