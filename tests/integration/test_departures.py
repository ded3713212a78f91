"""Leaving: what comes out is what went in, as SillyTavern's folder has it, and what was made here besides."""

import io
import json
import zipfile
from collections.abc import Iterable
from typing import Any

import pytest

from chalicelib.cards.reading import read_card_file
from chalicelib.models.jobs import JobOrder
from chalicelib.models.kept_templates import TemplateFile
from chalicelib.models.moves import KINDS
from chalicelib.models.quick_replies import QuickSetFile
from chalicelib.models.scripts import ScriptFiles
from chalicelib.models.users import User
from chalicelib.moving.archives import Archive
from tests.support.moving import data_folder, zipped
from tests.support.people import Api, ApiUser
from tests.support.world import World

Files = dict[str, bytes]
FILES = ("OpenAI Settings", "TextGen Settings", "instruct", "context", "sysprompt", "reasoning", "QuickReplies")
pytestmark = pytest.mark.timeout(300)


class Taken:
    """A sink that keeps the files."""

    def __init__(self) -> None:
        self.files: Files = {}

    def put(self, path: str, pieces: Iterable[bytes]) -> None:
        assert path not in self.files
        self.files[path] = b"".join(pieces)


def moved_in(world: World, person: ApiUser, archive: bytes) -> None:
    kinds = [kind for kind in KINDS if kind != "secrets"]
    user = User(id=person.id, session_id="")
    source = Archive(io.BytesIO(archive))
    world.container.moves.bring(user, "backup.zip", source, kinds, lambda move, lines: True, False)


def left(world: World, person: ApiUser) -> Files:
    sink = Taken()
    world.container.departures.write(User(id=person.id, session_id=""), sink, lambda done, total: None)
    return sink.files


def inside(files: Files, path: str) -> Any:
    return json.loads(files[path])


@pytest.fixture(scope="module")
def there_and_back(aws: Any) -> tuple[Files, Files, Files]:
    """The folder that was taken in, the one that was written, and the one written after that was taken in."""
    from tests.support.world import world_on

    aws.wipe()
    with world_on(aws.settings()) as world:
        ada, bob = Api().sign_up("ada"), Api().sign_up("bob")
        source = data_folder()
        moved_in(world, ada, zipped(source))
        first = left(world, ada)
        moved_in(world, bob, zipped(first, root=""))
        return source, first, left(world, bob)


def test_what_was_taken_in_comes_out_under_its_name(there_and_back: tuple[Files, Files, Files]) -> None:
    source, first, _ = there_and_back
    kinds = ("characters", "chats", "worlds", "groups", "group chats", "themes", "backgrounds", *FILES)
    expected = {path for path in source if path.partition("/")[0] in kinds or path == "settings.json"}
    assert expected - set(first) == set()


def test_chats_come_out_line_by_line_as_they_went_in(there_and_back: tuple[Files, Files, Files]) -> None:
    source, first, _ = there_and_back
    for path in ("chats/Maren/first.jsonl", "chats/Maren/second.jsonl", "chats/Brom/only.jsonl"):
        before, after = ([json.loads(line) for line in files[path].splitlines()] for files in (source, first))
        for line, written in zip(before, after, strict=True):
            # Facts of swipes that the file left out are filled in.
            given = {key: value for key, value in line.items() if key != "swipe_info"}
            assert {key: written.get(key) for key in given} == given


@pytest.mark.parametrize(
    "path",
    [
        "worlds/Harbour.json",
        "themes/Dusk.json",
        "backgrounds/pier.jpg",
        "TextGen Settings/Warm.json",
        "instruct/Ours.json",
        "context/Ours.json",
        "QuickReplies/Mine.json",
    ],
)
def test_files_come_out_with_all_their_fields(there_and_back: tuple[Files, Files, Files], path: str) -> None:
    source, first, _ = there_and_back
    if not path.endswith(".json"):
        assert first[path] == source[path]
        return
    before, after = inside(source, path), inside(first, path)
    assert {key: after.get(key) for key in before} == before


def test_cards_say_what_they_said(there_and_back: tuple[Files, Files, Files]) -> None:
    source, first, _ = there_and_back
    for name in ("Maren", "Brom"):
        before = read_card_file(source[f"characters/{name}.png"], f"{name}.png").card
        after = read_card_file(first[f"characters/{name}.png"], f"{name}.png").card
        for field in ("name", "description", "first_mes", "mes_example", "alternate_greetings"):
            assert getattr(after.data, field) == getattr(before.data, field)
    card = read_card_file(first["characters/Maren.png"], "Maren.png").card
    assert (card.model_extra or {})["chat"] in ("first", "second")


def test_expressions_lie_beside_their_character(there_and_back: tuple[Files, Files, Files]) -> None:
    source, first, _ = there_and_back
    assert first["characters/Maren/joy.png"] == source["characters/Maren/joy.png"]
    card = read_card_file(first["characters/Maren.png"], "Maren.png").card
    assert [asset.name for asset in card.data.assets or [] if asset.type == "emotion"] == []


def test_groups_name_their_members_and_chats_by_files(there_and_back: tuple[Files, Files, Files]) -> None:
    _, first, _ = there_and_back
    group = inside(first, "groups/100.json")
    assert (group["id"], group["members"]) == ("100", ["Maren.png", "Brom.png", "Gone.png"])
    assert (group["chats"], group["chat_id"]) == (["100 - a"], "100 - a")


def test_the_settings_hold_personas_and_tags(there_and_back: tuple[Files, Files, Files]) -> None:
    _, first, _ = there_and_back
    settings = inside(first, "settings.json")
    [(file, name)] = [item for item in settings["power_user"]["personas"].items() if item[1] == "Ada"]
    assert (name, f"User Avatars/{file}" in first) == ("Ada", True)
    assert settings["power_user"]["persona_descriptions"][file]["description"] == "A cartographer."
    tags = {tag["id"]: tag["name"] for tag in settings["tags"]}
    assert "harbour" in [tags[one] for one in settings["tag_map"]["Maren.png"]]
    assert [script["scriptName"] for script in settings["extension_settings"]["regex"]] == ["No stars"]
    assert settings["world_info_settings"]["world_info_depth"] == 7


def test_nothing_that_leads_a_connection_somewhere_comes_out(there_and_back: tuple[Files, Files, Files]) -> None:
    _, first, _ = there_and_back
    assert b"evil.example" not in b"".join(first.values())
    assert b"sk-test" not in b"".join(first.values())


def test_what_was_taken_in_again_is_the_same(there_and_back: tuple[Files, Files, Files]) -> None:
    _, first, second = there_and_back
    # Everybody starts with a few presets and characters of their own.
    assert set(first) - set(second) == set()
    for path in first:
        if path.endswith(".jsonl"):
            assert first[path] == second[path], path
        elif path.endswith(".json") and path != "settings.json":
            assert inside(first, path) == inside(second, path), path
        elif path.startswith("characters/") and path.count("/") == 1:
            before, after = (read_card_file(files[path], path).card for files in (first, second))
            assert before == after, path


def test_the_job_makes_a_zip_whose_files_lie_at_its_root(world: World, api: Api) -> None:
    ada = api.sign_up("ada")
    ada.post("/characters", {"card": {"spec": "chara_card_v2", "data": {"name": "Maren"}}})
    job = ada.post("/account/export-folder")
    assert job.status == 202
    world.container.jobs.run(JobOrder(owner_id=ada.id, job_id=job.json["id"]))
    done = ada.get(f"/jobs/{job.json['id']}").json
    assert (done["status"], done["result"]["filename"]) == ("done", "SillyTavern.zip")
    archive = zipfile.ZipFile(io.BytesIO(world.container.files.get(f"{ada.id}/exports/{job.json['id']}.zip")))
    assert {"settings.json", "characters/Maren.png"} <= set(archive.namelist())


def test_branches_are_files_beside_the_chat_they_come_from(world: World, api: Api) -> None:
    ada = api.sign_up("ada")
    character = ada.post(
        "/characters", {"card": {"spec": "chara_card_v2", "data": {"name": "Con", "first_mes": "Hi."}}}
    )
    chat = ada.post("/chats", {"character_id": character.json["id"], "title": "A/B: what?"}).json
    said = ada.get(f"/chats/{chat['id']}").json["page"]["messages"][0]
    ada.post(f"/chats/{chat['id']}/branches", {"message_id": said["id"], "title": "the cellar"})
    files = left(world, ada)
    assert {path for path in files if path.startswith("chats/Con_/")} == {
        "chats/Con_/A B what.jsonl",
        "chats/Con_/A B what - the cellar.jsonl",
    }
    head = json.loads(files["chats/Con_/A B what - the cellar.jsonl"].splitlines()[0])
    assert head["chat_metadata"]["main_chat"] == "A B what"


SCRIPT = {"id": "r1", "scriptName": "No stars", "findRegex": "/[*]/g", "replaceString": "", "placement": [2], "odd": 1}


def test_what_was_made_here_has_its_place_too(world: World, api: Api) -> None:
    ada = api.sign_up("ada")
    user, container = User(id=ada.id, session_id=""), world.container
    file = {"temperature": 0.7, "prompts": [{"identifier": "main", "content": "Write."}], "odd": [1]}
    preset = container.preset_files.take_object(ada.id, file, "Mine.json").preset
    instruct = {"name": "Ours", "input_sequence": "<u>", "output_sequence": "<a>", "odd": 2}
    [template] = container.templates.take(user, TemplateFile(file=instruct, kind="instruct")).items
    container.scripts.take(user, ScriptFiles(files=[SCRIPT]))
    replies = {"version": 2, "name": "Waves", "qrList": [{"id": 1, "label": "Wave", "message": "*waves*"}]}
    container.quick_replies.take(user, QuickSetFile(file=replies))
    persona = ada.post("/personas", {"name": "Robin", "description": "Reads maps."}).json
    world_id = ada.post("/worlds", {"name": "Moor"}).json["id"]
    ada.put("/worlds/everywhere", {"world_ids": [world_id]})
    assert preset is not None
    chosen = {"preset_id": preset.id, "persona_id": persona["id"], "instruct_id": template.id}
    ada.patch("/account", {"choices": chosen | {"legacy_macros": True}})
    files = left(world, ada)
    settings = inside(files, "settings.json")
    assert inside(files, "OpenAI Settings/Mine.json") == file
    assert inside(files, "instruct/Ours.json") == instruct
    assert inside(files, "QuickReplies/Waves.json")["qrList"][0]["message"] == "*waves*"
    assert settings["extension_settings"]["regex"] == [SCRIPT]
    sets = settings["extension_settings"]["quickReplyV2"]["config"]["setList"]
    assert [one["set"] for one in sets] == ["Waves"]
    assert settings["oai_settings"]["preset_settings_openai"] == "Mine"
    assert settings["power_user"]["instruct"] == {"preset": "Ours"}
    assert settings["power_user"]["experimental_macro_engine"] is False
    assert (settings["user_avatar"], settings["username"]) == ("Robin.png", "Robin")
    assert settings["power_user"]["persona_descriptions"]["Robin.png"]["description"] == "Reads maps."
    assert settings["world_info_settings"]["world_info"]["globalSelect"] == ["Moor"]
