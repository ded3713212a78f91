"""One reply is followed by its id through the log of every door, and what happens is counted where it happens."""

import json
import logging
from typing import Any

import pytest
import redis

from chalicelib.clients.loop import run
from chalicelib.entrypoints import schedule, worker
from chalicelib.services.logs import place_of
from chalicelib.stores.streams import Entry
from tests.integration.test_worker import Context, batch
from tests.support.model_server import Cut, Fail, Say
from tests.support.people import PASSWORD
from tests.support.replies import Stage


def lines(caplog: pytest.LogCaptureFixture, generation: dict[str, Any]) -> list[logging.LogRecord]:
    return [line for line in caplog.records if getattr(line, "generation_id", "") == generation["id"]]


def correlation(line: logging.LogRecord) -> str:
    return str(vars(line)["correlation_id"])


def counted(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines with metrics that were written since the last time."""
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    return [line for line in told if "_aws" in line]


def test_one_correlation_id_leads_from_the_turn_to_the_replys_end(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    answer = stage.turn("Hello?")
    generation = answer.json["generations"][0]
    assert worker.generate(batch(stage.orders()), Context()) == {"batchItemFailures": []}
    told = lines(caplog, generation)
    assert [line.getMessage() for line in told] == ["request", "reply begins", "reply ended"]
    assert {correlation(line) for line in told} == {answer.headers["x-correlation-id"]}
    assert vars(told[0])["turn_id"] == vars(told[1])["turn_id"] == generation["turn_id"]
    assert vars(told[2])["finish_reason"] == "stop"


def test_replies_of_one_batch_keep_their_own_correlation_ids(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    first = stage.turn("Hello?")
    other = stage.person.post("/chats", {"character_id": stage.chat["character_id"]}).json
    body = {"text": "Hello?", "connection_id": stage.connection_id}
    second = stage.person.post(f"/chats/{other['id']}/turns", body)
    worker.generate(batch(stage.orders()), Context())
    for answer in (first, second):
        told = lines(caplog, answer.json["generations"][0])
        assert {correlation(line) for line in told} == {answer.headers["x-correlation-id"]}
        assert len(told) == 3


def test_what_sockets_ask_for_is_followed_too(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    reader = stage.follower("reader")
    generation = stage.started()
    claimed(stage, generation["id"])
    stage.send(reader, type="resume", generation_id=generation["id"], epoch=1, after=1)
    stage.send(reader, type="stop", turn_id=generation["turn_id"])
    told = {line.getMessage(): line for line in lines(caplog, generation)}
    assert vars(told["reader resumed"])["hole"] is True
    assert vars(told["stop asked"])["turn_id"] == generation["turn_id"]
    assert correlation(told["reader resumed"]) != correlation(told["stop asked"]) != ""


def test_what_the_sweep_mends_is_followed_too(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    generation = stage.started()
    claimed(stage, generation["id"])
    stage.world.clock.advance(seconds=19)
    schedule.run({})
    told = lines(caplog, generation)[-1]
    assert (told.getMessage(), vars(told)["pieces"]) == ("worker lost, reply ended", 2)
    assert correlation(told)


def test_each_door_counts_what_happens_at_it(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    reader = stage.follower("reader")
    generation = stage.started()
    worker.generate(batch(stage.orders()), Context())
    (told,) = counted(capsys)
    assert (told["door"], told["stage"], told["service"]) == ("worker", "local", "tavern")
    assert (told["Replies"], told["Frames"], len(told["FirstToken"]), len(told["QueueWait"])) == ([1.0], [3.0], 1, 1)

    stage.send(reader, type="resume", generation_id=generation["id"], epoch=1, after=0)
    (told,) = counted(capsys)
    assert (told["door"], told["Resumes"], len(told["Resume"])) == ("socket", [1.0], 1)
    assert "Holes" not in told, "what is asked for after the end was not lost"

    lost = stage.started("And then?")
    claimed(stage, lost["id"])
    stage.send(reader, type="resume", generation_id=lost["id"], epoch=1, after=2)
    stage.send(reader, type="resume", generation_id=lost["id"], epoch=1, after=1)
    assert [told.get("Holes") for told in counted(capsys)] == [None, [1.0]]

    stage.person.post(f"/turns/{lost['turn_id']}/stop")
    (told,) = counted(capsys)
    assert (told["door"], told["Stops"]) == ("rest", [1.0])

    stage.world.clock.advance(seconds=19)
    schedule.run({})
    (told,) = counted(capsys)
    assert (told["door"], told["Orphans"]) == ("schedule", [1.0])

    assert stage.person.patch(f"/chats/{stage.chat['id']}/messages/{generation['message_id']}", {"revision": 9}).status
    stale = {"revision": 9, "text": "Too late."}
    assert stage.person.patch(f"/chats/{stage.chat['id']}/messages/{generation['message_id']}", stale).status == 409
    assert [told["Conflicts"] for told in counted(capsys)] == [[1.0]]


@pytest.mark.parametrize("stage", ["redis"], indirect=True)
def test_a_log_that_is_left_is_counted_and_told(
    stage: Stage, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], redis_url: str
) -> None:
    generation = stage.started()
    orders = stage.orders()
    with redis.Redis.from_url(redis_url) as connection:
        connection.execute_command("ACL", "SETUSER", "default", "-xadd")
        try:
            worker.generate(batch(orders), Context())
        finally:
            connection.execute_command("ACL", "SETUSER", "default", "+xadd")
    assert counted(capsys)[0]["LogSwitches"] == [1.0]
    assert "Redis does not answer, reply goes on in DynamoDB" in [x.getMessage() for x in lines(caplog, generation)]


def test_none_of_it_says_what_was_said(
    stage: Stage, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "the lighthouse burns at midnight"
    stage.person.patch(f"/chats/{stage.chat['id']}", {"title": secret, "authors_note": secret})
    reader = stage.follower("reader")
    for steps in ((Say(secret, secret),), (Fail(500), Fail(500)), (Say(secret), Cut())):
        stage.model.will(*steps)
        generation = stage.started(secret)
        worker.generate(batch(stage.orders()), Context())
        stage.send(reader, type="resume", generation_id=generation["id"], epoch=1, after=0)
    stage.send(reader, type="resume", generation_id=secret, epoch=1, after=0)
    stage.send(reader, type=secret, text=secret)
    lost = stage.started(secret)
    claimed(stage, lost["id"], secret)
    stage.person.post(f"/turns/{lost['turn_id']}/stop")
    stage.world.clock.advance(seconds=19)
    schedule.run({})
    written = capsys.readouterr().out + "\n".join(f"{line.getMessage()} {vars(line)}" for line in caplog.records)
    assert "reply ended" in written
    assert '"FirstToken"' in written
    for hidden in (
        secret,
        "lighthouse",
        stage.person.token,
        PASSWORD,
        "ada@example.org",
        "A lighthouse keeper",
        "Mira",
    ):
        assert hidden not in written


def claimed(stage: Stage, generation_id: str, *texts: str) -> None:
    """A worker takes the reply, writes, and is seen no more."""
    store, now = stage.container.generation_store, stage.world.clock.now()
    record = store.claim(stage.person.id, generation_id, now=now, lease_seconds=15, log="dynamo")
    assert record is not None
    for seq, text in enumerate(texts or ("Half of ", "the story"), 1):
        run(stage.container.logs.dynamo.append(place_of(record), Entry(seq, text), after=seq - 1))
