"""A reply as an event stream, for readers whom no socket reaches. API Gateway buffers, so each answer is short.

A reader who waits costs a thread of the door, and a look at the log now and then: the longer the model is silent, the
rarer. The row is looked at where the log says that something happened, and every few seconds.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.clients.loop import run
from chalicelib.errors import QuotaExceeded
from chalicelib.models.generations import GenerationRecord
from chalicelib.services.generation import Generation
from chalicelib.services.logs import Logs
from chalicelib.stores.generations import GenerationStore
from chalicelib.stores.threads import in_thread
from chalicelib.streaming.frames import Run, handle, join_runs, piece_frame, snapshot_frames, start_frame

FRAME_CHARACTERS_MOST = 16_000
SHARE_OF_ONE_USER = 4
"""One user takes at most this part of the places for those who wait."""
RETRY_MILLISECONDS = 50
BUSY_RETRY_MILLISECONDS = 1_000
_EVENT_ID = re.compile(r"([0-9]{1,4})-([0-9]{1,8})")


@dataclass(frozen=True, slots=True)
class Pace:
    """When an answer closes and how often is looked, in seconds."""

    wait: float = 20.0
    """Without anything to say; API Gateway ends an integration after 29."""
    gather: float = 0.4
    """After the first text of an answer. The first words of a reply do not wait."""
    gather_characters: int = 2_000
    look_least: float = 0.05
    look_most: float = 0.4
    look_growth: float = 1.5
    look_gathering: float = 0.2
    record: float = 2.0
    """How old what is known of the generation's row may get while the log is silent."""
    record_queued: float = 0.5


class Events:
    def __init__(
        self,
        *,
        generation_store: GenerationStore,
        generation: Generation,
        logs: Logs,
        readers_most: int,
        pace: Pace | None = None,
    ) -> None:
        self._store, self._generation, self._logs = generation_store, generation, logs
        self._pace = pace or Pace()
        self._readers_most = readers_most
        self._waiting: Counter[str] = Counter()

    def wait(self, owner_id: str, generation_id: str, last_event_id: str) -> str:
        """The next events: frames as on the socket, with the id `{epoch}-{seq}` of the last piece they complete.

        Closes at 0.4 s of text, 2 KB, the first words, the end, or 20 s without any; the reader asks again. With too
        many waiting already it says what there is at once. Raises NotFound, and QuotaExceeded when that is nothing.
        """
        return run(self.answer(owner_id, generation_id, last_event_id))

    async def answer(self, owner_id: str, generation_id: str, last_event_id: str) -> str:
        """As `wait`, on this event loop."""
        waits = self._waiting.total() < self._readers_most and self._waiting[owner_id] < self._share
        self._waiting[owner_id] += 1
        try:
            reader = _Reader(self, owner_id, generation_id, last_event_id)
            events = await reader.read(self._pace.wait if waits else 0.0)
        finally:
            self._waiting[owner_id] -= 1
            if not self._waiting[owner_id]:
                del self._waiting[owner_id]
        if not (events or waits):
            raise QuotaExceeded("Too many pages wait for replies here. This one asks again.", retry_after_seconds=1)
        return f"retry: {RETRY_MILLISECONDS if waits else BUSY_RETRY_MILLISECONDS}\n\n" + "".join(events)

    @property
    def _share(self) -> int:
        return max(1, self._readers_most // SHARE_OF_ONE_USER)


class _Reader:
    """One answer: from the reader's last id on."""

    def __init__(self, events: Events, owner_id: str, generation_id: str, last_event_id: str) -> None:
        self._store, self._generation, self._logs = events._store, events._generation, events._logs
        self._pace = events._pace
        self._owner_id, self._generation_id = owner_id, generation_id
        match = _EVENT_ID.fullmatch(last_event_id)
        self._epoch, self._after = (int(match[1]), int(match[2])) if match else (0, 0)
        self._is_new = match is None
        self._events: list[str] = []
        self._size = 0

    async def read(self, wait_seconds: float) -> list[str]:
        loop, pace = asyncio.get_running_loop(), self._pace
        closes_at, interval = loop.time() + wait_seconds, pace.look_least
        record = await self._record()
        looked_at, told = loop.time(), 0
        while True:
            age = loop.time() - looked_at
            if age > (pace.record if record.status == "running" else pace.record_queued):
                record, looked_at = await self._record(), loop.time()
            knew_words = self._after > 0
            if not await self._look(record):
                # The log's end was seen, or it does not answer: the row knows more.
                looked_at = 0.0
            now = loop.time()
            if record.status == "done":
                await self._end()
                return self._events
            first_words = self._size > 0 and not knew_words
            if first_words or self._size >= pace.gather_characters or now >= closes_at:
                if wait_seconds:
                    # Nothing but this to somebody who did not wait would only bring them back at once.
                    self._greet(record)
                return self._events
            if self._events and not told:
                closes_at = min(closes_at, now + pace.gather)
            told = len(self._events)
            await asyncio.sleep(min(pace.look_gathering if told else interval, max(0.0, closes_at - now)))
            interval = min(pace.look_most, interval * pace.look_growth)

    async def _look(self, record: GenerationRecord) -> bool:
        """Takes what is new; False when the row should be looked at before the log is looked at again."""
        if record.epoch and (self._is_new or record.epoch != self._epoch):
            # A new reader, or another attempt: what was there before does not count.
            self._epoch, self._after = record.epoch, 0
            self._greet(record, again=True)
        if not self._epoch or record.status == "queued":
            return True
        news = await self._logs.news_after(record, self._after)
        if news is not None and news.runs is not None:
            self._take(record, news.runs)
        done = record.status == "done"
        if news is None or news.runs is None or (done and self._after < record.seq):
            await self._take_all(record)
        return news is not None and not (news.closed and not done)

    def _greet(self, record: GenerationRecord, *, again: bool = False) -> None:
        """Says `start` to a new reader, who is none after that."""
        if self._is_new or again:
            self._is_new = False
            self._say(self._after, start_frame(record))

    def _take(self, record: GenerationRecord, runs: Iterable[Run]) -> None:
        g = handle(record.id, record.epoch)
        for run_ in join_runs(list(runs), FRAME_CHARACTERS_MOST):
            self._after = run_.last
            self._say(self._after, piece_frame(g, run_))
            self._size += run_.size

    async def _take_all(self, record: GenerationRecord) -> None:
        """A snapshot, where it has more than the reader. Only its last part carries the new id: all before it are
        nothing yet, and a reader whose answer is cut between two parts must come back with the old one."""
        reading = await self._logs.read(record)
        if reading.upto <= self._after:
            return
        *parts, last = snapshot_frames(record, upto=reading.upto, text=reading.text, reasoning=reading.reasoning)
        for part in parts:
            self._say(self._after, part)
        self._after = reading.upto
        self._say(self._after, last)
        self._size += len(reading.text) + len(reading.reasoning)

    async def _end(self) -> None:
        end = await in_thread(self._store.get_end, self._owner_id, self._generation_id)
        if end is not None:
            self._say(self._after, end.model_dump_json(exclude_none=True).encode())

    def _say(self, seq: int, frame: bytes) -> None:
        self._events.append(f"id: {self._epoch}-{seq}\ndata: {frame.decode()}\n\n")

    async def _record(self) -> GenerationRecord:
        record = await self._generation.look(await in_thread(self._store.get, self._owner_id, self._generation_id))
        await self._generation.note_reader(record)
        return record
