"""A worker: claims what is queued and ends it, after a while; now and then it dies, or an order comes twice."""

import random
from typing import Any

from chalicelib.container import Container
from chalicelib.models.jobs import GenerationOrder
from chalicelib.services.endings import Told
from tests.two_writers.cloud import Cloud
from tests.two_writers.deeds import Deed

LEASE_SECONDS = 15.0
DIES = 0.08
TWICE = 0.15


class Worker:
    def __init__(self, name: str, container: Container, cloud: Cloud, dice: random.Random, clock: Any) -> None:
        self.name, self._container, self._cloud, self._dice, self._clock = name, container, cloud, dice, clock
        self.endings: list[Deed] = []

    def obey_next(self, begin: Any, *, may_die: bool = True) -> bool:
        """Does one order of the queue; False when there is none. `begin` hears of the ending before it is written."""
        if not self._cloud.queue:
            return False
        at = self._dice.randrange(len(self._cloud.queue))
        body = self._cloud.queue[at]
        if not may_die or self._dice.random() >= TWICE:
            del self._cloud.queue[at]
        order = GenerationOrder.model_validate_json(body)
        store = self._container.generation_store
        record = store.claim(
            order.owner_id, order.generation_id, now=self._clock.now(), lease_seconds=LEASE_SECONDS, log="dynamo"
        )
        if record is None:
            return True
        if may_die and self._dice.random() < DIES:
            self._clock.advance(seconds=LEASE_SECONDS + 1)
            return True
        for _ in range(self._dice.randrange(6)):
            # The model thinks, and others write.
            self._clock.sleep(0.05)
        deed = Deed(f"{self.name}{len(self.endings) + 1}", "end", message_id=record.message_id)
        deed.sent = {"kind": record.kind, "generation_id": record.id, "text": f" Reply {record.id}.{record.epoch}"}
        self.endings.append(deed)
        begin(deed)
        told = Told(deed.sent["text"], "", 1, "stop", speaker="Mara")
        end = self._container.endings.finish(record, told)
        deed.status = 200 if end is not None else 410
        deed.answer = end.model_dump(mode="json") if end is not None else None
        return True
