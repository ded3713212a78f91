"""Dry runs: the prompt that a turn would send, explained, without sending it and without anything being kept.

Dice are thrown anew each time, so that what is left to chance may come out otherwise when the turn is taken.
"""

from chalicelib.clients.clock import Clock
from chalicelib.errors import Invalid, NotFound
from chalicelib.models.generations import GenerationRecord, NewTurn
from chalicelib.models.manifests import Explanation
from chalicelib.models.users import User
from chalicelib.services.scenes import Scenes
from chalicelib.services.turns import Turns, check
from chalicelib.stores.chats import ChatStore


class Previews:
    def __init__(self, *, chat_store: ChatStore, scenes: Scenes, turns: Turns, clock: Clock) -> None:
        self._chats, self._scenes, self._turns, self._clock = chat_store, scenes, turns, clock

    def preview(self, user: User, chat_id: str, asked: NewTurn) -> Explanation:
        """What the turn would send. Raises what the turn would raise, but for a reply that is under way."""
        check(asked)
        if asked.repeats:
            raise Invalid("A repeated request is the one that was sent.", fields={"repeats": "Leave this out."})
        account, chat = self._scenes.account(user.id), self._chats.get(user.id, chat_id)
        if chat.deleted_at is not None:
            raise NotFound("This chat is in the trash. Restore it to go on.")
        branch = self._chats.get_branch(user.id, chat_id, asked.branch_id or chat.branch_id)
        now, message_id = self._clock.now(), None
        if asked.kind in ("swipe", "continue"):
            message_id = self._turns.target(user.id, chat_id, branch, asked).id
        said = self._turns.said(account, chat, branch, asked, now)
        speakers = self._turns.speakers(user.id, chat, branch, asked, said)
        if not speakers:
            raise Invalid("Nobody in this group answers by themselves: say who shall speak.")
        record = GenerationRecord(
            id="",
            owner_id=user.id,
            turn_id="",
            chat_id=chat_id,
            branch_id=branch.id,
            character_id=speakers[0],
            kind=asked.kind,
            status="queued",
            message_id=message_id,
            queued_at=now,
            instruction=asked.instruction,
            connection_id=asked.connection_id,
        )
        ready = self._scenes.build(record, said=said)
        prompt, access = ready.prompt, ready.access
        return Explanation.model_construct(
            generation_id=None,
            kind=asked.kind,
            kept_at=None,
            connection=access.connection_name,
            model=access.model,
            samplers=prompt.samplers.model_dump(exclude_none=True, warnings=False),
            stop=prompt.stop,
            messages=prompt.messages,
            manifest=prompt.manifest,
            request_bytes=0,
            lacking=prompt.lacking,
        )
