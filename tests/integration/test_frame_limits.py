"""How fast frames may come: nobody who reads meets the limit, a flood ends at it and costs the tables little."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from moto.core.botocore_stubber import BotocoreStubber

from chalicelib.entrypoints import socket
from chalicelib.stores.limits import LimitsStore
from chalicelib.stores.local_rates import BUCKETS_MOST, LocalRates
from tests.support.model_server import model_server
from tests.support.people import Api, ApiUser
from tests.support.post_office import post_office
from tests.support.replies import Stage
from tests.support.world import Aws, world_on

PER_MINUTE = 20
UNCOUNTED = 60
ALL_SOCKETS = PER_MINUTE * 4


@pytest.fixture
def narrow(aws: Aws) -> Iterator[Stage]:
    """A stage whose sockets may send 20 frames a minute."""
    aws.wipe()
    with post_office() as office, model_server() as model:
        knobs = {"socket_endpoint": office.address, "socket_frames_per_minute": PER_MINUTE}
        with world_on(aws.settings(**knobs)) as world:
            made = Stage(world, office, model)
            yield made
            made.close()


@contextmanager
def counted_requests(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is asked of the emulated AWS meanwhile."""
    asked: list[str] = []
    process = BotocoreStubber.process_request

    def count(self: BotocoreStubber, request: Any) -> Any:
        asked.append(str(request.headers.get("X-Amz-Target", request.url)))
        return process(self, request)

    with monkeypatch.context() as patch:
        patch.setattr(BotocoreStubber, "process_request", count)
        yield asked


def counts(stage: Stage) -> list[dict[str, Any]]:
    return [row for row in stage.world.rows("live") if row["sk"]["S"].startswith("rate#frames#")]


def test_a_socket_that_sends_too_fast_is_told_when_to_go_on(narrow: Stage) -> None:
    narrow.connect("a")
    for _ in range(PER_MINUTE + 1):
        narrow.send("a", type="ping")
    *pongs, refused = narrow.office.frames["a"]
    assert [frame["type"] for frame in pongs] == ["pong"] * PER_MINUTE
    assert (refused["type"], refused["code"]) == ("error", "quota_exceeded")
    assert 1 <= refused["retry_after_seconds"] <= 60
    assert refused["message"].endswith(".")
    narrow.world.clock.advance(seconds=refused["retry_after_seconds"] + 60 / PER_MINUTE)
    narrow.send("a", type="ping")
    assert narrow.office.frames["a"][-1]["type"] == "pong"


def test_other_errors_tell_no_time(narrow: Stage) -> None:
    narrow.connect("a")
    narrow.send("a", type="follow", chat_id="nothing")
    assert "retry_after_seconds" not in narrow.office.frames["a"][0]


def test_frames_that_make_no_sense_are_counted_too(narrow: Stage) -> None:
    narrow.connect("a")
    for _ in range(PER_MINUTE + 1):
        narrow.send("a", type="nonsense")
    assert [frame["code"] for frame in narrow.office.frames["a"]] == ["invalid"] * PER_MINUTE + ["quota_exceeded"]


def test_a_socket_that_floods_on_is_closed_once_and_not_answered(narrow: Stage) -> None:
    narrow.connect("a")
    for _ in range(PER_MINUTE * 4):
        narrow.send("a", type="ping")
    assert len(narrow.office.frames["a"]) == PER_MINUTE * 2
    assert narrow.office.closed == ["a"]


def test_a_flood_asks_nothing_of_the_tables(narrow: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow.connect("a")
    with counted_requests(monkeypatch) as asked:
        for _ in range(PER_MINUTE * 3):
            narrow.send("a", type="ping")
    assert asked == []


def test_a_readers_few_frames_are_counted_in_no_table(narrow: Stage) -> None:
    narrow.connect("a")
    narrow.send("a", type="hello", contract=1)
    for _ in range(PER_MINUTE - 1):
        narrow.send("a", type="follow", chat_id=narrow.chat["id"])
    assert {frame["type"] for frame in narrow.office.frames["a"]} == {"welcome", "following"}
    assert counts(narrow) == []


def test_many_sockets_of_one_person_share_a_limit_that_others_do_not_feel(narrow: Stage) -> None:
    for number in range(8):
        narrow.connect(f"s{number}")
        for _ in range(PER_MINUTE):
            narrow.send(f"s{number}", type="unfollow", chat_id="none")
    told = [frame for number in range(8) for frame in narrow.office.frames[f"s{number}"]]
    assert len(told) == 8 * PER_MINUTE - UNCOUNTED - ALL_SOCKETS
    assert {(frame["code"], frame["about"]) for frame in told} == {("quota_exceeded", "unfollow")}
    assert [int(row["used"]["N"]) for row in counts(narrow)] == [ALL_SOCKETS]
    narrow.connect("bob", Api().sign_up("bob"))
    narrow.send("bob", type="unfollow", chat_id="none")
    assert narrow.office.frames["bob"] == []


def test_a_person_has_so_many_sockets_and_one_that_goes_makes_room(aws: Aws) -> None:
    aws.wipe()
    with world_on(aws.settings(sockets_most=2)):
        ada, bob = Api().sign_up("ada"), Api().sign_up("bob")

        def connect(person: ApiUser, name: str) -> int:
            ticket = person.post("/socket-tickets").json["ticket"]
            event = {"requestContext": {"connectionId": name}, "queryStringParameters": {"ticket": ticket}}
            return int(socket.connect(event)["statusCode"])

        assert [connect(ada, name) for name in ("a", "b", "c")] == [200, 200, 429]
        assert connect(bob, "d") == 200
        socket.disconnect({"requestContext": {"connectionId": "a"}})
        assert connect(ada, "e") == 200


def test_who_used_up_a_minute_costs_no_more_writes(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.wipe()
    with world_on(aws.settings()) as world, counted_requests(monkeypatch) as asked:
        store, now = LimitsStore(), world.clock.now()
        waits = [store.take("u1", "requests", per_minute=40, now=now) for _ in range(300)]
        assert sum(wait == 0 for wait in waits) == 40
        assert len(asked) <= 25


def test_buckets_fill_evenly_and_are_let_go(aws: Aws) -> None:
    rates = LocalRates()
    assert [rates.take("a", per_minute=60, now=0.0) for _ in range(60)] == [0.0] * 60
    assert rates.take("a", per_minute=60, now=0.0) == pytest.approx(1.0)
    assert [rates.take("a", per_minute=60, now=2.0) == 0 for _ in range(3)] == [True, True, False]
    for number in range(BUCKETS_MOST * 2):
        rates.take(str(number), per_minute=60, now=2.0)
    assert len(rates._full_at) <= BUCKETS_MOST
