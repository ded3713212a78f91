"""The log in Redis: a stream a generation, with ids `{epoch}-{seq}`. One script call a flush does everything.

    log:{chat}:generation        the stream
    stop:{chat}:generation       there when the generation shall stop
    followers:{chat}             the followers as DynamoDB has them, for half a minute
    followers-version:{chat}     counts their changes, so that an old reading is never kept

`{chat}` stands in braces, the hash tag: all keys of a chat lie in one slot of a cluster.
"""

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakKeyDictionary, finalize

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError

from chalicelib.stores.redis import DOES_NOT_ANSWER
from chalicelib.stores.redis_line import Line
from chalicelib.stores.sockets import Sockets
from chalicelib.stores.streams import Appended, Entry, LogFailed, Place, Signals, signals_in
from chalicelib.stores.threads import StoreFailed, in_thread

log = logging.getLogger("tavern.redis")

BREAK_SECONDS = 5.0
"""How long Redis is left alone after it did not answer."""
CONNECTIONS_MOST = 1_000
"""Of one process. redis-py's own limit of 100 would make Redis look dead as soon as a worker has so many replies."""
FOLLOWERS_SECONDS = 30
_TRIES_WHEN_BUSY = 4
_LATE_SECONDS = 0.1
"""A time-out that comes so late says more about this process than about Redis."""
STOP_SECONDS = 3600

# KEYS log, stop, followers, version; ARGV epoch, after, seq, data, seconds, whole (0 or 1).
_APPEND = """
local epoch, after, seq = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local last_epoch, last_seq = 0, 0
if #last > 0 then
  local a, b = string.match(last[1][1], '(%d+)-(%d+)')
  last_epoch, last_seq = tonumber(a), tonumber(b)
end
local outcome = 'ok'
if last_epoch > epoch then
  outcome = 'fenced'
elseif last_epoch == epoch and last_seq == seq and last[1][2][2] == ARGV[4] then
  outcome = 'ok'
elseif last_epoch == epoch and last_seq > after then
  outcome = 'fenced'
elseif ARGV[6] == '1' or (last_epoch == epoch and last_seq or 0) == after then
  redis.call('XADD', KEYS[1], ARGV[1] .. '-' .. ARGV[3], 'd', ARGV[4])
  redis.call('EXPIRE', KEYS[1], ARGV[5])
else
  outcome = 'lost'
end
return {outcome, redis.call('EXISTS', KEYS[2]), redis.call('GET', KEYS[3]), redis.call('GET', KEYS[4])}
"""
# KEYS log, stop, followers, version; ARGV epoch.
_SIGNALS = """
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local outcome = 'ok'
if #last > 0 and tonumber(string.match(last[1][1], '(%d+)-')) > tonumber(ARGV[1]) then outcome = 'fenced' end
return {outcome, redis.call('EXISTS', KEYS[2]), redis.call('GET', KEYS[3]), redis.call('GET', KEYS[4])}
"""
# KEYS followers, version; ARGV version, followers, seconds.
_REMEMBER = """
if (redis.call('GET', KEYS[2]) or '') == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) end
return 1
"""
# KEYS followers, version.
_FORGET = """
redis.call('INCR', KEYS[2])
redis.call('EXPIRE', KEYS[2], 86400)
redis.call('DEL', KEYS[1])
return 1
"""


class RedisLog:
    """Works on any event loop and keeps a client for each."""

    def __init__(self, *, url: str, cluster: bool, timeout_seconds: float, kept_seconds: int, sockets: Sockets) -> None:
        self._url, self._cluster, self._timeout = url, cluster, timeout_seconds
        self._kept_seconds = kept_seconds
        self._sockets = sockets
        self._clients: dict[asyncio.AbstractEventLoop, Any] = {}
        finalize(self, _close_abandoned, self._clients)
        self._lines: WeakKeyDictionary[Any, Line] = WeakKeyDictionary()
        self._digests: dict[str, str] = {}
        self._broken_until = 0.0

    @property
    def believed_up(self) -> bool:
        """Whether new generations should try Redis: not within a few seconds of its last failure."""
        return time.monotonic() >= self._broken_until

    async def append(self, place: Place, entry: Entry, *, after: int) -> Appended:
        data = json.dumps([entry.kind, entry.text, entry.reasoning], ensure_ascii=False, separators=(",", ":"))
        whole = int(entry.kind == "whole")
        arguments = (place.epoch, after, entry.seq, data, self._kept_seconds, whole)
        answer = await self._script(_APPEND, _keys(place), arguments)
        return Appended(answer[0], await self._signals_of(place, answer))

    async def signals(self, place: Place) -> Signals:
        return await self._signals_of(place, await self._script(_SIGNALS, _keys(place), (place.epoch,)))

    async def read(self, place: Place, *, after: int) -> list[Entry]:
        stream, first, last = _keys(place)[0], f"{place.epoch}-{after + 1}", f"{place.epoch}-{2**63}"
        rows = await self._timed(lambda client: client.xrange(stream, first, last))
        return [_entry(entry_id, fields["d"]) for entry_id, fields in rows]

    async def ask_stop(self, place: Place) -> None:
        await self._timed(lambda client: client.set(_keys(place)[1], "1", ex=STOP_SECONDS))

    async def forget_followers(self, chat_id: str) -> None:
        await self._script(_FORGET, _follower_keys(chat_id), ())

    async def close(self) -> None:
        """Ends this loop's client."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    async def _signals_of(self, place: Place, answer: list[Any]) -> Signals:
        outcome, stop, followers, version = answer
        if followers is not None:
            return Signals(bool(stop), tuple(followers.split("\n")) if followers else (), outcome == "fenced")
        # Redis may have lost the stop flag with the followers: DynamoDB, which is asked anyway, has both.
        try:
            known = await self._remember(place, version or "")
        except StoreFailed:
            # Readers who miss a piece by this ask for it; the next call asks DynamoDB again.
            known = Signals()
        return Signals(bool(stop) or known.stop, known.followers, outcome == "fenced" or known.fenced)

    async def _remember(self, place: Place, version: str) -> Signals:
        """What the chat's channel says; its followers kept in Redis unless they have changed since `version`."""
        channel = await in_thread(self._sockets.channel, place.owner_id, place.chat_id)
        keys = _follower_keys(place.chat_id)
        await self._script(_REMEMBER, keys, (version, "\n".join(channel.followers), FOLLOWERS_SECONDS))
        return signals_in(channel, place)

    async def _script(self, script: str, keys: tuple[str, ...], arguments: tuple[Any, ...]) -> Any:
        async def call(client: Any) -> Any:
            line = self._line(client)
            digest = self._digests.get(script)
            if digest is not None:
                try:
                    return await line.ask("EVALSHA", digest, len(keys), *keys, *arguments)
                except NoScriptError:
                    pass
            self._digests[script] = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
            return await line.ask("EVAL", script, len(keys), *keys, *arguments)

        return await self._guarded(call)

    async def _timed(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        """Work that goes by itself, and not along with a batch."""
        return await self._guarded(lambda client: asyncio.wait_for(work(client), self._timeout * 2))

    async def _guarded(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        """One piece of work, again once if it failed (all of them may be repeated). Raises LogFailed.

        Where this process itself was too busy to hear the answer in time, Redis gets further chances: taking all
        replies elsewhere would only add to the work.
        """
        loop = asyncio.get_running_loop()
        for number in range(1, _TRIES_WHEN_BUSY + 1):
            began_at = loop.time()
            try:
                return await work(self._client())
            except DOES_NOT_ANSWER as error:
                was_busy = loop.time() - began_at > self._timeout * 2 + _LATE_SECONDS
                if number == _TRIES_WHEN_BUSY or (number > 1 and not was_busy):
                    log.warning("Redis does not answer", extra={"error": type(error).__name__})
                    self._broken_until = time.monotonic() + BREAK_SECONDS
                    raise LogFailed from error
        raise AssertionError

    def _line(self, client: Any) -> Line:
        line = self._lines.get(client)
        if line is None:
            line = self._lines[client] = Line(client, timeout_seconds=self._timeout * 2)
        return line

    def _client(self) -> Any:
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            knobs: dict[str, Any] = {
                "socket_timeout": self._timeout,
                "socket_connect_timeout": self._timeout,
                "decode_responses": True,
                "max_connections": CONNECTIONS_MOST,
            }
            if self._cluster:
                client = RedisCluster.from_url(self._url, retry=Retry(NoBackoff(), 1), **knobs)
            else:
                client = Redis.from_url(self._url, retry=Retry(NoBackoff(), 0), **knobs)
            self._clients[loop] = client
        return client


def _keys(place: Place) -> tuple[str, str, str, str]:
    chat = f"{{{place.chat_id}}}"
    return (
        f"log:{chat}:{place.generation_id}",
        f"stop:{chat}:{place.generation_id}",
        *_follower_keys(place.chat_id),
    )


def _follower_keys(chat_id: str) -> tuple[str, str]:
    return f"followers:{{{chat_id}}}", f"followers-version:{{{chat_id}}}"


def _entry(entry_id: str, data: str) -> Entry:
    kind, text, reasoning = json.loads(data)
    return Entry(int(entry_id.rpartition("-")[2]), text, reasoning, kind)


def _close_abandoned(clients: dict[asyncio.AbstractEventLoop, Any]) -> None:
    for loop, client in clients.items():
        if loop.is_running():
            asyncio.run_coroutine_threadsafe(client.aclose(), loop)
