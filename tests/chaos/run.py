"""A whole run: the local cloud, the model, the monkey and the chats; and what is said of it in one line."""

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import aiohttp
from botocore.credentials import ReadOnlyCredentials

from chalicelib.clients.sockets import Poster
from devcloud.signature import REGION, Signatures
from devcloud.supervisor import Cloud
from tests.chaos.chats import Chat, World
from tests.chaos.model import Model
from tests.chaos.monkey import Monkey, schedule
from tests.chaos.people import Person
from tests.chaos.scripts import Script, script
from tests.support.redis_process import RedisProcess

Mode = Literal["redis", "cluster", "dynamo"]
MODES: tuple[Mode, ...] = ("redis", "cluster", "dynamo")
Plant = Literal["", "lost-frame", "wrong-byte"]

CHATS_A_PERSON = 5
BETWEEN_CHATS_SECONDS = 0.05
"""All at once would be a fault of its own."""
PEACE_SECONDS = 6.0
"""After which every worker tries Redis again."""


@dataclass(frozen=True)
class Run:
    """What a run is made of. Equal runs have equal schedules."""

    seed: int
    generations: int
    mode: Mode
    chats: int = 50
    workers: int = 3
    blow_every: float = 4.0
    """Seconds between two blows at a process."""
    blows: int = 500
    """After so many, peace."""
    lease: float = 15.0
    line_rate: float = 0.06
    patience: float = 1.0
    """What the bounds in seconds are multiplied by: more for a machine that is busy."""
    calm: bool = False
    """Nothing is broken."""
    plant: Plant = ""
    """A fault in the suite itself, which it must find."""


async def run(wanted: Run, folder: Path) -> dict[str, Any]:
    """The figures, as they are printed. `folder` takes the cloud's data and logs."""
    server = RedisProcess(folder / "redis", cluster=wanted.mode == "cluster") if wanted.mode != "dynamo" else None
    if server is not None:
        server.start()
        await asyncio.to_thread(server.wait_until_up)
    settings = {
        "TAVERN_REDIS_URL": server.url if server else "",
        "TAVERN_REDIS_CLUSTER": str(wanted.mode == "cluster").lower(),
        "TAVERN_LEASE_SECONDS": str(wanted.lease),
        "TAVERN_LEASE_RENEW_SECONDS": str(wanted.lease / 3),
        "TAVERN_REQUESTS_PER_MINUTE": "1000000",
        "TAVERN_SOCKET_FRAMES_PER_MINUTE": "1000000",
        "TAVERN_SOCKETS_MOST": "1000000",
        "TAVERN_SIGN_INS_PER_MINUTE": "1000000",
        "TAVERN_REPLIES_PER_DAY": "1000000",
        "TAVERN_TOKENS_PER_DAY": "1000000000",
        "TAVERN_STORAGE_BYTES": "1000000000000",
    }
    cloud = Cloud(folder / "cloud", port=0, workers=wanted.workers, settings=settings, say=_say)
    model = Model(wanted.seed, wrong_byte=wanted.plant == "wrong-byte")
    await model.start()
    try:
        await asyncio.to_thread(cloud.start)
        return await _in_the_cloud(wanted, cloud, server, model)
    finally:
        model.close()
        await asyncio.to_thread(cloud.stop)
        if server is not None:
            server.kill(forgets=False)


async def _in_the_cloud(wanted: Run, cloud: Cloud, server: RedisProcess | None, model: Model) -> dict[str, Any]:
    faults = model.faults
    known = cloud.environment
    keys = ReadOnlyCredentials(known["AWS_ACCESS_KEY_ID"], known["AWS_SECRET_ACCESS_KEY"], None)
    poster = Poster(
        endpoint=cloud.places.socket_endpoint, region=REGION, credentials=lambda: keys, now=lambda: datetime.now(UTC)
    )
    monkey = Monkey(cloud, server, model, poster, faults)
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=15)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=45)) as http:
        world = World(
            seed=wanted.seed,
            model=model,
            monkey=monkey,
            order=_Orders(http, cloud).put,
            faults=faults,
            lease=wanted.lease,
            patience=wanted.patience,
            line_rate=0.0 if wanted.calm else wanted.line_rate,
            lose_a_frame=wanted.plant == "lost-frame",
        )
        people = [Person(http, cloud.url) for _ in range(-(-wanted.chats // CHATS_A_PERSON))]
        for person in people:
            await person.move_in(model.address)
        began_at = time.monotonic()
        plan = _Plan(wanted, world, people)
        watching = asyncio.create_task(_watch(world, wanted.generations))
        if not wanted.calm:
            # What is said of replies is said of processes that have started; the monkey sees to new ones.
            await plan.play(range(wanted.generations, wanted.generations + 2 * wanted.workers), calm=True)
        striking = []
        if not wanted.calm:
            blows = schedule(wanted.seed, with_redis=server is not None, every=wanted.blow_every, lease=wanted.lease)
            striking = [
                asyncio.create_task(monkey.run(blows[: wanted.blows])),
                asyncio.create_task(monkey.cut_sockets(wanted.seed)),
            ]
        await plan.play(range(wanted.generations), calm=wanted.calm)
        for task in striking:
            task.cancel()
        outcomes = await asyncio.gather(*striking, return_exceptions=True)
        world.wrong += [f"The monkey fell: {one!r}" for one in outcomes if isinstance(one, Exception)]
        await monkey.mend()
        again = await _redis_used_again(wanted, world, plan) if server is not None and not wanted.calm else None
        watching.cancel()
        await poster.close()
        return _figures(wanted, world, time.monotonic() - began_at, again)


async def _redis_used_again(wanted: Run, world: World, plan: "_Plan") -> bool:
    """Whether replies lie in Redis again, now that it is there, though no process was started anew for it."""
    await asyncio.sleep(PEACE_SECONDS)
    since = time.monotonic()
    after = wanted.generations + 2 * wanted.workers
    await plan.play(range(after, after + 2 * wanted.workers), calm=True)
    used = all(log == "redis" for at, log in world.recent_logs if at >= since)
    if not used:
        world.wrong.append("Redis is there again, and not used.")
    return used


class _Plan:
    """Chats that play scripts side by side."""

    def __init__(self, wanted: Run, world: World, people: list[Person]) -> None:
        self._wanted, self._world, self._people = wanted, world, people
        self.chats = min(wanted.chats, wanted.generations)

    async def play(self, numbers: range, *, calm: bool) -> None:
        scripts: asyncio.Queue[Script] = asyncio.Queue()
        for number in numbers:
            scripts.put_nowait(script(self._wanted.seed, number, calm=calm))
        chats = [
            Chat(self._world, self._people[number % len(self._people)], number, scripts) for number in range(self.chats)
        ]
        async with asyncio.TaskGroup() as group:
            for chat in chats:
                group.create_task(chat.run())
                await asyncio.sleep(BETWEEN_CHATS_SECONDS)


class _Orders:
    """The queue of replies, into which anybody may put an order once more."""

    def __init__(self, http: aiohttp.ClientSession, cloud: Cloud) -> None:
        self._http = http
        self._url = cloud.environment["TAVERN_GENERATION_QUEUE_URL"]
        self._endpoint = cloud.places.aws_endpoint
        self._signatures = Signatures(cloud.environment["AWS_SECRET_ACCESS_KEY"])

    async def put(self, owner_id: str, generation_id: str) -> None:
        order = {"owner_id": owner_id, "generation_id": generation_id, "order": "generation"}
        body = json.dumps({"QueueUrl": self._url, "MessageBody": json.dumps(order)}).encode()
        headers = {
            "host": self._endpoint.removeprefix("http://"),
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": "AmazonSQS.SendMessage",
        }
        signed = self._signatures.sign("POST", "/", headers, body, service="sqs", now=datetime.now(UTC))
        async with self._http.post(f"{self._endpoint}/", data=body, headers=signed) as answer:
            answer.raise_for_status()


async def _watch(world: World, generations: int) -> None:
    began_at, told = time.monotonic(), 0
    while True:
        await asyncio.sleep(5)
        for sentence in world.wrong[told:]:
            _say(f"WRONG: {sentence}")
        told = len(world.wrong)
        done = f"{world.done} of {generations} generations"
        doing = ", ".join(f"{count} {what}" for what, count in sorted(world.doing.items()) if count)
        wrong = f"{world.stuck} stuck, {len(world.wrong)} wrong"
        _say(f"{time.monotonic() - began_at:5.0f} s  {done}, {wrong} ({doing})")


def _figures(wanted: Run, world: World, seconds: float, redis_used_again: bool | None) -> dict[str, Any]:
    count = world.count
    told = {
        "mode": wanted.mode,
        "seed": wanted.seed,
        "seconds": round(seconds, 1),
        "generations": world.done,
        "readers": count.readers,
        "lost": count.lost,
        "duplicated": count.duplicated,
        "out_of_order": count.out_of_order,
        "stuck": world.stuck,
        "unexpected_ends": count.unexpected,
        "excess_losses": count.excess_losses,
        "late_frees": world.late_frees,
        "begun_anew": world.begun_anew,
        "resume_p95_ms": _p95(world.resumes_ms),
        "resumes": len(world.resumes_ms),
        "stop_p95_ms": _p95(world.stops_ms),
        "stops": len(world.stops_ms),
        "orphaned": count.orphaned,
        "tried_early": len(world.refused_for),
        "free_most_s": round(max(world.refused_for, default=0.0), 1),
        "endings": dict(sorted(count.endings.items())),
        "logs": dict(sorted(world.logs.items())),
        "redis_used_again": redis_used_again,
        "taken_back": count.taken_back,
        "fetched": count.fetched,
        "pieces_that_came_again": count.pieces_dropped,
        "faults": dict(sorted(world.faults.items())),
    }
    for sentence in world.wrong:
        _say(f"WRONG: {sentence}")
    told["passed"] = not world.wrong
    return told


def _p95(values: list[float]) -> float | None:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1) if ordered else None


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
