"""Added time to the first token: one reply at a time, through the whole stack and straight from the model, in turn."""

from typing import Any

import aiohttp

from benchmarks.cpu import counting
from benchmarks.following import Wire
from benchmarks.lines import Pool
from benchmarks.reader import Reader
from benchmarks.targets import Direct
from benchmarks.tokens import Arrivals, Tally, spread
from devcloud.supervisor import Cloud

ROUNDS = 20
TOKENS = 40
MODEL = f"paced-ttft100-tps40-n{TOKENS}"


async def first_tokens(http: aiohttp.ClientSession, cloud: Cloud, model_address: str) -> list[dict[str, Any]]:
    """Rows for added time to first token, time in flight, frames a thousand tokens, and losses."""
    person = Reader(http, cloud.url)
    await person.move_in(model_address, MODEL)
    pool = Pool("127.0.0.1", cloud.places.port)
    page, model = person.page(pool), Direct(model_address)
    await page.open()
    await model.open()
    await page.reply("Warm up.", Tally(Arrivals()))
    page.follower.wire = Wire()
    came_through, came_directly = Arrivals(), Arrivals()
    through, direct = [], []
    with counting(cloud) as spent:
        for number in range(ROUNDS):
            direct.append(Tally(came_directly))
            await model.reply(direct[-1], MODEL)
            through.append(Tally(came_through))
            problem = await page.reply(f"Go on, part {number}.", through[-1])
            if problem:
                raise RuntimeError(f"The reply {problem}.")
    page.close()
    model.close()
    pool.close()
    tokens = sum(tally.seen for tally in through)
    lost, repeated = sum(tally.lost(TOKENS) for tally in through), sum(tally.repeated for tally in through)
    return [
        {
            "what": "added time to first token, 1 reply at a time",
            "measured": _milliseconds(_first(through)),
            "baseline": f"model alone: {_milliseconds(_first(direct))}",
            "goal": "≤ 40 ms (p50)",
        },
        {
            "what": "time of a token on its way, batching included",
            "measured": _milliseconds(came_through.in_flight_ms()),
            "baseline": f"model alone: {_milliseconds(came_directly.in_flight_ms())}",
        },
        {
            "what": "CPU of a reply of 40 tokens, from the question to its last write",
            "measured": spent.told(ROUNDS),
        },
        {
            "what": "frames per 1,000 tokens at 40 a second",
            "measured": f"{round(1000 * page.follower.wire.text_frames / tokens)}",
        },
        {
            "what": "tokens lost / repeated",
            "measured": f"{lost} / {repeated} of {tokens}",
            "goal": "0 / 0",
        },
    ]


def _first(tallies: list[Tally]) -> list[float]:
    return [tally.took_ns / 1e6 for tally in tallies if tally.took_ns is not None]


def _milliseconds(values: list[float]) -> str:
    found = spread(values)
    return f"least {min(values):.2f} ms, p50 {found['p50']} ms, p95 {found['p95']} ms"
