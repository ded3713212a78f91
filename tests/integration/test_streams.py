"""The log of a reply: the same promises by Redis, by Redis in cluster mode, and by DynamoDB."""

import asyncio
import gc
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis as redis_client

from chalicelib.stores.rates import RedisRates
from chalicelib.stores.redis import connect
from chalicelib.stores.segments import Segments
from chalicelib.stores.sockets import ChannelRow, Socket, Sockets, channel_key
from chalicelib.stores.streams import Entry, Log, LogFailed, Place
from chalicelib.stores.streams_dynamo import DynamoLog
from chalicelib.stores.streams_redis import RedisLog
from chalicelib.streaming.reading import Reading, read_on
from tests.support.redis_process import RedisProcess
from tests.support.world import World

PLACE = Place("ada", "chat1", "gen1", "turn1", 1)
LATER = replace(PLACE, epoch=2)


@pytest.fixture
def sockets(world: World) -> Sockets:
    made = Sockets(clock=world.clock)
    _run_under(1)
    return made


@pytest.fixture(params=["redis", "cluster", "dynamo"])
async def log(request: pytest.FixtureRequest, world: World, sockets: Sockets) -> AsyncIterator[Log]:
    if request.param == "dynamo":
        yield DynamoLog(sockets=sockets, clock=world.clock, kept_seconds=3600)
        return
    url = request.getfixturevalue("redis_url" if request.param == "redis" else "redis_cluster_url")
    with redis_client.Redis.from_url(url) as connection:
        connection.flushall()
    made = _redis_log(url, sockets, cluster=request.param == "cluster")
    yield made
    await made.close()


def _redis_log(url: str, sockets: Sockets, *, cluster: bool = False) -> RedisLog:
    return RedisLog(url=url, cluster=cluster, timeout_seconds=1.0, kept_seconds=3600, sockets=sockets)


def _run_under(epoch: int) -> None:
    """What `begin` and `claim` leave in the channel."""
    ChannelRow(channel_key("ada", "chat1"), "running#gen1", turn_id="turn1", epoch=epoch).save()


async def test_pieces_come_back_in_order(log: Log) -> None:
    for seq, text in enumerate(("one ", "two ", "three"), 1):
        assert (await log.append(PLACE, Entry(seq, text), after=seq - 1)).outcome == "ok"
    assert await log.read(PLACE, after=0) == [Entry(1, "one "), Entry(2, "two "), Entry(3, "three")]
    assert await log.read(PLACE, after=2) == [Entry(3, "three")]


async def test_text_survives_as_it_is(log: Log) -> None:
    text = '"quotes" \\ \n\t\x00 灯台 👩‍🚀 \u2028'
    await log.append(PLACE, Entry(1, text, reasoning="why"), after=0)
    assert await log.read(PLACE, after=0) == [Entry(1, text, "why")]


async def test_appending_twice_is_appending_once(log: Log) -> None:
    await log.append(PLACE, Entry(1, "once"), after=0)
    assert (await log.append(PLACE, Entry(1, "once"), after=0)).outcome == "ok"
    assert await log.read(PLACE, after=0) == [Entry(1, "once")]


async def test_of_two_writers_under_one_epoch_the_slower_is_fenced(log: Log) -> None:
    await log.append(PLACE, Entry(1, "mine"), after=0)
    assert (await log.append(PLACE, Entry(1, "theirs"), after=0)).outcome == "fenced"
    assert await log.read(PLACE, after=0) == [Entry(1, "mine")]


async def test_a_closed_log_takes_no_more(log: Log) -> None:
    await log.append(PLACE, Entry(1, "all"), after=0)
    assert (await log.append(PLACE, Entry(2, kind="end"), after=1)).outcome == "ok"
    assert (await log.append(PLACE, Entry(2, "late"), after=1)).outcome == "fenced"
    assert read_on(Reading(), await log.read(PLACE, after=0)) == Reading(1, "all", "", closed=True)


async def test_a_lower_epoch_is_fenced_by_a_higher_one(log: Log) -> None:
    await log.append(PLACE, Entry(1, "first attempt"), after=0)
    _run_under(2)
    assert (await log.append(LATER, Entry(1, "second attempt"), after=0)).outcome == "ok"
    assert (await log.append(PLACE, Entry(2, "zombie"), after=1)).outcome == "fenced"
    assert (await log.signals(PLACE)).fenced
    assert [entry.text for entry in await log.read(LATER, after=0)] == ["second attempt"]


async def test_an_append_tells_who_listens(log: Log, sockets: Sockets) -> None:
    assert (await log.append(PLACE, Entry(1, "a"), after=0)).signals.followers == ()
    _follow(sockets, "s1")
    await log.forget_followers("chat1")
    assert (await log.append(PLACE, Entry(2, "b"), after=1)).signals.followers == ("s1",)
    _follow(sockets, "s2")
    await log.forget_followers("chat1")
    assert set((await log.signals(PLACE)).followers) == {"s1", "s2"}


async def test_an_append_tells_of_the_stop_flag(log: Log) -> None:
    assert not (await log.append(PLACE, Entry(1, "a"), after=0)).signals.stop
    channel = ChannelRow(channel_key("ada", "chat1"), "running#gen1")
    channel.update(actions=[ChannelRow.stop.set(True)])
    await log.ask_stop(PLACE)
    assert (await log.append(PLACE, Entry(2, "b"), after=1)).signals.stop
    assert (await log.signals(PLACE)).stop


async def test_another_generations_flag_is_not_mine(log: Log) -> None:
    await log.ask_stop(replace(PLACE, generation_id="gen2"))
    assert not (await log.signals(PLACE)).stop


@pytest.fixture(params=["redis", "cluster"])
async def redis_log(request: pytest.FixtureRequest, sockets: Sockets) -> AsyncIterator[tuple[RedisLog, str]]:
    url = request.getfixturevalue("redis_url" if request.param == "redis" else "redis_cluster_url")
    with redis_client.Redis.from_url(url) as connection:
        connection.flushall()
    made = _redis_log(url, sockets, cluster=request.param == "cluster")
    yield made, url
    await made.close()


async def test_a_flushed_redis_is_noticed_and_mended(redis_log: tuple[RedisLog, str]) -> None:
    log, url = redis_log
    await log.append(PLACE, Entry(1, "one "), after=0)
    with redis_client.Redis.from_url(url) as connection:
        connection.flushall()
        connection.script_flush()
    assert (await log.append(PLACE, Entry(2, "two "), after=1)).outcome == "lost"
    assert (await log.append(PLACE, Entry(2, "one two ", kind="whole"), after=1)).outcome == "ok"
    assert (await log.append(PLACE, Entry(3, "three"), after=2)).outcome == "ok"
    assert read_on(Reading(), await log.read(PLACE, after=0)) == Reading(3, "one two three")


async def test_a_stale_list_of_followers_is_not_kept(redis_log: tuple[RedisLog, str], sockets: Sockets) -> None:
    log, _ = redis_log
    before = await log._remember(PLACE, "")
    assert before.followers == ()
    _follow(sockets, "s1")
    await log.forget_followers("chat1")
    # A worker that had read the old list before writes it now, under the version it saw.
    from chalicelib.stores.streams_redis import _REMEMBER, _follower_keys

    await log._script(_REMEMBER, _follower_keys("chat1"), ("", "", 30))
    assert (await log.signals(PLACE)).followers == ("s1",)


async def test_a_stop_flag_that_redis_lost_is_heard_all_the_same(redis_log: tuple[RedisLog, str]) -> None:
    log, url = redis_log
    await log.append(PLACE, Entry(1, "one "), after=0)
    channel = ChannelRow(channel_key("ada", "chat1"), "running#gen1")
    channel.update(actions=[ChannelRow.stop.set(True)])
    await log.ask_stop(PLACE)
    with redis_client.Redis.from_url(url) as connection:
        connection.flushall()
    assert (await log.signals(PLACE)).stop


@pytest.mark.parametrize("cluster", [False, True])
async def test_a_dead_redis_fails_fast_and_is_left_alone(sockets: Sockets, cluster: bool) -> None:
    log = RedisLog(url="redis://127.0.0.1:1", cluster=cluster, timeout_seconds=0.2, kept_seconds=3600, sockets=sockets)
    assert log.believed_up
    with pytest.raises(LogFailed):
        await log.append(PLACE, Entry(1, "x"), after=0)
    assert not log.believed_up
    await log.close()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("cluster", [False, True])
async def test_a_redis_that_dies_under_many_at_once_is_a_failed_log_and_serves_again_later(
    sockets: Sockets, tmp_path: Path, cluster: bool
) -> None:
    server = RedisProcess(tmp_path / "redis", cluster=cluster)
    server.start()
    server.wait_until_up()
    log = _redis_log(server.url, sockets, cluster=cluster)

    async def append_on(number: int) -> None:
        place = replace(PLACE, generation_id=f"gen{number}")
        for seq in range(1, 10_000):
            await log.append(place, Entry(seq, "x"), after=seq - 1)

    many = [asyncio.create_task(append_on(number)) for number in range(40)]
    await asyncio.sleep(0.5)
    server.kill(forgets=False)
    outcomes = await asyncio.gather(*many, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {LogFailed}
    server.start()
    server.wait_until_up()
    fresh = replace(PLACE, generation_id="fresh")
    assert (await log.append(fresh, Entry(1, "here again"), after=0)).outcome == "ok"
    await log.close()
    server.kill(forgets=False)
    # redis-py leaves connections whose server died to the garbage collector, which complains of it.
    del many, outcomes
    await asyncio.sleep(0.1)
    gc.collect()


@pytest.mark.parametrize("cluster", [False, True])
def test_a_dead_redis_limits_nobody(cluster: bool) -> None:
    rates = RedisRates(lambda: connect("redis://127.0.0.1:1", cluster=cluster, timeout_seconds=0.2))
    assert rates.take("ada", "requests", per_minute=1) is None


def test_segments_join_to_the_text_without_holes(world: World) -> None:
    segments = Segments(clock=world.clock)
    assert segments.read(PLACE) == Entry(0, kind="whole")
    segments.append(PLACE, [Entry(1, "one "), Entry(2, "two ", "hm")])
    segments.append(PLACE, [Entry(4, "four")])
    assert segments.read(PLACE) == Entry(2, "one two ", "hm", "whole")
    segments.append(PLACE, [Entry(3, "three ")])
    assert segments.read(PLACE) == Entry(4, "one two three four", "hm", "whole")
    assert segments.read(LATER) == Entry(0, kind="whole")


def test_a_write_that_was_tried_again_with_more_is_not_doubled(world: World) -> None:
    segments = Segments(clock=world.clock)
    segments.append(PLACE, [Entry(1, "one ")])
    segments.append(PLACE, [Entry(2, "two ")])
    segments.append(PLACE, [Entry(2, "two "), Entry(3, "three")])
    assert segments.read(PLACE) == Entry(3, "one two three", kind="whole")


def test_a_long_text_becomes_several_segments(world: World) -> None:
    segments = Segments(clock=world.clock)
    pieces = [Entry(seq, "灯" * 8_000) for seq in range(1, 41)]
    segments.append(PLACE, pieces)
    assert segments.read(PLACE) == Entry(40, "灯" * 320_000, kind="whole")


def _follow(sockets: Sockets, socket_id: str) -> None:
    socket = Socket(socket_id, "ada", "session", frozenset())
    sockets.add(socket)
    sockets.follow(socket, "chat1")
