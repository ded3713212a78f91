"""Card files in and out: small ones at once, large ones by upload and job."""

import asyncio
import io
import json
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import boto3
import pytest

from chalicelib.cards.reading import read_card_file
from chalicelib.entrypoints import jobs as door
from chalicelib.errors import Invalid, InvalidCard, NotFound, QuotaExceeded, TooLarge, Unavailable
from chalicelib.models.characters import CharacterChange, CharacterQuery, ExportQuery
from chalicelib.models.chats import ChatImportQuery, Message
from chalicelib.models.jobs import Job, JobOrder
from chalicelib.models.media import NewUpload
from chalicelib.models.users import User
from chalicelib.services.jobs import Work
from tests.support.pictures import picture
from tests.support.world import BUCKET, REGION, World, world_on
from tests.unit.cards.builders import card_png, encoded, png, text, v2, v3


@pytest.fixture
def ada(world: World) -> User:
    return world.person("ada")


def charx(**fields: Any) -> bytes:
    """A CHARX with a portrait, a sprite and a module."""
    assets = [
        {"type": "icon", "uri": "embeded://assets/icon/images/me.png", "name": "main", "ext": "png"},
        {"type": "emotion", "uri": "embeded://assets/emotion/images/joy.png", "name": "joy", "ext": "png"},
    ]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("card.json", json.dumps(v3(assets=assets, **fields)))
        archive.writestr("assets/icon/images/me.png", picture("orange"))
        archive.writestr("assets/emotion/images/joy.png", picture("gold"))
        archive.writestr("module.risum", b"\0module")
    return made.getvalue()


def card_with_portrait() -> bytes:
    data = picture("teal", (200, 300))
    at = data.index(b"IDAT") - 4
    return data[:at] + text("chara", encoded(v2())) + data[at:]


def fetched(world: World, url: str) -> bytes:
    from urllib.parse import unquote, urlsplit

    return world.container.files.get(unquote(urlsplit(url).path).lstrip("/"))


def test_a_card_becomes_a_character_with_its_portrait(world: World, ada: User):
    made = world.container.card_files.take("ada", card_with_portrait(), "maren.png")
    assert (made.line.outcome, made.line.name) == ("taken", "maren.png")
    assert made.character
    assert made.character.picture
    assert made.character.id == made.line.id


def test_the_same_file_again_is_left_out_with_the_id(world: World, ada: User):
    first = world.container.card_files.take("ada", card_png(v2()), "maren.png")
    again = world.container.card_files.take("ada", card_png(v2()), "copy.png")
    assert (again.line.outcome, again.line.code, again.line.id) == ("left_out", "duplicate", first.line.id)
    assert again.character is None


@pytest.mark.parametrize("what", ["changed", "thrown away"])
def test_a_file_may_come_again_when_its_character_was(world: World, ada: User, what: str):
    first = world.container.card_files.take("ada", card_png(v2()), "maren.png")
    assert first.line.id
    if what == "changed":
        world.container.characters.change(ada, first.line.id, CharacterChange(revision=1, tags=["mine"]))
    else:
        world.container.characters.trash(ada, first.line.id)
    assert world.container.card_files.take("ada", card_png(v2()), "maren.png").line.outcome == "taken"


def test_what_was_mended_is_told(world: World, ada: User):
    line = world.container.card_files.take("ada", json.dumps(v2(scenario={"a": 1})).encode(), "m.json").line
    assert (line.outcome, line.note) == (
        "changed",
        "The field scenario has a form that cannot be read and was left out.",
    )


def test_a_broken_portrait_costs_the_portrait_only(world: World, ada: User):
    whole = card_with_portrait()
    made = world.container.card_files.take("ada", whole[: whole.index(b"IDAT") + 20], "cut.png")
    assert made.character
    assert (made.line.outcome, made.character.picture) == ("changed", None)


def test_a_file_beyond_the_quota_leaves_nothing_behind(world: World):
    with world_on(world.settings.model_copy(update={"storage_bytes": 1_000})) as small, pytest.raises(QuotaExceeded):
        small.container.card_files.take("ada", charx(), "m.charx")
    assert world.files() == []
    assert world.container.limits.usage("ada").storage_bytes == 0


@pytest.mark.parametrize("kind", ["png", "json", "charx"])
def test_what_goes_out_can_come_in_again(world: World, ada: User, kind: Any):
    made = world.container.card_files.take("ada", charx(extensions={"foreign": 1}, unheard_of=1), "m.charx")
    assert made.line.id
    download = world.container.card_files.export(ada, made.line.id, ExportQuery(format=kind))
    assert not isinstance(download, Job)
    assert download.filename == f"Maren.{kind}"
    found = read_card_file(fetched(world, download.url))
    assert found.format == kind
    assert found.card == world.container.characters.get("ada", made.line.id).card
    if kind == "charx":
        assert found.files == read_card_file(charx()).files


def test_a_new_portrait_goes_out_instead_of_the_old_icon(world: World, ada: User):
    made = world.container.card_files.take("ada", charx(), "m.charx")
    assert made.line.id
    world.container.characters.set_avatar(ada, made.line.id, picture("navy"))
    download = world.container.card_files.export(ada, made.line.id, ExportQuery(format="charx"))
    assert not isinstance(download, Job)
    found = read_card_file(fetched(world, download.url))
    assert found.picture != picture("orange")
    assert "assets/icon/images/main.png" in found.files


def test_a_character_without_portrait_goes_out_as_png(world: World, ada: User):
    made = world.container.card_files.take("ada", json.dumps(v2()).encode(), "m.json")
    assert made.line.id
    download = world.container.card_files.export(ada, made.line.id, ExportQuery(format="png"))
    assert not isinstance(download, Job)
    assert read_card_file(fetched(world, download.url)).card.data.name == "Maren"


def test_a_name_no_disk_takes_is_made_harmless(world: World, ada: User):
    made = world.container.card_files.take("ada", json.dumps(v2(name='../M:a"r\ten?')).encode(), "m.json")
    assert made.line.id
    download = world.container.card_files.export(ada, made.line.id, ExportQuery(format="json"))
    assert not isinstance(download, Job)
    assert download.filename == "M a r en.json"


# --- uploads and jobs


def uploaded(world: World, user: User, data: bytes, filename: str = "m.charx", **more: Any) -> str:
    """An upload whose file has arrived, put by the form's key."""
    body = NewUpload(filename=filename, size=len(data), content_type="application/zip", **more)
    form = world.container.uploads.start(user, body)
    boto3.client("s3", region_name=REGION).put_object(Bucket=BUCKET, Key=form.fields["key"], Body=data)
    return form.id


def orders(world: World) -> list[dict[str, Any]]:
    """The messages that wait in the job queue, as a door gets them."""
    sqs = boto3.client("sqs", region_name=REGION)
    got = sqs.receive_message(QueueUrl=world.settings.job_queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [{"messageId": m["MessageId"], "body": m["Body"]} for m in got.get("Messages", [])]


def work(world: World) -> list[str]:
    return asyncio.run(door.process(orders(world)))


def test_a_large_file_comes_by_upload_and_job(world: World, ada: User):
    upload_id = uploaded(world, ada, charx())
    job = world.container.uploads.finish(ada, upload_id)
    assert (job.status, job.kind) == ("queued", "import_file")
    assert work(world) == []
    done = world.container.jobs.get("ada", job.id)
    assert (done.status, [line.outcome for line in done.report]) == ("done", ["taken"])
    assert done.report[0].id
    assert world.container.characters.get("ada", done.report[0].id).name == "Maren"
    assert not any("/uploads/" in key for key in world.files())


def test_an_upload_counts_until_it_is_taken_in(world: World, ada: User):
    upload_id = uploaded(world, ada, charx())
    assert world.container.limits.usage("ada").storage_bytes == len(charx())
    world.container.uploads.finish(ada, upload_id)
    work(world)
    held = world.container.characters.get_record("ada", upload_id)
    assert world.container.limits.usage("ada").storage_bytes == held.file_bytes


def test_finishing_twice_is_one_job(world: World, ada: User):
    upload_id = uploaded(world, ada, charx())
    first = world.container.uploads.finish(ada, upload_id)
    assert world.container.uploads.finish(ada, upload_id).id == first.id
    work(world)
    assert world.container.uploads.finish(ada, upload_id).status == "done"
    assert len(world.container.characters.list_page(ada, CharacterQuery()).items) == 1


def test_an_order_delivered_twice_is_done_once(world: World, ada: User):
    world.container.uploads.finish(ada, uploaded(world, ada, charx()))
    twice = orders(world) * 2
    assert asyncio.run(door.process(twice)) == []
    assert asyncio.run(door.process(twice)) == []
    assert len(world.container.characters.list_page(ada, CharacterQuery()).items) == 1


def test_a_worker_that_died_is_followed_by_another(world: World, ada: User):
    job = world.container.uploads.finish(ada, uploaded(world, ada, charx()))
    jobs, store = world.container.jobs, world.container.jobs._store
    now = world.clock.now()
    from datetime import timedelta

    assert store.claim("ada", job.id, now=now, lease_until=now + timedelta(seconds=120))
    jobs.run(JobOrder(owner_id="ada", job_id=job.id))  # somebody has it in hand
    assert jobs.get("ada", job.id).status == "running"
    world.clock.advance(seconds=121)
    before = len(orders(world))
    jobs.sweep(world.clock.now())
    assert len(orders(world)) == before + 1
    jobs.run(JobOrder(owner_id="ada", job_id=job.id))
    assert jobs.get("ada", job.id).status == "done"


def test_a_worker_that_died_after_its_last_write_is_no_loss(world: World, ada: User):
    job = world.container.uploads.finish(ada, uploaded(world, ada, charx()))
    now = world.clock.now()
    claim = world.container.jobs._store.claim("ada", job.id, now=now, lease_until=now)
    assert claim
    from chalicelib.services.jobs import Work

    world.container.uploads.run_import(Work("ada", job.id, claim.arguments, lambda done, total: None))
    world.clock.advance(seconds=1)
    world.container.jobs.run(JobOrder(owner_id="ada", job_id=job.id))
    done = world.container.jobs.get("ada", job.id)
    assert (done.status, done.report[0].id) == ("done", job.id)


def test_a_bad_file_ends_its_job_with_a_sentence(world: World, ada: User):
    job = world.container.uploads.finish(ada, uploaded(world, ada, b"just some words"))
    assert work(world) == []
    failed = world.container.jobs.get("ada", job.id)
    assert (failed.status, failed.code) == ("failed", "not_a_card")
    assert failed.error == "This file is no character card: not PNG, JSON, CHARX or YAML."
    assert world.files() == []
    assert world.container.limits.usage("ada").storage_bytes == 0


def test_trouble_is_tried_twice_then_told(world: World, ada: User):
    def trouble(work: Any) -> Any:
        raise RuntimeError("a secret of ours")

    world.container.jobs._handlers = lambda: {"import_file": trouble}
    job = world.container.jobs.start("ada", "import_file", {})
    assert len(work(world)) == 1
    assert world.container.jobs.get("ada", job.id).status == "queued"
    assert len(work(world)) == 1
    failed = world.container.jobs.get("ada", job.id)
    assert (failed.status, failed.code) == ("failed", "internal")
    assert "secret" not in (failed.error or "")


def test_a_part_that_does_not_answer_is_asked_once_more(world: World, ada: User):
    asked = []

    def unsteady(work: Any) -> Any:
        from chalicelib.services.jobs import Outcome

        asked.append(work.job_id)
        if len(asked) == 1:
            raise Unavailable("The storage of files does not answer.")
        return Outcome()

    world.container.jobs._handlers = lambda: {"import_file": unsteady}
    job = world.container.jobs.start("ada", "import_file", {})
    work(world)
    work(world)
    assert (len(asked), world.container.jobs.get("ada", job.id).status) == (2, "done")


def test_progress_is_written_once_a_second(world: World, ada: User):
    seen = []

    def slow(work: Any) -> Any:
        from chalicelib.services.jobs import Outcome

        for done in range(10):
            work.progress(done, 10)
            world.clock.advance(milliseconds=400)
            seen.append(world.container.jobs.get("ada", work.job_id).done)
        return Outcome()

    world.container.jobs._handlers = lambda: {"import_file": slow}
    world.container.jobs.start("ada", "import_file", {})
    work(world)
    assert seen == [0, 0, 0, 3, 3, 3, 6, 6, 6, 9]


def test_lambdas_door_names_what_failed(world: World, ada: User):
    def trouble(work: Any) -> Any:
        raise RuntimeError

    world.container.jobs._handlers = lambda: {"import_file": trouble}
    world.container.jobs.start("ada", "import_file", {})
    record = orders(world)[0] | {"eventSource": "aws:sqs"}
    assert door.work({"Records": [record]}, None) == {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}


def test_a_large_export_is_a_job(world: World, ada: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chalicelib.services.card_files.AT_ONCE_BYTES_MOST", 10)
    made = world.container.card_files.take("ada", charx(), "m.charx")
    assert made.line.id
    job = world.container.card_files.export(ada, made.line.id, ExportQuery(format="charx"))
    assert isinstance(job, Job)
    work(world)
    done = world.container.jobs.get("ada", job.id)
    assert (done.status, done.result["filename"]) == ("done", "Maren.charx")
    assert read_card_file(fetched(world, done.result["url"])).card.data.name == "Maren"


def test_an_upload_that_has_not_arrived_cannot_be_finished(world: World, ada: User):
    body = NewUpload(filename="m.charx", size=10, content_type="application/zip")
    form = world.container.uploads.start(ada, body)
    with pytest.raises(Invalid) as caught:
        world.container.uploads.finish(ada, form.id)
    assert caught.value.code == "upload_missing"


def test_forgotten_uploads_go_after_a_day(world: World, ada: User):
    uploaded(world, ada, charx())
    world.clock.advance(hours=23)
    world.container.uploads.sweep(world.clock.now())
    assert len(world.files()) == 1
    world.clock.advance(hours=2)
    world.container.uploads.sweep(world.clock.now())
    assert (world.files(), world.container.limits.usage("ada").storage_bytes) == ([], 0)


def test_what_is_above_every_limit_gets_no_form(world: World, ada: User):
    with pytest.raises(TooLarge):
        world.container.uploads.start(ada, NewUpload(filename="m", size=150_000_000, content_type="application/zip"))


def test_a_chat_needs_its_character(world: World, ada: User):
    body = NewUpload(filename="c.jsonl", size=5, content_type="application/x-ndjson", purpose="chat")
    with pytest.raises(Invalid):
        world.container.uploads.start(ada, body)
    with pytest.raises(NotFound):
        world.container.uploads.start(ada, body.model_copy(update={"character_id": "nobody"}))


def test_uploads_and_jobs_of_others_are_not_there(world: World, ada: User):
    upload_id = uploaded(world, ada, charx())
    job = world.container.uploads.finish(ada, upload_id)
    for attempt in (
        lambda: world.container.uploads.finish(world.person("bob"), upload_id),
        lambda: world.container.jobs.get("bob", job.id),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert world.container.jobs.list("bob") == []


def test_a_card_of_thirty_megabytes_is_too_large(world: World, ada: User):
    with pytest.raises(TooLarge):
        world.container.card_files.take("ada", png() + b"x" * 30_000_000, "m.png")
    with pytest.raises(InvalidCard):
        world.container.card_files.take("ada", png(), "m.png")


def test_a_chat_comes_by_upload_and_job_too(world: World, ada: User):
    made = world.container.card_files.take("ada", card_png(v2()), "maren.png")
    lines = [
        {"chat_metadata": {}, "user_name": "unused", "character_name": "unused"},
        {"name": "Maren", "is_user": False, "mes": "You're late."},
        {"name": "Ada", "is_user": True, "mes": "The ferry was."},
    ]
    data = "\n".join(json.dumps(line) for line in lines).encode()
    upload_id = uploaded(world, ada, data, "late.jsonl", purpose="chat", character_id=made.line.id)
    job = world.container.uploads.finish(ada, upload_id)
    assert work(world) == []
    done = world.container.jobs.get("ada", job.id)
    assert (done.status, done.report[0].outcome) == ("done", "taken")
    assert done.report[0].id
    assert world.container.chat_store.get("ada", done.report[0].id).message_count == 2


def chat_lines(count: int) -> bytes:
    header = {"chat_metadata": {}, "user_name": "unused", "character_name": "unused"}
    said = [{"name": "Maren", "is_user": False, "mes": f"Word {number}."} for number in range(count)]
    return "\n".join(json.dumps(line) for line in [header, *said]).encode()


def test_a_worker_that_died_while_it_wrote_a_chat_leaves_nothing_behind(world: World, ada: User):
    made = world.container.card_files.take("ada", card_png(v2()), "maren.png")
    data, before = chat_lines(3), world.container.limits.usage("ada").storage_bytes
    upload_id = uploaded(world, ada, data, "late.jsonl", purpose="chat", character_id=made.line.id)
    job = world.container.uploads.finish(ada, upload_id)
    # What the dead worker had written: some messages under the job's id, and no chat yet.
    message = Message(id="lost.0", chat_id=job.id, role="user", name="Ada", text="lost", created_at=world.clock.now())
    world.container.message_store.put_all("ada", [(message, [])])
    assert work(world) == []
    assert world.container.chat_store.get("ada", job.id).message_count == 3
    assert [row["sk"]["S"] for row in world.rows() if "lost" in row["sk"]["S"]] == []
    assert world.container.limits.usage("ada").storage_bytes - before == len(data)


def test_a_worker_that_died_after_its_work_has_done_it_once(world: World, ada: User):
    made = world.container.card_files.take("ada", card_png(v2()), "maren.png")
    data, before = chat_lines(3), world.container.limits.usage("ada").storage_bytes
    upload_id = uploaded(world, ada, data, "late.jsonl", purpose="chat", character_id=made.line.id)
    job = world.container.uploads.finish(ada, upload_id)
    query = ChatImportQuery(character_id=made.line.id or "")
    world.container.chat_arrivals.import_job("ada", query, data, job.id, lambda done, total: None)
    arguments = {"upload_id": upload_id, "purpose": "chat", "filename": "late.jsonl"}
    again = Work("ada", job.id, arguments, lambda done, total: None)
    assert world.container.uploads.run_import(again).report == world.container.uploads.run_import(again).report
    assert [chat.id for chat in world.container.chat_store.list_all("ada", cursor=None, limit=9).items] == [job.id]
    assert world.container.limits.usage("ada").storage_bytes - before == len(data)


def test_a_character_of_a_worker_that_died_is_counted_once(world: World, ada: User):
    data = charx()
    upload_id = uploaded(world, ada, data)
    job = world.container.uploads.finish(ada, upload_id)
    world.container.card_files.take("ada", data, "m.charx", character_id=job.id, counted=False)
    assert work(world) == []
    held = world.container.characters.get_record("ada", job.id)
    assert world.container.limits.usage("ada").storage_bytes == held.file_bytes
    assert held.picture
    assert held.picture.full_key in world.files()


def test_what_dead_workers_left_of_an_import_goes_with_the_upload(world: World, ada: User):
    made = world.container.card_files.take("ada", card_png(v2()), "maren.png")
    before = world.container.limits.usage("ada").storage_bytes
    chat_upload = uploaded(world, ada, chat_lines(3), "c.jsonl", purpose="chat", character_id=made.line.id)
    card_upload = uploaded(world, ada, charx())
    message = Message(
        id="lost.0", chat_id=chat_upload, role="user", name="A", text="lost", created_at=world.clock.now()
    )
    world.container.message_store.put_all("ada", [(message, [])])
    world.container.files.put(f"ada/characters/{card_upload}/full-lost.webp", b"lost", "image/webp")
    world.clock.advance(hours=25)
    world.container.uploads.sweep(world.clock.now())
    assert [row["sk"]["S"] for row in world.rows() if "lost" in row["sk"]["S"]] == []
    assert [key for key in world.files() if card_upload in key] == []
    assert world.container.limits.usage("ada").storage_bytes == before


def test_of_two_imports_with_one_id_at_once_neither_takes_the_others_files(world: World, ada: User):
    found = read_card_file(charx(), "m.charx")
    picture = world.container.media.encode(found.picture or b"")
    meeting, now = threading.Barrier(2), world.clock.now

    def met() -> datetime:
        # Both have looked for the id by now, and found nothing.
        meeting.wait(20)
        return now()

    def add(_: int) -> str:
        characters = world.container.characters
        return characters.add_card("ada", found.card, picture=picture, files=found.files, character_id="one").id

    world.container.files.find_size("warm")
    world.clock.now = met  # type: ignore[method-assign]
    with ThreadPoolExecutor(2) as both:
        made = set(both.map(add, range(2)))
    world.clock.now = now  # type: ignore[method-assign]
    assert made == {"one"}
    held = world.container.characters.get_record("ada", "one")
    assert held.picture
    assert held.picture.full_key in world.files()
    body = world.container.characters.get_body("ada", "one")
    assert all(file.key in world.files() for file in body.files.values())
    assert world.container.limits.usage("ada").storage_bytes == held.file_bytes
