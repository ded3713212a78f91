"""Whatever dies in the middle: the reply is kept, its branch is free again."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest
import redis as redis_client
from botocore.exceptions import EndpointConnectionError

from chalicelib.clients.direct import _ShortWay
from chalicelib.clients.loop import run
from chalicelib.entrypoints import schedule
from chalicelib.models.generations import GenerationRecord
from chalicelib.services.keeper import Keeper
from chalicelib.services.logs import place_of
from chalicelib.services.writer import Writer, Writing
from chalicelib.stores.segments import Stretch
from chalicelib.stores.streams import Entry, Place
from chalicelib.stores.threads import StoreFailed
from tests.support.model_server import Say, Wait, model_server
from tests.support.post_office import post_office
from tests.support.replies import Stage
from tests.support.world import Aws, world_on

on_both_logs = pytest.mark.parametrize("stage", ["dynamo", "redis"], indirect=True)


def claim(stage: Stage, generation_id: str) -> GenerationRecord:
    """A worker takes the reply; from here on the test plays the worker."""
    record = stage.container.generation_store.claim(
        stage.person.id,
        generation_id,
        now=stage.world.clock.now(),
        lease_seconds=15,
        log=stage.container.logs.choose(),
    )
    assert record is not None
    return record


def write(stage: Stage, record: GenerationRecord, *texts: str) -> None:
    log = stage.container.logs.of(record)
    for seq, text in enumerate(texts, 1):
        assert run(log.append(place_of(record), Entry(seq, text), after=seq - 1)).outcome == "ok"


@on_both_logs
@pytest.mark.parametrize("met_by", ["follow", "resume", "get", "turn", "sweep", "events"])
def test_a_lost_workers_reply_is_interrupted_and_kept(stage: Stage, met_by: str) -> None:
    reader = stage.follower("reader")
    generation = stage.started()
    record = claim(stage, generation["id"])
    write(stage, record, "Half of ", "the story")
    stage.world.clock.advance(seconds=19)

    match met_by:
        case "follow":
            stage.send(reader, type="follow", chat_id=stage.chat["id"])
        case "resume":
            stage.send(reader, type="resume", generation_id=record.id, epoch=1, after=1)
        case "get":
            assert stage.person.get(f"/generations/{record.id}").json["status"] == "done"
        case "turn":
            assert stage.turn("Go on?").status == 202
        case "sweep":
            schedule.run({})
        case "events":
            assert '"interrupted"' in stage.person.get(f"/generations/{record.id}/events").body.decode()

    end = stage.office.wait_for(reader, "end")
    assert (end["finish_reason"], end["seq"]) == ("interrupted", 2)
    kept = next(message for message in stage.messages() if message["id"] == generation["message_id"])
    assert kept["text"] == "Half of the story"
    assert kept["name"] == "Mira"


@on_both_logs
def test_without_any_text_it_is_tried_again_once(stage: Stage) -> None:
    generation = stage.started()
    stage.orders()
    claim(stage, generation["id"])
    stage.world.clock.advance(seconds=19)

    schedule.run({})
    again = stage.record(generation["id"])
    assert (again.status, again.epoch) == ("queued", 1)
    assert len(stage.orders()) == 1
    assert claim(stage, generation["id"]).epoch == 2
    stage.world.clock.advance(seconds=19)
    schedule.run({})

    done = stage.record(generation["id"])
    assert (done.status, done.finish_reason, done.error_code) == ("done", "error", "worker_lost")
    assert stage.turn().status == 202


@on_both_logs
async def test_the_second_attempt_voids_the_first(stage: Stage) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    generation = await asyncio.to_thread(stage.started)
    await asyncio.to_thread(claim, stage, generation["id"])
    stage.world.clock.advance(seconds=19)
    stage.model.will(Say("From the second."))
    await stage.work()

    assert stage.record(generation["id"]).epoch == 2
    assert stage.office.text(reader, generation["id"]) == "From the second."


@on_both_logs
def test_a_worker_that_wakes_up_late_changes_nothing(stage: Stage) -> None:
    generation = stage.started()
    record = claim(stage, generation["id"])
    write(stage, record, "Kept.")
    stage.world.clock.advance(seconds=19)
    schedule.run({})

    late = run(stage.container.logs.of(record).append(place_of(record), Entry(2, " Late."), after=1))
    assert late.outcome == "fenced"
    assert stage.messages()[-1]["text"] == "Kept."


def test_an_order_that_comes_twice_is_obeyed_once(stage: Stage) -> None:
    generation = stage.started()
    order = stage.orders()[0]
    assert run_work(stage, [order, order, order]) == []
    assert run_work(stage, [order]) == []
    assert len(stage.model.requests) == 1
    assert stage.record(generation["id"]).epoch == 1


def test_a_lost_order_is_sent_again(stage: Stage) -> None:
    generation = stage.started()
    stage.orders()
    stage.world.clock.advance(seconds=4)
    schedule.run({})
    assert stage.orders() == []
    stage.world.clock.advance(seconds=2)
    schedule.run({})
    assert len(stage.orders()) == 1
    assert stage.record(generation["id"]).status == "queued"


def test_a_lease_that_is_renewed_keeps_the_reply(stage: Stage) -> None:
    record = claim(stage, stage.started()["id"])
    stage.world.clock.advance(seconds=10)
    store = stage.container.generation_store
    assert store.renew(record, now=stage.world.clock.now(), lease_seconds=15) is not None
    stage.world.clock.advance(seconds=10)
    assert stage.person.get(f"/generations/{record.id}").json["status"] == "running"
    assert stage.turn().code == "reply_in_progress"


def test_a_lease_that_another_attempt_has_taken_is_not_renewed(stage: Stage) -> None:
    record = claim(stage, stage.started()["id"])
    store = stage.container.generation_store
    assert store.requeue(record)
    assert store.renew(record, now=stage.world.clock.now(), lease_seconds=15) is None


async def test_a_lease_that_could_not_be_renewed_is_tried_again_before_it_would_be_due(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    due_seconds, asked_at, ask = 3.0, [], _ShortWay._ask

    def first_refused(way: Any, operation: str, body: bytes) -> Any:
        if operation == "UpdateItem" and b"SET lease_until = :until" in body:
            asked_at.append(time.monotonic())
            if len(asked_at) == 1:
                return 400, b'{"__type": "x#AccessDeniedException"}', ""
        return ask(way, operation, body)

    monkeypatch.setattr(_ShortWay, "_ask", first_refused)
    aws.wipe()
    with post_office() as office, model_server() as model:
        settings = aws.settings(socket_endpoint=office.address).model_copy(update={"lease_renew_seconds": due_seconds})
        with world_on(settings) as world:
            stage = Stage(world, office, model)
            model.will(Say("Wait "), Wait(), Say("for me."))
            await asyncio.to_thread(stage.started)
            working = asyncio.create_task(stage.work())
            async with asyncio.timeout(20):
                while len(asked_at) < 2:
                    await asyncio.sleep(0.05)
            model.go()
            await working
            assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "Wait for me."
            stage.close()
    assert asked_at[1] - asked_at[0] < due_seconds


def test_what_dynamodb_refuses_is_the_stores_error(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    record = claim(stage, stage.started()["id"])
    with monkeypatch.context() as patch:
        patch.setattr(_ShortWay, "_ask", _not_there)
        with pytest.raises(StoreFailed):
            stage.container.generation_store.renew(record, now=stage.world.clock.now(), lease_seconds=15)
        with pytest.raises(StoreFailed):
            stage.container.logs.segments.append(place_of(record), [Entry(1, "text")])


async def test_durable_text_that_could_not_be_written_is_written_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await asyncio.to_thread(lambda: claim(stage, stage.started()["id"]))
    segments = stage.container.logs.segments
    keeper, waiting = Keeper(segments, seconds=0.0), _Waiting(place_of(record))
    with monkeypatch.context() as patch:
        patch.setattr(_ShortWay, "_ask", _not_there)
        keeper.add(waiting)
        await asyncio.sleep(1.0)
        assert waiting.upto == 0
    async with asyncio.timeout(10):
        while not waiting.upto:
            await asyncio.sleep(0.05)
    assert (await asyncio.to_thread(segments.read, place_of(record))).text == "text"


@pytest.mark.parametrize("stage", ["redis"], indirect=True)
def test_pieces_that_came_during_a_durable_write_are_as_old_as_they_are(stage: Stage) -> None:
    record, container = claim(stage, stage.started()["id"]), stage.container

    async def write() -> None:
        keeper = Keeper(container.logs.segments, seconds=60.0)
        writing = Writing(container.logs, container.generation_store, container.metrics, keeper)
        writer = Writer(record, container.replies._delivery(record), writing)
        times = []
        for text in ("One", " two", " three"):
            await writer.write(text, "")
            times.append(writer.written_at)
            await asyncio.sleep(0.05)
        assert writer.kept(1)
        assert writer.undurable_since == times[1]
        writer.leave()

    run(write())


class _Waiting:
    """A reply with one piece that only Redis has."""

    undurable_since = 0.0

    def __init__(self, place: Place) -> None:
        self.undurable = Stretch(place, (Entry(1, "text"),))
        self.upto = 0

    def kept(self, upto: int) -> bool:
        self.upto = upto
        return False


def _not_there(way: object, operation: str, body: bytes) -> tuple[int, bytes, str]:
    raise EndpointConnectionError(endpoint_url="http://nowhere")


@pytest.mark.parametrize("stage", ["redis"], indirect=True)
async def test_a_flushed_redis_costs_no_letter(stage: Stage) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    stage.model.will(Say("Before. "), Wait(), Say("After."))
    generation = await asyncio.to_thread(stage.started)
    working = asyncio.create_task(stage.work())
    await asyncio.to_thread(stage.office.wait_for, reader, "d")
    with redis_client.Redis.from_url(stage.world.settings.redis_url or "") as connection:
        connection.flushall()
    stage.model.go()
    await working

    assert stage.office.text(reader, generation["id"]) == "Before. After."
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "Before. After."
    late = await asyncio.to_thread(stage.connect, "late")
    await asyncio.to_thread(stage.send, late, type="resume", generation_id=generation["id"], epoch=0, after=0)
    assert stage.office.text(late, generation["id"]) == "Before. After."


def flush(stage: Stage) -> None:
    with redis_client.Redis.from_url(stage.world.settings.redis_url or "") as connection:
        connection.flushall()


@pytest.mark.parametrize("stage", ["redis"], indirect=True)
async def test_a_worker_that_wakes_up_to_an_empty_redis_adds_nothing(stage: Stage) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    stage.model.will(Say("Kept."), Wait(), Say(" Late."))
    generation = await asyncio.to_thread(stage.started)
    working = asyncio.create_task(stage.work())
    await asyncio.to_thread(stage.office.wait_for, reader, "d")
    stage.world.clock.advance(seconds=19)
    await asyncio.to_thread(schedule.run, {})
    # With the log its end is gone, which would have told the worker.
    await asyncio.to_thread(flush, stage)
    stage.model.go()
    await working

    record = await asyncio.to_thread(stage.record, generation["id"])
    log = stage.container.logs.of(record)
    assert await asyncio.to_thread(lambda: run(log.read(place_of(record), after=0))) == []
    assert [frame["x"] for frame in stage.office.of_type(reader, "d")] == ["Kept."]


@pytest.mark.parametrize("stage", ["redis"], indirect=True)
def test_what_is_written_behind_an_end_that_redis_has_lost_is_shown_to_nobody(stage: Stage) -> None:
    generation = stage.started()
    record = claim(stage, generation["id"])
    write(stage, record, "Kept.")
    stage.world.clock.advance(seconds=19)
    schedule.run({})
    flush(stage)
    write(stage, record, "Kept.", " Late.")

    assert stage.person.get(f"/generations/{record.id}").json["text"] == "Kept."
    assert "Late" not in stage.person.get(f"/generations/{record.id}/events").body.decode()
    late = stage.connect("late")
    stage.send(late, type="resume", generation_id=record.id, epoch=0, after=0)
    assert stage.office.text(late, record.id) == "Kept."
    flush(stage)
    run(stage.container.logs.of(record).append(place_of(record), Entry(2, "Kept. Late.", "", "whole"), after=1))
    assert "Late" not in stage.person.get(f"/generations/{record.id}/events").body.decode()


@pytest.mark.parametrize("stage", ["redis"], indirect=True)
async def test_a_redis_that_dies_is_left_for_dynamodb(stage: Stage) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    stage.model.will(Say("Before. "), Wait(), Say("After. "), Wait(0.3), Say("End."))
    generation = await asyncio.to_thread(stage.started)
    working = asyncio.create_task(stage.work())
    await asyncio.to_thread(stage.office.wait_for, reader, "d")
    log = stage.container.logs.redis
    assert log is not None

    async def die() -> None:
        # The address first: the worker looks for the stop flag meanwhile, and would connect again.
        log._url = "redis://127.0.0.1:1"
        await log.close()

    await asyncio.to_thread(lambda: run(die()))
    stage.model.go()
    await working

    assert stage.office.text(reader, generation["id"]) == "Before. After. End."
    assert stage.record(generation["id"]).log == "dynamo"
    late = await asyncio.to_thread(stage.connect, "late")
    await asyncio.to_thread(stage.send, late, type="resume", generation_id=generation["id"], epoch=0, after=0)
    assert stage.office.text(late, generation["id"]) == "Before. After. End."


@pytest.mark.parametrize("stage", ["redis"], indirect=True)
async def test_segments_alone_keep_the_text_when_redis_is_lost_with_the_worker(stage: Stage) -> None:
    generation = await asyncio.to_thread(stage.started)
    record = await asyncio.to_thread(claim, stage, generation["id"])
    pieces = [Entry(1, "Stored "), Entry(2, "in time.")]
    await asyncio.to_thread(stage.container.logs.segments.append, place_of(record), pieces)
    stage.world.clock.advance(seconds=19)
    got = await asyncio.to_thread(stage.person.get, f"/generations/{generation['id']}")
    assert got.json["finish_reason"] == "interrupted"
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "Stored in time."


@pytest.mark.parametrize("stage", ["redis"], indirect=True)
async def test_a_redis_that_came_back_with_less_than_the_segments_hides_nothing(stage: Stage) -> None:
    generation = await asyncio.to_thread(stage.started)
    record = await asyncio.to_thread(claim, stage, generation["id"])
    pieces = [Entry(1, "Stored "), Entry(2, "in time.")]
    await asyncio.to_thread(stage.container.logs.segments.append, place_of(record), pieces)
    # What a killed Redis had on its disk is up to a second old.
    await asyncio.to_thread(write, stage, record, "Stored ")
    stage.world.clock.advance(seconds=19)
    got = await asyncio.to_thread(stage.person.get, f"/generations/{generation['id']}")
    assert got.json["finish_reason"] == "interrupted"
    assert (await asyncio.to_thread(stage.messages))[-1]["text"] == "Stored in time."


async def test_a_reply_that_fails_twice_for_a_reason_of_ours_frees_its_branch(stage: Stage) -> None:
    generation = await asyncio.to_thread(stage.started)
    order = (await asyncio.to_thread(stage.orders))[0]

    async def broken(record: GenerationRecord, ahead: object) -> None:
        raise RuntimeError("a bug")

    stage.container.scenes.prepare = broken  # type: ignore[method-assign,assignment]
    assert await stage.work([order]) == [order["messageId"]]
    assert stage.record(generation["id"]).status == "running"
    stage.world.clock.advance(seconds=1)
    assert await stage.work([{**order, "attributes": {"ApproximateReceiveCount": "2"}}]) == []
    done = stage.record(generation["id"])
    assert (done.status, done.error_code) == ("done", "internal")


def test_an_abandoned_lease_is_not_waited_for(stage: Stage) -> None:
    record = claim(stage, stage.started()["id"])
    stage.world.clock.advance(seconds=1)
    stage.container.generation_store.give_up(record, stage.world.clock.now())
    assert record.lease_until is not None
    assert record.lease_until - stage.world.clock.now() > timedelta(seconds=10)
    assert stage.person.get(f"/generations/{record.id}").json["status"] == "queued"


def run_work(stage: Stage, orders: list[dict[str, object]]) -> list[str]:
    return asyncio.run(stage.work(orders))
