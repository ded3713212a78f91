"""One attempt at one reply: deltas in, pieces out; looked at often, it keeps the lease and hears the stop flag."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from chalicelib.errors import AppError
from chalicelib.models.frames import FrameError
from chalicelib.models.generations import GenerationRecord
from chalicelib.models.prompt import Delta, FinishReason, Prompt, TokenUsage
from chalicelib.providers.provider import Access, Rest
from chalicelib.providers.registry import Registry
from chalicelib.services.manifests import Keeping
from chalicelib.services.scenes import Ready
from chalicelib.services.watch import Watch
from chalicelib.services.writer import Fenced, Writer
from chalicelib.stores.streams import LogFailed
from chalicelib.stores.threads import StoreFailed
from chalicelib.streaming.batching import EARLY_SECONDS, Batch, Rhythm
from chalicelib.streaming.filters import Filters
from chalicelib.streaming.stops import speaker_stops

SIGNALS_SECONDS = 0.3
"""How old what is known of the stop flag may get while the model is silent; appends bring it along."""
SIGNALS_SECONDS_MOST = 0.45
"""The same while text flows: the next piece is about to ask anyway."""
LEFT_MILLISECONDS = 8_000
"""Of the function's time, kept back for storing the reply."""
RETRY_SECONDS = 0.5
RENEW_AGAIN_SHARE = 0.2
"""After how much of its usual time a lease that could not be renewed is tried again."""
GREET_SECONDS = 0.003
"""Long enough for the request to the model to be on its way."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Knobs of an attempt."""

    rhythm: Rhythm
    reply_bytes: int
    lease_renew_seconds: float
    abandoned_seconds: float


@dataclass(frozen=True, slots=True)
class Came:
    """How the model's part ended."""

    reason: FinishReason
    error: FrameError | None = None


class Attempt:
    def __init__(
        self,
        writer: Writer,
        *,
        prepare: Callable[[GenerationRecord], Awaitable[Ready]],
        registry: Registry,
        limits: Limits,
        renew: Callable[[GenerationRecord], Awaitable[GenerationRecord | None]],
        greet: Callable[[], Awaitable[None]],
        keeping: Keeping,
        remaining_ms: Callable[[], float] | None,
        watch: Watch,
    ) -> None:
        """`prepare` makes the prompt. `greet` tells the readers that it begins; it is called when the model has been
        asked, and so delays nothing. `keeping` keeps the prompt once the answer has begun.

        `remaining_ms` tells how much of the function's time is left; None means there is no limit.
        """
        self._writer, self._prepare, self._registry, self._limits = writer, prepare, registry, limits
        self._renew, self._greet, self._remaining_ms = renew, greet, remaining_ms
        self._watch, self._keeping = watch, keeping
        self._batch = Batch(limits.rhythm, watch.here().__len__)
        self._filters: Filters | None = None
        self._wake = asyncio.Event()
        self._ended = False
        self._cause: FinishReason | None = None
        self._fenced = False
        self._loop = asyncio.get_running_loop()
        self._began_at = self._followed_at = self._loop.time()
        self._renew_at = self._began_at + limits.lease_renew_seconds
        self._streaming: asyncio.Task[Came] | None = None
        self._hearing: asyncio.Task[None] | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._read_at = writer.record.read_at
        self.ready: Ready | None = None
        self.access: Access | None = None
        self.usage: TokenUsage | None = None
        self.others: list[tuple[str, str]] = []
        """Text and reasoning of further answers to the same request."""
        self.first_token_ms: int | None = None
        self._greeting: asyncio.Task[None] | None = None

    async def run(self) -> Came:
        """Streams until the model ends, fails, or is stopped; all its text is in the log then.

        The lease is kept on until `close` is called. Raises Fenced, and LogFailed when no log takes the text.
        """
        if self._writer.record.stop_asked:
            # Between the queue and the claim; the model was not asked yet.
            return Came("stopped")
        streaming = self._streaming = asyncio.create_task(self._stream())
        flushing = asyncio.create_task(self._flush())
        self._watch.add(self)
        try:
            await asyncio.wait({streaming, flushing}, return_when=asyncio.FIRST_COMPLETED)
            if flushing.done():
                streaming.cancel()
            await asyncio.wait({streaming})
            if self._fenced:
                raise Fenced
            came = Came(self._cause or "interrupted") if streaming.cancelled() else streaming.result()
            if self._filters is not None:
                self._take(*self._filters.rest())
            self._ended = True
            self._wake.set()
            await flushing
        except BaseException:
            for task in (streaming, flushing):
                task.cancel()
            raise
        return came

    def close(self) -> None:
        """Ends what still runs beside the reply."""
        self._watch.remove(self)
        for task in (self._greeting, self._hearing, self._renewing):
            if task is not None:
                task.cancel()

    # --- the model

    async def _stream(self) -> Came:
        record = self._writer.record
        try:
            self.ready = ready = await self._prepare(record)
        except AppError as error:
            return _failed(error)
        stops = [
            *ready.prompt.stop,
            *speaker_stops(
                user_name=ready.prompt.user_name,
                speaker=ready.speaker,
                impersonates=record.kind == "impersonate",
            ),
        ]
        self._keeping.again = ready.again
        self._filters = self._new_filters(ready.prompt, stops)
        ways = [ready.access, ready.access, *([ready.access.fallback] if ready.access.fallback else [])]
        failure: AppError | None = None
        for number, access in enumerate(ways):
            if number == 1 and failure is not None and not failure.details.get("retryable"):
                continue
            if number == 1:
                await asyncio.sleep(RETRY_SECONDS)
            self.access = access
            try:
                reason = await self._ask(ready.prompt.model_copy(update={"model": access.model}), access, stops)
                return Came(reason)
            except AppError as error:
                if self.first_token_ms is not None:
                    return _failed(error)
                # Of two failures the first says more: it speaks of the connection the user chose.
                failure = failure or error
        assert failure is not None
        return _failed(failure)

    async def _ask(self, prompt: Prompt, access: Access, stops: Sequence[str]) -> FinishReason:
        assert self._filters is not None
        filters, reason = self._filters, None
        rest = Rest(lambda: self._batch.rest(self._loop.time()))
        access = access.model_copy(update={"rest": rest, "sent": self._keeping.asked(prompt, access)})
        self._greeting = asyncio.create_task(self._greet_soon())
        async with aclosing(self._registry.provider_for(access.kind).stream(prompt, access)) as deltas:
            async for delta in deltas:
                if self.first_token_ms is None and (delta.text or delta.reasoning):
                    self.first_token_ms = round((self._loop.time() - self._began_at) * 1000)
                    self._keeping.begin()
                self._take(*filters.feed(delta))
                self.usage = delta.usage or self.usage
                reason = delta.finish_reason or reason
                if delta.others:
                    self.others = [_whole(self._new_filters(prompt, stops), other) for other in delta.others]
                if filters.stopped and prompt.replies < 2:
                    return "stop"
                if filters.full and prompt.replies < 2:
                    return "length"
        return "stop" if filters.stopped else "length" if filters.full else reason or "stop"

    def _new_filters(self, prompt: Prompt, stops: Sequence[str]) -> Filters:
        continues = self._writer.record.kind == "continue"
        return Filters(stops=stops, bytes_most=self._limits.reply_bytes, continues=continues, begins=prompt.begins)

    async def _greet_soon(self) -> None:
        await asyncio.sleep(GREET_SECONDS)
        await self._greet()

    # --- the pieces

    def _take(self, text: str, reasoning: str) -> None:
        if not (text or reasoning):
            return
        self._batch.add(self._loop.time(), text, reasoning)
        self._wake.set()

    async def _flush(self) -> None:
        """Writes each piece when it is due, until the reply has ended and all of it is written."""
        while True:
            due_at, now = self._batch.due_at, self._loop.time()
            if due_at is not None and (self._ended or due_at - EARLY_SECONDS <= now):
                for text, reasoning in self._batch.take(now):
                    await self._writer.write(text, reasoning)
                self._heed()
                continue
            if self._ended:
                return
            self._wake.clear()
            timer = None if due_at is None else self._loop.call_at(due_at, self._wake.set)
            await self._wake.wait()
            if timer is not None:
                timer.cancel()

    # --- the watch

    def look(self, now: float) -> None:
        """What is due: asking for the stop flag, keeping the lease, ending what nobody reads or has no time left."""
        age = now - self._writer.signals_at
        if age >= SIGNALS_SECONDS and (self._hearing is None or self._hearing.done()):
            flows = self._writer.seq and now - self._writer.written_at < SIGNALS_SECONDS_MOST
            if not flows or age >= SIGNALS_SECONDS_MOST:
                self._hearing = asyncio.create_task(self._hear())
        if now >= self._renew_at and (self._renewing is None or self._renewing.done()):
            self._renew_at = now + self._limits.lease_renew_seconds
            self._renewing = asyncio.create_task(self._keep_lease())
        if self._writer.signals.followers:
            self._followed_at = now
        if now - self._followed_at > self._limits.abandoned_seconds or self._out_of_time():
            self._cause = self._cause or "interrupted"
        self._heed()

    def _heed(self) -> None:
        """Ends the model's request when the reply is to end."""
        if self._writer.signals.stop:
            self._cause = self._cause or "stopped"
        if (self._cause or self._fenced) and self._streaming is not None and not self._streaming.done():
            self._streaming.cancel()

    async def _hear(self) -> None:
        try:
            signals = await self._writer.ask_signals()
        except LogFailed:
            return
        self._fenced = self._fenced or signals.fenced
        self._heed()

    async def _keep_lease(self) -> None:
        try:
            renewed = await self._renew(self._writer.record)
        except StoreFailed:
            # The lease lives on for a while, and the log fences us should somebody take over.
            self._renew_at = self._loop.time() + self._limits.lease_renew_seconds * RENEW_AGAIN_SHARE
            return
        if renewed is None:
            self._fenced = True
            return
        if renewed.stop_asked:
            self._cause = self._cause or "stopped"
        if renewed.read_at != self._read_at:
            # Somebody follows by the event stream, or asks for the state now and then.
            self._read_at, self._followed_at = renewed.read_at, self._loop.time()
        self._heed()

    def _out_of_time(self) -> bool:
        return self._remaining_ms is not None and self._remaining_ms() < LEFT_MILLISECONDS


def _whole(filters: Filters, said: Delta) -> tuple[str, str]:
    """Text and reasoning of an answer that came at once, as if it had been streamed."""
    (text, reasoning), (last, more) = filters.feed(said), filters.rest()
    return (text + last).rstrip(), reasoning + more


def _failed(error: AppError) -> Came:
    return Came("error", FrameError(code=error.code, message=error.message))
