"""Threads for synchronous stores, so that a worker's event loop never waits for DynamoDB."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import ParamSpec, TypeVar

from pynamodb.exceptions import PynamoDBException

StoreFailed = PynamoDBException
"""What stores raise when DynamoDB does not answer, under a name for those who do not know DynamoDB."""

P = ParamSpec("P")
T = TypeVar("T")
THREADS = 32


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The outcome of synchronous work, done in one of a few threads."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), lambda: work(*args, **kwargs))


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="store")
