"""Each minute: whatever began and did not end is judged once more. The last net; readers mostly meet it first."""

import asyncio
import itertools
import logging

from chalicelib.clients.loop import run
from chalicelib.services.generation import Generation
from chalicelib.stores.generations import GenerationStore
from chalicelib.stores.threads import in_thread

AT_ONCE = 20
MOST = 2_000

log = logging.getLogger("tavern.sweeping")


class Sweeping:
    def __init__(self, *, generation_store: GenerationStore, generation: Generation) -> None:
        self._store, self._generation = generation_store, generation

    def sweep(self) -> int:
        """Number of unfinished generations that were looked at."""
        return run(self._sweep())

    async def _sweep(self) -> int:
        records = await in_thread(lambda: list(itertools.islice(self._store.unfinished(), MOST)))
        for start in range(0, len(records), AT_ONCE):
            # The index is a moment late: each row is read again before it is judged.
            await asyncio.gather(*(self._look(one.owner_id, one.id) for one in records[start : start + AT_ONCE]))
        if records:
            log.info("sweep looked at replies", extra={"unfinished": len(records)})
        return len(records)

    async def _look(self, owner_id: str, generation_id: str) -> None:
        record = await in_thread(self._store.find, owner_id, generation_id)
        if record is not None:
            await self._generation.look(record)
