"""Where things lie in a data folder, and in which order they are taken."""

import pytest

from chalicelib.models.moves import KINDS, NewLook
from chalicelib.moving.layout import find_root, lay_out
from chalicelib.moving.looking import look
from chalicelib.moving.planning import plan
from chalicelib.moving.sources import Refused, SourceFile
from tests.support.moving import data_folder


class Held:
    """Files in memory."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files
        self.files = [SourceFile(path, len(data)) for path, data in files.items()]
        self.refused: list[Refused] = []

    def read(self, path: str) -> bytes:
        return self._files[path]


def laid(*paths: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in lay_out([SourceFile(path, 1) for path in paths]).items:
        found.setdefault(item.kind, []).append(item.name)
    return found


@pytest.mark.parametrize(
    ("paths", "root"),
    [
        (["characters/A.png", "settings.json"], ""),
        (["default-user/characters/A.png"], "default-user/"),
        (["SillyTavern/data/default-user/chats/A/a.jsonl", "SillyTavern/src/x.js"], "SillyTavern/data/default-user/"),
        (["data/bob/worlds/A.json", "data/default-user/worlds/B.json"], "data/default-user/"),
        (["data/bob/worlds/A.json", "data/bob/worlds/C.json", "data/ann/worlds/B.json"], "data/bob/"),
        (["a.png", "b.json"], ""),
    ],
)
def test_the_data_folder_is_found_wherever_it_lies(paths: list[str], root: str):
    assert find_root(paths) == root


def test_files_are_told_apart_by_where_they_lie():
    assert laid(
        "characters/A.png",
        "characters/A/joy.png",
        "chats/A/one.jsonl",
        "group chats/1.jsonl",
        "groups/1.json",
        "OpenAI Settings/P.json",
        "instruct/I.json",
        "thumbnails/avatar/A.png",
        "._A.png",
    ) == {
        "presets": ["P"],
        "templates": ["I"],
        "characters": ["A"],
        "groups": ["1"],
        "chats": ["A/one", "1"],
    }


def test_expressions_belong_to_the_character_of_their_folder():
    layout = lay_out(
        [SourceFile(path, 1) for path in ("characters/A.png", "characters/A/joy.png", "characters/B/x.png")]
    )
    assert [item.beside for item in layout.items] == [("characters/A/joy.png",)]
    assert [(one.name, one.reason) for one in layout.left_out] == [("B", "pictures_only")]


def test_another_person_of_the_same_place_is_told_and_left_alone():
    files = ["data/default-user/worlds/A.json", "data/default-user/worlds/C.json", "data/bob/worlds/B.json"]
    layout = lay_out([SourceFile(path, 1) for path in files])
    assert [item.name for item in layout.items] == ["A", "C"]
    assert [(one.name, one.reason) for one in layout.left_out] == [("bob", "other_person")]


def test_a_folder_of_other_things_is_looked_at_file_by_file():
    assert laid("one.png", "more/two.json") == {"files": ["more/two.json", "one.png"]}


def test_what_others_name_is_taken_before_them():
    kinds = [step.kind for step in plan(Held(data_folder()), KINDS).steps if step.kind != "others"]
    assert kinds == sorted(kinds, key=KINDS.index)
    assert KINDS.index("characters") < KINDS.index("groups") < KINDS.index("chats") < KINDS.index("preferences")


def test_a_plan_is_the_same_whenever_it_is_made():
    files = data_folder()
    turned = dict(reversed(files.items()))
    assert plan(Held(files), KINDS).steps == plan(Held(turned), KINDS).steps


def test_settings_that_cannot_be_read_cost_themselves():
    made = plan(Held({"settings.json": b"[1", "worlds/A.json": b"{}"}), KINDS)
    assert [(step.kind, step.name) for step in made.steps] == [("preferences", "settings.json"), ("worlds", "A")]


def test_secrets_are_read_only_when_asked_for():
    assert plan(Held(data_folder()), [kind for kind in KINDS if kind != "secrets"]).secrets == []
    assert [one.name for one in plan(Held(data_folder()), KINDS).secrets] == ["OpenAI"]


def test_a_look_says_of_each_file_what_it_belongs_to():
    files = [{"path": path, "size": 3} for path in ("characters/A.png", "characters/A/joy.png", "../x", "backups/y")]
    seen = look(NewLook.model_validate({"files": files}).files)
    assert [(one.kind, one.count, one.bytes) for one in seen.kinds] == [("characters", 1, 6)]
    assert seen.files == [0, 0, -1, -1]
