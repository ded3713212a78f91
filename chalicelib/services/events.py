"""A reply as an event stream, for readers whom no socket reaches. API Gateway buffers, so each answer is short."""

import asyncio
import re
from collections.abc import Iterable

from chalicelib.clients.loop import run
from chalicelib.models.generations import GenerationRecord
from chalicelib.services.generation import Generation
from chalicelib.services.logs import Logs
from chalicelib.stores.generations import GenerationStore
from chalicelib.stores.threads import in_thread
from chalicelib.streaming.frames import Run, handle, join_runs, piece_frame, snapshot_frames, start_frame

GATHER_SECONDS = 0.4
GATHER_CHARACTERS = 2_000
WAIT_SECONDS = 20.0
LOOK_SECONDS = 0.1
RECORD_SECONDS = 0.5
"""How old what is known of the generation's row may get."""
RETRY_MILLISECONDS = 50
FRAME_CHARACTERS_MOST = 16_000
_EVENT_ID = re.compile(r"(\d{1,6})-(\d{1,9})")


class Events:
    def __init__(self, *, generation_store: GenerationStore, generation: Generation, logs: Logs) -> None:
        self._store, self._generation, self._logs = generation_store, generation, logs

    def wait(self, owner_id: str, generation_id: str, last_event_id: str) -> str:
        """The next events: frames as on the socket, with the id `{epoch}-{seq}` of the last piece they hold.

        Closes at 0.4 s of text, 2 KB, the end, or 20 s without any; the reader asks again. Raises NotFound.
        """
        return run(self._wait(owner_id, generation_id, last_event_id))

    async def _wait(self, owner_id: str, generation_id: str, last_event_id: str) -> str:
        loop = asyncio.get_running_loop()
        match = _EVENT_ID.fullmatch(last_event_id)
        epoch, after = (int(match[1]), int(match[2])) if match else (0, 0)
        closes_at, events = loop.time() + WAIT_SECONDS, [f"retry: {RETRY_MILLISECONDS}\n\n"]
        record = await self._record(owner_id, generation_id)
        looked_at, size, fresh = loop.time(), 0, match is None
        while True:
            now = loop.time()
            if now - looked_at > RECORD_SECONDS:
                record, looked_at = await self._record(owner_id, generation_id), now
            if fresh or (record.epoch != epoch and record.epoch > 0):
                # A new reader, or another attempt: what was there before does not count.
                fresh, epoch, after = False, record.epoch, 0
                events.append(_event(epoch, after, start_frame(record)))
                closes_at = min(closes_at, now + GATHER_SECONDS)
            done = record.status == "done"
            runs = await self._logs.runs_after(record, after) if epoch else []
            if runs is None or (done and (runs[-1].last if runs else after) < record.seq):
                after, frames = await self._snapshot(record, after)
                events.extend(_event(epoch, after, frame) for frame in frames)
                size += sum(map(len, frames))
            elif runs:
                if not size:
                    closes_at = min(closes_at, now + GATHER_SECONDS)
                after = runs[-1].last
                events.extend(_events(record, runs))
                size += sum(one.size for one in runs)
            if done:
                end = await in_thread(self._store.get_end, owner_id, generation_id)
                if end is not None:
                    events.append(_event(epoch, after, end.model_dump_json(exclude_none=True).encode()))
                return "".join(events)
            if size >= GATHER_CHARACTERS or now >= closes_at:
                return "".join(events)
            await asyncio.sleep(LOOK_SECONDS)

    async def _record(self, owner_id: str, generation_id: str) -> GenerationRecord:
        return await self._generation.look(await in_thread(self._store.get, owner_id, generation_id))

    async def _snapshot(self, record: GenerationRecord, after: int) -> tuple[int, list[bytes]]:
        reading = await self._logs.read(record)
        if reading.upto <= after:
            return after, []
        frames = snapshot_frames(record, upto=reading.upto, text=reading.text, reasoning=reading.reasoning)
        return reading.upto, frames


def _events(record: GenerationRecord, runs: Iterable[Run]) -> Iterable[str]:
    g = handle(record.id, record.epoch)
    for one in join_runs(list(runs), FRAME_CHARACTERS_MOST):
        yield _event(record.epoch, one.last, piece_frame(g, one))


def _event(epoch: int, seq: int, frame: bytes) -> str:
    return f"id: {epoch}-{seq}\ndata: {frame.decode()}\n\n"
