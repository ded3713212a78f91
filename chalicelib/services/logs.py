"""Both logs and the durable segments as one: where a reply's pieces lie, and what they say together."""

import asyncio

from chalicelib.models.generations import GenerationRecord, LogKind
from chalicelib.stores.segments import Segments
from chalicelib.stores.streams import Entry, Log, LogFailed, Place
from chalicelib.stores.streams_dynamo import DynamoLog
from chalicelib.stores.streams_redis import RedisLog
from chalicelib.stores.threads import in_thread
from chalicelib.streaming.frames import Run
from chalicelib.streaming.reading import News, Reading, news_after, read_on, runs_after


class Logs:
    def __init__(self, *, redis: RedisLog | None, dynamo: DynamoLog, segments: Segments) -> None:
        self.redis, self.dynamo, self.segments = redis, dynamo, segments

    def choose(self) -> LogKind:
        """Where a new attempt shall write."""
        return "redis" if self.redis is not None and self.redis.believed_up else "dynamo"

    def of(self, record: GenerationRecord) -> Log:
        """The log that the generation's row names. A deployment that lost its Redis reads what DynamoDB has."""
        return self.redis if record.log == "redis" and self.redis is not None else self.dynamo

    async def read(self, record: GenerationRecord) -> Reading:
        """The text so far. With Redis gone it is what the segments hold. Raises PynamoDBException."""
        place = place_of(record)
        if record.epoch == 0:
            return Reading()
        if self.of(record) is self.redis:
            try:
                entries = await self._entries(record, after=0)
            except LogFailed:
                entries = []
            reading = read_on(Reading(), entries)
            if reading.upto or reading.closed:
                return reading
            return read_on(await self._stored(place), entries)
        stored, entries = await asyncio.gather(self._stored(place), self._entries(record, after=0))
        return read_on(stored, entries)

    async def read_last(self, record: GenerationRecord) -> Reading:
        """All that is left of a reply whose worker is lost. Raises PynamoDBException.

        A Redis that was lost as well, and came back with what its disk had, may have less than the segments.
        """
        reading = await self.read(record)
        if reading.closed or self.of(record) is not self.redis:
            return reading
        stored = await self._stored(place_of(record))
        return stored if stored.upto > reading.upto else reading

    async def runs_after(self, record: GenerationRecord, after: int) -> list[Run] | None:
        """The pieces right after `after`; None when the log does not have them all."""
        try:
            return runs_after(after, await self._entries(record, after=after))
        except LogFailed:
            return None

    async def news_after(self, record: GenerationRecord, after: int) -> News | None:
        """What came after `after`; None when the log does not answer."""
        try:
            return news_after(after, await self._entries(record, after=after))
        except LogFailed:
            return None

    async def forget_followers(self, chat_id: str) -> None:
        """Called between registering a follower and reading the log for them. Quiet when Redis does not answer."""
        if self.redis is None:
            return
        try:
            await self.redis.forget_followers(chat_id)
        except LogFailed:
            # What Redis remembers lives half a minute; the client asks again after three seconds of silence.
            return

    async def ask_stop(self, record: GenerationRecord) -> None:
        """The fast way of the stop flag, whose truth stands in the row already. Quiet when Redis does not answer."""
        try:
            await self.of(record).ask_stop(place_of(record))
        except LogFailed:
            return

    async def _entries(self, record: GenerationRecord, *, after: int) -> list[Entry]:
        """What the log has. Of a reply that has ended no more than its end counted: a Redis that lost the log with its
        end takes anew what a lost worker writes that wakes up late. Raises LogFailed."""
        entries = await self.of(record).read(place_of(record), after=after)
        if record.status != "done":
            return entries
        return [entry for entry in entries if entry.seq <= record.seq + (entry.kind == "end")]

    async def _stored(self, place: Place) -> Reading:
        whole = await in_thread(self.segments.read, place)
        return Reading(whole.seq, whole.text, whole.reasoning)


def place_of(record: GenerationRecord) -> Place:
    return Place(record.owner_id, record.chat_id, record.id, record.turn_id, record.epoch)
