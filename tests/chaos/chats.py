"""One chat of the chaos: turn after turn, its readers, stops, orders sent again, and what came of each generation."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.chaos.model import Ask, Model
from tests.chaos.monkey import Monkey
from tests.chaos.people import Person, Refused
from tests.chaos.readers import Device, Line, poll, read_events
from tests.chaos.reading import Reply
from tests.chaos.scripts import Script
from tests.chaos.verdict import Count, Outcome, Read, judge

DEVICES = 2
TURNS_A_CHAT = 8
STUCK_SECONDS = 75.0
FREE_SECONDS = 20.0
TEXT_SECONDS = 1.0
"""What the model sent so long before is in the log."""


@dataclass
class World:
    """What all chats share."""

    seed: int
    model: Model
    monkey: Monkey
    order: Callable[[str, str], Awaitable[None]]
    """Puts the order for a generation (owner, id) into the queue."""
    faults: Counter[str]
    lease: float
    patience: float
    line_rate: float
    lose_a_frame: bool = False
    """Plants a fault: a reader that does not notice a hole."""
    count: Count = field(default_factory=Count)
    done: int = 0
    stuck: int = 0
    late_frees: int = 0
    begun_anew: int = 0
    """Chats that stayed busy because their reply, lost with its worker and Redis both, was written again."""
    logs: Counter[str] = field(default_factory=Counter)
    resumes_ms: list[float] = field(default_factory=list)
    stops_ms: list[float] = field(default_factory=list)
    refused_for: list[float] = field(default_factory=list)
    """How long after the loss of a worker its chats still refused a turn: seconds."""
    wrong: list[str] = field(default_factory=list)
    recent_logs: list[tuple[float, str]] = field(default_factory=list)
    doing: Counter[str] = field(default_factory=Counter)
    """What the chats are at, for the progress."""

    @contextlib.contextmanager
    def at(self, what: str) -> Iterator[None]:
        self.doing[what] += 1
        try:
            yield
        finally:
            self.doing[what] -= 1


class Chat:
    def __init__(self, world: World, person: Person, number: int, scripts: "asyncio.Queue[Script]") -> None:
        self._world, self._person, self._number, self._scripts = world, person, number, scripts
        self._dice = random.Random(f"{world.seed}/chat/{number}")
        self._devices: list[Device] = []
        self._last_said, self._last_thought = "", ""
        """Text and reasoning of the last message when it is a reply; "" when it is none."""
        self._turn_number = 0
        """The last turn in which the user said something."""
        self._tails: set[asyncio.Task[None]] = set()
        self._chat_id = ""
        self._orphan: tuple[_Life, float] | None = None
        """The last reply and when it lost its worker, if the chat has not been free since."""
        self._refused_at = 0.0
        """When the last turn was asked for that was refused because a reply is under way."""

    async def run(self) -> None:
        """Until no scripts are left."""
        turns = 0
        while not self._scripts.empty():
            script = self._scripts.get_nowait()
            if turns % TURNS_A_CHAT == 0:
                with self._world.at("open"):
                    await self._open()
            turns += 1
            await self._play(script)
        await asyncio.gather(*self._tails)
        await self._leave()

    async def _open(self) -> None:
        await asyncio.gather(*self._tails)
        await self._leave()
        self._chat_id, self._last_said, self._last_thought = await self._person.open_chat(), "", ""
        self._devices = [self._device(index) for index in range(DEVICES)]
        for device in self._devices:
            device.start(self._chat_id)
        self._world.monkey.devices += self._devices

    async def _leave(self) -> None:
        for device in self._devices:
            self._world.monkey.devices.remove(device)
            await device.stop()
        self._devices = []

    def _device(self, index: object) -> Device:
        dice = random.Random(f"{self._world.seed}/device/{self._number}/{index}/{self._chat_id}")
        return Device(self._person, self._line(dice), dice, self._world.resumes_ms)

    def _line(self, dice: random.Random) -> Line:
        rate = self._world.line_rate if dice.random() < 0.4 else 0.0
        return Line(dice, self._world.faults, rate=rate)

    # --- one generation

    async def _play(self, script: Script) -> None:
        world = self._world
        kind = script.kind if self._last_said else "reply"
        base = (self._last_said, self._last_thought) if kind == "continue" else ("", "")
        body: dict[str, Any] = {"kind": kind}
        if kind == "reply":
            self._turn_number = script.number
            body["text"] = f"This is chat {self._number}. Turn {script.number}."
        world.model.will(self._number, self._turn_number, script)
        key = f"chaos-{world.seed}-{script.number}-{self._chat_id}"
        turns = [self._turn(body, key) for _ in range(2 if script.sent_twice else 1)]
        with world.at("begin"):
            started, *again = await asyncio.gather(*turns)
        if started is None:
            self._world.wrong.append(f"Generation {script.number} could not begin.")
            world.stuck += 1
            return
        self._free()
        if again:
            world.faults["turns_sent_twice"] += 1
            if again[0] is None or again[0]["generations"][0]["id"] != started["generations"][0]["id"]:
                world.wrong.append(f"Generation {script.number} began twice.")
                world.count.duplicated += 1
        generation = started["generations"][0]
        life = _Life(script, generation["id"], generation["turn_id"], time.monotonic(), *base)
        with world.at("read"):
            await self._await_end(life, asyncio.create_task(self._read_to_the_end(life)))

    async def _await_end(self, life: "_Life", reading: "asyncio.Task[None]") -> None:
        """Until its readers know the end; an impatient chat goes on when a lost worker's lease has run out."""
        world, script = self._world, life.script
        deadline = time.monotonic() + STUCK_SECONDS * world.patience + script.seconds
        while not reading.done():
            await asyncio.wait({reading}, timeout=0.2)
            now = time.monotonic()
            hurt_at = self._orphaned_since(life)
            if script.impatient and hurt_at is not None and now > hurt_at + world.lease + 0.5 and not reading.done():
                # What it comes to is looked at when its readers know; the chat must be free by now.
                self._tails.add(reading)
                reading.add_done_callback(self._tails.discard)
                self._last_said = ""
                life.is_left = True
                self._orphan = life, hurt_at
                break
            if now > deadline:
                reading.cancel()
                await self._report_stuck(life)
                break

    async def _turn(self, body: dict[str, Any], key: str) -> Any:
        """The answer to a turn, sent again until the chat takes it; None when it never did."""
        deadline = time.monotonic() + 60 * self._world.patience
        while time.monotonic() < deadline:
            try:
                return await self._person.ask("POST", f"/chats/{self._chat_id}/turns", body, key=key)
            except Refused as refusal:
                if refusal.code != "reply_in_progress":
                    raise
                self._refused_at = refusal.asked_at
            await asyncio.sleep(0.3)
        return None

    def _free(self) -> None:
        """The chat has taken a turn: how long that was after a worker was lost."""
        if self._orphan is None:
            return
        (life, since), self._orphan = self._orphan, None
        if self._began_anew(life, since):
            self._world.begun_anew += 1
            return
        # What counts is when it was asked: while the front was down, or had no time, nobody was refused.
        after = max(0.0, self._refused_at - since)
        self._world.refused_for.append(after)
        if after > FREE_SECONDS * self._world.patience:
            self._world.late_frees += 1
            asks = [
                (one.closing, round(one.opened_at - since, 1), [round(at - since, 1) for at in one.sent_at[:1]])
                for one in self._world.model.asks[life.script.number]
            ]
            self._world.wrong.append(
                f"The chat of generation {life.script.number} refused a turn {after:.1f} s after its worker was lost; "
                f"asks, and their first token: {asks}."
            )

    def _began_anew(self, life: "_Life", since: float) -> bool:
        """Whether its text was lost with its worker and Redis both, so that it is written once more."""
        asks = self._world.model.asks[life.script.number]
        later = next((one.opened_at for one in asks if one.opened_at > since), None)
        first = next((one.sent_at[0] for one in asks if one.sent_at), since)
        redis_outages = (one for one in self._world.monkey.outages if one.of == "redis")
        return later is not None and any(one.touches(first, later) for one in redis_outages)

    def _orphaned_since(self, life: "_Life") -> float | None:
        """When its worker was lost, if nobody else has taken it up."""
        asks = self._world.model.asks[life.script.number]
        if not asks or asks[-1].hurt_at is None or asks[-1].closing in ("whole", "failed"):
            return None
        # One that had no text yet is written once more, and keeps its chat meanwhile.
        has_text = asks[-1].sent_by(asks[-1].hurt_at - TEXT_SECONDS * self._world.patience) > 0
        return asks[-1].hurt_at if has_text else None

    async def _order_again(self, life: "_Life") -> None:
        for after in sorted(life.script.ordered_again):
            await asyncio.sleep(max(0.0, life.began_at + after - time.monotonic()))
            await self._world.order(self._person.owner_id, life.generation_id)
            self._world.faults["orders_again"] += 1

    async def _stop(self, life: "_Life") -> None:
        script, asks = life.script, self._world.model.asks[life.script.number]
        if script.stop_at is None:
            return
        while not asks or len(asks[-1].sent_at) < script.stop_at:
            await asyncio.sleep(0.005)
            if asks and asks[-1].closed_at is not None and asks[-1].closing == "whole":
                return
        ask = asks[-1]
        self._world.faults["stops"] += 1
        device, lost = self._devices[0], self._person.unavailable
        life.stopped_at = asked_at = time.monotonic()
        losses = device.losses
        frame = {"type": "stop", "turn_id": life.turn_id}
        by_socket = script.stop_by_socket and device.socket_id is not None and await device.send(frame)
        if not by_socket or not await _closes(ask, 1.5):
            await self._person.ask("POST", f"/turns/{life.turn_id}/stop")
        await _closes(ask, 10)
        undisturbed = ask.hurt_at is None and self._person.unavailable == lost and device.losses == losses
        if ask.closed_at is not None and ask.closing == "by the client" and undisturbed:
            self._world.stops_ms.append((ask.closed_at - asked_at) * 1000)

    # --- reading

    async def _read_to_the_end(self, life: "_Life") -> None:
        ordering, stopping = asyncio.create_task(self._order_again(life)), asyncio.create_task(self._stop(life))
        reads = [self._on(device, f"device {index}", life) for index, device in enumerate(self._devices)]
        script = life.script
        if script.stream_joins is not None or self._world.lose_a_frame:
            reads.append(self._on_events(life, script.stream_joins or 0.0, "event stream"))
        if script.socket_joins is not None:
            reads.append(self._on_new_socket(life, script.socket_joins))
        polling = None
        if script.poll_joins is not None:
            polling = asyncio.create_task(self._by_polling(life, script.poll_joins))
        try:
            got = list(await asyncio.gather(*reads))
            if script.reads_log_after:
                got.append(await self._on_events(life, 0.0, "the log afterwards"))
            life.waits_for = {"the poll"}
            seen, state = await polling if polling else ([], await self._state(life))
            life.waits_for = {"the stop"}
            if life.stopped_at is not None:
                await stopping
        finally:
            for task in (ordering, stopping, *([polling] if polling else [])):
                task.cancel()
        with self._world.at("judge"):
            await self._judge(life, got, seen, state)

    async def _on(self, device: Device, name: str, life: "_Life") -> Read:
        life.waits_for.add(name)
        reply = await device.read(life.generation_id)
        life.waits_for.discard(name)
        life.end = reply.end
        return _read(name, reply)

    async def _on_events(self, life: "_Life", joins: float, name: str) -> Read:
        await asyncio.sleep(joins)
        dice = random.Random(f"{self._world.seed}/events/{life.script.number}")
        skip = 1 if self._world.lose_a_frame else None
        life.waits_for.add(name)
        reply = await read_events(self._person, life.generation_id, self._line(dice), skip_piece=skip)
        life.waits_for.discard(name)
        return _read(name, reply)

    async def _on_new_socket(self, life: "_Life", joins: float) -> Read:
        await asyncio.sleep(joins)
        device = self._device(f"late/{life.script.number}")
        device.start(self._chat_id)
        self._world.monkey.devices.append(device)
        try:
            return await self._on(device, "a late socket", life)
        finally:
            self._world.monkey.devices.remove(device)
            await device.stop()

    async def _by_polling(self, life: "_Life", joins: float) -> Any:
        await asyncio.sleep(joins)
        return await poll(self._person, life.generation_id)

    async def _state(self, life: "_Life") -> Any:
        return await self._person.ask("GET", f"/generations/{life.generation_id}")

    # --- what came of it

    async def _judge(self, life: "_Life", reads: list[Read], seen: list[tuple[int, str, str]], state: Any) -> None:
        world = self._world
        text, reasoning, message = state["text"], state.get("reasoning", ""), state["text"]
        stored_reasoning = ""
        message_id = (life.end or {}).get("message_id")
        if message_id:
            page = await self._person.ask("GET", f"/chats/{self._chat_id}/messages")
            stored = next(one for one in page["messages"] if one["id"] == message_id)
            message, reasoning = stored["text"], stored.get("reasoning", "")
            stored_reasoning = reasoning
            text = message[len(life.base) :] if message.startswith(life.base) else message
            if life.base:
                reasoning = reasoning.removeprefix(life.thought_before).removeprefix("\n\n" * bool(life.thought_before))
        asks: list[Ask] = world.model.asks[life.script.number]
        claimed_at = _monotonic(state["started_at"]) - 1.0 if state.get("started_at") else life.began_at
        blows = [at for kind, at in world.monkey.blows_at if kind.startswith("worker") and at > claimed_at]
        outcome = Outcome(
            state=state,
            text=text,
            reasoning=reasoning,
            message=message,
            asks=asks,
            reads=reads,
            stopped_at=life.stopped_at,
            worker_blows=blows,
            ended_at=_monotonic(state["ended_at"]),
            redis_outages=[one for one in world.monkey.outages if one.of == "redis"],
            polled=seen,
            end=life.end,
        )
        wrong = judge(outcome, world.count, patience=world.patience)
        world.logs[state["log"]] += 1
        world.recent_logs.append((life.began_at, state["log"]))
        world.done += 1
        world.wrong += [f"Generation {life.script.number} ({life.script.kind}): {one}" for one in wrong]
        if not life.is_left:
            self._last_said = message if message_id else ""
            self._last_thought = stored_reasoning if message_id else ""

    async def _report_stuck(self, life: "_Life") -> None:
        state = await self._state(life)
        asks = [(one.closing, len(one.sent_at), one.hurt_at) for one in self._world.model.asks[life.script.number]]
        self._world.stuck += 1
        self._world.wrong.append(
            f"Generation {life.script.number} is stuck: {state['status']}, epoch {state['epoch']}, "
            f"{state.get('finish_reason')}; asks {asks}; it waits for {life.waits_for}."
        )
        self._last_said = ""


@dataclass
class _Life:
    """One generation while it lasts."""

    script: Script
    generation_id: str
    turn_id: str
    began_at: float
    base: str
    """What a continuation goes on from."""
    thought_before: str
    """The reasoning of that."""
    end: Any = None
    stopped_at: float | None = None
    waits_for: set[str] = field(default_factory=set)
    is_left: bool = False
    """Its chat went on without waiting for its end."""


async def _closes(ask: Ask, seconds: float) -> bool:
    """Whether the model's connection closes within this time."""
    deadline = time.monotonic() + seconds
    while ask.closed_at is None and time.monotonic() < deadline:
        await asyncio.sleep(0.005)
    return ask.closed_at is not None


def _monotonic(instant: str) -> float:
    """The server's time as `time.monotonic` has it: both run on this machine."""
    return datetime.fromisoformat(instant).timestamp() - time.time() + time.monotonic()


def _read(name: str, reply: Reply) -> Read:
    return Read(name, reply.text, reply.reasoning, reply.fetches, reply.dropped)
