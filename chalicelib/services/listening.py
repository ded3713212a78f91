"""What sockets ask for: following a chat, resuming a reply. Every id is looked up under the socket's owner.

Order closes the races: the follower is registered, then the log is read; a piece is appended, then followers are read.
"""

import asyncio
import logging
from typing import NamedTuple

from chalicelib.clients.sockets import Poster
from chalicelib.errors import Invalid
from chalicelib.models.frames import Following
from chalicelib.models.generations import GenerationRecord
from chalicelib.services.generation import Generation
from chalicelib.services.logs import Logs
from chalicelib.services.metrics import Metrics
from chalicelib.stores.chats import ChatStore
from chalicelib.stores.generations import GenerationStore
from chalicelib.stores.sockets import CHATS_MOST, Socket, Sockets
from chalicelib.stores.threads import in_thread
from chalicelib.streaming.frames import handle, join_runs, piece_frame, snapshot_frames, start_frame

FRAME_CHARACTERS_MOST = 16_000
_TRIES = 3
_RETRY_SECONDS = 0.1

log = logging.getLogger("tavern.listening")


class _Missing(NamedTuple):
    """What a reader lacks, and the last piece of it."""

    frames: list[bytes]
    upto: int


class Listening:
    def __init__(
        self,
        *,
        sockets: Sockets,
        chat_store: ChatStore,
        generation_store: GenerationStore,
        generation: Generation,
        logs: Logs,
        poster: Poster,
        metrics: Metrics,
    ) -> None:
        self._sockets, self._chats, self._store = sockets, chat_store, generation_store
        self._generation, self._logs, self._poster, self._metrics = generation, logs, poster, metrics

    async def follow(self, socket: Socket, chat_id: str) -> None:
        """`following`, then a snapshot of each reply that runs. Raises NotFound."""
        await in_thread(self._chats.get, socket.owner_id, chat_id)
        await self._register(socket, chat_id)
        chat, records = await asyncio.gather(
            in_thread(self._chats.get, socket.owner_id, chat_id),
            in_thread(self._store.unfinished_of, socket.owner_id, chat_id),
        )
        looked = await asyncio.gather(*(self._generation.look(record) for record in records))
        running = [record for record in looked if record.status != "done"]
        following = Following(chat_id=chat_id, revision=chat.revision, generation_ids=[one.id for one in running])
        await self.post(socket.id, following.model_dump_json().encode())
        for record in running:
            for frame in await self._snapshot(record):
                await self.post(socket.id, frame)

    async def unfollow(self, socket: Socket, chat_id: str) -> None:
        await in_thread(self._sockets.unfollow, socket.owner_id, socket.id, chat_id)
        await self._logs.forget_followers(chat_id)

    async def resume(self, socket: Socket, generation_id: str, epoch: int, after: int) -> None:
        """`start`, the pieces after `after` or a snapshot, and `end` if it has ended. Raises NotFound."""
        began = asyncio.get_running_loop().time()
        record = await in_thread(self._store.get, socket.owner_id, generation_id)
        self._metrics.count("Resumes")
        if record.chat_id not in socket.chats:
            await self._register(socket, record.chat_id)
        record = await self._generation.look(await in_thread(self._store.get, socket.owner_id, generation_id))
        missing = await self._missing(record, epoch, after)
        frames = [start_frame(record), *missing.frames]
        if record.status == "done":
            end = await in_thread(self._store.get_end, socket.owner_id, generation_id)
            if end is not None:
                frames.append(end.model_dump_json(exclude_none=True).encode())
        for frame in frames:
            await self.post(socket.id, frame)
        # Who comes back is told the text so far when they follow. Asking for pieces of a reply that runs means that
        # they were sent and did not arrive.
        hole = record.status == "running" and epoch == record.epoch and missing.upto > after
        if hole:
            self._metrics.count("Holes")
        self._metrics.time("Resume", (asyncio.get_running_loop().time() - began) * 1000)
        about = {"generation_id": record.id, "status": record.status, "epoch": epoch, "after": after}
        log.info("reader resumed", extra={**about, "upto": missing.upto, "hole": hole})

    async def stop(self, socket: Socket, turn_id: str) -> None:
        await self._generation.stop(socket.owner_id, turn_id)

    async def post(self, socket_id: str, frame: bytes) -> None:
        """Sends one frame, with patience; a socket that is gone is forgotten."""
        for attempt in range(_TRIES):
            outcome = await self._poster.post(socket_id, frame)
            if outcome == "sent":
                return
            if outcome == "gone":
                await in_thread(self._sockets.delete, socket_id)
                return
            await asyncio.sleep(_RETRY_SECONDS * 2**attempt)

    async def _register(self, socket: Socket, chat_id: str) -> None:
        if chat_id not in socket.chats and len(socket.chats) >= CHATS_MOST:
            raise Invalid(f"A connection follows at most {CHATS_MOST} chats. Unfollow some first.")
        await in_thread(self._sockets.follow, socket, chat_id)
        await self._logs.forget_followers(chat_id)

    async def _missing(self, record: GenerationRecord, epoch: int, after: int) -> "_Missing":
        """The pieces a reader lacks, else a snapshot; nothing when the log of an ended reply has aged out."""
        if epoch == record.epoch and (after > 0 or record.status == "done"):
            runs = await self._logs.runs_after(record, after)
            last = runs[-1].last if runs else after
            if runs is not None and (record.status != "done" or last >= record.seq):
                g = handle(record.id, record.epoch)
                return _Missing([piece_frame(g, run) for run in join_runs(runs, FRAME_CHARACTERS_MOST)], last)
        reading = await self._logs.read(record)
        if record.status == "done" and (reading.upto < record.seq or not record.seq):
            return _Missing([], after)
        frames = snapshot_frames(record, upto=reading.upto, text=reading.text, reasoning=reading.reasoning)
        return _Missing(frames, reading.upto)

    async def _snapshot(self, record: GenerationRecord) -> list[bytes]:
        reading = await self._logs.read(record)
        return snapshot_frames(record, upto=reading.upto, text=reading.text, reasoning=reading.reasoning)
