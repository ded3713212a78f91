"""The socket door: tickets, frames up and their answers, and that nobody reaches another's replies."""

import asyncio
import json
from typing import Any

import pytest

from chalicelib.clients.loop import run
from chalicelib.entrypoints import socket
from chalicelib.services.logs import place_of
from chalicelib.stores.sockets import ChannelRow, Socket, channel_key
from chalicelib.stores.streams import Entry
from tests.integration.test_generation_recovery import claim, write
from tests.support.people import Api
from tests.support.post_office import read
from tests.support.replies import Stage

on_both_logs = pytest.mark.parametrize("stage", ["dynamo", "redis"], indirect=True)


def connect_event(socket_id: str, ticket: str | None) -> dict[str, Any]:
    query = {"queryStringParameters": {"ticket": ticket}} if ticket is not None else {}
    return {"requestContext": {"connectionId": socket_id}, **query}


def test_a_ticket_opens_one_socket(stage: Stage) -> None:
    ticket = stage.person.post("/socket-tickets").json["ticket"]
    assert socket.connect(connect_event("a", ticket))["statusCode"] == 200
    assert socket.connect(connect_event("b", ticket))["statusCode"] == 401


@pytest.mark.parametrize("ticket", [None, "", "made up", "x" * 5_000])
def test_without_a_good_ticket_nobody_comes_in(stage: Stage, ticket: str | None) -> None:
    assert socket.connect(connect_event("a", ticket))["statusCode"] == 401


def test_hello_and_ping_are_answered(stage: Stage) -> None:
    stage.connect("a")
    stage.send("a", type="hello", contract=1, locale="zh-CN")
    stage.send("a", type="ping")
    assert [frame["type"] for frame in stage.office.frames["a"]] == ["welcome", "pong"]
    assert stage.office.frames["a"][0]["socket_id"] == "a"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not JSON",
        "[]",
        '"hello"',
        "{}",
        '{"type": "sing"}',
        '{"type": "ping", "more": 1}',
        '{"type": "follow"}',
        '{"type": "follow", "chat_id": 5}',
        json.dumps({"type": "follow", "chat_id": "x" * 100}),
        '{"type": "resume", "generation_id": "x", "epoch": -1, "after": 0}',
        '{"type": "resume", "generation_id": "x", "epoch": 1, "after": 100000000}',
        json.dumps({"type": "resume", "generation_id": "x", "epoch": 1, "after": 10**30}),
        json.dumps({"type": "resume", "generation_id": "x", "epoch": 10**30, "after": 1}),
        '{"type": "follow", "chat_id": "\\ud800"}',
    ],
)
def test_what_is_not_in_the_contract_is_refused(stage: Stage, body: str) -> None:
    stage.connect("a")
    socket.message({"requestContext": {"connectionId": "a"}, "body": body})
    (frame,) = stage.office.frames["a"]
    assert frame["type"] == "error"
    assert frame["message"].endswith(".")


def test_a_socket_nobody_knows_is_told_to_connect_again(stage: Stage) -> None:
    stage.send("stranger", type="follow", chat_id=stage.chat["id"])
    assert stage.office.frames["stranger"][0]["code"] == "socket_unknown"


def test_every_frame_with_anothers_ids_is_refused(stage: Stage) -> None:
    generation = stage.started()
    mallory = Api().sign_up("mallory")
    stage.connect("m", mallory)
    frames: list[dict[str, Any]] = [
        {"type": "follow", "chat_id": stage.chat["id"]},
        {"type": "resume", "generation_id": generation["id"], "epoch": 0, "after": 0},
        {"type": "stop", "turn_id": generation["turn_id"]},
    ]
    for frame in frames:
        stage.send("m", **frame)
    assert [(one["type"], one["code"]) for one in stage.office.frames["m"]] == [("error", "not_found")] * 3
    stage.send("m", type="unfollow", chat_id=stage.chat["id"])
    assert len(stage.office.frames["m"]) == 3
    assert stage.record(generation["id"]).status == "queued"
    assert stage.container.sockets.followers(stage.person.id, stage.chat["id"]) == ()


def test_every_door_with_anothers_ids_is_refused(stage: Stage) -> None:
    generation = stage.started()
    mallory = Api().sign_up("mallory")
    answers = [
        mallory.post(f"/chats/{stage.chat['id']}/turns", {"text": "Mine now."}),
        mallory.post(f"/turns/{generation['turn_id']}/stop"),
        mallory.get(f"/generations/{generation['id']}"),
        mallory.get(f"/generations/{generation['id']}/events"),
    ]
    assert [(answer.status, answer.code) for answer in answers] == [(404, "not_found")] * 4


def test_a_follower_is_told_what_runs(stage: Stage) -> None:
    stage.follower("idle")
    assert stage.office.frames["idle"][0]["generation_ids"] == []
    generation = stage.started()
    stage.connect("late")
    stage.send("late", type="follow", chat_id=stage.chat["id"])
    following, snapshot = stage.office.frames["late"]
    assert following["generation_ids"] == [generation["id"]]
    assert following["revision"] == stage.person.get(f"/chats/{stage.chat['id']}").json["chat"]["revision"]
    assert (snapshot["type"], snapshot["status"], snapshot["upto"], snapshot["epoch"]) == ("snapshot", "queued", 0, 0)


@on_both_logs
def test_a_late_reader_gets_a_snapshot(stage: Stage) -> None:
    record = claim(stage, stage.started()["id"])
    write(stage, record, "All ", "so far.")
    stage.connect("late")
    stage.send("late", type="follow", chat_id=stage.chat["id"])
    snapshot = stage.office.wait_for("late", "snapshot")
    assert (snapshot["text"], snapshot["upto"], snapshot["parts"]) == ("All so far.", 2, 1)


@on_both_logs
def test_a_long_snapshot_comes_in_parts(stage: Stage) -> None:
    record = claim(stage, stage.started()["id"])
    long = "灯\n" * 4_000
    write(stage, record, *[long] * 12)
    stage.connect("late")
    stage.send("late", type="follow", chat_id=stage.chat["id"])
    parts = stage.office.of_type("late", "snapshot")
    assert len(parts) == parts[0]["parts"] > 1
    assert "".join(part["text"] for part in parts) == long * 12
    assert max(map(len, stage.office.bodies["late"])) < 100 * 1024


@on_both_logs
def test_resume_brings_the_pieces_after(stage: Stage) -> None:
    record = claim(stage, stage.started()["id"])
    write(stage, record, "one ", "two ", "three")
    stage.connect("a")
    stage.send("a", type="resume", generation_id=record.id, epoch=1, after=1)
    start, piece = stage.office.frames["a"]
    assert (start["type"], start["epoch"]) == ("start", 1)
    assert (piece["n"], piece["x"], piece["g"]) == ([2, 3], "two three", start["g"])
    assert stage.container.sockets.followers(stage.person.id, stage.chat["id"]) == ("a",)


@on_both_logs
def test_the_number_of_a_piece_that_is_not_there_yet_does_no_harm(stage: Stage) -> None:
    record = claim(stage, stage.started()["id"])
    write(stage, record, "one ", "two")
    stage.connect("a")
    stage.send("a", type="resume", generation_id=record.id, epoch=1, after=99_999_999)
    stage.send("a", type="resume", generation_id=record.id, epoch=1, after=1)
    assert stage.office.of_type("a", "error") == []
    assert stage.office.frames["a"][-1]["x"] == "two"
    for last_id in ("1-999999998", "99999-1", "1-\u0662"):
        path, headers = f"/generations/{record.id}/events", {"last-event-id": last_id}
        answer = stage.person.request("GET", path, headers=headers)
        assert (answer.status, b"one two" in answer.body) == (200, True), last_id


@on_both_logs
def test_resume_of_another_epoch_brings_a_snapshot(stage: Stage) -> None:
    record = claim(stage, stage.started()["id"])
    write(stage, record, "now")
    stage.connect("a")
    stage.send("a", type="resume", generation_id=record.id, epoch=0, after=7)
    assert read(stage.office.frames["a"], record.id) == "now"


@on_both_logs
async def test_resume_after_the_end_brings_what_is_missing_and_the_end(stage: Stage) -> None:

    generation = await asyncio.to_thread(stage.started)
    await stage.work()
    await asyncio.to_thread(stage.connect, "a")
    await asyncio.to_thread(stage.send, "a", type="resume", generation_id=generation["id"], epoch=0, after=0)
    assert [frame["type"] for frame in stage.office.frames["a"]] == ["start", "snapshot", "end"]
    assert stage.office.text("a", generation["id"]) == "Hello."


async def test_resume_after_the_log_has_aged_out_brings_the_end(stage: Stage) -> None:

    from chalicelib.stores.streams_dynamo import PieceRow

    generation = await asyncio.to_thread(stage.started)
    await stage.work()
    for row in PieceRow.query(f"{stage.person.id}#log#{generation['id']}"):
        row.delete()
    await asyncio.to_thread(stage.connect, "a")
    await asyncio.to_thread(stage.send, "a", type="resume", generation_id=generation["id"], epoch=1, after=0)
    start, end = stage.office.frames["a"]
    assert (start["type"], end["type"], end["message_id"]) == ("start", "end", generation["message_id"])


def test_unfollowing_ends_the_frames(stage: Stage) -> None:
    stage.follower("a")
    stage.send("a", type="unfollow", chat_id=stage.chat["id"])
    stage.started()
    assert [frame["type"] for frame in stage.office.frames["a"]] == ["following"]


def test_only_chats_that_a_page_has_open_count_against_its_limit(stage: Stage) -> None:
    stage.follower("a")
    other = stage.person.post("/chats", {"character_id": stage.chat["character_id"]}).json
    stage.send("a", type="follow", chat_id=other["id"])
    assert stage.container.sockets.get("a").chats == {stage.chat["id"], other["id"]}
    stage.send("a", type="unfollow", chat_id=stage.chat["id"])
    assert stage.container.sockets.get("a").chats == {other["id"]}
    stage.send("a", type="unfollow", chat_id=other["id"])
    assert stage.container.sockets.get("a").chats == frozenset()
    stage.send("a", type="unfollow", chat_id=other["id"])
    assert stage.office.of_type("a", "error") == []


async def test_a_follower_left_behind_is_forgotten_with_the_first_frame_that_nobody_takes(stage: Stage) -> None:
    await asyncio.to_thread(stage.follower, "a")
    sockets = stage.container.sockets
    ghost = Socket("ghost", stage.person.id, "session", frozenset())
    sockets.add(ghost)
    sockets.follow(ghost, stage.chat["id"])
    sockets.delete("ghost")
    ChannelRow(channel_key(stage.person.id, stage.chat["id"]), "follower#ghost").save()
    stage.office.gone.add("ghost")
    await asyncio.to_thread(stage.started)
    await stage.work()
    assert sockets.followers(stage.person.id, stage.chat["id"]) == ("a",)


def test_resuming_follows_a_chat_that_was_unfollowed(stage: Stage) -> None:
    stage.follower("a")
    record = claim(stage, stage.started()["id"])
    stage.send("a", type="unfollow", chat_id=record.chat_id)
    stage.send("a", type="resume", generation_id=record.id, epoch=1, after=0)
    assert stage.container.sockets.followers(record.owner_id, record.chat_id) == ("a",)


def test_a_closed_socket_is_forgotten(stage: Stage) -> None:
    stage.follower("a")
    socket.disconnect({"requestContext": {"connectionId": "a"}})
    assert stage.container.sockets.find("a") is None
    assert stage.container.sockets.followers(stage.person.id, stage.chat["id"]) == ()
    socket.disconnect({"requestContext": {"connectionId": "a"}})


def test_signing_out_closes_the_sessions_sockets(stage: Stage) -> None:
    stage.follower("a")
    stage.container.announcements.close_session(stage.person.id, None)
    assert stage.office.closed == ["a"]
    assert stage.container.sockets.find("a") is None


def test_a_follower_expires_after_three_hours(stage: Stage) -> None:
    stage.follower("a")
    stage.world.clock.advance(hours=3, seconds=1)
    assert stage.container.sockets.followers(stage.person.id, stage.chat["id"]) == ()


def test_other_devices_hear_of_changes(stage: Stage) -> None:
    stage.follower("phone")
    stage.container.announcements.changed(stage.person.id, stage.chat["id"], "message", 7, "m.1")
    changed = stage.office.wait_for("phone", "changed")
    assert (changed["what"], changed["revision"], changed["message_id"]) == ("message", 7, "m.1")


@on_both_logs
def test_the_event_stream_has_the_same_pieces(stage: Stage) -> None:
    record = claim(stage, stage.started()["id"])
    write(stage, record, "one ", "two ")
    path = f"/generations/{record.id}/events"
    first = stage.person.get(path)
    assert first.headers["content-type"] == "text/event-stream"
    frames, last = events(first.body)
    assert [frame["type"] for frame in frames] == ["start", "d"]
    assert (read(frames, record.id), last) == ("one two ", "1-2")
    run(stage.container.logs.of(record).append(place_of(record), Entry(3, "three"), after=2))
    more, last = events(stage.person.request("GET", path, headers={"last-event-id": last}).body)
    assert [(frame["n"], frame["x"]) for frame in more] == [([3, 3], "three")]
    stage.world.clock.advance(seconds=19)
    ended, last = events(stage.person.request("GET", path, headers={"last-event-id": last}).body)
    assert [frame["type"] for frame in ended] == ["end"]
    whole, _ = events(stage.person.get(path).body)
    assert read(whole, record.id) == "one two three"


def events(body: bytes) -> tuple[list[dict[str, Any]], str]:
    """The frames of an event stream, and its last id."""
    blocks = [block for block in body.decode().split("\n\n") if "data: " in block]
    frames = [json.loads(block.split("data: ", 1)[1]) for block in blocks]
    return frames, blocks[-1].split("\n", 1)[0].removeprefix("id: ")
