"""`tavern import` and `tavern export`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from chalicelib.cards.reading import read_card_file
from cli.main import main
from tests.support.people import Api
from tests.unit.cards.builders import card_png, v2, v3


@pytest.fixture(autouse=True)
def deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command asks for a deployment; the container of the test's world stands in for it."""
    monkeypatch.setenv("TAVERN_STAGE", "local")


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    (tmp_path / "one.png").write_bytes(card_png(v2(name="One")))
    (tmp_path / "two.json").write_text(json.dumps(v3(name="Two")))
    (tmp_path / "no card.txt").write_text("just some words")
    return tmp_path


def test_a_folder_is_taken_in_and_told(api: Api, cards: Path):
    ada = api.sign_up("ada")
    done = CliRunner().invoke(main, ["import", str(cards), "--for", "ada@example.org"])
    assert done.output.splitlines() == [
        "left out  no card.txt: This file is no character card: not PNG, JSON, CHARX or YAML.",
        "taken     one.png",
        "taken     files  two.json",
        "",
        "files          1 taken",
    ]
    assert done.exit_code == 1
    found = {item["name"] for item in ada.get("/characters").json["items"]}
    assert found >= {"One", "Two"}


def test_a_library_is_written_into_a_folder(api: Api, cards: Path, tmp_path: Path):
    api.sign_up("ada")
    CliRunner().invoke(main, ["import", str(cards), "--for", "ada@example.org"])
    done = CliRunner().invoke(main, ["export", str(tmp_path / "out"), "--for", "ada@example.org", "--format", "json"])
    assert done.exit_code == 0, done.output
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "One.json",
        "Ottoline Vesper.json",
        "Two.json",
        "Wen Liao.json",
    ]
    assert read_card_file((tmp_path / "out" / "One.json").read_bytes()).card.data.name == "One"


def test_an_address_nobody_has_is_told(api: Api, cards: Path):
    done = CliRunner().invoke(main, ["import", str(cards), "--for", "nobody@example.org"])
    assert (done.exit_code, done.output) == (1, "Error: Nobody here has the address nobody@example.org.\n")
