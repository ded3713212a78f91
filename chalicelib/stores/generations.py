"""Turns and generations in DynamoDB: each step is one conditional write, so that of two who try, one succeeds.

begin      user's message, turn, queued generation, branch lock, idempotency item: one transaction
claim      queued -> running, the next epoch, a lease
renew      the lease, while running under that epoch
requeue    running with a dead lease -> queued
finish     message or swipe, chat, lock, generation: one transaction, under that epoch; in a group the next one's
           beginning too, in the place of the lock's end
"""

from datetime import datetime

from pynamodb.exceptions import PynamoDBException
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.models.generations import GenerationRecord, LogKind
from chalicelib.stores.chat_keys import branch_key, chat_key
from chalicelib.stores.chat_rows import BranchRow, ChatRow, MessageRow
from chalicelib.stores.chat_updates import chat_lives, grow_branch, touch_chat
from chalicelib.stores.chats import ChatStore
from chalicelib.stores.generation_reading import GenerationReading
from chalicelib.stores.generation_rows import (
    GenerationRow,
    TurnRow,
    generation_key,
    milliseconds,
    moment,
    queued_row,
    record_of,
    turn_key,
    turn_row,
)
from chalicelib.stores.generation_steps import Beginning, Ending, Saying, Stale
from chalicelib.stores.generation_writes import begin_next, final, lease, or_zero, quietly, row_of, running_row, under
from chalicelib.stores.sockets import ChannelRow, channel_key
from chalicelib.stores.tables import ask
from chalicelib.stores.transactions import commit


class GenerationStore(GenerationReading):
    def __init__(self, *, chat_store: ChatStore) -> None:
        self._chats = chat_store

    def say(self, owner_id: str, saying: Saying) -> None:
        """Raises Stale as `begin` does."""
        branch, turn, message = saying.branch, saying.turn, saying.message

        def compose(write: TransactWrite) -> None:
            if saying.join:
                saying.join(write)
            write.save(turn_row(owner_id, turn))
            grow, unmoved = grow_branch(branch, 1, turn.created_at)
            row = BranchRow(*branch_key(owner_id, branch.chat_id, branch.id))
            write.update(row, actions=grow, condition=unmoved & BranchRow.active_turn_id.does_not_exist())
            actions = touch_chat(branch.chat_id, turn.created_at, preview=message.text, added=1)
            write.update(ChatRow(*chat_key(owner_id, branch.chat_id)), actions=actions, condition=chat_lives())
            write.save(self._chats.message_row(owner_id, message), condition=MessageRow.pk.does_not_exist())

        if commit(compose):
            raise Stale

    def end_turn(self, owner_id: str, turn_id: str) -> None:
        """Lets nobody speak after who is speaking; quiet when there is no such turn."""
        row = TurnRow(*turn_key(owner_id, turn_id))
        quietly(row, [TurnRow.stopped.set(True), TurnRow.speakers.set([])])

    def begin(self, beginning: Beginning, now: datetime) -> None:
        """Raises Stale when the branch has moved or is locked, the chat is gone, or the idempotency key is taken."""
        record, branch, turn = beginning.generation, beginning.branch, beginning.turn
        chat = ChatRow(*chat_key(record.owner_id, record.chat_id))

        def compose(write: TransactWrite) -> None:
            if beginning.join:
                beginning.join(write)
            write.save(turn_row(record.owner_id, turn))
            write.save(queued_row(record))
            write.save(running_row(record, now))
            if not record.locks:
                write.condition_check(ChatRow, *chat_key(record.owner_id, record.chat_id), condition=chat_lives())
                return
            grow, unmoved = grow_branch(branch, beginning.reserved, now)
            write.update(
                BranchRow(*branch_key(record.owner_id, branch.chat_id, branch.id)),
                actions=[*grow, BranchRow.active_turn_id.set(turn.id)],
                condition=unmoved & BranchRow.active_turn_id.does_not_exist(),
            )
            said = beginning.message
            preview, added = (said.text, 1) if said else (None, 0)
            actions = touch_chat(record.chat_id, now, preview=preview, added=added)
            write.update(chat, actions=actions, condition=chat_lives())
            if said:
                write.save(self._chats.message_row(record.owner_id, said), condition=MessageRow.pk.does_not_exist())

        if commit(compose):
            raise Stale

    def claim(
        self, owner_id: str, generation_id: str, *, now: datetime, lease_seconds: float, log: LogKind
    ) -> GenerationRecord | None:
        """Takes a queued generation for one attempt; None when it is not queued (any more)."""
        row = GenerationRow(*generation_key(owner_id, generation_id))
        taken = self._update(
            row,
            [
                GenerationRow.status.set("running"),
                GenerationRow.epoch.set(or_zero(GenerationRow.epoch) + 1),
                GenerationRow.log.set(log),
                GenerationRow.started_at.set(now.isoformat()),
                GenerationRow.lease_until.set(lease(now, lease_seconds)),
            ],
            GenerationRow.status == "queued",
        )
        if taken is not None and taken.epoch > 1:
            channel = ChannelRow(channel_key(owner_id, taken.chat_id), f"running#{generation_id}")
            quietly(channel, [ChannelRow.epoch.set(taken.epoch)])
        return taken

    def renew(self, record: GenerationRecord, *, now: datetime, lease_seconds: float) -> GenerationRecord | None:
        """Keeps the lease; None when another attempt has taken over or it has ended.

        Every running reply does this every few seconds: the request is written out, and of the answer only what may
        have changed is read.
        """
        pk, sk = generation_key(record.owner_id, record.id)
        request = {
            "TableName": GenerationRow.Meta.table_name,
            "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
            "UpdateExpression": "SET lease_until = :until",
            "ConditionExpression": "#status = :running AND epoch = :epoch",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {
                ":until": {"N": str(lease(now, lease_seconds))},
                ":running": {"S": "running"},
                ":epoch": {"N": str(record.epoch)},
            },
            "ReturnValues": "ALL_NEW",
        }
        try:
            row = ask("UpdateItem", request)["Attributes"]
        except PynamoDBException as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                return None
            raise
        read_at = row.get("read_at", {}).get("N")
        seen = {
            "lease_until": moment(int(row["lease_until"]["N"])),
            "read_at": None if read_at is None else moment(int(read_at)),
            "stop_asked": bool(row.get("stop_asked", {}).get("BOOL")),
        }
        return record.model_copy(update=seen)

    def set_log(self, record: GenerationRecord, log: LogKind) -> GenerationRecord | None:
        """Says where the pieces lie from now on; None as with `renew`."""
        return self._update(row_of(record), [GenerationRow.log.set(log)], under(record))

    def ask_stop(self, record: GenerationRecord) -> GenerationRecord | None:
        """Sets the stop flag, in the row and in the channel: the row as it is then, or None when it has ended."""
        asked = self._update(row_of(record), [GenerationRow.stop_asked.set(True)], GenerationRow.status != "done")
        channel = ChannelRow(channel_key(record.owner_id, record.chat_id), f"running#{record.id}")
        quietly(channel, [ChannelRow.stop.set(True)])
        return asked

    def note_reader(self, record: GenerationRecord, now: datetime) -> None:
        """Notes that somebody reads it without a socket; quiet when it has ended."""
        self._update(row_of(record), [GenerationRow.read_at.set(milliseconds(now))], GenerationRow.status != "done")

    def requeue(self, record: GenerationRecord) -> bool:
        """Gives a generation whose worker is lost to the next one; False when somebody was faster."""
        assert record.lease_until is not None
        dead = GenerationRow.lease_until == milliseconds(record.lease_until)
        return self._update(row_of(record), [GenerationRow.status.set("queued")], under(record) & dead) is not None

    def give_up(self, record: GenerationRecord, now: datetime) -> None:
        """Lets the lease run out at once: this worker cannot go on, another may."""
        self._update(row_of(record), [GenerationRow.lease_until.set(milliseconds(now) - 1)], under(record))

    def finish(self, record: GenerationRecord, ending: Ending, now: datetime) -> None:
        """Ends the generation as `record` describes it.

        Raises Stale when it has ended or moved on, the message has another revision, or chat or branch are gone.
        """
        owner_id = record.owner_id
        still = under(record) if record.status == "running" else GenerationRow.status == "queued"

        def compose(write: TransactWrite) -> None:
            write.update(row_of(record), actions=final(ending, now), condition=still)
            write.delete(ChannelRow(channel_key(owner_id, record.chat_id), f"running#{record.id}"))
            message = ending.message
            effects: list[Action] = []
            if message is not None and ending.timed is not None:
                effects.append(BranchRow.timed.set(ending.timed.model_dump(exclude_defaults=True)))
            if ending.follow is not None:
                begin_next(write, ending.follow, now, effects)
            elif record.locks:
                lock: list[Action] = [BranchRow.active_turn_id.remove(), BranchRow.updated_at.set(now.isoformat())]
                branch = BranchRow(*branch_key(owner_id, record.chat_id, record.branch_id))
                write.update(branch, actions=[*lock, *effects], condition=BranchRow.active_turn_id == record.turn_id)
            if message is not None:
                fresh = message.revision == 1
                as_seen = (MessageRow.revision == message.revision - 1) & MessageRow.deleted_at.does_not_exist()
                row = self._chats.message_row(owner_id, message)
                write.save(row, condition=MessageRow.pk.does_not_exist() if fresh else as_seen)
                if ending.replaced is not None:
                    write.save(self._chats.swipe_row(owner_id, message, ending.replaced))
                for swipe in ending.beside:
                    write.save(self._chats.swipe_row(owner_id, message, swipe))
                actions = touch_chat(record.chat_id, now, preview=message.text, added=1 if fresh else 0)
                chat = ChatRow(*chat_key(owner_id, record.chat_id))
                still_on = chat_lives()
                if ending.follow is not None and ending.follow.by_itself:
                    still_on &= ChatRow.auto_mode == True  # noqa: E712  # a condition of pynamodb
                write.update(chat, actions=actions, condition=still_on)

        if commit(compose):
            raise Stale

    def finish_without_chat(self, record: GenerationRecord, ending: Ending, now: datetime) -> None:
        """Ends a generation whose chat, branch or message is gone: only its own row keeps the text. Raises Stale."""
        still = under(record) if record.status == "running" else GenerationRow.status == "queued"
        if self._update(row_of(record), final(ending, now), still) is None:
            raise Stale
        ChannelRow(channel_key(record.owner_id, record.chat_id), f"running#{record.id}").delete()
        if record.locks:
            branch = BranchRow(*branch_key(record.owner_id, record.chat_id, record.branch_id))
            quietly(branch, [BranchRow.active_turn_id.remove()], BranchRow.active_turn_id == record.turn_id)

    def _update(self, row: GenerationRow, actions: list[Action], condition: Condition) -> GenerationRecord | None:
        return record_of(row) if quietly(row, actions, condition) else None
