"""The paced model's timers: each is called once, none early, in the order of their times."""

import asyncio

import uvloop

from benchmarks.wheel import Wheel


def test_timers_fire_once_in_order_and_never_early() -> None:
    async def run() -> list[tuple[float, float]]:
        loop = asyncio.get_running_loop()
        wheel, fired = Wheel(loop), list[tuple[float, float]]()
        now = loop.time()
        for delay in (0.03, 0.001, 0.0105, 0.0101, 0.02, 0.0):
            wheel.call_at(now + delay, lambda due=now + delay: fired.append((due, loop.time())))  # type: ignore[misc]
        while len(fired) < 6:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.01)
        return fired

    fired = uvloop.run(run())
    assert len(fired) == 6
    assert [int(due * 1000) for due, _ in fired] == sorted(int(due * 1000) for due, _ in fired)
    assert all(at >= due - 0.001 for due, at in fired)


def test_a_timer_set_while_others_fire_is_not_forgotten() -> None:
    async def run() -> int:
        loop = asyncio.get_running_loop()
        wheel, count = Wheel(loop), 0
        done = asyncio.Event()

        def again() -> None:
            nonlocal count
            count += 1
            if count < 20:
                wheel.call_at(loop.time() + 0.002, again)
            else:
                done.set()

        wheel.call_at(loop.time(), again)
        await asyncio.wait_for(done.wait(), 20)
        return count

    assert uvloop.run(run()) == 20
