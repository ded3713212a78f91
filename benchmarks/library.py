"""Whether cost grows: a page of 100 among 10,000 characters, and opening a chat of 10,000 messages beside one of 10."""

import json
from time import perf_counter
from typing import Any

import aiohttp

from benchmarks.reader import Reader
from benchmarks.seeding import add_characters
from benchmarks.tokens import spread
from devcloud.supervisor import Cloud

CHARACTERS = 10_000
TIMES = 100


async def wall_and_chats(http: aiohttp.ClientSession, cloud: Cloud, model_address: str) -> list[dict[str, Any]]:
    """A row for the wall, one for the chats."""
    reader = Reader(http, cloud.url)
    await reader.move_in(model_address, "paced-n1")
    small = await _page_times(reader)
    account = await reader.call("GET", "/account")
    add_characters(cloud.environment, account["id"], CHARACTERS)
    large = await _page_times(reader)
    chats = {messages: await _chat(reader, messages) for messages in (10, 100, 10_000)}
    opening: dict[int, list[float]] = {messages: [] for messages in chats}
    for _ in range(TIMES):
        for messages, chat_id in chats.items():
            opening[messages].append(await _time(reader, f"/chats/{chat_id}"))
    return [
        {
            "what": f"a page of 100 of {CHARACTERS:,} characters",
            "measured": _milliseconds(large),
            "baseline": f"a library of 3: {_milliseconds(small)}",
            "goal": "≤ 60 ms (p50)",
        },
        {
            "what": "open a chat of 10,000 messages (the newest page)",
            "measured": _milliseconds(opening[10_000]),
            "baseline": f"one of 10: {_milliseconds(opening[10])}; one of 100: {_milliseconds(opening[100])}",
            "goal": "within 20 % of one of 10",
        },
    ]


async def _page_times(reader: Reader) -> list[float]:
    return [await _time(reader, "/characters?limit=100&sort=name") for _ in range(TIMES)]


async def _time(reader: Reader, path: str) -> float:
    began = perf_counter()
    await reader.call("GET", path)
    return (perf_counter() - began) * 1000


async def _chat(reader: Reader, messages: int) -> str:
    """The id of an imported chat of so many messages."""
    header = {"chat_metadata": {}, "user_name": "unused", "character_name": "unused"}
    words = "The lamp burned low while the tide went out. " * 3
    lines = [json.dumps(header)] + [
        json.dumps({"name": "Robin" if n % 2 else "Bench", "is_user": bool(n % 2), "mes": f"{n}. {words}"})
        for n in range(messages)
    ]
    data = "\n".join(lines).encode()
    chat = await reader.call("POST", f"/chats/import?character_id={reader.character_id}", data=data)
    return str(chat["id"])


def _milliseconds(values: list[float]) -> str:
    found = spread(values)
    return f"p50 {found['p50']} ms, p95 {found['p95']} ms"
