"""A worker as a process: the pollers of both queues in one event loop, and the clock in one of the workers."""

import argparse
import asyncio
import logging
import os
import signal
import time
from datetime import UTC, datetime
from functools import partial
from typing import Any

from devcloud.leash import die_with_parent, log_to_stderr, parent_from_environment
from devcloud.poller import Poller
from devcloud.signature import REGION, Signatures
from devcloud.warm import warm_up_in_background

log = logging.getLogger("devcloud.worker")

JOBS_AT_ONCE = 2
CLOCK_SECONDS = 60.0
METRICS_SECONDS = 5.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--at-once", type=int, required=True, help="replies written at the same time")
    parser.add_argument("--function-seconds", type=float, help="a function's time limit; without it there is none")
    parser.add_argument("--clock", action="store_true", help="also call the schedule every minute")
    arguments = parser.parse_args()
    die_with_parent(parent_from_environment())
    import uvloop

    uvloop.run(_work(clock=arguments.clock, at_once=arguments.at_once, function_seconds=arguments.function_seconds))


async def _work(*, clock: bool, at_once: int, function_seconds: float | None) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    from chalicelib.container import container
    from chalicelib.entrypoints import jobs, meters, worker

    warm_up_in_background()
    signatures = Signatures(os.environ["AWS_SECRET_ACCESS_KEY"])
    generations, tasks = os.environ["TAVERN_GENERATION_QUEUE_URL"], os.environ["TAVERN_JOB_QUEUE_URL"]
    write = partial(worker.process, function_seconds=function_seconds)
    running = [
        asyncio.create_task(Poller(generations, write, signatures, at_once).run()),
        asyncio.create_task(Poller(tasks, jobs.process, signatures, JOBS_AT_ONCE).run()),
        asyncio.create_task(_write_metrics()),
    ]
    if clock:
        running.append(asyncio.create_task(_tick()))
    log.info("Waiting for work.")
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait({*running, stopped}, return_when=asyncio.FIRST_COMPLETED)
    for task in running:
        task.cancel()
    results = await asyncio.gather(*running, return_exceptions=True)
    await asyncio.gather(container().poster.close(), container().providers.close())
    meters.write_metrics("worker")
    for result in results:
        if isinstance(result, Exception):
            raise result


async def _write_metrics() -> None:
    """On AWS each batch writes them at its end; this process never sleeps."""
    from chalicelib.entrypoints import meters

    while True:
        await asyncio.sleep(METRICS_SECONDS)
        meters.write_metrics("worker")


async def _tick() -> None:
    """Calls the schedule's door each minute, in a thread: it is sync code."""
    from chalicelib.entrypoints import schedule

    while True:
        # A first call soon after the start finds what a killed cloud left undone.
        started = time.monotonic()
        try:
            await asyncio.to_thread(schedule.run, _schedule_event())
        except Exception:
            log.exception("The schedule failed.")
        await asyncio.sleep(max(1.0, CLOCK_SECONDS - (time.monotonic() - started)))


def _schedule_event() -> dict[str, Any]:
    return {
        "version": "0",
        "id": "00000000-0000-0000-0000-000000000000",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:000000000000:rule/tavern-sweep"],
        "detail": {},
    }


if __name__ == "__main__":
    log_to_stderr()
    main()
