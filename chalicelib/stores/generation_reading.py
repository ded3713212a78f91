"""Turns and generations as they stand. Always strongly consistent, save where it says so."""

from collections.abc import Iterator

from pynamodb.exceptions import DoesNotExist

from chalicelib.errors import NotFound
from chalicelib.models.frames import End
from chalicelib.models.generations import GenerationRecord, Turn
from chalicelib.stores.generation_rows import (
    UNFINISHED,
    GenerationRow,
    TurnRow,
    generation_key,
    record_of,
    turn_key,
    turn_of,
)
from chalicelib.stores.sockets import ChannelRow, channel_key


class GenerationReading:
    def find(self, owner_id: str, generation_id: str) -> GenerationRecord | None:
        try:
            return record_of(GenerationRow.get(*generation_key(owner_id, generation_id), consistent_read=True))
        except DoesNotExist:
            return None

    def get(self, owner_id: str, generation_id: str) -> GenerationRecord:
        found = self.find(owner_id, generation_id)
        if found is None:
            raise NotFound("There is no such reply.")
        return found

    def get_turn(self, owner_id: str, turn_id: str) -> Turn:
        try:
            return turn_of(TurnRow.get(*turn_key(owner_id, turn_id), consistent_read=True))
        except DoesNotExist:
            raise NotFound("There is no such turn.") from None

    def get_end(self, owner_id: str, generation_id: str) -> End | None:
        """The `end` frame of a generation that has ended."""
        row = GenerationRow.get(*generation_key(owner_id, generation_id), consistent_read=True)
        return End.model_validate_json(row.end) if row.end else None

    def unfinished(self) -> Iterator[GenerationRecord]:
        """All generations that have not ended, the oldest first. Reads an index, so a moment late."""
        for row in GenerationRow.query(UNFINISHED, index_name="index1"):
            yield record_of(row)

    def unfinished_of(self, owner_id: str, chat_id: str, branch_id: str | None = None) -> list[GenerationRecord]:
        """What runs or waits in a chat, or in one branch of it, the oldest first."""
        running = ChannelRow.query(
            channel_key(owner_id, chat_id), ChannelRow.sk.startswith("running#"), consistent_read=True
        )
        found = [self.find(owner_id, row.sk.removeprefix("running#")) for row in running]
        alive = [one for one in found if one and one.status != "done" and branch_id in (None, one.branch_id)]
        return sorted(alive, key=lambda one: (one.queued_at, one.id))
