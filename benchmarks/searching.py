"""How long a search over 15,000 messages takes: `python -m benchmarks.searching` (MESSAGES=15000).

The whole local stack: thirty chats are imported, the first search builds the index, then phrases are looked for through
the REST door, warm, one after another. Beside it, in the same run, what a program does that keeps chats as files: each
file is read, each line parsed, each message looked through.
"""

import argparse
import asyncio
import json
import random
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter, sleep
from typing import Any
from urllib.parse import quote

import aiohttp

from benchmarks.pages import machine
from benchmarks.reader import Reader
from benchmarks.tokens import spread
from devcloud.supervisor import Cloud

CHATS = 30
ROUNDS = 40
RARE = "the amber falcon of Zyqh"
CHINESE = "青铜门后面睡着一条龙"
_SYLLABLES = [first + middle for first in "bcdfghklmnprstvw" for middle in "aeiou"]


def chats(messages: int) -> list[list[str]]:
    """Texts of some 600 letters, whose words are as unevenly spread as those of a language."""
    dice = random.Random(3)
    words = ["".join(dice.choices(_SYLLABLES, k=dice.randint(1, 4))) for _ in range(6_000)]
    weights = [1 / (place + 1) for place in range(len(words))]
    texts = [
        " ".join(dice.choices(words, weights, k=dice.randint(40, 160))).capitalize() + "." for _ in range(messages)
    ]
    texts[messages // 2] += f" {RARE}."
    texts[messages // 3] = f"{CHINESE}。{texts[messages // 3]}"
    return [texts[start::CHATS] for start in range(CHATS)]


def jsonl(texts: list[str]) -> bytes:
    lines: list[dict[str, Any]] = [{"user_name": "unused", "character_name": "unused", "chat_metadata": {}}]
    lines += [
        {"name": "Robin" if n % 2 else "Bench", "is_user": bool(n % 2), "mes": text} for n, text in enumerate(texts)
    ]
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()


async def measure(cloud: Cloud, files: list[bytes]) -> dict[str, Any]:
    async with aiohttp.ClientSession() as http:
        reader = Reader(http, cloud.url)
        await reader.move_in("http://127.0.0.1:9/v1", "none")
        for data in files:
            await reader.call("POST", f"/chats/import?character_id={reader.character_id}", data=data)
        began, looks = perf_counter(), 0
        while (await _search(reader, RARE))["index"]["state"] != "ready":
            looks += 1
            await asyncio.sleep(0.5)
        built = perf_counter() - began
        told = {"built": built, "looks": looks}
        for name, phrase in (("rare", f'"{RARE}"'), ("chinese", CHINESE[2:8]), ("common", "ba"), ("absent", "qqqq")):
            times = []
            for _ in range(ROUNDS):
                began = perf_counter()
                found = await _search(reader, phrase)
                times.append((perf_counter() - began) * 1000)
            told[name] = {"times": times, "found": len(found["items"])}
        chat_id = (await reader.call("GET", "/chats?limit=1"))["items"][0]["id"]
        message = (await reader.call("GET", f"/chats/{chat_id}"))["page"]["messages"][-1]
        began = perf_counter()
        edited = {"revision": message["revision"], "text": "A heron named Yxorp."}
        await reader.call("PATCH", f"/chats/{chat_id}/messages/{message['id']}", edited)
        while not (await _search(reader, "Yxorp"))["items"]:
            await asyncio.sleep(0.1)
        told["behind"] = perf_counter() - began
        return told


async def _search(reader: Reader, phrase: str) -> Any:
    return await reader.call("GET", f"/search/messages?q={quote(phrase)}")


def through_files(folder: Path, phrase: str) -> float:
    """Milliseconds for reading and looking through all files."""
    began, wanted = perf_counter(), phrase.casefold()
    found = 0
    for file in sorted(folder.iterdir()):
        for line in file.read_text("utf-8").split("\n")[1:]:
            found += wanted in json.loads(line)["mes"].casefold()
    assert found == 1
    return (perf_counter() - began) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=15_000)
    messages = parser.parse_args().messages
    files = [jsonl(texts) for texts in chats(messages)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tavern-bench-")))
        (folder / "chats").mkdir()
        for number, data in enumerate(files):
            (folder / "chats" / f"{number}.jsonl").write_bytes(data)
        beside = [through_files(folder / "chats", RARE) for _ in range(5)]
        knobs = {"TAVERN_REQUESTS_PER_MINUTE": "1000000"}
        cloud = Cloud(folder / "cloud", port=0, workers=1, settings=knobs)
        cloud.start()
        stack.callback(cloud.stop)
        sleep(1)
        told = asyncio.run(measure(cloud, files))
    print(f"Machine: {machine()}\n")
    print(f"{messages:,} messages, {sum(map(len, files)) / 1e6:.1f} MB in {CHATS} chats")
    print(
        f"index built in {told['built']:.1f} s ({told['looks']} looks); an edit is found after {told['behind']:.1f} s"
    )
    for name in ("rare", "chinese", "common", "absent"):
        times = spread(told[name]["times"])
        least = min(told[name]["times"])
        print(
            f"{name:8} least {least:.1f} ms, p50 {times['p50']} ms, p95 {times['p95']} ms ({told[name]['found']} shown)"
        )
    print(f"through files, in Python: least {min(beside):.0f} ms, median {statistics.median(beside):.0f} ms")


if __name__ == "__main__":
    main()
