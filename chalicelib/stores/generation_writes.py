"""What the steps of a generation write: the parts of their transactions, and single conditional updates."""

from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.models.generations import GenerationRecord
from chalicelib.stores.chat_keys import branch_key
from chalicelib.stores.chat_rows import BranchRow
from chalicelib.stores.chat_updates import grow_branch
from chalicelib.stores.generation_rows import GenerationRow, TurnRow, generation_key, milliseconds, queued_row, turn_key
from chalicelib.stores.generation_steps import Ending, Follow
from chalicelib.stores.sockets import ChannelRow, channel_key

_RUNNING_SECONDS_MOST = 86_400
"""Nothing runs for a day; a running row that is left over goes then."""


def final(ending: Ending, now: datetime) -> list[Action]:
    end = ending.end
    return [
        GenerationRow.status.set("done"),
        GenerationRow.ended_at.set(now.isoformat()),
        GenerationRow.seq.set(end.seq),
        GenerationRow.text.set(ending.text),
        GenerationRow.reasoning.set(ending.reasoning),
        GenerationRow.finish_reason.set(end.finish_reason),
        GenerationRow.error_code.set(end.error.code) if end.error else GenerationRow.error_code.remove(),
        GenerationRow.error_message.set(end.error.message) if end.error else GenerationRow.error_message.remove(),
        GenerationRow.usage.set(end.usage.model_dump()) if end.usage else GenerationRow.usage.remove(),
        GenerationRow.connection.set(ending.connection),
        GenerationRow.model.set(ending.model),
        GenerationRow.end.set(end.model_dump_json(exclude_none=True)),
        GenerationRow.i1pk.remove(),
        GenerationRow.i1sk.remove(),
        GenerationRow.lease_until.remove(),
    ]


def begin_next(write: TransactWrite, follow: Follow, now: datetime, effects: list[Action]) -> None:
    """Adds what begins the turn's next reply; the lock stays. Nothing of it holds when the turn was stopped.

    `effects` are what else changes in the branch's row.
    """
    record, branch, turn = follow.generation, follow.branch, follow.turn
    follow.join(write)
    write.update(
        TurnRow(*turn_key(record.owner_id, turn.id)),
        actions=[TurnRow.generation_ids.set(turn.generation_ids), TurnRow.speakers.set(turn.speakers)],
        condition=TurnRow.pk.exists() & TurnRow.stopped.does_not_exist(),
    )
    grow, unmoved = grow_branch(branch, 1, now)
    row = BranchRow(*branch_key(record.owner_id, record.chat_id, record.branch_id))
    write.update(row, actions=[*grow, *effects], condition=unmoved & (BranchRow.active_turn_id == turn.id))
    write.save(queued_row(record))
    write.save(running_row(record, now))


def row_of(record: GenerationRecord) -> GenerationRow:
    return GenerationRow(*generation_key(record.owner_id, record.id))


def running_row(record: GenerationRecord, now: datetime) -> ChannelRow:
    return ChannelRow(
        channel_key(record.owner_id, record.chat_id),
        f"running#{record.id}",
        turn_id=record.turn_id,
        epoch=0,
        expires_at=int(now.timestamp()) + _RUNNING_SECONDS_MOST,
    )


def under(record: GenerationRecord) -> Condition:
    running: Condition = (GenerationRow.status == "running") & (GenerationRow.epoch == record.epoch)
    return running


def lease(now: datetime, seconds: float) -> int:
    return milliseconds(now + timedelta(seconds=seconds))


def or_zero(attribute: NumberAttribute) -> "NumberAttribute":
    return attribute | 0  # type: ignore[return-value]  # pynamodb's if_not_exists(attribute, 0), an operand


def quietly(
    row: GenerationRow | ChannelRow | BranchRow | TurnRow, actions: list[Action], condition: Condition | None = None
) -> bool:
    """One conditional update (on an item that is there); whether it held. The row then shows the item as it is now."""
    there = type(row).pk.exists()
    try:
        row.update(actions=actions, condition=there if condition is None else there & condition)
    except UpdateError as error:
        if error.cause_response_code == "ConditionalCheckFailedException":
            return False
        raise
    return True
