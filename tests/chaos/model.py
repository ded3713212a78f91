"""An OpenAI-compatible model whose every token is known, with the time it was sent, and that fails as its scripts say.

It serves in the caller's event loop, and sees at once when its connection is closed.
"""

import asyncio
import json
import random
import re
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from tests.chaos.scripts import Script, tokens

TURN = re.compile(r"This is chat (\d+)\. Turn (\d+)\.")
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.I)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
_SPLIT_SECONDS = 0.003

Closing = Literal["", "whole", "failed", "by the client"]


@dataclass(slots=True)
class Ask:
    """One request for one reply, and what was sent in answer to it. Times are those of `time.monotonic`."""

    script: Script
    tokens: tuple[str, ...]
    port: int
    """The client's end of the connection."""
    opened_at: float
    sent_at: list[float] = field(default_factory=list)
    """When each token went out."""
    closed_at: float | None = None
    closing: Closing = ""
    hurt_at: float | None = None
    """When the worker at the other end was last killed or halted."""

    def text(self, upto: int | None = None) -> str:
        """The text of the first so many tokens, of all that were sent for None."""
        return "".join(self.tokens[self.script.reasoning : len(self.sent_at) if upto is None else upto])

    def reasoning(self, upto: int | None = None) -> str:
        return "".join(self.tokens[: min(self.script.reasoning, len(self.sent_at) if upto is None else upto)])

    def sent_by(self, moment: float) -> int:
        """Number of tokens sent until then."""
        return sum(at <= moment for at in self.sent_at)


class Model:
    def __init__(self, seed: int, *, wrong_byte: bool = False) -> None:
        """`wrong_byte` plants a fault for the suite's own test: one byte of each reply is sent otherwise."""
        self.seed = seed
        self.wrong_byte = wrong_byte
        self.faults: Counter[str] = Counter()
        self.asks: dict[int, list[Ask]] = defaultdict(list)
        """By the number of the generation."""
        self._scripts: dict[tuple[int, int], Script] = {}
        self.address = ""

    async def start(self) -> None:
        server = await asyncio.get_running_loop().create_server(lambda: _Line(self), "127.0.0.1", 0, backlog=1024)
        self._server = server
        self.port = int(server.sockets[0].getsockname()[1])
        self.address = f"http://127.0.0.1:{self.port}/v1"

    def close(self) -> None:
        self._server.close()

    def will(self, chat: int, turn: int, script: Script) -> None:
        """What is said next in answer to what the user said there in a turn. A reply of an earlier turn, which is
        written a second time only now, still follows its own script."""
        self._scripts[chat, turn] = script

    def asked(self, body: dict[str, Any], port: int) -> Ask:
        said = TURN.findall(json.dumps(body["messages"][-1:], ensure_ascii=False)) or TURN.findall(json.dumps(body))
        chat, turn = said[-1]
        script = self._scripts[int(chat), int(turn)]
        asks = self.asks[script.number]
        ask = Ask(script, tokens(self.seed, script, len(asks)), port, time.monotonic())
        asks.append(ask)
        return ask

    def hurt(self, ports: set[int]) -> int:
        """Notes that the worker at these ports is about to be lost; the number of replies it is at."""
        now, count = time.monotonic(), 0
        for asks in self.asks.values():
            for ask in asks:
                if ask.closed_at is None and ask.port in ports:
                    ask.hurt_at = now
                    count += 1
        return count


class _Line(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._loop = asyncio.get_running_loop()
        self._buffer = b""
        self._ask: Ask | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._port = int(transport.get_extra_info("peername")[1])

    def connection_lost(self, error: Exception | None) -> None:
        self._close("by the client")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        size = int(length[1]) if length else 0
        if not found or len(rest) < size or self._ask is not None:
            return
        body, self._buffer = rest[:size], rest[size:]
        if head.startswith(b"GET"):
            self._answer(200, {"object": "list", "data": [{"id": "chaos", "object": "model"}]})
            return
        self._begin(self._model.asked(json.loads(body), self._port))

    # --- a reply

    def _begin(self, ask: Ask) -> None:
        self._ask, script = ask, ask.script
        self._dice = random.Random(f"{self._model.seed}/wire/{script.number}")
        first = ask is self._model.asks[script.number][0]
        match script.fault:
            case "fail_always":
                self._fail("fail_always", ask.script.first_after)
            case "fail_first" if first:
                self._fail("fail_first", ask.script.first_after)
            case "cut_first" if first:
                self._timer = self._loop.call_later(script.first_after, self._cut, "cut_first")
            case _:
                self._transport.write(_HEAD)
                self._due = self._loop.time() + script.first_after
                self._timer = self._loop.call_at(self._due, self._tick)

    def _tick(self) -> None:
        ask = self._ask
        assert ask is not None
        script, index = ask.script, len(ask.sent_at)
        if index == script.fault_at and script.fault:
            if script.fault == "stall" and script.stall and self._due < self._loop.time() + script.stall / 2:
                self._model.faults["model_stalls"] += 1
                self._due += script.stall
                self._timer = self._loop.call_at(self._due, self._token)
                return
            if script.fault == "fail_after":
                self._model.faults["model_fails_after"] += 1
                self._event({"error": {"message": "as the script says", "code": 500}})
                self._end("failed")
                return
            if script.fault in ("cut_after", "reset_after"):
                self._cut(script.fault)
                return
        self._token()

    def _token(self) -> None:
        ask = self._ask
        assert ask is not None
        index = len(ask.sent_at)
        token = ask.tokens[index]
        if self._model.wrong_byte and index == 1:
            token += "!"
        name = "reasoning_content" if index < ask.script.reasoning else "content"
        halves = _halves(token) if self._dice.random() < 0.2 else (token,)
        data = b"".join(_chunk({name: half}, escaped=len(halves) > 1) for half in halves)
        if len(halves) == 1 and self._dice.random() < 0.05:
            at = self._dice.randint(1, len(data) - 1)
            self._transport.write(data[:at])
            self._timer = self._loop.call_later(_SPLIT_SECONDS, self._sent, data[at:])
        else:
            self._sent(data)

    def _sent(self, data: bytes) -> None:
        ask = self._ask
        assert ask is not None
        self._transport.write(data)
        ask.sent_at.append(time.monotonic())
        if len(ask.sent_at) == ask.script.tokens:
            self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
            usage = {"prompt_tokens": 7, "completion_tokens": len(ask.sent_at), "total_tokens": 7 + len(ask.sent_at)}
            self._event({"choices": [], "usage": usage})
            self._end("whole")
            return
        self._due += 1 / ask.script.pace
        self._timer = self._loop.call_at(self._due, self._tick)

    # --- ends

    def _end(self, closing: Closing) -> None:
        self._transport.write(_sized(b"data: [DONE]\n\n") + b"0\r\n\r\n")
        self._close(closing)

    def _close(self, closing: Closing) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._ask is not None:
            self._ask.closed_at, self._ask.closing = time.monotonic(), closing
            self._ask = None

    def _fail(self, fault: str, seconds: float) -> None:
        def fail() -> None:
            self._model.faults[f"model_{fault}"] += 1
            self._answer(503, {"error": {"message": "as the script says"}})
            self._close("failed")

        self._timer = self._loop.call_later(seconds, fail)

    def _cut(self, fault: str) -> None:
        self._model.faults[f"model_{fault}"] += 1
        self._close("failed")
        if fault == "reset_after":
            self._transport.abort()
        else:
            self._transport.close()

    def _event(self, value: dict[str, Any]) -> None:
        self._transport.write(_sized(b"data: " + json.dumps(value).encode() + b"\n\n"))

    def _answer(self, status: int, value: dict[str, Any]) -> None:
        body = json.dumps(value).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)


def _chunk(delta: dict[str, str], *, escaped: bool) -> bytes:
    chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    text = json.dumps(chunk, ensure_ascii=escaped, separators=(",", ":"))
    return _sized(b"data: " + text.encode() + b"\n\n")


def _sized(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _halves(token: str) -> tuple[str, ...]:
    """The token cut between the halves of a surrogate pair, as servers do that count in UTF-16."""
    at = next((index for index, letter in enumerate(token) if ord(letter) > 0xFFFF), None)
    if at is None:
        return (token,)
    pair = token[at].encode("utf-16-be")
    high, low = chr(int.from_bytes(pair[:2], "big")), chr(int.from_bytes(pair[2:], "big"))
    return token[:at] + high, low + token[at + 1 :]
