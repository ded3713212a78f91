"""Single files of other programs, and a data folder from the command line."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from chalicelib.models.characters import CharacterQuery
from chalicelib.models.chats import ChatImportQuery, ChatQuery
from chalicelib.models.kept_templates import TemplateQuery
from chalicelib.models.shapes import PageQuery
from chalicelib.models.users import User
from cli.main import main
from tests.integration.test_moves import QUIET, lines, moved
from tests.support.moving import card, data_folder
from tests.support.people import Api
from tests.support.world import World

ADVANCED = {
    "instruct": {"name": "Ours", "input_sequence": "<u>", "output_sequence": "<a>"},
    "context": {"name": "Ours", "story_string": "{{description}}"},
    "sysprompt": {"content": "Be brief."},
    "preset": {"temp": 1.2, "rep_pen": 1.1},
}
"""Several templates and samplers in one file, as SillyTavern exports them together."""
SAMPLES = Path(__file__).parents[1] / "samples/others"


@pytest.fixture
def ada(world: World, api: Api) -> User:
    return User(id=api.sign_up("ada").id, session_id="")


def test_single_files_are_told_apart_by_what_is_in_them(world: World, ada: User):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path in sorted(SAMPLES.iterdir()):
            archive.write(path, path.name)
        archive.writestr("Maren.png", card("Maren"))
        archive.writestr("regex-stars.json", json.dumps({"scriptName": "Stars", "findRegex": "/x/", "placement": [2]}))
        archive.writestr("advanced.json", json.dumps(ADVANCED))
        archive.writestr("alone.json", json.dumps({"reasoning": {"name": "Aloud", "prefix": "<t>", "suffix": "</t>"}}))
        archive.writestr("notes.txt", "just words")
        archive.writestr("broken.json", "{")
        archive.writestr("Module.risum", b"\x6f\x00packed")
    found = {line.name: line for line in lines(world, ada, moved(world, ada, made.getvalue(), QUIET))}
    assert {
        name: (line.outcome, line.reason or line.code or "", (line.id or "").partition(":")[0])
        for name, line in found.items()
    } == {
        "Maren.png": ("taken", "", "characters"),
        "advanced.json": ("changed", "several_parts", "templates"),
        "Module.risum": ("left_out", "risu_packed", ""),
        "agnai-book.json": ("changed", "", "worlds"),
        "agnai-character.json": ("taken", "", "characters"),
        "agnai-chat.json": ("taken", "", "chats"),
        "alone.json": ("taken", "", "templates"),
        "broken.json": ("left_out", "broken_json", ""),
        "cai-tools.json": ("changed", "made_character", "chats"),
        "chub.jsonl": ("changed", "made_character", "chats"),
        "kobold-instruct.json": ("changed", "made_character", "chats"),
        "kobold-lite.json": ("taken", "", "chats"),
        "notes.txt": ("left_out", "not_a_card", ""),
        "novelai.lorebook": ("changed", "", "worlds"),
        "regex-stars.json": ("taken", "", "scripts"),
        "risu-chat.json": ("changed", "made_character", "chats"),
        "risu-lorebook.json": ("changed", "", "worlds"),
        "webui-Ilse.json": ("changed", "made_character", "chats"),
    }
    assert found["advanced.json"].values == {"names": "instruct, context, system, samplers"}
    kept = {(one.kind, one.name) for one in world.container.templates.list(ada, TemplateQuery(limit=100)).items}
    assert kept == {("instruct", "Ours"), ("context", "Ours"), ("system", "advanced"), ("reasoning", "Aloud")}
    assert "advanced" in {one.name for one in world.container.presets.list(ada, PageQuery(limit=100)).items}
    names = {one.name for one in world.container.characters.list_page(ada, CharacterQuery(limit=100)).items}
    assert names >= {"Maren", "Orla", "Brom", "Wren", "risu-chat", "webui-Ilse"}
    again = lines(world, ada, moved(world, ada, made.getvalue(), QUIET))
    assert {line.reason for line in again if line.outcome == "left_out"} >= {"here_already"}
    assert [line.name for line in again if line.outcome != "left_out"] == []


def test_a_chat_of_another_program_joins_a_character(world: World, ada: User):
    moved(world, ada, zip_of("Maren.png", card("Maren")))
    maren = next(
        one.id for one in world.container.characters.list_page(ada, CharacterQuery()).items if one.name == "Maren"
    )
    query = ChatImportQuery(character_id=maren, filename="agnai.json")
    chat = world.container.chat_arrivals.import_once(ada, (SAMPLES / "agnai-chat.json").read_bytes(), query)
    assert chat.message_count == 3


def zip_of(name: str, data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, data)
    return made.getvalue()


def test_a_data_folder_is_taken_in_from_the_command_line(
    world: World, ada: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TAVERN_STAGE", "local")
    for path, data in data_folder().items():
        place = tmp_path / "default-user" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    (tmp_path / "default-user" / "worlds" / "Link.json").symlink_to("/etc/hostname")
    done = CliRunner().invoke(main, ["import", str(tmp_path / "default-user"), "--email", "ada@example.org"])
    assert done.exit_code == 0, done.output
    assert "taken     characters  Maren: With 1 pictures of expressions." in done.output
    assert "left out  worlds  worlds/Link.json: It is a link to another file" in done.output
    assert len(world.container.chats.list(ada, ChatQuery()).items) == 4
    again = CliRunner().invoke(main, ["import", str(tmp_path / "default-user"), "--email", "ada@example.org"])
    assert "left out  chats  Maren/first: It is here already." in again.output
    assert len(world.container.chats.list(ada, ChatQuery()).items) == 4
