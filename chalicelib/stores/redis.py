"""Connections to Redis. Commands of 6.2 only: that is what a laptop may have."""

from typing import TYPE_CHECKING

from redis.exceptions import RedisClusterException, RedisError

if TYPE_CHECKING:
    from redis import Redis, RedisCluster

DOES_NOT_ANSWER = (RedisError, RedisClusterException, OSError, TimeoutError, AttributeError, RuntimeError)
"""What a client raises when its Redis is gone. RedisClusterException is no RedisError; and a cluster's client that
starts anew closes connections under those who are using them, who then find None or a closed handle.
"""


def connect(url: str, *, cluster: bool, timeout_seconds: float) -> "Redis | RedisCluster":
    """A connection that gives up after the time-out and does not try again: callers have another way.

    With a cluster this already talks to it, and so may raise RedisError.
    """
    from redis import Redis, RedisCluster
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    if cluster:
        return RedisCluster.from_url(url, socket_timeout=timeout_seconds, socket_connect_timeout=timeout_seconds)
    return Redis.from_url(
        url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=30,
    )
