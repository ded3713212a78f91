"""Added time to the first token: one reply at a time, through the whole stack and straight from the model, in turn."""

from typing import Any

import aiohttp

from benchmarks.cpu import counting
from benchmarks.reader import Reader, read_directly
from benchmarks.tokens import Tally, spread
from devcloud.supervisor import Cloud

ROUNDS = 20
MODEL = "paced-ttft100-tps40-n40"


async def first_tokens(http: aiohttp.ClientSession, cloud: Cloud, model_address: str) -> list[dict[str, Any]]:
    """Rows for added time to first token, time in flight, frames a thousand tokens, and losses."""
    reader = Reader(http, cloud.url)
    await reader.move_in(model_address, MODEL)
    await reader.listen()
    await reader.reply("Warm up.")
    through: list[Tally] = []
    direct: list[Tally] = []
    with counting(cloud) as spent:
        for number in range(ROUNDS):
            direct.append(await read_directly(http, model_address, MODEL))
            through.append(await reader.reply(f"Go on, part {number}."))
    await reader.leave()
    tokens = sum(tally.tokens for tally in through)
    return [
        {
            "what": "added time to first token, 1 reply at a time",
            "measured": _milliseconds(_first(through)),
            "baseline": f"model alone: {_milliseconds(_first(direct))}",
            "goal": "≤ 40 ms (p50)",
        },
        {
            "what": "time of a token on its way, batching included",
            "measured": _milliseconds([ms for tally in through for ms in tally.in_flight_ms]),
            "baseline": f"model alone: {_milliseconds([ms for tally in direct for ms in tally.in_flight_ms])}",
        },
        {
            "what": "CPU of a reply of 40 tokens, from the question to its last write",
            "measured": spent.told(ROUNDS),
        },
        {
            "what": "frames per 1,000 tokens at 40 a second",
            "measured": f"{round(1000 * sum(tally.frames for tally in through) / tokens)}",
        },
        {
            "what": "tokens lost / repeated",
            "measured": f"{sum(t.missing for t in through)} / {sum(t.repeated for t in through)} of {tokens}",
            "goal": "0 / 0",
        },
    ]


def _first(tallies: list[Tally]) -> list[float]:
    return [tally.added_first_token_ms for tally in tallies if tally.added_first_token_ms is not None]


def _milliseconds(values: list[float]) -> str:
    found = spread(values)
    return f"least {min(values):.2f} ms, p50 {found['p50']} ms, p95 {found['p95']} ms"
