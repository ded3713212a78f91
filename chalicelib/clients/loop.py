"""One event loop on a thread of its own, for the few things sync code must await."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_starting = threading.Lock()
_started: list[asyncio.AbstractEventLoop] = []


def run(work: Coroutine[Any, Any, T]) -> T:
    """What the coroutine returns or raises, run on this process's background loop. Never call it from that loop."""
    return asyncio.run_coroutine_threadsafe(work, _loop()).result()


async def run_there(work: Coroutine[Any, Any, T]) -> T:
    """The same for another loop's coroutine, which waits without keeping a thread."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, _loop()))


def _loop() -> asyncio.AbstractEventLoop:
    with _starting:
        if not _started:
            _started.append(asyncio.new_event_loop())
            threading.Thread(target=_started[0].run_forever, name="background-loop", daemon=True).start()
        return _started[0]
