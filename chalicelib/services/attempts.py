"""One attempt at one reply: deltas in, pieces out, while a watch keeps the lease and hears the stop flag."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from chalicelib.errors import AppError
from chalicelib.models.frames import FrameError
from chalicelib.models.generations import GenerationRecord
from chalicelib.models.prompt import FinishReason, Prompt, TokenUsage
from chalicelib.providers.provider import Access
from chalicelib.providers.registry import Registry
from chalicelib.services.scenes import Ready
from chalicelib.services.writer import Fenced, Writer
from chalicelib.stores.streams import LogFailed
from chalicelib.streaming.batching import Batch, Rhythm
from chalicelib.streaming.filters import Filters
from chalicelib.streaming.stops import speaker_stops

LOOK_SECONDS = 0.2
SOON_SECONDS = 0.02
SIGNALS_SECONDS = 0.3
"""How old what is known of the stop flag may get; appends bring it along. Stopping has half a second in all."""
LEFT_MILLISECONDS = 8_000
"""Of the function's time, kept back for storing the reply."""
RETRY_SECONDS = 0.5
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
        remaining_ms: Callable[[], float] | None,
    ) -> None:
        """`prepare` makes the prompt. `greet` tells the readers that it begins; it is called when the model has been
        asked, and so delays nothing.

        `remaining_ms` tells how much of the function's time is left; None means there is no limit.
        """
        self._writer, self._prepare, self._registry, self._limits = writer, prepare, registry, limits
        self._renew, self._greet, self._remaining_ms = renew, greet, remaining_ms
        self._batch = Batch(limits.rhythm)
        self._filters: Filters | None = None
        self._wake = asyncio.Event()
        self._ended = False
        self._cause: FinishReason | None = None
        self._fenced = False
        self._began_at = self._followed_at = asyncio.get_running_loop().time()
        self._read_at = writer.record.read_at
        self.ready: Ready | None = None
        self.access: Access | None = None
        self.usage: TokenUsage | None = None
        self.first_token_ms: int | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._streaming: asyncio.Task[Came] | None = None

    async def run(self) -> Came:
        """Streams until the model ends, fails, or is stopped; all its text is in the log then.

        The lease is kept on until `close` is called. Raises Fenced, and LogFailed when no log takes the text.
        """
        if self._writer.record.stop_asked:
            # Between the queue and the claim; the model was not asked yet.
            return Came("stopped")
        self._streaming = streaming = asyncio.create_task(self._stream())
        flushing = asyncio.create_task(self._flush())
        watching = asyncio.create_task(self._watch())
        self._tasks.append(watching)
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
            for task in (streaming, flushing, watching):
                task.cancel()
            raise
        return came

    def close(self) -> None:
        """Ends what still runs beside the reply."""
        for task in self._tasks:
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
        self._filters = Filters(stops=stops, bytes_most=self._limits.reply_bytes, continues=record.kind == "continue")
        ways = [ready.access, ready.access, *([ready.access.fallback] if ready.access.fallback else [])]
        failure: AppError | None = None
        for number, access in enumerate(ways):
            if number == 1 and failure is not None and not failure.details.get("retryable"):
                continue
            if number == 1:
                await asyncio.sleep(RETRY_SECONDS)
            self.access = access
            try:
                reason = await self._ask(ready.prompt.model_copy(update={"model": access.model}), access)
                return Came(reason)
            except AppError as error:
                if self.first_token_ms is not None:
                    return _failed(error)
                # Of two failures the first says more: it speaks of the connection the user chose.
                failure = failure or error
        assert failure is not None
        return _failed(failure)

    async def _ask(self, prompt: Prompt, access: Access) -> FinishReason:
        assert self._filters is not None
        filters, reason = self._filters, None
        self._tasks.append(asyncio.create_task(self._greet_soon()))
        async with aclosing(self._registry.provider_for(access.kind).stream(prompt, access)) as deltas:
            async for delta in deltas:
                if self.first_token_ms is None and (delta.text or delta.reasoning):
                    self.first_token_ms = round((asyncio.get_running_loop().time() - self._began_at) * 1000)
                self._take(*filters.feed(delta))
                self.usage = delta.usage or self.usage
                reason = delta.finish_reason or reason
                if filters.stopped:
                    return "stop"
                if filters.full:
                    return "length"
        return reason or "stop"

    async def _greet_soon(self) -> None:
        await asyncio.sleep(GREET_SECONDS)
        await self._greet()

    # --- the pieces

    def _take(self, text: str, reasoning: str) -> None:
        if not (text or reasoning):
            return
        waited = self._batch.due_at is not None
        self._batch.add(asyncio.get_running_loop().time(), text, reasoning)
        if not waited or self._batch.is_large:
            self._wake.set()

    async def _flush(self) -> None:
        """Writes each piece when it is due, until the reply has ended and all of it is written."""
        loop = asyncio.get_running_loop()
        while True:
            due_at, now = self._batch.due_at, loop.time()
            if due_at is not None and (self._ended or due_at <= now):
                for text, reasoning in self._batch.take(now):
                    await self._writer.write(text, reasoning)
                    self._obey_signals()
                continue
            if self._ended:
                return
            self._wake.clear()
            timer = None if due_at is None else loop.call_at(due_at, self._wake.set)
            await self._wake.wait()
            if timer is not None:
                timer.cancel()

    # --- the watch

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        renew_at = loop.time() + self._limits.lease_renew_seconds
        self._followed_at = loop.time()
        while True:
            old_at = self._writer.signals_at + SIGNALS_SECONDS
            await asyncio.sleep(min(LOOK_SECONDS, max(SOON_SECONDS, old_at - loop.time())))
            now = loop.time()
            if now - self._writer.signals_at >= SIGNALS_SECONDS:
                await self._hear()
            if self._writer.signals.followers:
                self._followed_at = now
            if now >= renew_at:
                renew_at = now + self._limits.lease_renew_seconds
                await self._keep_lease()
            if now - self._followed_at > self._limits.abandoned_seconds or self._out_of_time():
                self._cause = self._cause or "interrupted"
            self._obey_signals()

    def _obey_signals(self) -> None:
        """Hangs up on the model where something says that it is over."""
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

    async def _keep_lease(self) -> None:
        renewed = await self._renew(self._writer.record)
        if renewed is None:
            self._fenced = True
            return
        if renewed.stop_asked:
            self._cause = self._cause or "stopped"
        if renewed.read_at != self._read_at:
            # Somebody follows by the event stream, or asks for the state now and then.
            self._read_at, self._followed_at = renewed.read_at, asyncio.get_running_loop().time()

    def _out_of_time(self) -> bool:
        return self._remaining_ms is not None and self._remaining_ms() < LEFT_MILLISECONDS


def _failed(error: AppError) -> Came:
    return Came("error", FrameError(code=error.code, message=error.message))
