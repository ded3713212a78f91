"""Who is connected and who follows which chat, in `live`; and what runs in a chat. All reads are strongly consistent.

    socket    pk socket#{socket}         sk socket                     owner, session, chats it follows
    session   pk owner#sockets           sk {session}#{socket}
    follower  pk owner#channel#{chat}    sk follower#{socket}
    running   pk owner#channel#{chat}    sk running#{generation}       turn, epoch, stop flag

The last two share a partition, the *channel*: one query tells a worker who listens, whether it shall stop, and whether
another attempt has taken over. A follower is registered before the log is read, a piece is appended before the channel
is read: so nobody falls between the two.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import DoesNotExist, UpdateError

from chalicelib.errors import NotFound
from chalicelib.stores.tables import LiveMeta, LiveRow

SOCKET_SECONDS = 3 * 3600
CHATS_MOST = 50
"""Chats one socket may follow."""


class SocketRow(LiveRow):
    class Meta(LiveMeta):
        pass

    owner_id = UnicodeAttribute()
    session_id = UnicodeAttribute()
    chats = UnicodeSetAttribute(null=True)


class ChannelRow(LiveRow):
    class Meta(LiveMeta):
        pass

    turn_id = UnicodeAttribute(null=True)
    epoch = NumberAttribute(null=True)
    stop = BooleanAttribute(null=True)


@dataclass(frozen=True, slots=True)
class Socket:
    id: str
    owner_id: str
    session_id: str
    chats: frozenset[str]


@dataclass(frozen=True, slots=True)
class Running:
    """A generation that has not ended."""

    generation_id: str
    turn_id: str
    epoch: int
    stop: bool


@dataclass(frozen=True, slots=True)
class Channel:
    followers: tuple[str, ...]
    running: tuple[Running, ...]


class HasNow(Protocol):
    def now(self) -> datetime: ...


class Sockets:
    """The registry. Rows outlive a lost `disconnect` by at most three hours."""

    def __init__(self, *, clock: HasNow) -> None:
        self._clock = clock

    def add(self, socket: Socket) -> None:
        expires_at = self._expiry()
        SocketRow(
            pk=f"socket#{socket.id}",
            sk="socket",
            owner_id=socket.owner_id,
            session_id=socket.session_id,
            expires_at=expires_at,
        ).save()
        LiveRow(pk=f"{socket.owner_id}#sockets", sk=f"{socket.session_id}#{socket.id}", expires_at=expires_at).save()

    def get(self, socket_id: str) -> Socket:
        """Raises NotFound."""
        socket = self.find(socket_id)
        if socket is None:
            raise NotFound("This connection is not open any more.")
        return socket

    def find(self, socket_id: str) -> Socket | None:
        try:
            row = SocketRow.get(f"socket#{socket_id}", "socket", consistent_read=True)
        except DoesNotExist:
            return None
        return Socket(socket_id, row.owner_id, row.session_id, frozenset(row.chats or ()))

    def delete(self, socket_id: str) -> None:
        """Forgets the socket and all it follows; quiet when it is gone."""
        socket = self.find(socket_id)
        if socket is None:
            return
        with LiveRow.batch_write() as batch:
            for chat_id in socket.chats:
                batch.delete(LiveRow(pk=channel_key(socket.owner_id, chat_id), sk=f"follower#{socket_id}"))
            batch.delete(LiveRow(pk=f"{socket.owner_id}#sockets", sk=f"{socket.session_id}#{socket_id}"))
            batch.delete(LiveRow(pk=f"socket#{socket_id}", sk="socket"))

    def of_session(self, owner_id: str, session_id: str | None) -> list[str]:
        """Ids of the open sockets of one session, or with None of all."""
        prefix = None if session_id is None else LiveRow.sk.startswith(f"{session_id}#")
        rows = LiveRow.query(f"{owner_id}#sockets", prefix, consistent_read=True)
        return [row.sk.rpartition("#")[2] for row in rows]

    def count(self, owner_id: str) -> int:
        """How many sockets a person has open, and lost ones that are not forgotten yet."""
        return int(LiveRow.count(f"{owner_id}#sockets", consistent_read=True))

    def follow(self, socket: Socket, chat_id: str) -> None:
        """Registers a follower. Raises NotFound when the socket was forgotten meanwhile."""
        row = SocketRow(pk=f"socket#{socket.id}", sk="socket")
        try:
            row.update(actions=[SocketRow.chats.add({chat_id})], condition=SocketRow.pk.exists())
        except UpdateError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                raise NotFound("This connection is not open any more.") from None
            raise
        ChannelRow(
            pk=channel_key(socket.owner_id, chat_id), sk=f"follower#{socket.id}", expires_at=self._expiry()
        ).save()

    def unfollow(self, owner_id: str, socket_id: str, chat_id: str) -> None:
        """Quiet when it followed nothing, or is gone."""
        ChannelRow(pk=channel_key(owner_id, chat_id), sk=f"follower#{socket_id}").delete()
        row = SocketRow(pk=f"socket#{socket_id}", sk="socket")
        try:
            row.update(actions=[SocketRow.chats.delete({chat_id})], condition=SocketRow.pk.exists())
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise

    def followers(self, owner_id: str, chat_id: str) -> tuple[str, ...]:
        return self.channel(owner_id, chat_id).followers

    def channel(self, owner_id: str, chat_id: str) -> Channel:
        now = self._clock.now().timestamp()
        followers: list[str] = []
        running: list[Running] = []
        for row in ChannelRow.query(channel_key(owner_id, chat_id), consistent_read=True):
            kind, _, name = row.sk.partition("#")
            if (row.expires_at or now) < now:
                continue
            if kind == "follower":
                followers.append(name)
            else:
                running.append(Running(name, row.turn_id or "", int(row.epoch or 0), bool(row.stop)))
        return Channel(tuple(followers), tuple(running))

    def _expiry(self) -> int:
        return int(self._clock.now().timestamp()) + SOCKET_SECONDS


def channel_key(owner_id: str, chat_id: str) -> str:
    return f"{owner_id}#channel#{chat_id}"
