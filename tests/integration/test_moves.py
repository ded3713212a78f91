"""Moves: a data folder of another program becomes characters, chats and the rest, once, with a line for each item."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from chalicelib.errors import Conflict, Invalid, Unavailable
from chalicelib.models.chats import ChatQuery, MessageQuery
from chalicelib.models.jobs import JobOrder
from chalicelib.models.moves import KINDS, Move, MoveKind, MoveLine, MoveQuery, NewLook, NewMove, TakeAgain
from chalicelib.models.users import Account, Choices, Person, Role, User
from tests.support.moving import card, chat, data_folder, settings, zipped
from tests.support.world import BUCKET, REGION, World

QUIET: tuple[MoveKind, ...] = tuple(kind for kind in KINDS if kind != "secrets")


@pytest.fixture
def ada(world: World) -> User:
    return settle(world)


def settle(world: World) -> User:
    """Somebody with an account, and without the characters that come with it."""
    account = Account(
        id="ada", name="Ada", email="ada@example.org", role=Role.user, created_at=world.clock.now(), choices=Choices()
    )
    world.container.user_store.add(Person(account=account), oidc_name=None, invitation=None, now=world.clock.now())
    return world.person("ada")


def send(world: World, user: User, archive: bytes, kinds: tuple[MoveKind, ...] = QUIET) -> Move:
    """A move whose archive has arrived, begun and not yet worked on."""
    moves = world.container.moves
    move = moves.start(user, NewMove(name="backup.zip", size=len(archive), kinds=list(kinds)))
    from chalicelib.models.moves import SLICE_BYTES

    for number in range(moves.slices(user, move.id).count):
        part = archive[number * SLICE_BYTES : (number + 1) * SLICE_BYTES]
        world.container.files.put(f"{user.id}/moves/{move.id}/{number:04d}", part, "application/octet-stream")
    return moves.begin(user, move.id)


def work(world: World, user: User, move: Move) -> Move:
    assert move.job_id
    world.container.jobs.run(JobOrder(owner_id=user.id, job_id=move.job_id))
    return world.container.moves.get(user, move.id)


def moved(world: World, user: User, archive: bytes, kinds: tuple[MoveKind, ...] = QUIET) -> Move:
    return work(world, user, send(world, user, archive, kinds))


def lines(world: World, user: User, move: Move, **query: Any) -> list[MoveLine]:
    return world.container.moves.lines(user, move.id, MoveQuery(**query, limit=500)).items


def named(found: list[MoveLine], kind: MoveKind) -> dict[str, MoveLine]:
    return {line.name: line for line in found if line.kind == kind}


def small(**files: bytes) -> dict[str, bytes]:
    """A folder with one character and whatever else."""
    return {"characters/Maren.png": card("Maren"), **{name.replace("__", "/"): data for name, data in files.items()}}


def with_files(more: Mapping[str, bytes]) -> bytes:
    return zipped({"characters/Maren.png": card("Maren"), **more})


def test_worlds_keep_who_they_belong_to(world: World, ada: User):
    files = {
        "characters/Maren.png": card("Maren", extensions={"world": "Harbour"}),
        "chats/Maren/a.jsonl": chat("Hello", "Yes.", world_info="Harbour", persona="ada.png"),
        "worlds/Harbour.json": data_folder()["worlds/Harbour.json"],
        "settings.json": json.dumps(settings()).encode(),
    }
    found = lines(world, ada, moved(world, ada, zipped(files)))
    linking, ids = world.container.world_linking, {line.kind: line.id or "" for line in found}
    assert linking.of_character(ada, ids["characters"]).world_ids == [ids["worlds"]]
    assert linking.of_chat(ada, ids["chats"]).world_ids == [ids["worlds"]]
    opened = world.container.chat_store.get("ada", ids["chats"])
    assert opened.persona_id == named(found, "personas")["Ada"].id


def test_who_kept_the_macros_of_before_keeps_them(world: World, ada: User):
    given = settings()
    given["power_user"]["experimental_macro_engine"] = False
    moved(world, ada, zipped({"settings.json": json.dumps(given).encode()}))
    assert world.container.accounts.get(ada.id).choices.legacy_macros is True


def test_things_of_a_name_that_is_here_are_both_kept(world: World, ada: User):
    moved(world, ada, zipped({"worlds/Harbour.json": data_folder()["worlds/Harbour.json"]}))
    other = {"old/worlds/Harbour.json": b'{"entries": {"0": {"uid": 0, "key": ["gull"], "content": "Loud."}}}'}
    move = moved(world, ada, zipped(other, root=""))
    assert [line.reason for line in lines(world, ada, move, kind="worlds")] == ["differs"]
    work(world, ada, world.container.moves.take_again(ada, move.id, TakeAgain(positions=[0])))
    line = lines(world, ada, move, kind="worlds")[0]
    assert (line.outcome, line.reason, line.values) == ("changed", "kept_both", {"name": "Harbour (2)"})


def test_what_is_here_in_another_state_stays_and_is_taken_beside_it_when_asked(world: World, ada: User):
    first = {"characters/Maren.png": card("Maren"), "chats/Maren/a.jsonl": chat("Hello", "Good morning.")}
    moved(world, ada, zipped(first))
    later = moved(world, ada, zipped({**first, "chats/Maren/a.jsonl": chat("Hello", "Good morning.", "On.", "Yes.")}))
    line = lines(world, ada, later, kind="chats")[0]
    assert (line.outcome, line.reason, line.again, later.again) == ("left_out", "differs", True, True)
    work(world, ada, world.container.moves.take_again(ada, later.id, TakeAgain(positions=[line.position])))
    chats = world.container.chats.list(ada, ChatQuery()).items
    assert sorted(one.message_count for one in chats) == [2, 4]
    after = world.container.moves.get(ada, later.id)
    assert after.counts["chats"].model_dump() == {"total": 1, "taken": 1, "changed": 0, "left_out": 0}
    assert [one.outcome for one in lines(world, ada, after, kind="chats")] == ["taken"]


def test_after_the_last_question_the_archive_is_gone(world: World, ada: User):
    move = moved(world, ada, with_files({}))
    assert [key for key in world.files() if "/moves/" in key] == []
    with pytest.raises(Conflict):
        world.container.moves.take_again(ada, move.id, TakeAgain(positions=[0]))


def test_a_move_that_broke_off_goes_on_where_it_was(world: World, ada: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chalicelib.services.moving.BATCH_ITEMS_MOST", 2)
    many = {"characters/C.png": card("C")}
    many |= {f"chats/C/{n}.jsonl": chat(f"Hello {n}", "Yes.") for n in range(5)}
    move = send(world, ada, zipped(many))
    takers = world.container.move_takers
    take, taken_so_far = takers["chats"].take, []

    def breaking(errand: Any, read: Any) -> Any:
        taken_so_far.append(read.position)
        if len(taken_so_far) == 3:
            raise ZeroDivisionError
        return take(errand, read)

    with monkeypatch.context() as patch:
        patch.setattr(takers["chats"], "take", breaking)
        order = JobOrder(owner_id="ada", job_id=move.job_id or "")
        with pytest.raises(ZeroDivisionError):
            world.container.jobs.run(order)
        world.container.jobs.break_off(order)
    done = work(world, ada, move)
    assert (done.status, done.total, done.counts["chats"].taken) == ("done", 6, 5)
    assert len(lines(world, ada, done)) == 6
    found = [one.title for one in world.container.chats.list(ada, ChatQuery(limit=100)).items]
    assert len(found) == 5


class PowerCut(BaseException):
    """Nothing catches it, as nothing catches a kill."""


def test_a_worker_that_died_in_the_middle_is_followed_by_another(
    world: World, ada: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("chalicelib.services.moving.BATCH_ITEMS_MOST", 2)
    many = {f"characters/C{n}.png": card(f"C{n}") for n in range(3)}
    many |= {f"chats/C{n % 3}/{n}.jsonl": chat(f"Hello {n}", "Yes.") for n in range(6)}
    move = send(world, ada, zipped(many))
    order = JobOrder(owner_id="ada", job_id=move.job_id or "")
    add, begun = world.container.chat_store.add, []

    def dying(*given: Any, **more: Any) -> None:
        begun.append(given)
        if len(begun) > 3:
            raise PowerCut
        add(*given, **more)

    with monkeypatch.context() as patch:
        # The messages of a chat are written by then, and nothing sweeps up after them.
        patch.setattr(world.container.chat_store, "add", dying)
        patch.setattr(world.container.chat_store, "wipe", lambda *_: None)
        with pytest.raises(PowerCut):
            world.container.jobs.run(order)
    world.container.jobs.run(order)
    assert world.container.moves.get(ada, move.id).status == "running"  # it is in the dead one's hands
    world.clock.advance(seconds=200)
    world.container.jobs.sweep(world.clock.now())
    done = work(world, ada, move)
    assert (done.status, done.done, done.counts["chats"].taken, done.counts["characters"].taken) == ("done", 9, 6, 3)
    assert sorted(line.position for line in lines(world, ada, done)) == list(range(9))
    chats = world.container.chats.list(ada, ChatQuery(limit=100)).items
    assert sorted((one.title, one.message_count) for one in chats) == [(str(n), 2) for n in range(6)]
    for one in chats:
        page = world.container.chats.read(ada, one.id, MessageQuery())
        assert [said.text for said in page.messages] == [f"Hello {one.title}", "Yes."]


def test_a_long_move_hands_over_to_another_run(world: World, ada: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chalicelib.services.moving.BATCH_ITEMS_MOST", 2)
    move = send(world, ada, zipped({f"characters/C{n}.png": card(f"C{n}") for n in range(3)}))
    monkeypatch.setattr("chalicelib.services.moves.STRETCH_SECONDS", -1)
    half = work(world, ada, move)
    assert (half.status, half.done) == ("running", 2)
    assert work(world, ada, move).status == "done"
    assert len(lines(world, ada, move)) == 3


def test_a_move_can_be_stopped_and_goes_on(world: World, ada: User, monkeypatch: pytest.MonkeyPatch):
    move = send(world, ada, with_files({}))
    world.container.moves.stop(ada, move.id)
    assert work(world, ada, move).status == "stopped"
    begun = world.container.moves.begin(ada, move.id)
    assert work(world, ada, begun).status == "done"


def test_one_begins_only_when_all_slices_are_there(world: World, ada: User):
    move = world.container.moves.start(ada, NewMove(name="a.zip", size=20_000_000, kinds=["characters"]))
    there = world.container.moves.slices(ada, move.id)
    assert (there.count, there.there) == (3, [])
    with pytest.raises(Invalid):
        world.container.moves.begin(ada, move.id)


def test_uploads_that_nobody_finished_are_swept(world: World, ada: User):
    move = world.container.moves.start(ada, NewMove(name="a.zip", size=10, kinds=["characters"]))
    world.container.files.put(f"ada/moves/{move.id}/0000", b"0123456789", "application/octet-stream")
    world.clock.advance(days=4)
    world.container.moves.sweep(world.clock.now())
    assert world.files() == []
    assert world.container.moves.list(ada) == []


def test_an_archive_that_is_none_fails_with_a_sentence(world: World, ada: User):
    move = work(world, ada, send(world, ada, b"PK\x03\x04 and then nothing"))
    assert (move.status, move.code) == ("failed", "not_an_archive")


def test_broken_files_cost_themselves_only(world: World, ada: User):
    whole = chat("Hello", "Good morning.", "On.")
    found = lines(
        world,
        ada,
        moved(
            world,
            ada,
            zipped(
                {
                    "settings.json": b"{not json",
                    "characters/Maren.png": card("Maren"),
                    "characters/Half.png": card("Half")[:80],
                    "characters/Words.png": b"just words",
                    "chats/Maren/whole.jsonl": whole,
                    "chats/Maren/cut.jsonl": whole[:-40],
                    "chats/Maren/broken.jsonl": whole.replace(b'"is_user": false', b'"is_user: false'),
                    "chats/Gone/a.jsonl": whole,
                    "instruct/Odd.json": b'{"input_sequence": {"a": []}, "name": 7}',
                    "worlds/Odd.json": b'{"entries": {"0": {"uid": "x", "key": 3, "order": {}}}}',
                    "groups/Odd.json": b'{"name": 3, "members": {"a": 1}}',
                    "OpenAI Settings/Odd.json": b'{"prompts": 3, "prompt_order": [[]], "temperature": "hot"}',
                    "QuickReplies/Odd.json": b'{"qrList": 7}',
                }
            ),
        ),
    )
    told = {(line.kind, line.name): (line.outcome, line.reason or line.code) for line in found if line.name != "Odd"}
    assert [line.name for line in found].count("Odd") == 5
    assert told == {
        ("preferences", "settings.json"): ("left_out", "broken_json"),
        ("characters", "Maren"): ("taken", None),
        ("characters", "Half"): ("left_out", "broken_png"),
        ("characters", "Words"): ("left_out", "not_a_card"),
        ("chats", "Maren/whole"): ("taken", None),
        ("chats", "Maren/cut"): ("changed", "chat_cut"),
        ("chats", "Maren/broken"): ("left_out", "invalid_chat"),
        ("chats", "Gone/a"): ("left_out", "no_character"),
    }


def test_keys_are_taken_only_when_asked_for(world: World, ada: User):
    moved(world, ada, zipped(data_folder()))
    assert [one.name for one in world.container.connections.list_all(ada)] == ["Demo"]
    moved(world, ada, zipped(data_folder()), ("secrets",))
    mine = world.container.connections.list_all(ada)[-1]
    assert (mine.name, mine.has_key, mine.address) == ("OpenAI", True, "https://api.openai.com/v1")
    assert "sk-test-1234567890abcdef" not in json.dumps(world.rows(), default=repr)


def test_kinds_that_are_switched_off_are_not_looked_at(world: World, ada: User):
    move = moved(world, ada, zipped(data_folder()), ("characters",))
    assert {line.kind for line in lines(world, ada, move)} == {"characters", "others"}


def test_a_report_of_many_lines_is_paged_and_can_be_fetched(world: World, ada: User):
    tags = [{"id": str(n), "name": f"=tag {n}"} for n in range(60)]
    archive = zipped({"settings.json": json.dumps(settings(tags=tags, tag_map={})).encode()})
    move = moved(world, ada, archive, ("tags",))
    seen, cursor = [], None
    while True:
        page = world.container.moves.lines(ada, move.id, MoveQuery(cursor=cursor, limit=25, kind="tags"))
        seen += [line.position for line in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == list(range(60))
    download = world.container.moves.report(ada, move.id)
    key = next(key for key in world.files() if key.endswith(".csv"))
    body = boto3.client("s3", region_name=REGION).get_object(Bucket=BUCKET, Key=key)["Body"].read().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(body)))
    assert download.filename.endswith(".csv")
    assert rows[0] == ["outcome", "kind", "name", "note"]
    assert rows[1] == ["left out", "tags", "'=tag 0", "No character has it."]


def test_a_look_counts_by_kinds_before_anything_is_sent(world: World):
    files = [{"path": f"data/default-user/{path}", "size": len(data)} for path, data in data_folder().items()]
    seen = world.container.moves.look(NewLook.model_validate({"files": files}))
    counts = {one.kind: one.count for one in seen.kinds}
    assert (counts["characters"], counts["chats"], counts["worlds"], counts["secrets"]) == (2, 4, 1, 1)
    assert [seen.files[place] for place, file in enumerate(files) if "thumbnails" in file["path"]] == [-1]


def test_a_store_that_does_not_answer_breaks_the_move_off_not_the_item(
    world: World, ada: User, monkeypatch: pytest.MonkeyPatch
):
    move = send(world, ada, with_files({}))

    def busy(*_: Any, **__: Any) -> None:
        raise Unavailable("Busy.")

    with monkeypatch.context() as patch:
        patch.setattr(world.container.characters, "add_card", busy)
        with pytest.raises(Unavailable):
            work(world, ada, move)
    world.container.jobs.break_off(JobOrder(owner_id="ada", job_id=move.job_id or ""))
    assert work(world, ada, move).counts["characters"].taken == 1
