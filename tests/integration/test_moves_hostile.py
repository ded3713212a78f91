"""Moves of strangers' folders: each odd file is a line of the report, and the others are taken."""

import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chalicelib.chatfiles import json_lines
from chalicelib.models.users import User
from chalicelib.services import move_reading, moving
from cli.folders import Folder
from cli.main import main
from tests.integration.test_departures import Taken as Written
from tests.integration.test_moves import lines, moved, settle
from tests.support.moving import ROOT, card, chat, data_folder, link_to, settings, zipped
from tests.support.people import Api
from tests.support.pictures import picture
from tests.support.world import World
from tests.unit.cards.builders import chunk, png

DEEP = b'{"entries":' * 300 + b"1" + b"}" * 300
BOTTOMLESS = b"[" * 100_000
WORLD = b'{"entries": {"0": {"uid": 0, "key": ["a"], "content": "b"}}}'


@pytest.fixture
def ada(world: World) -> User:
    return settle(world)


def hostile() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        files = {
            "characters/Maren.png": card("Maren"),
            "characters/Loud.png": png(chunk(b"tEXt", b"chara\0" + b"A" * 9_000_000)),
            "chats/Maren/a.jsonl": chat("Hello", "Yes."),
            "chats/Maren/deep.jsonl": b'{"user_name":"u","chat_metadata":{}}\n'
            + DEEP
            + b'\n{"name":"Maren","mes":"x"}',
            "chats/Maren/long.jsonl": b'{"user_name":"' + b"x" * 200_000 + b'"}',
            "worlds/Deep.json": DEEP,
            "worlds/Bottomless.json": BOTTOMLESS,
            "worlds/One.json": WORLD,
            "worlds/one.json": WORLD,
            "groups/Deep.json": DEEP,
            "OpenAI Settings/Deep.json": DEEP,
            "instruct/Deep.json": BOTTOMLESS,
            "themes/Deep.json": DEEP,
            "settings.json": DEEP,
            "../outside.json": b"{}",
        }
        for path, data in files.items():
            # What is packed too well counts as a bomb.
            archive.writestr(ROOT + path, data, zipfile.ZIP_STORED if path.endswith("Loud.png") else None)
        archive.writestr(ROOT + "worlds/Bomb.json", b"0" * 4_000_000)
        archive.writestr(link_to(ROOT + "worlds/Link.json"), b"/etc/passwd")
    return made.getvalue()


def test_each_odd_file_is_a_line_and_the_others_are_taken(world: World, ada: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(json_lines, "LINE_BYTES_MOST", 100_000)
    found = lines(world, ada, moved(world, ada, hostile()))
    told = {(line.kind, line.name): (line.outcome, line.reason or line.code) for line in found}
    assert told == {
        ("characters", "Maren"): ("taken", None),
        ("characters", "Loud"): ("left_out", "too_large"),
        ("chats", "Maren/a"): ("taken", None),
        ("chats", "Maren/deep"): ("left_out", "invalid_chat"),
        ("chats", "Maren/long"): ("left_out", "invalid_chat"),
        ("worlds", "Deep"): ("left_out", "too_deep"),
        ("worlds", "Bottomless"): ("left_out", "too_deep"),
        ("worlds", "One"): ("taken", None),
        ("worlds", "one"): ("left_out", "here_already"),
        ("worlds", ROOT + "worlds/Bomb.json"): ("left_out", "bomb"),
        ("worlds", ROOT + "worlds/Link.json"): ("left_out", "link"),
        ("groups", "Deep"): ("left_out", "too_deep"),
        ("presets", "Deep"): ("left_out", "too_deep"),
        ("templates", "Deep"): ("left_out", "too_deep"),
        ("themes", "Deep"): ("left_out", "too_deep"),
        ("preferences", "settings.json"): ("left_out", "too_deep"),
        ("files", ROOT + "../outside.json"): ("left_out", "unsafe_path"),
    }


def test_an_archive_without_files_is_done_at_once(world: World, ada: User):
    made = io.BytesIO()
    zipfile.ZipFile(made, "w").close()
    move = moved(world, ada, made.getvalue())
    assert (move.status, move.total) == ("done", 0)


def test_a_folder_is_read_however_odd_it_is(tmp_path: Path):
    (tmp_path / "a.json").write_bytes(b"{}")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "round").symlink_to(tmp_path)
    with (tmp_path / "huge.jsonl").open("wb") as file:
        file.truncate(300_000_000)
    source = Folder(tmp_path)
    assert [file.path for file in source.files] == ["a.json"]
    told = {one.path: one.reason for one in source.refused}
    assert told == {"huge.jsonl": "too_large", "pipe": "unknown_file", "round": "link"}


def test_a_folder_without_files_is_told_from_the_command_line(
    world: World, api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TAVERN_STAGE", "local")
    api.sign_up("ada")
    (tmp_path / "broken.zip").write_bytes(b"PK\x05\x06 no more")
    (tmp_path / "empty").mkdir()
    done = CliRunner().invoke(main, ["import", str(tmp_path / "empty"), "--email", "ada@example.org"])
    assert (done.exit_code, "There is nothing" in done.output) == (0, True)
    broken = CliRunner().invoke(main, ["import", str(tmp_path / "broken.zip"), "--email", "ada@example.org"])
    assert broken.exit_code == 1
    assert "left out  broken.zip" in broken.output


def test_odd_settings_cost_themselves_only(world: World, ada: User):
    odd = {
        "power_user": {"personas": {"a.png": 7, "b.png": "B"}, "persona_descriptions": {"b.png": {"connections": "x"}}},
        "tags": [3, {"id": 1, "name": []}],
        "tag_map": {"Maren.png": "x"},
        "extension_settings": {"regex": {"0": {}}, "note": 3},
        "world_info_settings": {"world_info": [], "world_info_depth": "deep"},
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("settings.json", json.dumps(odd))
        archive.writestr("characters/Maren.png", card("Maren"))
    found = lines(world, ada, moved(world, ada, made.getvalue()))
    told = {(line.kind, line.name): line.outcome for line in found if line.kind in ("characters", "personas")}
    assert told == {("characters", "Maren"): "taken", ("personas", "B"): "changed"}


def damaged(archive: bytes, path: str) -> bytes:
    """The archive with one letter of a member's bytes changed."""
    with zipfile.ZipFile(io.BytesIO(archive)) as read:
        member = read.getinfo(path)
    at = member.header_offset + 30 + len(path.encode()) + member.compress_size // 2
    return archive[:at] + bytes([archive[at] ^ 0xFF]) + archive[at + 1 :]


def test_what_lies_beside_a_character_costs_itself_only(world: World, ada: User, monkeypatch: pytest.MonkeyPatch):
    files = {"characters/Maren.png": card("Maren")}
    files |= {f"characters/Maren/{name}.png": picture("gold", (20, 20)) for name in ("joy", "rage", "sorrow")}
    archive = damaged(zipped(files, packed=False), f"{ROOT}characters/Maren/rage.png")
    monkeypatch.setattr(move_reading, "BESIDE_FILES_MOST", 1)
    [line] = lines(world, ada, moved(world, ada, archive), kind="characters")
    assert (line.outcome, "2 files beside it were left out" in line.note) == ("changed", True)
    assert list(world.container.characters.get_body("ada", line.id or "").files) == ["assets/emotion/images/joy.png"]


def test_room_is_made_before_a_large_file_is_read(world: World, ada: User, monkeypatch: pytest.MonkeyPatch):
    files = {f"characters/C{number}.png": card(f"C{number}") for number in range(4)}
    size = max(map(len, files.values()))
    monkeypatch.setattr(moving, "BATCH_BYTES_MOST", 2 * size)
    held: list[int] = []
    take = moving.Moving._take

    def taking(self: moving.Moving, errand: Any, batch: Any, *rest: Any) -> Any:
        held.append(sum(len(read.data) for _, read in batch))
        return take(self, errand, batch, *rest)

    monkeypatch.setattr(moving.Moving, "_take", taking)
    assert moved(world, ada, zipped(files)).counts["characters"].taken == 4
    assert max(held) <= 2 * size


ODD_VALUES = ("1e999", "9" * 60, '"\\ud800\\u0000"', "[[1]]", "null", '{"a":{}}')


def odd_ones(data: bytes) -> Iterator[bytes]:
    """The file with all of its values replaced by odd ones: its names stay what they are."""
    marked = json.dumps(marked_in(json.loads(data)))
    for odd in ODD_VALUES:
        yield marked.replace('"@@"', odd).encode()


def marked_in(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: marked_in(one) for key, one in value.items()}
    return [marked_in(one) for one in value] if isinstance(value, list) else "@@"


@pytest.mark.parametrize("turn", range(3))
def test_odd_values_anywhere_cost_at_most_their_own_file(world: World, ada: User, turn: int):
    files = {"characters/Maren.png": card("Maren"), "chats/Maren/whole.jsonl": chat("Hello", "Yes.")}
    odd_files = {
        path: list(odd_ones(data))
        for path, data in data_folder().items()
        if path.endswith(".json") and path not in ("settings.json", "secrets.json", "stats.json")
    }
    said = chat("Hello", "Yes.", note_depth=4).split(b"\n")
    for place, line in enumerate(said):
        odd_files[f"chats/Maren/{place}.jsonl"] = [
            b"\n".join([*said[:place], odd, *said[place + 1 :]]) for odd in odd_ones(line)
        ]
    # Each turn has another of the values in each of the files.
    for number, (path, odd) in enumerate(odd_files.items()):
        files[path] = odd[(number + turn) % len(ODD_VALUES)]
    move = moved(world, ada, zipped(files))
    found = lines(world, ada, move)
    assert (move.status, len(found)) == ("done", len(files))
    assert [line.outcome for line in found if line.name in ("Maren", "Maren/whole")] == ["taken", "taken"]
    # What was kept is JSON that every program reads, and it leaves again.
    out = Written()
    world.container.departures.write(ada, out, lambda done, total: None)
    assert [data for data in out.files.values() if b"Infinity" in data or b": NaN" in data] == []


@pytest.mark.parametrize("odd", list(odd_ones(json.dumps(settings()).encode())), ids=ODD_VALUES)
def test_odd_values_anywhere_in_settings_cost_at_most_themselves(world: World, ada: User, odd: bytes):
    move = moved(world, ada, zipped({"settings.json": odd, "characters/Maren.png": card("Maren")}))
    assert (move.status, move.counts["characters"].taken) == ("done", 1)
