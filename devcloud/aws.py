"""The emulated AWS as a process: MiniStack under uvicorn, durable. `python -m devcloud.aws --port … --data …`"""

import argparse
import asyncio
import logging
import os
import signal
from pathlib import Path
from typing import Any

import uvicorn

from devcloud.asgi import answer
from devcloud.journal import Journal
from devcloud.leash import die_with_parent, log_to_stderr, parent_from_environment

log = logging.getLogger("devcloud.aws")

_BROWSER_HEADERS = (b"origin", b"sec-fetch-site")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--release-messages", action="store_true", help="messages being worked on are free again")
    arguments = parser.parse_args()
    die_with_parent(parent_from_environment())
    journal = Journal(arguments.data / "aws.db")
    app = emulated_aws(journal, arguments.data / "objects", release_messages=arguments.release_messages)
    # uvicorn stops on this signal, and then sends it to itself once more: that would skip the journal's end.
    signal.signal(signal.SIGTERM, lambda *_: None)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=arguments.port,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    journal.close()


def emulated_aws(journal: Journal, objects: Path, *, release_messages: bool) -> Any:
    """MiniStack's ASGI application with the journal around it. Once a process: MiniStack keeps its state in modules."""
    objects.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        # The journal keeps the state; MiniStack writes objects as files.
        PERSIST_STATE="0",
        S3_PERSIST="1",
        S3_DATA_DIR=str(objects),
        SERVICES="dynamodb,s3,sqs,kms,secretsmanager,ssm,sts",
        BIND_HOST="127.0.0.1",
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        LOG_LEVEL="WARNING",
        # No Docker daemon is asked for containers.
        DOCKER_HOST="unix:///nowhere",
    )
    from ministack.app import app

    from devcloud.durable import make_durable
    from devcloud.ordered import keep_order
    from devcloud.quick import make_quick
    from devcloud.shortcut import Shortcut

    make_quick()
    keep_order()
    log.info(make_durable(journal, release_messages=release_messages))
    return _Door(Shortcut(app))


class _Door:
    """What stands before MiniStack: it knows no browser, and notices who hangs up."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and any(name in _BROWSER_HEADERS for name, _ in scope["headers"]):
            # MiniStack checks no signature and allows every origin: any page could read and write everything.
            await answer(send, 403, b"Browsers go through the front.")
            return
        # MiniStack would hand the next message to a receiver that is no longer there.
        waits = scope["type"] == "http" and (b"x-amz-target", b"AmazonSQS.ReceiveMessage") in scope["headers"]
        if not waits:
            await self._app(scope, receive, send)
            return
        request = [await receive()]
        while request[-1].get("more_body"):
            request.append(await receive())

        async def replay() -> Any:
            return request.pop(0) if request else await asyncio.Event().wait()

        handling = asyncio.ensure_future(self._app(scope, replay, send))
        hang_up = asyncio.ensure_future(receive())
        await asyncio.wait({handling, hang_up}, return_when=asyncio.FIRST_COMPLETED)
        hang_up.cancel()
        if not handling.done():
            handling.cancel()
        try:
            await handling
        except asyncio.CancelledError:
            log.debug("A receiver hung up.")


if __name__ == "__main__":
    log_to_stderr()
    main()
