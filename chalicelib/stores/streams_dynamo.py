"""The log in DynamoDB's `live` table: an item a piece. It needs nothing else, and costs two requests a flush.

    piece   pk owner#log#{generation}   sk {epoch:04d}#{seq:08d}

An item is written once and never over another: of two writers under one epoch the slower one is fenced. Followers, stop
flags and epochs come from the chat's channel (stores/sockets.py), read after each append.
"""

from datetime import datetime
from typing import Protocol

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, PutError, PynamoDBException

from chalicelib.stores.sockets import Sockets
from chalicelib.stores.streams import Appended, Entry, LogFailed, Place, Signals, signals_in
from chalicelib.stores.tables import LiveMeta, LiveRow
from chalicelib.stores.threads import in_thread


class PieceRow(LiveRow):
    class Meta(LiveMeta):
        pass

    kind = UnicodeAttribute()
    text = UnicodeAttribute(default="")
    reasoning = UnicodeAttribute(default="")


class HasNow(Protocol):
    def now(self) -> datetime: ...


class DynamoLog:
    def __init__(self, *, sockets: Sockets, clock: HasNow, kept_seconds: int) -> None:
        self._sockets = sockets
        self._clock = clock
        self._kept_seconds = kept_seconds

    async def append(self, place: Place, entry: Entry, *, after: int) -> Appended:
        try:
            return await in_thread(self._append, place, entry)
        except PynamoDBException as error:
            raise LogFailed from error

    async def signals(self, place: Place) -> Signals:
        try:
            return await in_thread(self._signals, place)
        except PynamoDBException as error:
            raise LogFailed from error

    async def read(self, place: Place, *, after: int) -> list[Entry]:
        try:
            return await in_thread(self._read, place, after)
        except PynamoDBException as error:
            raise LogFailed from error

    async def ask_stop(self, place: Place) -> None:
        """Nothing to do: the flag stands in the channel already."""

    async def forget_followers(self, chat_id: str) -> None:
        """Nothing to do: followers are read afresh each time."""

    def _append(self, place: Place, entry: Entry) -> Appended:
        row = PieceRow(
            _key(place),
            _sort_key(place.epoch, entry.seq),
            kind=entry.kind,
            text=entry.text,
            reasoning=entry.reasoning,
            expires_at=int(self._clock.now().timestamp()) + self._kept_seconds,
        )
        try:
            row.save(condition=PieceRow.pk.does_not_exist())
        except PutError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            if self._present(row) != entry:
                return Appended("fenced")
        signals = self._signals(place)
        return Appended("fenced" if signals.fenced else "ok", signals)

    def _present(self, row: PieceRow) -> Entry | None:
        try:
            return _entry(PieceRow.get(row.pk, row.sk, consistent_read=True))
        except DoesNotExist:
            return None

    def _signals(self, place: Place) -> Signals:
        return signals_in(self._sockets.channel(place.owner_id, place.chat_id), place)

    def _read(self, place: Place, after: int) -> list[Entry]:
        reach = PieceRow.sk.between(_sort_key(place.epoch, after + 1), _sort_key(place.epoch, 99_999_999))
        return [_entry(row) for row in PieceRow.query(_key(place), reach, consistent_read=True)]


def _entry(row: PieceRow) -> Entry:
    seq = int(row.sk.rpartition("#")[2])
    return Entry(seq, row.text, row.reasoning, row.kind)  # type: ignore[arg-type]  # only its three words are written


def _key(place: Place) -> str:
    return f"{place.owner_id}#log#{place.generation_id}"


def _sort_key(epoch: int, seq: int) -> str:
    return f"{epoch:04d}#{seq:08d}"
