"""An OpenAI-compatible model that sends tokens at exact times, each carrying the moment it was sent.

    python -m benchmarks.paced_model --port 18100

The model's name says the pace: `paced-ttft200-tps20-n100[-pad8][-cut5][-err500]`: first token after 200 ms, 20 tokens a
second (0: at once), 100 tokens, 8 bytes of padding a token, the connection cut after 5 tokens, or this HTTP status
instead of a reply.

A token reads `~SEQ:SENT~` (the first one `~0:SENT:RECEIVED~`), in nanoseconds of CLOCK_MONOTONIC, which all
processes of a Linux machine share. So a client on the same machine knows how long each token was on its way, whatever
lies between, and sees losses and repeats. `GET /stats` tells how late the model itself was; `?reset` begins anew.
"""

import argparse
import asyncio
import json
import os
import re
import socket
from array import array
from time import monotonic_ns
from typing import Any, cast

from benchmarks.lines import open_many_files
from benchmarks.wheel import Wheel

PACE = re.compile(r"(ttft|tps|n|pad|cut|err)(\d+(?:\.\d+)?)")
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.I)
STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)


class Figures:
    """What the model saw since the last reset."""

    def __init__(self) -> None:
        self.lateness_ns = array("q")
        self.streams = self.active = self.most_active = self.tokens = self.aborted = 0
        self.aborted_ns = 0
        """When a client closed the connection in the middle of a reply, last."""

    def report(self) -> dict[str, Any]:
        late = sorted(self.lateness_ns)

        def part(share: float) -> float | None:
            return round(late[min(len(late) - 1, int(share * len(late)))] / 1e6, 3) if late else None

        return {
            "streams": self.streams,
            "most_active": self.most_active,
            "tokens": self.tokens,
            "aborted": self.aborted,
            "aborted_ns": self.aborted_ns,
            "lateness_ms": {"p50": part(0.5), "p95": part(0.95), "p99": part(0.99), "most": part(1)},
            "cpu_seconds": sum(os.times()[:2]),
        }


class Reply:
    """One streamed reply: sends each token at the time it is due."""

    def __init__(self, line: "Line", asked: dict[str, Any], received_ns: int, *, chat: bool) -> None:
        pace = {"ttft": 200.0, "tps": 20.0, "n": 100.0, "pad": 0.0, "cut": 0.0}
        pace |= {name: float(value) for name, value in PACE.findall(str(asked.get("model", "")))}
        self._line, self._received_ns = line, received_ns
        self._count, self._gap = int(pace["n"]), 1 / pace["tps"] if pace["tps"] else 0.0
        self._padding, self._cut = b"x" * int(pace["pad"]), int(pace["cut"])
        self._usage = bool((asked.get("stream_options") or {}).get("include_usage"))
        model = json.dumps(asked.get("model", "paced"))
        kind = "chat.completion.chunk" if chat else "text_completion"
        self._head = f'data: {{"id":"r{received_ns:x}","object":"{kind}","created":1,"model":{model},'.encode()
        self._open, self._close = (
            (b'"choices":[{"index":0,"delta":{"content":"', b'"},"finish_reason":null}]}\n\n')
            if chat
            else (b'"choices":[{"index":0,"text":"', b'","finish_reason":null}]}\n\n')
        )
        self._last = (
            b'"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
            if chat
            else b'"choices":[{"index":0,"text":"","finish_reason":"stop"}]}\n\n'
        )
        self._around = len(self._head) + len(self._open) + len(self._padding) + len(self._close)
        self._sent = 0
        self._over = False
        self._due = line.loop.time() + pace["ttft"] / 1000
        line.wheel.call_at(self._due, self._tick)
        line.figures.streams += 1
        line.figures.active += 1
        line.figures.most_active = max(line.figures.most_active, line.figures.active)

    def end(self) -> None:
        if self._over:
            return
        self._over = True
        self._line.figures.active -= 1
        self._line.reply = None

    def _tick(self) -> None:
        figures, sent = self._line.figures, self._sent
        while not self._over:
            now = monotonic_ns()
            figures.lateness_ns.append(now - int(self._due * 1e9))
            token = b" ~%d:%d~" % (sent, now) if sent else b"~0:%d:%d~" % (now, self._received_ns)
            size = self._around + len(token)
            self._line.raw(b"%x\r\n%b%b%b%b%b\r\n" % (size, self._head, self._open, token, self._padding, self._close))
            figures.tokens += 1
            self._sent = sent = sent + 1
            if sent == self._cut:
                self.end()
                self._line.transport.abort()
                return
            if sent >= self._count:
                self._finish()
                return
            self._due += self._gap
            if self._gap:
                self._line.wheel.call_at(self._due, self._tick)
                return
            if sent % 16 == 0:
                self._line.loop.call_soon(self._tick)
                return

    def _finish(self) -> None:
        tail = self._head + self._last
        if self._usage:
            counted = b'{"prompt_tokens":1,"completion_tokens":%d,"total_tokens":%d}' % (self._count, self._count + 1)
            tail += b'%b"choices":[],"usage":%b}\n\n' % (self._head, counted)
        tail += b"data: [DONE]\n\n"
        self._line.raw(b"%x\r\n%b\r\n0\r\n\r\n" % (len(tail), tail))
        self.end()
        self._line.next_request()


class Line(asyncio.Protocol):
    """One client's connection. Bytes go straight to the socket: a stamp is taken right before the system call."""

    def __init__(self, figures: Figures, wheel: Wheel) -> None:
        self.figures, self.wheel = figures, wheel
        self.loop = asyncio.get_running_loop()
        self.reply: Reply | None = None
        self._buffer = b""
        self._busy = False
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._socket = transport.get_extra_info("socket")
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connection_lost(self, error: Exception | None) -> None:
        if self.reply:
            self.figures.aborted += 1
            self.figures.aborted_ns = monotonic_ns()
            self.reply.end()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._busy:
            self._read_request()

    def next_request(self) -> None:
        self._busy = False
        if self._buffer:
            self._read_request()

    def raw(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size():
            self.transport.write(data)
            return
        try:
            written = os.write(self._socket.fileno(), data)
        except BlockingIOError:
            written = 0
        except OSError:
            self.transport.abort()
            return
        if written < len(data):
            self.transport.write(data[written:])

    def _read_request(self) -> None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end]
        found = CONTENT_LENGTH.search(head)
        length = int(found.group(1)) if found else 0
        if len(self._buffer) < end + 4 + length:
            return
        body, self._buffer = self._buffer[end + 4 : end + 4 + length], self._buffer[end + 4 + length :]
        received_ns = monotonic_ns()
        method, path = head.split(b"\r\n", 1)[0].decode().split(" ")[:2]
        if method == "GET":
            self._answer_get(path)
            return
        asked = json.loads(body)
        refusal = re.search(r"err(\d+)", str(asked.get("model", "")))
        if refusal:
            self._answer(int(refusal.group(1)), {"error": {"message": "as asked"}})
            return
        self._busy = True
        self.transport.write(STREAM_HEAD)
        self.reply = Reply(self, asked, received_ns, chat=path.endswith("/chat/completions"))

    def _answer_get(self, path: str) -> None:
        if path.endswith("/models"):
            self._answer(200, {"object": "list", "data": [{"id": "paced-ttft200-tps20-n100", "object": "model"}]})
        elif path.startswith("/stats"):
            self._answer(200, self.figures.report())
            if "reset" in path:
                active = self.figures.active
                self.figures.__init__()  # type: ignore[misc]
                self.figures.active = active
        else:
            self._answer(404, {"error": {"message": "There is nothing here."}})

    def _answer(self, status: int, value: dict[str, Any]) -> None:
        body = json.dumps(value).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)


async def serve(port: int) -> None:
    """Serves on loopback until cancelled."""
    figures, loop = Figures(), asyncio.get_running_loop()
    wheel = Wheel(loop)
    server = await loop.create_server(lambda: Line(figures, wheel), "127.0.0.1", port, backlog=4096, reuse_address=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=18100)
    port = parser.parse_args().port
    open_many_files()
    import uvloop

    uvloop.run(serve(port))


if __name__ == "__main__":
    main()
