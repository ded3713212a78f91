"""The event stream under schedules made from seeds: whatever happens between two answers, every letter comes once.

The world's side (a worker that writes, loses Redis, moves to DynamoDB, dies before its first word, ends) and several
readers take turns as the seed's dice say. Readers lose whole answers, and answers in the middle; they come back with
the last id they took in, as the standard has it.
"""

import asyncio
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import redis as redis_client

from chalicelib.clients.loop import run
from chalicelib.errors import QuotaExceeded
from chalicelib.models.generations import GenerationRecord
from chalicelib.services.endings import Told
from chalicelib.services.events import Events, Pace
from chalicelib.services.logs import place_of
from chalicelib.stores.streams import Entry
from chalicelib.streaming.frames import handle
from tests.integration.test_generation_recovery import claim
from tests.support.replies import Stage

on_both_logs = pytest.mark.parametrize("stage", ["dynamo", "redis"], indirect=True)
QUICK = Pace(
    wait=0.03,
    gather=0.004,
    look_least=0.002,
    look_most=0.01,
    look_gathering=0.002,
    record=0.01,
    record_queued=0.01,
)
LETTERS = 'abcdefg hijklm\n"\\ 灯台é👩‍🚀'


def events_on(stage: Stage, *, pace: Pace = QUICK, readers_most: int = 64) -> Events:
    parts = stage.container
    return Events(
        generation_store=parts.generation_store,
        generation=parts.generation,
        logs=parts.logs,
        readers_most=readers_most,
        pace=pace,
    )


@dataclass
class Reader:
    """Follows the standard: takes whole events in, and remembers the last one's id."""

    generation_id: str
    last_id: str = ""
    epoch: int = 0
    upto: int = 0
    text: str = ""
    reasoning: str = ""
    parts: list[dict[str, Any]] = field(default_factory=list)
    end: dict[str, Any] | None = None

    def take(self, answer: str) -> None:
        *whole, _ = answer.split("\n\n")
        for event in whole:
            if event.startswith("retry: "):
                continue
            name, _, data = event.partition("\ndata: ")
            self._frame(json.loads(data))
            self.last_id = name.removeprefix("id: ")
            assert self.last_id == f"{self.epoch}-{self.upto}"

    def _frame(self, frame: dict[str, Any]) -> None:
        assert self.end is None, "something came after the end"
        match frame["type"]:
            case "start":
                assert frame["epoch"] >= self.epoch
                self.epoch, self.upto, self.text, self.reasoning, self.parts = frame["epoch"], 0, "", "", []
            case "d":
                assert frame["g"] == handle(self.generation_id, self.epoch)
                assert frame["n"][0] == self.upto + 1, "a piece is missing, or comes twice"
                self.upto = frame["n"][1]
                self.text += frame.get("x", "")
                self.reasoning += frame.get("r", "")
            case "snapshot":
                self._snapshot(frame)
            case "end":
                assert self.upto == frame["seq"]
                self.end = frame

    def _snapshot(self, frame: dict[str, Any]) -> None:
        assert frame["epoch"] == self.epoch
        assert frame["upto"] > self.upto
        if frame["part"] == 1:
            self.parts = []
        self.parts.append(frame)
        assert len(self.parts) == frame["part"]
        if frame["part"] < frame["parts"]:
            return
        text, reasoning = ("".join(part[name] for part in self.parts) for name in ("text", "reasoning"))
        assert text.startswith(self.text)
        assert reasoning.startswith(self.reasoning)
        self.text, self.reasoning, self.upto = text, reasoning, frame["upto"]


@dataclass
class Poller:
    """Asks for the whole state now and then. What it has seen once is never less, nor other, later."""

    stage: Stage
    generation_id: str
    epoch: int = 0
    seq: int = 0
    text: str = ""
    reasoning: str = ""

    def ask(self) -> None:
        state = self.stage.person.get(f"/generations/{self.generation_id}").json
        if state["epoch"] > self.epoch:
            assert self.seq == 0
        assert (state["epoch"], state["seq"]) >= (self.epoch, self.seq)
        assert state["text"].startswith(self.text)
        assert state["reasoning"].startswith(self.reasoning)
        self.epoch, self.seq = state["epoch"], state["seq"]
        self.text, self.reasoning = state["text"], state["reasoning"]


class Worker:
    """Writes one reply by hand, so that it can do everything wrong in between."""

    def __init__(self, stage: Stage, generation_id: str, dice: random.Random) -> None:
        self.stage, self.id, self.dice = stage, generation_id, dice
        self.record: GenerationRecord | None = None
        self.pieces: list[Entry] = []
        self.kept = 0
        self.done = False
        self.lost = False
        """Redis is empty and not mended yet: the state then is what the segments hold, which may be less."""

    def steps(self) -> Iterator[None]:
        """The life of the reply, a step at a time."""
        self.record = claim(self.stage, self.id)
        yield
        if self.dice.random() < 0.3:
            # It dies before it wrote anything: whoever looks queues it again.
            self.stage.world.clock.advance(seconds=19)
            yield
            yield
            self.stage.person.get(f"/generations/{self.id}")
            self.record = claim(self.stage, self.id)
            yield
        leaves_at = self.dice.randint(0, 12) if self.record.log == "redis" and self.dice.random() < 0.5 else None
        for number in range(self.dice.randint(0, 12)):
            if number == leaves_at:
                self._leave_redis()
                self.lost = False
            elif self.record.log == "redis" and self.dice.random() < 0.15:
                self._lose_redis()
                yield
            self._write()
            yield
        self._append(Entry(len(self.pieces) + 1, kind="end"))
        yield
        self._finish()

    def text(self) -> tuple[str, str]:
        return "".join(one.text for one in self.pieces), "".join(one.reasoning for one in self.pieces)

    def _write(self) -> None:
        size = self.dice.choices([1, 5, 30, 1_500, 40_000], [4, 4, 4, 2, 1])[0]
        text = "".join(self.dice.choices(LETTERS, k=size))
        reasoning = "hm " * self.dice.randint(1, 3) if self.dice.random() < 0.2 else ""
        piece = Entry(len(self.pieces) + 1, text, reasoning)
        self.pieces.append(piece)
        self._append(piece)
        if self.dice.random() < 0.4:
            self._keep()

    def _append(self, entry: Entry) -> None:
        assert self.record is not None
        self.lost = False
        log = self.stage.container.logs.of(self.record)
        outcome = run(log.append(place_of(self.record), entry, after=entry.seq - 1)).outcome
        if outcome == "lost":
            upto = entry.seq if entry.kind == "piece" else entry.seq - 1
            text, reasoning = self.text()
            whole = Entry(upto, text, reasoning, "whole")
            if upto:
                assert run(log.append(place_of(self.record), whole, after=upto - 1)).outcome == "ok"
            if entry.kind == "end":
                assert run(log.append(place_of(self.record), entry, after=upto)).outcome == "ok"
            return
        assert outcome == "ok"

    def _keep(self) -> None:
        assert self.record is not None
        if len(self.pieces) > self.kept and self.record.log == "redis":
            self.stage.container.logs.segments.append(place_of(self.record), self.pieces[self.kept :])
            self.kept = len(self.pieces)

    def _leave_redis(self) -> None:
        assert self.record is not None
        self._keep()
        self.record = self.stage.container.generation_store.set_log(self.record, "dynamo")
        if self.dice.random() < 0.5:
            self._lose_redis()

    def _lose_redis(self) -> None:
        with redis_client.Redis.from_url(self.stage.world.settings.redis_url or "") as connection:
            connection.flushall()
        self.lost = True

    def _finish(self) -> None:
        assert self.record is not None
        text, reasoning = self.text()
        told = Told(text, reasoning, len(self.pieces), self.dice.choice(["stop", "interrupted"]))
        assert self.stage.container.endings.finish(self.record, told) is not None
        self.done = True


async def play(stage: Stage, seed: int) -> None:
    dice = random.Random(seed)
    generation = await asyncio.to_thread(stage.started, f"Seed {seed}?", kind="reply")
    worker, events = Worker(stage, generation["id"], dice), events_on(stage)
    readers = [Reader(generation["id"]) for _ in range(3)]
    poller = Poller(stage, generation["id"])
    steps = worker.steps()
    for turn in range(400):
        if not worker.done and dice.random() < 0.6:
            await asyncio.to_thread(next, steps, None)
        asking = [one for one in readers if one.end is None and (worker.done or dice.random() < 0.4)]
        answers = [asyncio.to_thread(events.wait, stage.person.id, one.generation_id, one.last_id) for one in asking]
        if dice.random() < 0.2 and not worker.lost:
            await asyncio.to_thread(poller.ask)
        # The worker goes on while they wait.
        if not worker.done and dice.random() < 0.5:
            await asyncio.to_thread(next, steps, None)
        for reader, answer in zip(asking, await asyncio.gather(*answers), strict=True):
            fate = dice.random()
            if fate < 0.1:
                continue
            reader.take(answer if fate > 0.3 else answer[: dice.randint(0, len(answer))])
        if worker.done and all(reader.end for reader in readers):
            break
        assert turn < 399, "a reader never came to the end"
    for reader in readers:
        assert (reader.text, reader.reasoning) == worker.text()
    await asyncio.to_thread(poller.ask)
    assert (poller.text, poller.reasoning) == worker.text()


@on_both_logs
@pytest.mark.parametrize("first_seed", range(0, 30, 5))
async def test_every_letter_comes_once_whatever_happens(stage: Stage, first_seed: int) -> None:
    for seed in range(first_seed, first_seed + 5):
        try:
            await play(stage, seed)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error


@on_both_logs
async def test_a_reader_cut_off_between_two_parts_of_a_snapshot_gets_it_again(stage: Stage) -> None:
    generation = await asyncio.to_thread(stage.started)
    record = await asyncio.to_thread(claim, stage, generation["id"])
    text = "灯台 " * 40_000
    pieces = [Entry(number, text[at : at + 8_000]) for number, at in enumerate(range(0, len(text), 8_000), 1)]
    log = stage.container.logs.of(record)
    await asyncio.to_thread(lambda: [run(log.append(place_of(record), one, after=one.seq - 1)) for one in pieces[:2]])
    reader, events = Reader(record.id), events_on(stage)
    reader.take(await asyncio.to_thread(events.wait, record.owner_id, record.id, ""))
    # The pieces it lacks are gone: only the whole can help.
    await asyncio.to_thread(stage.container.logs.segments.append, place_of(record), pieces)
    moved = await asyncio.to_thread(stage.container.generation_store.set_log, record, "dynamo")
    assert moved is not None
    last = Entry(len(pieces) + 1, "end")
    dynamo = stage.container.logs.dynamo
    await asyncio.to_thread(lambda: run(dynamo.append(place_of(moved), last, after=last.seq - 1)))

    answer = await asyncio.to_thread(events.wait, record.owner_id, record.id, reader.last_id)
    first_parts = answer[: answer.index('"part":3')]
    assert '"part":2' in first_parts
    reader.take(first_parts)
    assert reader.last_id == "1-2"
    reader.take(await asyncio.to_thread(events.wait, record.owner_id, record.id, reader.last_id))
    assert (reader.text, reader.last_id) == (text + "end", f"1-{last.seq}")


async def test_a_reader_of_a_queued_reply_waits_and_gets_its_first_words_at_once(stage: Stage) -> None:
    generation = await asyncio.to_thread(stage.started)
    events = events_on(stage, pace=Pace(gather=30, wait=30))
    asking = asyncio.create_task(asyncio.to_thread(events.wait, stage.person.id, generation["id"], ""))
    await asyncio.sleep(0.3)
    assert not asking.done()
    record = await asyncio.to_thread(claim, stage, generation["id"])
    log = stage.container.logs.of(record)
    await asyncio.to_thread(lambda: run(log.append(place_of(record), Entry(1, "First"), after=0)))
    reader = Reader(record.id)
    async with asyncio.timeout(10):
        reader.take(await asking)
    assert (reader.text, reader.last_id) == ("First", "1-1")


async def test_who_finds_no_place_to_wait_is_told_what_there_is_and_else_to_come_back(stage: Stage) -> None:
    generation = await asyncio.to_thread(stage.started)
    record = await asyncio.to_thread(claim, stage, generation["id"])
    log = stage.container.logs.of(record)
    events = events_on(stage, pace=Pace(wait=5), readers_most=1)
    waiting = asyncio.create_task(asyncio.to_thread(events.wait, record.owner_id, record.id, "1-0"))
    await asyncio.sleep(0.2)
    with pytest.raises(QuotaExceeded) as refused:
        await asyncio.to_thread(events.wait, record.owner_id, record.id, "1-0")
    assert refused.value.details["retry_after_seconds"] == 1
    await waiting
    await asyncio.to_thread(lambda: run(log.append(place_of(record), Entry(1, "Here."), after=0)))
    other = asyncio.create_task(asyncio.to_thread(events.wait, record.owner_id, record.id, "1-1"))
    await asyncio.sleep(0.2)
    told = await asyncio.to_thread(events.wait, record.owner_id, record.id, "1-0")
    assert "Here." in told
    await other


async def test_one_user_does_not_take_all_places(stage: Stage) -> None:
    generation = await asyncio.to_thread(stage.started)
    record = await asyncio.to_thread(claim, stage, generation["id"])
    events = events_on(stage, pace=Pace(wait=5), readers_most=4)
    waiting = asyncio.create_task(asyncio.to_thread(events.wait, record.owner_id, record.id, "1-0"))
    await asyncio.sleep(0.2)
    with pytest.raises(QuotaExceeded):
        await asyncio.to_thread(events.wait, record.owner_id, record.id, "1-0")
    await waiting
