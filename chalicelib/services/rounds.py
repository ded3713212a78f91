"""Rounds: who of a group speaks, and who speaks after them.

One action of a person is one turn, however many members answer: one lock, one stop. The reply after an ended one begins
in the transaction that ends it, so that a worker that dies takes nobody's word; the order to the queue is as ever no
more than a hurry. In auto mode the group goes on after a while, with a reply that waits in the queue: that is stopped
like any other, and it gives way when the person says something.
"""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from chalicelib.clients.clock import Clock
from chalicelib.clients.correlation import correlation_id
from chalicelib.clients.queue import Queue
from chalicelib.errors import Invalid, NotFound, QuotaExceeded
from chalicelib.models.chats import Branch, Chat, Message
from chalicelib.models.generations import GenerationKind, GenerationRecord, NewTurn
from chalicelib.models.jobs import GenerationOrder
from chalicelib.models.prompt import FinishReason
from chalicelib.models.scenes import ActionKind, Group, History
from chalicelib.prompting.groups import Call, speakers
from chalicelib.services.groups import Groups
from chalicelib.services.limits import Limits
from chalicelib.stores.chat_updates import next_message_id
from chalicelib.stores.chats import ChatStore
from chalicelib.stores.generation_steps import Follow
from chalicelib.stores.generations import GenerationStore

_WENT_WELL = ("stop", "length")
_CALLS: dict[GenerationKind, ActionKind] = {
    "reply": "normal",
    "swipe": "swipe",
    "continue": "continue",
    "impersonate": "impersonate",
    "quiet": "quiet",
}


class Rounds:
    def __init__(
        self,
        *,
        chat_store: ChatStore,
        generation_store: GenerationStore,
        groups: Groups,
        limits: Limits,
        queue: Queue,
        clock: Clock,
        replies_most: int,
    ) -> None:
        """`replies_most` is how many replies one action of a person may set off where the group goes on by itself."""
        self._chats, self._store, self._groups = chat_store, generation_store, groups
        self._limits, self._queue, self._clock = limits, queue, clock
        self._replies_most = replies_most

    def first(self, owner_id: str, chat: Chat, branch: Branch, asked: NewTurn, said: Message | None) -> list[str]:
        """Ids of the characters that answer a turn, in their order; [] where a group that is asked by hand was told
        something.

        Raises NotFound when the group is gone, Invalid when nobody in it can speak.
        """
        if chat.group_id is None:
            if asked.character_id not in (None, chat.character_id):
                raise Invalid("Only in a group can somebody else speak.", fields={"character_id": "Leave this out."})
            return [chat.character_id]
        group = self._cast(owner_id, chat.group_id)
        if asked.character_id and all(actor.id != asked.character_id for actor in group.actors):
            raise Invalid("They are not in this group.", fields={"character_id": "Name one of its members."})
        call = Call(kind=_CALLS[asked.kind], said=said.text if said else "", forced=asked.character_id or "")
        found = speakers(group, self._history(owner_id, chat, branch, said), call, self._clock.dice())
        if not found and said is None:
            raise Invalid("Nobody in this group can speak now. Unmute somebody, or say who shall speak.")
        return [actor.id for actor in found]

    def follow(
        self, record: GenerationRecord, chat: Chat, message: Message, reason: FinishReason, *, again: bool
    ) -> Follow | None:
        """The reply that comes after one that became `message`; None where nobody is to speak.

        `again`: its transaction has failed before, perhaps because the day's replies are used up.
        """
        if record.kind != "reply" or reason not in _WENT_WELL or chat.group_id is None:
            return None
        try:
            if again:
                self._limits.check_reply(record.owner_id)
            turn = self._store.get_turn(record.owner_id, record.turn_id)
            branch = self._chats.get_branch(record.owner_id, chat.id, record.branch_id)
            group = self._cast(record.owner_id, chat.group_id)
            settings = self._groups.stored(record.owner_id, chat.group_id)
        except (NotFound, QuotaExceeded):
            return None
        if turn.stopped:
            return None
        able = {actor.id for actor in group.actors if not actor.muted}
        left, waits_until = [one for one in turn.speakers if one in able], None
        now = self._clock.now()
        if not left:
            if not chat.auto_mode or len(turn.generation_ids) >= self._replies_most:
                return None
            history = self._history(record.owner_id, chat, branch, message)
            picked = speakers(group, history, Call(by_itself=True), self._clock.dice())
            if not picked:
                return None
            left = [actor.id for actor in picked]
            waits_until = now + timedelta(seconds=settings.auto_delay_seconds)
        following = GenerationRecord(
            id=self._clock.new_id(),
            owner_id=record.owner_id,
            turn_id=record.turn_id,
            chat_id=chat.id,
            branch_id=branch.id,
            character_id=left[0],
            kind="reply",
            status="queued",
            message_id=next_message_id(branch),
            # From then on it is overdue like any other.
            queued_at=waits_until or now,
            waits_until=waits_until,
            connection_id=record.connection_id,
        )
        grown = {"generation_ids": [*turn.generation_ids, following.id], "speakers": left[1:]}

        def count(write: Any) -> None:
            self._limits.take_reply(write, record.owner_id)

        return Follow(following, branch, turn.model_copy(update=grown), count)

    def order(self, follow: Follow) -> None:
        """Sends the order for what has begun."""
        record = follow.generation
        wait = (record.waits_until - self._clock.now()).total_seconds() if record.waits_until else 0.0
        order = GenerationOrder(owner_id=record.owner_id, generation_id=record.id, correlation_id=correlation_id())
        self._queue.send_generation(order, delay_seconds=max(0, round(wait)))

    def _cast(self, owner_id: str, group_id: str) -> Group:
        try:
            return self._groups.cast(owner_id, group_id)
        except NotFound:
            raise NotFound("This group was deleted. Its chat can be read, but nobody answers in it.") from None

    def _history(self, owner_id: str, chat: Chat, branch: Branch, newest: Message | None) -> History:
        """Newest first, read as far as it is asked for; `newest` is not stored yet."""
        stored: Iterator[Message] = self._chats.newest_first(owner_id, chat.id, branch.spans)
        return History(itertools.chain([newest] if newest else [], stored))
