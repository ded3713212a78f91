"""REST answers with eight clients at once: the calls a page makes, over keep-alive connections."""

import asyncio
from time import perf_counter
from typing import Any

import aiohttp

from benchmarks.cpu import counting
from benchmarks.reader import Reader
from benchmarks.tokens import spread
from devcloud.supervisor import Cloud

CLIENTS = 8
SECONDS = 10.0


async def eight_clients(http: aiohttp.ClientSession, cloud: Cloud, model_address: str) -> list[dict[str, Any]]:
    """A row for all calls together and one for each kind."""
    readers = [Reader(http, cloud.url) for _ in range(CLIENTS)]
    for reader in readers:
        await reader.move_in(model_address, "paced-n1")
    took: dict[str, list[float]] = {}
    until = perf_counter() + SECONDS
    with counting(cloud) as spent:
        await asyncio.gather(*(_browse(reader, took, until) for reader in readers))
    everything = [ms for values in took.values() for ms in values]
    rows = [
        {
            "what": f"REST, {CLIENTS} clients at once, all calls ({round(len(everything) / SECONDS)} a second)",
            "measured": _milliseconds(everything),
            "goal": "p95 < 200 ms",
        },
        {"what": "CPU of a call", "measured": spent.told(len(everything))},
    ]
    return rows + [{"what": f"– {name}", "measured": _milliseconds(values)} for name, values in took.items()]


async def _browse(reader: Reader, took: dict[str, list[float]], until: float) -> None:
    opened = await reader.call("GET", f"/chats/{reader.chat_id}")
    message = opened["page"]["messages"][0]
    while perf_counter() < until:
        for name, method, path, body in (
            ("the library's first page", "GET", "/characters?limit=60", None),
            ("the list of chats", "GET", "/chats", None),
            ("open a chat", "GET", f"/chats/{reader.chat_id}", None),
            ("the account", "GET", "/account", None),
            (
                "edit a message",
                "PATCH",
                f"/chats/{reader.chat_id}/messages/{message['id']}",
                {"revision": message["revision"], "text": f"Ready {message['revision']}."},
            ),
        ):
            began = perf_counter()
            answer = await reader.call(method, path, body)
            took.setdefault(name, []).append((perf_counter() - began) * 1000)
            if method == "PATCH":
                message = answer


def _milliseconds(values: list[float]) -> str:
    found = spread(values)
    return f"p50 {found['p50']} ms, p95 {found['p95']} ms, p99 {found['p99']} ms"
