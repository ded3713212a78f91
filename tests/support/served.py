"""Parts of the local cloud served in a thread of the test's own process, so that a test brings its own handlers."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from devcloud.front import Front, server
from devcloud.gateway import SocketLimits
from devcloud.places import free_port


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    """A part that a test does not ask."""
    raise AssertionError(f"Nobody should ask for {scope['path']}.")


@contextmanager
def served(*, limits: SocketLimits | None = None, **parts: Any) -> Iterator[int]:
    """The port of a front with these parts; the others fail when they are asked."""
    port = free_port()
    front = Front(**{"rest": nothing, "sockets": nothing, "media": nothing, "pages": nothing, **parts})
    running = server(front, host="127.0.0.1", port=port, limits=limits)
    thread = threading.Thread(target=_run, args=(running,), daemon=True)
    thread.start()
    while not running.started:
        if not thread.is_alive():
            raise RuntimeError("The server did not start.")
        threading.Event().wait(0.005)
    try:
        yield port
    finally:
        running.should_exit = True
        running.force_exit = True
        thread.join(10)


def _run(running: uvicorn.Server) -> None:
    with asyncio.Runner() as runner:
        runner.run(running.serve())
