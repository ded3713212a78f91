"""Threads of which one runs at a time, and a seed that says which: at every request to DynamoDB another may go on.

So two services that read, check and write are really interleaved inside, and the same seed interleaves them the same
way again.
"""

import random
import sys
import threading
import traceback
from collections.abc import Callable

PATIENCE_SECONDS = 45
"""A schedule takes milliseconds; one that hangs is a bug of the suite or a deadlock of ours."""


class Hangs(Exception):
    """Nobody can go on. The message has the stacks of all threads."""


class _Actor:
    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self.name, self.work = name, work
        self.turn = threading.Lock()
        self.turn.acquire()
        self.failure: BaseException | None = None


class Scheduler:
    def __init__(self, seed: str) -> None:
        self._dice = random.Random(seed)
        # How often who runs goes on: some bugs need many switches, some a writer that is left standing for long.
        self._sticky = self._dice.choice((0.0, 0.3, 0.6, 0.85, 0.95))
        self._waiting: list[_Actor] = []
        self._running: _Actor | None = None
        self._threads = threading.local()
        self._over = threading.Event()
        self._failures: list[BaseException] = []
        self.trace: list[str] = []

    def add(self, name: str, work: Callable[[], None]) -> None:
        """One more actor; also while the others run."""
        actor = _Actor(name, work)
        self._waiting.append(actor)
        threading.Thread(target=self._live, args=(actor,), name=name, daemon=True).start()

    def run(self) -> None:
        """Lets all actors run to their ends. Raises the first failure of one, and Hangs."""
        self._pass_on()
        if not self._over.wait(PATIENCE_SECONDS):
            stacks = ["".join(traceback.format_stack(frame)) for frame in sys._current_frames().values()]
            raise Hangs("\n---\n".join(stacks))
        if self._failures:
            raise self._failures[0]

    def step(self, label: str) -> None:
        """Called by who runs, before something that others can see. Does nothing in threads that are no actors."""
        actor: _Actor | None = getattr(self._threads, "actor", None)
        if actor is None:
            return
        self.trace.append(f"{actor.name}: {label}")
        if not self._waiting or self._dice.random() < self._sticky:
            return
        self._waiting.append(actor)
        chosen = self._take()
        if chosen is actor:
            return
        self._running = chosen
        chosen.turn.release()
        actor.turn.acquire()

    @property
    def is_here(self) -> bool:
        """Whether this thread is an actor, and not a helper of one, of which several may work at a time."""
        return getattr(self._threads, "actor", None) is not None

    @property
    def actor(self) -> str:
        """Who runs: also for what its own helpers do in other threads."""
        return self._running.name if self._running else ""

    def _live(self, actor: _Actor) -> None:
        actor.turn.acquire()
        self._threads.actor = actor
        try:
            actor.work()
        except BaseException as failure:  # noqa: BLE001  handed to `run`
            failure.add_note(f"in {actor.name}")
            self._failures.append(failure)
        self._pass_on()

    def _pass_on(self) -> None:
        if not self._waiting:
            self._running = None
            self._over.set()
            return
        self._running = self._take()
        self._running.turn.release()

    def _take(self) -> _Actor:
        return self._waiting.pop(self._dice.randrange(len(self._waiting)))
