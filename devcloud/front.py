"""The front as a process: one port for REST, sockets, media and pages. `python -m devcloud.front --port …`"""

import argparse
import ipaddress
import logging
import os
from pathlib import Path
from typing import Any

import uvicorn

from devcloud.asgi import App, Receive, Scope, Send, answer
from devcloud.gateway import SocketGateway, SocketHandlers, SocketLimits
from devcloud.leash import die_with_parent, log_to_stderr, parent_from_environment
from devcloud.media import Media
from devcloud.pages import Pages
from devcloud.provision import BUCKET
from devcloud.rest import RestApi
from devcloud.signature import Signatures
from devcloud.warm import warm_up_in_background
from devcloud.wire import protocol_with

log = logging.getLogger("devcloud.front")

PAGES = Path(__file__).resolve().parent.parent / "web" / "dist"


class Front:
    """Hands each request to its part by its path."""

    def __init__(self, *, rest: App, sockets: App, media: App, pages: App) -> None:
        self._rest, self._sockets, self._media, self._pages = rest, sockets, media, pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "websocket":
            if scope["path"].rstrip("/") != "/socket":
                await receive()
                await send({"type": "websocket.close", "code": 1000})
            else:
                await self._sockets(scope, receive, send)
        else:
            await self._part(scope["path"])(scope, receive, send)

    def _part(self, path: str) -> App:
        first = path.split("/", 2)[1] if path.startswith("/") else ""
        match first:
            case "api":
                return self._rest
            case "socket":
                return _health if path == "/socket/health" else self._from_this_machine
            case _ if first == BUCKET:
                return self._media
            case _:
                return self._pages

    async def _from_this_machine(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`@connections` is for the workers; with --lan the network reaches this port too."""
        client = (scope.get("client") or ("127.0.0.1", 0))[0]
        if client != "127.0.0.1" and not ipaddress.ip_address(client).is_loopback:
            await answer(send, 403, b'{"message": "Forbidden"}')
            return
        await self._sockets(scope, receive, send)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--aws", required=True, help="base address of the emulated AWS")
    parser.add_argument("--idle-seconds", type=float, default=SocketLimits.idle_seconds, help="of sockets")
    parser.add_argument("--connection-seconds", type=float, default=SocketLimits.connection_seconds, help="of sockets")
    arguments = parser.parse_args()
    die_with_parent(parent_from_environment())
    # Here and not above: the app reads its settings when it is imported, and tests bring another one.
    import app as product

    signatures = Signatures(os.environ["AWS_SECRET_ACCESS_KEY"])
    handlers = SocketHandlers(product.socket_connect, product.socket_message, product.socket_disconnect)
    # Chalice would otherwise make up an address at AWS when it meets the first event.
    product.app.websocket_api._endpoint = os.environ["TAVERN_SOCKET_ENDPOINT"]
    limits = SocketLimits(idle_seconds=arguments.idle_seconds, connection_seconds=arguments.connection_seconds)
    media_origin = os.environ["TAVERN_MEDIA_ENDPOINT"]
    front = Front(
        rest=RestApi(product.app),
        sockets=SocketGateway(handlers, signatures, limits=limits),
        media=Media(arguments.aws, signatures),
        pages=Pages(PAGES, media_origin=media_origin),
    )
    warm_up_in_background()
    serve(front, host=arguments.host, port=arguments.port, limits=limits)


def serve(app: App, *, host: str, port: int, limits: SocketLimits | None = None) -> None:
    """Runs until it is told to stop."""
    server(app, host=host, port=port, limits=limits).run()


def server(app: Any, *, host: str, port: int, limits: SocketLimits | None = None) -> uvicorn.Server:
    """uvicorn as the local API Gateway needs it: no pings and no compression of its own on sockets."""
    chosen = limits or SocketLimits()
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            ws=protocol_with(chosen.frame_bytes),
            ws_max_size=chosen.message_bytes,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
            server_header=False,
            # The address of the client is what the limits by address look at: no header may change it.
            proxy_headers=False,
        )
    )


async def _health(scope: Scope, receive: Receive, send: Send) -> None:
    await answer(send, 200, b"ok", [("content-type", "text/plain")])


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


if __name__ == "__main__":
    log_to_stderr()
    main()
