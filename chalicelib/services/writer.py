"""One attempt's text on its way: into the log first, then to the readers, and into durable segments a moment later."""

import asyncio
import logging
from dataclasses import dataclass

from chalicelib.models.generations import GenerationRecord
from chalicelib.services.delivery import Delivery
from chalicelib.services.keeper import Keeper
from chalicelib.services.logs import Logs, place_of
from chalicelib.services.metrics import Metrics
from chalicelib.stores.generations import GenerationStore
from chalicelib.stores.segments import Stretch
from chalicelib.stores.streams import Appended, Entry, LogFailed, Signals
from chalicelib.stores.threads import in_thread
from chalicelib.streaming.frames import Run

_DYNAMO_TRIES = 8
_DYNAMO_WAIT_SECONDS = 0.1

log = logging.getLogger("tavern.writer")


class Fenced(Exception):
    """Another attempt has taken over, or the reply has ended: nothing of this one counts any more."""


@dataclass(frozen=True, slots=True)
class Writing:
    """What a writer needs of the world."""

    logs: Logs
    store: GenerationStore
    metrics: Metrics
    keeper: Keeper


class Writer:
    """Keeps the whole text in memory, so that any log that is lost can be written again."""

    def __init__(self, record: GenerationRecord, delivery: Delivery, writing: Writing) -> None:
        self.record, self._delivery, self._world = record, delivery, writing
        self.seq = 0
        self.signals = Signals()
        self.signals_at = 0.0
        self.written_at = 0.0
        """The loop's time of the last piece."""
        self._texts: list[str] = []
        self._reasonings: list[str] = []
        self._undurable: list[Entry] = []
        self._undurable_at: list[float] = []
        """The loop's time of each of them."""

    @property
    def text(self) -> str:
        return "".join(self._texts)

    @property
    def reasoning(self) -> str:
        return "".join(self._reasonings)

    async def write(self, text: str, reasoning: str) -> None:
        """One piece. Raises Fenced, and LogFailed when neither log takes it."""
        entry = Entry(self.seq + 1, text, reasoning)
        self._texts.append(text)
        self._reasonings.append(reasoning)
        signals = await self._append(entry)
        self.seq = entry.seq
        self._heard(signals)
        self.written_at = self.signals_at
        self._delivery.offer(signals.followers, Run(entry.seq, entry.seq, text, reasoning))
        if self.record.log == "redis":
            self._undurable.append(entry)
            self._undurable_at.append(self.written_at)
            self._world.keeper.add(self)

    async def close(self) -> None:
        """Closes the log behind the last piece: whoever still writes under this epoch is fenced. Raises as `write`."""
        await self._append(Entry(self.seq + 1, kind="end"))

    def leave(self) -> None:
        """Nothing more is kept of it: its end has stored the whole text, or somebody else writes on."""
        self._world.keeper.remove(self)

    async def ask_signals(self) -> Signals:
        """Whether to stop and who listens, asked without writing. Raises LogFailed when nobody answers."""
        place, logs = place_of(self.record), self._world.logs
        try:
            signals = await logs.of(self.record).signals(place)
        except LogFailed:
            signals = await logs.dynamo.signals(place)
        self._heard(signals)
        return signals

    def _heard(self, signals: Signals) -> None:
        self.signals, self.signals_at = signals, asyncio.get_running_loop().time()

    async def _append(self, entry: Entry) -> Signals:
        place, logs = place_of(self.record), self._world.logs
        if self.record.log == "redis" and logs.redis is not None:
            try:
                answer = await logs.redis.append(place, entry, after=self.seq)
                if answer.outcome == "lost" and not answer.signals.fenced:
                    answer = await self._mend(entry)
                return _unfenced(answer)
            except LogFailed:
                await self._leave_redis()
        return _unfenced(await self._append_to_dynamo(entry))

    async def _mend(self, entry: Entry) -> Appended:
        """Writes all there is again: Redis came back empty, or with a hole."""
        place, logs = place_of(self.record), self._world.logs
        assert logs.redis is not None
        whole = Entry(entry.seq, self.text, self.reasoning, "whole")
        if entry.kind == "end":
            before = Entry(self.seq, self.text, self.reasoning, "whole")
            if self.seq:
                await logs.redis.append(place, before, after=self.seq)
            return await logs.redis.append(place, entry, after=self.seq)
        return await logs.redis.append(place, whole, after=self.seq)

    async def _leave_redis(self) -> None:
        """Goes over to DynamoDB, once and for all: first all text so far, then the row, then the piece at hand."""
        await in_thread(self._world.logs.segments.append, place_of(self.record), self._undurable)
        self.kept(self.seq)
        self._world.keeper.remove(self)
        moved = await in_thread(self._world.store.set_log, self.record, "dynamo")
        if moved is None:
            raise Fenced
        self._world.metrics.count("LogSwitches")
        about = {"generation_id": self.record.id, "epoch": self.record.epoch, "pieces": self.seq}
        log.warning("Redis does not answer, reply goes on in DynamoDB", extra=about)
        self.record = moved

    async def _append_to_dynamo(self, entry: Entry) -> Appended:
        for attempt in range(_DYNAMO_TRIES):
            try:
                return await self._world.logs.dynamo.append(place_of(self.record), entry, after=self.seq)
            except LogFailed:
                if attempt == _DYNAMO_TRIES - 1:
                    raise
                await asyncio.sleep(_DYNAMO_WAIT_SECONDS * 2**attempt)
        raise AssertionError

    # --- what the keeper asks

    @property
    def undurable_since(self) -> float:
        """The loop's time of the oldest piece that is not durable yet."""
        return self._undurable_at[0] if self._undurable_at else self.written_at

    @property
    def undurable(self) -> Stretch:
        return Stretch(place_of(self.record), tuple(self._undurable))

    def kept(self, upto: int) -> bool:
        """Says that the pieces up to this one are durable; whether there are others."""
        count = sum(piece.seq <= upto for piece in self._undurable)
        del self._undurable[:count], self._undurable_at[:count]
        return bool(self._undurable)


def _unfenced(answer: Appended) -> Signals:
    # An empty Redis knows nothing of an end or a later attempt; the chat's channel, which is asked then, does.
    if answer.outcome == "fenced" or answer.signals.fenced:
        raise Fenced
    return answer.signals
