"""An OpenAI-compatible model that tells stories at a steady pace: what a page has to draw, in several kinds.

`served()` runs one. The model's name says what it tells: `prose-KIND-tpsN-nM`, N tokens a second, M tokens
of about four characters. The same name tells the same text each time.
"""

import argparse
import asyncio
import json
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from benchmarks.processes import free_port

SENTENCES = (
    "The lamp swings on its hook and the shadows swing with it.",
    "*She leans over the rail, one hand on the cold brass, and listens.*",
    "“You took your time,” she says, “and the tide took the rest.”",
    'He laughs. "Nobody *ever* comes up these stairs for the view."',
    "Somewhere below a door bangs — once, twice — and is still.",
    "It smells of salt, of **tar**, of a fire that went out an hour ago.",
    "*Her fingers drum on the logbook; she does not open it.*",
    "“Sit. Drink. Tell me what you saw,” she says (quietly, as one talks to a horse).",
)
CHINESE = (
    "灯在钩子上摇晃，影子也跟着摇晃。",
    "*她俯身在栏杆上，一只手按着冰冷的黄铜，静静地听。*",
    "“你来得太晚了，”她说，“潮水已经把剩下的都带走了。”",
    "他笑了：「从来没有人为了看风景才爬这些楼梯。」",
    "楼下有扇门响了一声，又一声，然后安静下来。",
)
CODE = (
    "def light(lamp, *, minutes=5):",
    '    """Lights it: "slowly", as one should."""',
    "    for step in range(minutes * 60):",
    "        lamp.brightness = min(1.0, step / (minutes * 60))",
    "    return lamp  # <- burns until morning",
)
KINDS = ("story", "one paragraph", "code", "list", "chinese")


def text_of(kind: str, characters: int) -> str:
    """So many characters of a kind: the same ones each time."""
    dice = random.Random(kind)
    parts: list[str] = []
    size = 0
    if kind == "code":
        parts.append("```python\n")
    while size < characters:
        sentence = dice.choice({"code": CODE, "chinese": CHINESE}.get(kind, SENTENCES))
        match kind:
            case "code":
                part = sentence + "\n"
            case "list":
                part = f"- {sentence}\n"
            case "one paragraph":
                part = sentence + " "
            case _:
                part = sentence + ("\n\n" if dice.random() < 0.25 else "" if kind == "chinese" else " ")
        parts.append(part)
        size += len(part)
    return "".join(parts)[:characters].rstrip() + ("\n```" if kind == "code" else "")


def tokens_of(text: str) -> list[str]:
    """About four characters each, of Chinese one and a half, as a model's are."""
    dice = random.Random(7)
    found: list[str] = []
    at = 0
    while at < len(text):
        size = dice.choice((1, 2)) if ord(text[at]) > 0x2E80 else dice.choice((2, 3, 4, 5, 6))
        found.append(text[at : at + size])
        at += size
    return found


def reply_of(model: str) -> tuple[list[str], float]:
    """The tokens that a model of this name sends, and how many a second."""
    found = re.fullmatch(r"prose-([a-z-]+)-tps(\d+)-n(\d+)", model)
    if found is None:
        raise ValueError(model)
    kind, pace, count = found[1].replace("-", " "), int(found[2]), int(found[3])
    return tokens_of(text_of(kind, count * (6 if kind != "chinese" else 2)))[:count], float(pace)


async def _complete(request: web.Request) -> web.StreamResponse:
    tokens, pace = reply_of((await request.json())["model"])
    answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await answer.prepare(request)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for number, token in enumerate(tokens):
        await asyncio.sleep(max(0.0, begun + number / pace - loop.time()))
        delta = {"choices": [{"index": 0, "delta": {"content": token}, "finish_reason": None}]}
        try:
            await answer.write(f"data: {json.dumps(delta)}\n\n".encode())
        except ConnectionResetError:  # whoever asked has gone
            return answer
    last = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    await answer.write(f"data: {json.dumps(last)}\n\ndata: [DONE]\n\n".encode())
    return answer


@contextmanager
def served() -> Iterator[str]:
    """The address of one in a process of its own, for as long as the context lasts."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.prose_model", "--port", str(port)])
    try:
        deadline = time.monotonic() + 20
        while not _listens(port) and time.monotonic() < deadline:
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=18200)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", _complete)
    web.run_app(app, host="127.0.0.1", port=parser.parse_args().port, print=None, shutdown_timeout=1)


if __name__ == "__main__":
    main()
