"""One schedule from its seed to its judgement: the same seed plays the same schedule again, call by call."""

import os
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chalicelib.clients.clock import Clock
from chalicelib.clients.loop import run
from chalicelib.container import Container
from chalicelib.models.characters import NewCharacter
from chalicelib.models.chats import NewChat
from chalicelib.models.users import Role, SignUp, User
from chalicelib.settings import Settings
from chalicelib.stores import tables
from tests.support.chats import CARD
from tests.two_writers.cloud import REGION, Cloud
from tests.two_writers.deeds import Deed, Doors
from tests.two_writers.device import TWICE, Device
from tests.two_writers.rules import Broken, judge
from tests.two_writers.scheduler import Scheduler
from tests.two_writers.worker import Worker

DEEDS_EACH = 5
ORDERS_MOST = 12
ROUNDS_MOST = 30
TROUBLE = 0.004
"""How many requests to DynamoDB are not heard, or heard and not answered. A transaction meets another oftener."""
BUSY = 0.03


class CountingClock(Clock):
    """Ids in their order, and a time that moves with them; who sleeps lets others write."""

    def __init__(self) -> None:
        self.scheduler: Scheduler | None = None
        self.reset()

    def reset(self) -> None:
        # Far ahead: the emulated DynamoDB lets rows expire by the real clock.
        self._now, self._ids = datetime(2040, 5, 17, 14, 0, tzinfo=UTC), 0

    def now(self) -> datetime:
        return self._now

    def advance(self, *, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    def sleep(self, seconds: float) -> None:
        self.advance(seconds=seconds)
        if self.scheduler is not None:
            self.scheduler.step("sleeps")

    def new_id(self) -> str:
        self._ids += 1
        self._now += timedelta(milliseconds=1)
        return f"i{self._ids:019d}"

    def dice(self) -> random.Random:
        return random.Random(7)


class Theatre:
    """A process's stage: the cloud, the services, a person with a chat. It is set anew before each schedule."""

    def __init__(self) -> None:
        os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION=REGION)
        self.cloud, self.clock = Cloud(), CountingClock()
        endpoint = "http://two-writers.invalid"
        tables.place_tables(prefix="writers", region=REGION, endpoint=endpoint, prepare=self.cloud.prepare)
        for row in (tables.MainRow, tables.LiveRow):
            row.create_table(wait=False)
        knobs = {
            "root_key": "a root key for tests only, 32 bytes or more",
            "table_prefix": "writers",
            "generation_queue_url": f"{endpoint}/generations",
            "job_queue_url": f"{endpoint}/jobs",
            "socket_endpoint": f"{endpoint}/socket",
            "aws_endpoint": endpoint,
        }
        self.container = _Container(Settings.model_validate(knobs), self.cloud)
        self.container.clock = self.clock
        opened = self.container.accounts.sign_up(
            SignUp(name="ada", email="ada@example.org", password="correct horse battery"), device="", address=""
        )
        self.user = User(id=opened.person.account.id, role=Role.user, session_id="two-writers")
        character = self.container.characters.create(self.user, NewCharacter(card=CARD))
        self.chat_id = self.container.chats.start(self.user, NewChat(character_id=character.id)).id
        self._rehearse()
        self.cloud.keep()
        self.first_id = self.clock._ids

    def _rehearse(self) -> None:
        """A few messages to start from; and every part is built before threads meet in it."""
        doors, worker = Doors(self.container, self.user, self.chat_id), Worker("w", *self._worker_parts("rehearsal"))
        for number in range(2):
            deed = Deed(f"r{number}", "send", {"kind": "reply", "text": f"Before {number}."}, key=f"r{number}")
            doors.ask(deed)
            while worker.obey_next(lambda deed: None, may_die=False):
                continue
        self.container.generation.active(self.user.id, self.chat_id)

    def _worker_parts(self, seed: str) -> tuple[Container, Cloud, random.Random, CountingClock]:
        return self.container, self.cloud, random.Random(seed), self.clock

    def play(self, seed: str) -> "Played":
        """Plays one schedule and judges it. Raises Broken, or whatever a service raised that is no AppError."""
        self.cloud.restore()
        self.clock.reset()
        self.clock._ids = self.first_id
        return Played(self, seed).play()


class Played:
    """One schedule: what it asked, what it was answered, and how often it switched."""

    def __init__(self, theatre: Theatre, seed: str) -> None:
        self._theatre, self.seed = theatre, seed
        self.scheduler = Scheduler(f"{seed}/switches")
        self.deeds: list[Deed] = []
        self.troubles: Counter[str] = Counter()
        self._weather = random.Random(f"{seed}/weather")
        self._now: dict[str, str] = {}
        self._twins = 0
        self._devices_left = 2

    def play(self) -> "Played":
        theatre, cloud, scheduler = self._theatre, self._theatre.cloud, self.scheduler
        at_first = cloud.partition(f"{theatre.user.id}#{theatre.chat_id}")
        cloud.step, cloud.actor = scheduler.step, lambda: self._now.get(scheduler.actor, scheduler.actor)
        cloud.trouble = self._trouble
        theatre.clock.scheduler = scheduler
        doors = Doors(theatre.container, theatre.user, theatre.chat_id)
        for name in ("a", "b"):
            device = Device(name, doors, random.Random(f"{self.seed}/{name}"), lambda deed: self._do(doors, deed))
            scheduler.add(name, lambda device=device: self._live(device))  # type: ignore[misc]
        worker = Worker("w", *theatre._worker_parts(f"{self.seed}/worker"))
        scheduler.add("w", lambda: self._work(worker))
        try:
            scheduler.run()
            cloud.step, theatre.clock.scheduler = lambda label: None, None
            cloud.trouble = lambda operation: None
            self._finish(worker)
            self.deeds += worker.endings
            chat = cloud.item(theatre.user.id, f"chat#{theatre.chat_id}")
            assert chat is not None
            judge(
                owner_id=theatre.user.id,
                chat_id=theatre.chat_id,
                at_first=at_first,
                commits=cloud.commits,
                deeds=self.deeds,
                chat=chat,
            )
        except BaseException as failure:
            failure.add_note(self.story())
            raise
        return self

    def _trouble(self, operation: str) -> str | None:
        if not self.scheduler.is_here:
            return None
        chance = self._weather.random()
        if chance < TROUBLE:
            trouble = "unheard" if chance < TROUBLE / 2 else "unanswered"
        elif operation == "TransactWriteItems" and chance < BUSY:
            trouble = "busy"
        else:
            return None
        self.troubles[trouble] += 1
        self.scheduler.trace.append(f"{self.scheduler.actor}: {operation} is {trouble}")
        return trouble

    def story(self) -> str:
        """Every step, for who looks for the reason."""
        told = [f"{deed.name}: {deed.kind} {deed.message_id} {deed.sent} -> {deed.status}" for deed in self.deeds]
        return "\n".join([f"seed {self.seed}", *self.scheduler.trace, *told])

    @property
    def counts(self) -> Counter[str]:
        return Counter(
            f"{deed.kind}:{deed.status}" if deed.status != 409 else f"{deed.kind}:{deed.answer['error']['code']}"
            for deed in self.deeds
        )

    def _live(self, device: Device) -> None:
        try:
            device.live(DEEDS_EACH)
        finally:
            self._devices_left -= 1

    def _do(self, doors: Doors, deed: Deed) -> None:
        """Has a deed done; and perhaps its twin, at the same time or later, as a bad network would."""
        dice = random.Random(f"{self.seed}/{deed.name}")
        if dice.random() < TWICE:
            twin = replace(deed, name=f"{deed.name}'")
            self.scheduler.add(twin.name, lambda: self._ask(doors, twin, twin.name))
        self._ask(doors, deed, self.scheduler.actor)

    def _ask(self, doors: Doors, deed: Deed, actor: str) -> None:
        self.deeds.append(deed)
        self._now[actor] = deed.name
        doors.ask(deed)
        self._now[actor] = ""

    def _work(self, worker: Worker) -> None:
        for _ in range(ORDERS_MOST):
            if not worker.obey_next(lambda deed: self._now.__setitem__("w", deed.name)):
                self._theatre.clock.sleep(0.2)
            self._now["w"] = ""

    def _finish(self, worker: Worker) -> None:
        """What is unfinished is met by the sweep until nothing is."""
        theatre = self._theatre
        for _ in range(ROUNDS_MOST):
            unfinished = theatre.container.generation_store.unfinished_of(theatre.user.id, theatre.chat_id)
            if not unfinished:
                return
            theatre.clock.advance(seconds=20)
            for record in unfinished:
                run(theatre.container.generation.look(record))
            for _ in range(len(theatre.cloud.queue)):
                theatre.cloud.actor = lambda: self._now.get("w", "")
                worker.obey_next(lambda deed: self._now.__setitem__("w", deed.name), may_die=False)
                self._now["w"] = ""
        raise Broken("rule 8: replies are unfinished although all is over")


class _Container(Container):
    """The product's container on this cloud."""

    def __init__(self, settings: Settings, cloud: Cloud) -> None:
        super().__init__(settings)
        self._cloud = cloud

    def aws(self, service: str) -> object:
        client = super().aws(service)
        return self._cloud.prepare(client) if service == "sqs" else client
