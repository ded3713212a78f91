"""The least a WebSocket server in Python can do between a model and a reader, to measure beside the product: one frame
a token, no accounts, nothing stored, no prompt put together, no numbers, no way back after a lost socket.

    python -m benchmarks.bare_relay --port 18140 --model http://127.0.0.1:18100/v1

in: {"model": …, "messages": […]}   out: {"text": …} for each token, then {"done": true} or {"error": …}
"""

import argparse
import json
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from benchmarks.lines import open_many_files

MODEL = web.AppKey("model", str)
HTTP = web.AppKey("http", aiohttp.ClientSession)


async def relay(request: web.Request) -> web.WebSocketResponse:
    """One reader: replies are relayed one after the other."""
    socket = web.WebSocketResponse(compress=False, max_msg_size=0)
    await socket.prepare(request)
    async for message in socket:
        if message.type is not aiohttp.WSMsgType.TEXT:
            continue
        body = {**json.loads(message.data), "stream": True}
        async with request.app[HTTP].post(f"{request.app[MODEL]}/chat/completions", json=body) as answer:
            if answer.status != 200:
                await socket.send_str(json.dumps({"error": f"The model answered {answer.status}."}))
                continue
            async for line in answer.content:
                if line.startswith(b"data: {"):
                    choices = json.loads(line[6:])["choices"]
                    text = choices and choices[0]["delta"].get("content")
                    if text:
                        await socket.send_str(json.dumps({"text": text}))
        await socket.send_str('{"done": true}')
    return socket


async def hold_session(app: web.Application) -> AsyncIterator[None]:
    timeout = aiohttp.ClientTimeout(total=None)
    app[HTTP] = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout)
    yield
    await app[HTTP].close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=18140)
    parser.add_argument("--model", default="http://127.0.0.1:18100/v1")
    chosen = parser.parse_args()
    open_many_files()
    import uvloop

    app = web.Application(client_max_size=1 << 24)
    app[MODEL] = chosen.model
    app.cleanup_ctx.append(hold_session)
    app.router.add_get("/", relay)
    loop = uvloop.new_event_loop()
    web.run_app(app, host="127.0.0.1", port=chosen.port, print=None, access_log=None, backlog=4096, loop=loop)


if __name__ == "__main__":
    main()
