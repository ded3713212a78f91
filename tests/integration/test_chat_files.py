"""Chat files through the REST doors: SillyTavern's JSONL in and out, nothing half imported."""

import json
from pathlib import Path

import boto3
import pytest

from chalicelib.models.chats import ChatImportQuery
from tests.support.chats import character, chat_of, import_file, jsonl, messages, said, start, texts
from tests.support.people import Answer, Api, ApiUser
from tests.support.world import BUCKET, REGION, World

SAMPLES = Path(__file__).parents[1] / "samples" / "chats"


def exported(person: ApiUser, chat_id: str, **query: str) -> bytes:
    """The bytes of the file an export leads to."""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer: Answer = person.post(f"/chats/{chat_id}/export?{asked}")
    assert answer.status == 200, answer
    key = answer.json["url"].split(f"{BUCKET}/")[-1] if f"{BUCKET}/" in answer.json["url"] else None
    key = (key or answer.json["url"].split("amazonaws.com/")[-1]).partition("?")[0]
    body = boto3.client("s3", region_name=REGION).get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return bytes(body)


def lines(data: bytes) -> list[object]:
    return [json.loads(line) for line in data.decode("utf-8-sig").split("\n")]


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.jsonl")), ids=lambda path: path.name)
def test_a_file_that_was_imported_is_exported_as_it_was(api: Api, sample: Path) -> None:
    ada = api.sign_up("ada")
    chat = import_file(ada, sample.read_bytes(), filename=sample.name).json
    assert chat["title"] == sample.stem
    assert lines(exported(ada, chat["id"])) == lines(sample.read_bytes())


def test_a_chat_with_a_long_header_may_have_any_number_of_parts(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = api.sign_up("ada")
    head = {"chat_metadata": {"note_prompt": "x" * 5_000}, "user_name": "unused", "character_name": "unused"}
    said = [{"name": "Maren", "mes": ", ".join("abcdefgh")} for _ in range(20)]
    # Only a file that is one object is read in one piece.
    monkeypatch.setattr("chalicelib.moving.pieces.PARTS_MOST", 50)
    chat = import_file(ada, "\n".join(map(json.dumps, [head, *said])).encode()).json
    assert chat["message_count"] == 20


def test_an_edit_is_in_the_export_and_everything_else_is_as_it_was(api: Api) -> None:
    ada = api.sign_up("ada")
    sample = (SAMPLES / "modern.jsonl").read_bytes()
    chat = import_file(ada, sample).json
    greeting = messages(ada, chat)[0]
    ada.patch(f"/chats/{chat['id']}/messages/{greeting['id']}", {"revision": 1, "text": "Edited."})
    before, after = lines(sample), lines(exported(ada, chat["id"]))
    changed = {**before[1], "mes": "Edited.", "swipes": [before[1]["swipes"][0], "Edited.", before[1]["swipes"][2]]}  # type: ignore[index,dict-item]
    assert after == [before[0], changed, *before[2:]]


def test_a_chat_begun_here_goes_out_and_comes_back(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = start(ada, greeting=1)
    ada.patch(f"/chats/{chat['id']}", {"authors_note": "It rains.", "authors_note_depth": 2})
    back = import_file(ada, exported(ada, chat["id"]), chat["character_id"]).json
    assert (back["authors_note"], back["authors_note_depth"]) == ("It rains.", 2)
    (greeting,), (again,) = messages(ada, chat), messages(ada, back)
    same = ("text", "role", "name", "swipe_index", "swipe_count", "created_at")
    assert {key: greeting[key] for key in same} == {key: again[key] for key in same}


def test_only_the_asked_branch_is_exported_and_as_text_it_can_be_read(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 4)
    second = messages(ada, chat)[1]["id"]
    branch = ada.post(f"/chats/{chat['id']}/branches", {"message_id": second}).json["id"]
    text = exported(ada, chat["id"], format="text", branch_id=branch).decode()
    assert text == "Mara: Message 0.\n\nBen: Message 1."


def test_the_time_of_the_chat_is_that_of_its_last_message(api: Api) -> None:
    ada = api.sign_up("ada")
    chat = import_file(ada, jsonl(said("one"), said("two", send_date="June 1, 2024 3:04pm"))).json
    assert chat["updated_at"].startswith("2024-06-01T15:04:00")


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"\n\n", None),
        (b"\x89PNG\r\n\x1a\n", 1),
        (jsonl(said("fine")) + b"\nnot json", 3),
        (jsonl(said("fine")) + b'\n{"name":"Ana","mes":"\\ud800"}', 3),
        (jsonl(said("fine")) + b'\n{"name":"Ana","mes":"a\\u0000"}', 3),
        (jsonl(said("fine"), said("a" * 1_000_000)), 3),
        (jsonl(*[said(f"{number}") for number in range(60)]) + b"\n[]", 62),
    ],
)
def test_a_file_that_cannot_be_read_leaves_nothing_behind(
    api: Api, world: World, data: bytes, line: int | None
) -> None:
    ada = api.sign_up("ada")
    mara = character(ada)
    before = len(world.rows())
    refused = import_file(ada, data, mara)
    assert (refused.status, refused.code) == (422, "invalid_chat")
    assert refused.json["error"].get("line") == line
    assert len(world.rows()) == before
    assert ada.get("/chats").json["items"] == []


def test_a_chat_of_somebody_elses_character_is_refused(api: Api) -> None:
    ada, eve = api.sign_up("ada"), api.sign_up("eve")
    assert import_file(eve, jsonl(said("x")), character(ada)).status == 404


def test_importing_twice_with_one_key_is_importing_once(api: Api) -> None:
    ada = api.sign_up("ada")
    place = f"/chats/import?character_id={character(ada)}&filename=a.jsonl"
    headers = {"content-type": "application/octet-stream", "idempotency-key": "k"}
    made = [ada.request("POST", place, data=jsonl(said("x")), headers=headers).json["id"] for _ in range(2)]
    assert made[0] == made[1]
    assert len(ada.get("/chats").json["items"]) == 1


def test_what_fails_in_the_middle_of_writing_is_wiped(api: Api, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = api.sign_up("ada")
    mara = character(ada)
    before = sorted(str(row["sk"]) for row in world.rows())

    def fail(done: int, total: int | None) -> None:
        if done:
            raise RuntimeError("the worker died")

    data = jsonl(*[said(f"{number}") for number in range(400)])
    with pytest.raises(RuntimeError):
        world.container.chat_arrivals.import_job(ada.id, ChatImportQuery(character_id=mara), data, "chat", fail)
    assert sorted(str(row["sk"]) for row in world.rows()) == before


def test_long_chats_are_written_in_batches(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    data = jsonl(*[said(f"Message {number}.") for number in range(2_000)])
    heard: list[tuple[int, int | None]] = []
    query = ChatImportQuery(character_id=character(ada))
    chat = world.container.chat_arrivals.import_job(
        ada.id, query, data, "chat", lambda done, total: heard.append((done, total))
    )
    assert chat.message_count == 2_000
    assert (heard[0], heard[-1]) == ((0, 2_000), (2_000, 2_000))
    assert texts(ada, {"id": chat.id}, limit=2) == ["Message 1998.", "Message 1999."]


def test_every_branch_is_packed(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    chat = chat_of(ada, 3)
    ada.post(f"/chats/{chat['id']}/branches", {"message_id": messages(ada, chat)[0]["id"]})
    packed = {branch: "".join(pieces) for branch, pieces in world.container.chat_files.pack(ada.id, chat["id"])}
    assert sorted(len(text.split("\n")) for text in packed.values()) == [2, 4]
