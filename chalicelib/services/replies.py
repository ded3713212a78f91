"""Writing replies: from an order out of the queue to the end frame. Many run at once on one event loop."""

import asyncio
import logging
import operator
from collections.abc import Callable

from chalicelib.clients.clock import Clock
from chalicelib.clients.sockets import Poster
from chalicelib.models.frames import FrameError
from chalicelib.models.generations import GenerationRecord
from chalicelib.models.jobs import GenerationOrder
from chalicelib.models.prompt import TokenUsage
from chalicelib.prompting.tokens import counter
from chalicelib.providers.registry import Registry
from chalicelib.services.attempts import Attempt, Came, Limits
from chalicelib.services.delivery import Delivery
from chalicelib.services.endings import Endings, Told
from chalicelib.services.generation import Generation
from chalicelib.services.keeper import Keeper
from chalicelib.services.limits import Limits as Quotas
from chalicelib.services.logs import Logs
from chalicelib.services.lost_replies import LostReplies
from chalicelib.services.manifests import Manifests
from chalicelib.services.metrics import Metrics
from chalicelib.services.scenes import Ready, Scenes
from chalicelib.services.watch import Watch
from chalicelib.services.writer import Fenced, Writer, Writing
from chalicelib.settings import Settings
from chalicelib.stores.ahead import NOTHING, Ahead, read_ahead, read_newest
from chalicelib.stores.generations import GenerationStore
from chalicelib.stores.sockets import Sockets
from chalicelib.stores.streams import LogFailed
from chalicelib.stores.threads import StoreFailed, in_thread, in_urgent_thread
from chalicelib.streaming.batching import Rhythm
from chalicelib.streaming.frames import handle, start_frame

DRAIN_SECONDS = 5.0
ROW_REPLY_BYTES = 150_000
"""Most of a reply that becomes no message and so lives in the generation's row."""
FAILED = FrameError(code="internal", message="Something went wrong on our side while writing this reply. Try again.")

log = logging.getLogger("tavern.replies")


class Replies:
    def __init__(
        self,
        *,
        generation_store: GenerationStore,
        generation: Generation,
        sockets: Sockets,
        logs: Logs,
        endings: Endings,
        lost_replies: LostReplies,
        scenes: Scenes,
        manifests: Manifests,
        registry: Registry,
        poster: Poster,
        quotas: Quotas,
        metrics: Metrics,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._store, self._generation, self._sockets, self._logs = generation_store, generation, sockets, logs
        self._endings, self._scenes, self._registry, self._poster = endings, scenes, registry, poster
        self._quotas, self._metrics, self._clock, self._settings = quotas, metrics, clock, settings
        self._manifests, self._lost = manifests, lost_replies
        self._watch = Watch()
        self._keeper = Keeper(logs.segments, seconds=settings.segment_seconds)

    async def write(self, order: GenerationOrder, *, remaining_ms: Callable[[], float] | None = None) -> None:
        """Writes the reply an order asks for; does nothing when somebody else does or it has ended.

        Raises what the door must know: then the lease is given up, and whoever comes next may take it.
        """
        reading = asyncio.create_task(self._read_ahead(order))
        record = await self._claim(order)
        if record is None:
            return
        about = {"generation_id": record.id, "epoch": record.epoch, "kind": record.kind, "log": record.log}
        log.info("reply begins", extra={**about, "turn_id": record.turn_id, "chat_id": record.chat_id})
        self._metrics.time("QueueWait", (self._clock.now() - record.queued_at).total_seconds() * 1000)
        delivery = self._delivery(record)
        writing = Writing(self._logs, self._store, self._metrics, self._keeper)
        writer = Writer(record, delivery, writing)
        keeping = self._manifests.keeping(record)
        attempt = Attempt(
            writer,
            prepare=lambda record: self._prepare(record, reading),
            registry=self._registry,
            limits=self._limits(record),
            renew=self._renew,
            greet=lambda: self._greet(writer, delivery),
            keeping=keeping,
            remaining_ms=remaining_ms,
            watch=self._watch,
        )
        ended: dict[str, str] = {"finish_reason": "taken over"}
        try:
            came = await attempt.run()
            ended = {"finish_reason": came.reason} | ({"error_code": came.error.code} if came.error else {})
            await writer.close()
            await self._finish(writer, attempt, came, delivery)
            await keeping.done()
        except Fenced:
            delivery.close()
            ended = {"finish_reason": "taken over"}
            log.warning("reply taken over", extra=about)
        except BaseException:
            await asyncio.shield(in_thread(self._store.give_up, writer.record, self._clock.now()))
            raise
        finally:
            attempt.close()
            writer.leave()
        self._metrics.count("Frames", delivery.frames)
        self._metrics.count("Pieces", writer.seq)
        if delivery.lost:
            self._metrics.count("FramesLost", delivery.lost)
        about |= {
            "log": writer.record.log,
            "pieces": writer.seq,
            "frames": delivery.frames,
            "frames_lost": delivery.lost,
        }
        log.info("reply ended", extra={**about, "first_token_ms": attempt.first_token_ms, **ended})

    async def fail(self, order: GenerationOrder) -> None:
        """Ends a reply that failed again and again for a reason of ours, so that its branch is free."""
        record = await in_thread(self._store.find, order.owner_id, order.generation_id)
        if record is None or record.status == "done":
            return
        reading = await self._logs.read(record)
        end = await in_thread(self._lost.finish, record, reading, "error", FAILED)
        if end is not None:
            self._metrics.count("Errors")
            log.error("reply given up", extra={"generation_id": record.id, "pieces": reading.upto})
            await self._generation.tell(end, record)

    async def _read_ahead(self, order: GenerationOrder) -> Ahead:
        """What the order names, read while it is being claimed."""
        places = [place for place in order.ahead if place[0].startswith(order.owner_id)]
        try:
            if order.newest is None:
                return await in_thread(read_ahead, places)
            rows, pages = await asyncio.gather(
                in_thread(read_ahead, places), in_thread(read_newest, order.owner_id, *order.newest)
            )
            return Ahead(rows.rows, pages)
        except StoreFailed:
            # They are asked for again, one by one, by those who need them.
            return NOTHING

    async def _prepare(self, record: GenerationRecord, reading: "asyncio.Task[Ahead]") -> Ready:
        return await self._scenes.prepare(record, await reading)

    async def _claim(self, order: GenerationOrder) -> GenerationRecord | None:
        for _ in range(2):
            record = await in_thread(
                self._store.claim,
                order.owner_id,
                order.generation_id,
                now=self._clock.now(),
                lease_seconds=self._settings.lease_seconds,
                log=self._logs.choose(),
            )
            if record is not None:
                return record
            found = await in_thread(self._store.find, order.owner_id, order.generation_id)
            if found is None or found.status == "done":
                break
            if (await self._generation.look(found)).status != "queued":
                break
        log.info("order let go", extra={"generation_id": order.generation_id})
        return None

    async def _greet(self, writer: Writer, delivery: Delivery) -> None:
        """Sends `start` to those who follow already, while the model thinks."""
        try:
            delivery.offer((await writer.ask_signals()).followers)
        except LogFailed:
            return

    async def _finish(self, writer: Writer, attempt: Attempt, came: Came, delivery: Delivery) -> None:
        usage = attempt.usage
        if usage is None:
            usage = await in_thread(self._estimate, writer, attempt)
        told = Told(
            text=writer.text,
            reasoning=writer.reasoning,
            seq=writer.seq,
            finish_reason=came.reason,
            error=came.error,
            usage=usage,
            connection=attempt.access.connection_name if attempt.access else "",
            model=attempt.access.model if attempt.access else "",
            first_token_ms=attempt.first_token_ms,
            encoding=attempt.access.tokenizer if attempt.access else "",
            speaker=attempt.ready.speaker if attempt.ready else "",
            after=attempt.ready.after if attempt.ready else None,
            kept=attempt.ready.kept if attempt.ready else operator.add,
            others=attempt.others,
        )
        end = await in_thread(self._endings.finish, writer.record, told)
        if end is None:
            raise Fenced
        followers = await in_thread(self._sockets.followers, writer.record.owner_id, writer.record.chat_id)
        delivery.offer(followers, end.model_dump_json(exclude_none=True).encode())
        self._metrics.count("Replies")
        if came.error:
            self._metrics.count("Errors")
        if attempt.first_token_ms is not None:
            self._metrics.time("FirstToken", attempt.first_token_ms)
        tokens = usage.prompt_tokens + usage.reply_tokens
        await asyncio.gather(
            delivery.drain(DRAIN_SECONDS),
            in_thread(self._quotas.add_tokens, writer.record.owner_id, tokens),
            in_thread(self._endings.note_use, writer.record),
        )

    def _estimate(self, writer: Writer, attempt: Attempt) -> TokenUsage:
        """Tokens of a reply whose provider does not count them."""
        if attempt.ready is None or not writer.seq:
            return TokenUsage()
        count = counter(attempt.ready.access.tokenizer)
        return TokenUsage(
            prompt_tokens=attempt.ready.prompt.tokens,
            reply_tokens=count(writer.text),
            reasoning_tokens=count(writer.reasoning),
        )

    async def _renew(self, record: GenerationRecord) -> GenerationRecord | None:
        lease = self._settings.lease_seconds
        return await in_urgent_thread(self._store.renew, record, now=self._clock.now(), lease_seconds=lease)

    async def _forget(self, record: GenerationRecord, socket_id: str) -> None:
        """A socket that is gone follows nothing any more."""
        try:
            await in_thread(self._sockets.delete, socket_id)
            # Frames of one socket are obeyed in any order: it may have left a follower behind that it knew nothing of.
            await in_thread(self._sockets.unfollow, record.owner_id, socket_id, record.chat_id)
        except StoreFailed:
            return
        await self._logs.forget_followers(record.chat_id)

    def _delivery(self, record: GenerationRecord) -> Delivery:
        async def on_gone(socket_id: str) -> None:
            await self._forget(record, socket_id)

        g = handle(record.id, record.epoch)
        return Delivery(poster=self._poster, g=g, start=start_frame(record), on_gone=on_gone)

    def _limits(self, record: GenerationRecord) -> Limits:
        knobs = self._settings
        return Limits(
            rhythm=Rhythm(
                knobs.first_frame_seconds,
                knobs.frame_seconds_least,
                knobs.frame_seconds_most,
                knobs.frame_bytes,
                knobs.crowded_replies,
            ),
            reply_bytes=knobs.reply_bytes if record.locks else min(knobs.reply_bytes, ROW_REPLY_BYTES),
            lease_renew_seconds=knobs.lease_renew_seconds,
            abandoned_seconds=knobs.abandoned_reply_seconds,
        )
