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
URGENT_THREADS = 4
PATIENT_THREADS = 4


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The outcome of synchronous work, done in one of a few threads."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), lambda: work(*args, **kwargs))


async def in_urgent_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """As `in_thread`, for what must not wait behind hundreds of other writes: a lease that lapses ends its reply."""
    return await asyncio.get_running_loop().run_in_executor(_urgent_threads(), lambda: work(*args, **kwargs))


async def in_patient_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """As `in_thread`, for what nobody waits for: hundreds of it at once must not stand before a reply's own writes."""
    return await asyncio.get_running_loop().run_in_executor(_patient_threads(), lambda: work(*args, **kwargs))


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="store")


@cache
def _urgent_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(URGENT_THREADS, thread_name_prefix="lease")


@cache
def _patient_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(PATIENT_THREADS, thread_name_prefix="keeping")
