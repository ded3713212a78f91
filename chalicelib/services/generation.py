"""Replies under way and at their end: reading them, stopping them, and mending what a lost worker left behind.

Whoever meets an unfinished generation (follow, resume, GET, the next turn, the sweep) lets `look` judge it: so recovery
depends on no queue and no clock of its own.
"""

import asyncio
import logging
from contextlib import suppress

from chalicelib.clients.clock import Clock
from chalicelib.clients.correlation import correlation_id
from chalicelib.clients.loop import run
from chalicelib.clients.queue import Queue
from chalicelib.clients.sockets import Poster
from chalicelib.models import generations as models
from chalicelib.models.frames import End, FrameError
from chalicelib.models.generations import GenerationRecord
from chalicelib.models.jobs import GenerationOrder
from chalicelib.models.prompt import FinishReason
from chalicelib.services.logs import Logs, place_of
from chalicelib.services.lost_replies import LostReplies
from chalicelib.services.metrics import Metrics
from chalicelib.stores.generations import GenerationStore
from chalicelib.stores.sockets import Sockets
from chalicelib.stores.streams import Entry, LogFailed
from chalicelib.stores.threads import StoreFailed, in_thread
from chalicelib.streaming.leases import is_dead, verdict
from chalicelib.streaming.reading import Reading

SEND_AGAIN_SECONDS = 5.0
LOST = FrameError(
    code="worker_lost", message="The reply could not be written: its worker was lost twice. Please try again."
)

log = logging.getLogger("tavern.generation")


class Generation:
    def __init__(
        self,
        *,
        generation_store: GenerationStore,
        sockets: Sockets,
        logs: Logs,
        lost_replies: LostReplies,
        queue: Queue,
        poster: Poster,
        metrics: Metrics,
        clock: Clock,
        abandoned_seconds: float,
    ) -> None:
        """`abandoned_seconds`: a reply without any reader for so long is given up."""
        self._store, self._sockets, self._logs, self._lost = generation_store, sockets, logs, lost_replies
        self._queue, self._poster, self._metrics, self._clock = queue, poster, metrics, clock
        # Often enough that a reader who is there is never taken for gone; one write a minute as a rule.
        self._note_seconds = min(60.0, abandoned_seconds / 4)
        self._sent_again: dict[str, float] = {}

    # --- for synchronous callers

    def get(self, owner_id: str, generation_id: str) -> models.Generation:
        """The whole state: what it is, and the text so far or the text it came to."""
        return run(self.read(owner_id, generation_id))

    def stop_turn(self, owner_id: str, turn_id: str) -> None:
        run(self.stop(owner_id, turn_id))

    def stop_all(self, owner_id: str, chat_id: str) -> None:
        """Stops whatever runs in a chat, before the chat goes."""
        turns = {running.turn_id for running in self._sockets.channel(owner_id, chat_id).running}
        for turn_id in turns:
            self.stop_turn(owner_id, turn_id)

    def stop_waiting(self, owner_id: str, chat_id: str) -> None:
        """Stops turns of a group that wait to go on by themselves."""
        for record in self._store.unfinished_of(owner_id, chat_id):
            if record.status == "queued" and record.waits_until is not None:
                self.stop_turn(owner_id, record.turn_id)

    def active(self, owner_id: str, chat_id: str) -> list[models.Generation]:
        """What runs or waits in a chat, the oldest first, without texts: those come over the socket."""
        return [record.public for record in self._store.unfinished_of(owner_id, chat_id)]

    # --- asynchronous

    async def read(self, owner_id: str, generation_id: str) -> models.Generation:
        record = await self.look(await in_thread(self._store.get, owner_id, generation_id))
        if record.status == "done" and (record.text or record.reasoning or not record.seq):
            return record.public
        await self.note_reader(record)
        reading = await self._logs.read(record)
        if record.status == "done" and reading.upto < record.seq:
            # The log has aged out. The text is in the message.
            return record.public
        return record.model_copy(
            update={"text": reading.text, "reasoning": reading.reasoning, "seq": reading.upto}
        ).public

    async def note_reader(self, record: GenerationRecord) -> None:
        """Lets the worker know that somebody reads who follows by no socket: such a reply is not abandoned."""
        now = self._clock.now()
        if record.status == "done" or (record.read_at and (now - record.read_at).total_seconds() < self._note_seconds):
            return
        with suppress(StoreFailed):
            await in_thread(self._store.note_reader, record, now)

    async def stop(self, owner_id: str, turn_id: str) -> None:
        """Stops all of a turn: what is queued ends at once, what runs within half a second. Quiet when it has ended."""
        # First: of a group nobody begins from now on, so that the turn names all there is to stop.
        await in_thread(self._store.end_turn, owner_id, turn_id)
        turn = await in_thread(self._store.get_turn, owner_id, turn_id)
        self._metrics.count("Stops")
        for generation_id in turn.generation_ids:
            record = await in_thread(self._store.find, owner_id, generation_id)
            if record is None or record.status == "done":
                continue
            asked = await in_thread(self._store.ask_stop, record)
            if asked is None:
                continue
            log.info("stop asked", extra={"generation_id": asked.id, "turn_id": turn_id, "status": asked.status})
            # As it was when the flag was set: a worker that claims it later finds the flag in the row.
            if asked.status == "running":
                await self._logs.ask_stop(asked)
            await self.look(asked)

    async def look(self, record: GenerationRecord) -> GenerationRecord:
        """Judges an unfinished generation and does what is called for; the record as it is then."""
        if record.status == "done":
            return record
        now = self._clock.now()
        reading = await self._logs.read(record) if is_dead(record, now) else Reading()
        match verdict(record, now, has_text=bool(reading.text or reading.reasoning)):
            case "send":
                await self._send_again(record)
                return record
            case "again":
                if await in_thread(self._store.requeue, record):
                    self._metrics.count("Orphans")
                    log.warning("worker lost, tried again", extra={"generation_id": record.id, "epoch": record.epoch})
                    await in_thread(self._queue.send_generation, _order(record))
            case "end":
                await self._end(record)
            case _:
                return record
        return await in_thread(self._store.get, record.owner_id, record.id)

    async def tell(self, end: End, record: GenerationRecord) -> None:
        """Sends the `end` frame to all who follow the chat."""
        followers = await in_thread(self._sockets.followers, record.owner_id, record.chat_id)
        await self._poster.post_to_all(followers, end.model_dump_json(exclude_none=True).encode())

    async def _end(self, record: GenerationRecord) -> None:
        """Ends a reply that nobody writes any more, with all the text its log has."""
        reading = Reading()
        lost = record.status == "running"
        if lost:
            reading = await self._closed(record)
        reason: FinishReason = "interrupted"
        error = None
        if record.stop_asked:
            reason = "stopped"
        elif not (reading.text or reading.reasoning):
            reason, error = "error", LOST
        end = await in_thread(self._lost.finish, record, reading, reason, error)
        if end is None:
            return
        if lost:
            self._metrics.count("Orphans")
        about = {"generation_id": record.id, "epoch": record.epoch, "pieces": reading.upto, "finish_reason": reason}
        log.warning("worker lost, reply ended" if lost else "reply ended in the queue", extra=about)
        await self.tell(end, record)

    async def _closed(self, record: GenerationRecord) -> Reading:
        """Reads the log to its end and closes it there: a worker that wakes up once more can add nothing."""
        for _ in range(5):
            reading = await self._logs.read_last(record)
            if reading.closed:
                return reading
            last = Entry(reading.upto + 1, kind="end")
            try:
                answer = await self._logs.of(record).append(place_of(record), last, after=reading.upto)
            except LogFailed:
                return reading
            if answer.outcome in ("ok", "lost"):
                return reading
        return reading

    async def _send_again(self, record: GenerationRecord) -> None:
        """Orders a queued generation once more, from this process at most every few seconds."""
        now = asyncio.get_running_loop().time()
        if now - self._sent_again.get(record.id, -SEND_AGAIN_SECONDS) < SEND_AGAIN_SECONDS:
            return
        self._sent_again = {one: at for one, at in self._sent_again.items() if now - at < SEND_AGAIN_SECONDS}
        self._sent_again[record.id] = now
        log.info("order sent again", extra={"generation_id": record.id})
        await in_thread(self._queue.send_generation, _order(record))


def _order(record: GenerationRecord) -> GenerationOrder:
    return GenerationOrder(owner_id=record.owner_id, generation_id=record.id, correlation_id=correlation_id())
