"""Turns: what one action of the user sets off. One transaction, then an order to the queue, then the answer."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.clients.clock import Clock
from chalicelib.clients.correlation import correlation_id, note
from chalicelib.clients.loop import run
from chalicelib.clients.queue import Queue
from chalicelib.errors import AppError, Conflict, Invalid, NotFound, ReplyInProgress, Unavailable
from chalicelib.models.chats import Branch, Chat, Message
from chalicelib.models.generations import GenerationRecord, NewTurn, Turn, TurnStarted
from chalicelib.models.jobs import GenerationOrder
from chalicelib.models.users import Account, User
from chalicelib.services.announcements import Announcements
from chalicelib.services.generation import Generation
from chalicelib.services.limits import Limits
from chalicelib.services.manifests import Manifests
from chalicelib.services.rounds import Rounds
from chalicelib.services.scenes import Scenes
from chalicelib.services.typed_words import TypedWords
from chalicelib.stores.ahead import Place, account_place, read_ahead, using
from chalicelib.stores.chat_keys import branch_key, chat_key
from chalicelib.stores.chat_updates import next_message_id
from chalicelib.stores.chats import ChatStore
from chalicelib.stores.generation_steps import Beginning, Saying, Stale
from chalicelib.stores.generations import GenerationStore
from chalicelib.stores.idempotency import Idempotency, once_place
from chalicelib.stores.personas import locks_place
from chalicelib.stores.transactions import Join, both

ROUTE = "turns"
_TRIES = 4


class Turns:
    def __init__(
        self,
        *,
        chat_store: ChatStore,
        generation_store: GenerationStore,
        idempotency: Idempotency,
        generation: Generation,
        scenes: Scenes,
        words: TypedWords,
        manifests: Manifests,
        rounds: Rounds,
        limits: Limits,
        queue: Queue,
        announcements: Announcements,
        clock: Clock,
    ) -> None:
        self._chats, self._store, self._once = chat_store, generation_store, idempotency
        self._generation, self._scenes, self._limits = generation, scenes, limits
        self._rounds = rounds
        self._words = words
        self._queue, self._announcements, self._clock = queue, announcements, clock
        self._manifests = manifests

    def start(self, user: User, chat_id: str, asked: NewTurn, key: str | None) -> TurnStarted:
        """Takes a turn. The same key with the same body gives the same answer and writes nothing again.

        Raises ReplyInProgress, Conflict (the message has another revision), QuotaExceeded, NotFound, Invalid.
        """
        route = f"{ROUTE}#{chat_id}"
        places = _places(user.id, chat_id, asked, key, route)
        if asked.text is not None:
            places += self._words.places(user.id)
        with using(read_ahead(places)):
            return self._start(user, chat_id, asked, key, route)

    def _start(self, user: User, chat_id: str, asked: NewTurn, key: str | None, route: str) -> TurnStarted:
        known = self._once.find(user.id, route, key, asked) if key else None
        if known is not None:
            return self._again(user.id, known)
        chat, account = self._chats.get(user.id, chat_id), self._scenes.account(user.id)
        check(asked)
        for number in range(_TRIES):
            if number:
                chat = self._chats.get(user.id, chat_id)
            try:
                beginning = self._prepare(account, chat, asked)
            except AppError:
                # The same turn, sent twice at once, may have gone ahead of this one and be what is in the way.
                known = self._once.find(user.id, route, key, asked) if key else None
                if known is not None:
                    return self._again(user.id, known)
                raise
            try:
                if isinstance(beginning, Saying):
                    return self._say(
                        user.id, chat, replace(beginning, join=self._once_with(user.id, beginning, route, key, asked))
                    )
                self._store.begin(self._joined(beginning, route, key, asked), self._clock.now())
            except Stale:
                known = self._once.find(user.id, route, key, asked) if key else None
                if known is not None:
                    return self._again(user.id, known)
                self._limits.check_reply(user.id)
                continue
            record = beginning.generation
            _note(record)
            self._queue.send_generation(_order(record, self._scenes.places(record, account, chat), _newest(beginning)))
            if record.locks:
                said = beginning.message.id if beginning.message else record.message_id
                self._announcements.changed(user.id, chat_id, "turn", chat.revision + 1, said)
            return TurnStarted(turn=beginning.turn, message=beginning.message, generations=[record.public])
        raise Unavailable("The chat is being written by several devices at once. Try again.")

    def _say(self, owner_id: str, chat: Chat, saying: Saying) -> TurnStarted:
        """A turn that nobody answers: the group is asked by hand."""
        self._store.say(owner_id, saying)
        self._announcements.changed(owner_id, chat.id, "turn", chat.revision + 1, saying.message.id)
        return TurnStarted(turn=saying.turn, message=saying.message, generations=[])

    def _prepare(self, account: Account, chat: Chat, asked: NewTurn) -> Beginning | Saying:
        """What the turn writes, after all that can be wrong was looked at."""
        owner_id, chat_id = account.id, chat.id
        if chat.deleted_at is not None:
            raise NotFound("This chat is in the trash. Restore it to go on.")
        branch = self._chats.get_branch(owner_id, chat_id, asked.branch_id or chat.branch_id)
        locks = asked.kind in ("reply", "swipe", "continue")
        if locks and branch.active_turn_id is not None:
            self._make_way(owner_id, branch.active_turn_id, now=self._clock.now())
            branch = self._chats.get_branch(owner_id, chat_id, branch.id)
        now = self._clock.now()
        message, noted = self._said(account, chat, branch, asked, now)
        target = self.target(owner_id, chat_id, branch, asked) if asked.kind in ("swipe", "continue") else None
        speakers = self.speakers(owner_id, chat, branch, asked, message)
        generation_id, turn_id = self._clock.new_id(), self._clock.new_id()
        if message and not speakers:
            silent = Turn(
                id=turn_id, chat_id=chat_id, branch_id=branch.id, kind=asked.kind, generation_ids=[], created_at=now
            )
            return Saying(branch, silent, message, noted)
        reserved, message_id = 0, None
        if asked.kind == "reply":
            reserved = 2 if message else 1
            message_id = next_message_id(branch, reserved - 1)
        elif target:
            message_id = target.id
        connection_id = self._repeated(owner_id, message_id, asked) if asked.repeats else asked.connection_id
        record = GenerationRecord(
            id=generation_id,
            owner_id=owner_id,
            turn_id=turn_id,
            chat_id=chat_id,
            branch_id=branch.id,
            character_id=speakers[0],
            kind=asked.kind,
            status="queued",
            message_id=message_id,
            queued_at=now,
            instruction=asked.instruction,
            connection_id=connection_id,
            repeats=asked.repeats,
        )
        turn = Turn(
            id=turn_id,
            chat_id=chat_id,
            branch_id=branch.id,
            kind=asked.kind,
            generation_ids=[generation_id],
            speakers=speakers[1:] if asked.kind == "reply" else [],
            created_at=now,
        )
        return Beginning(branch, turn, record, message, reserved, noted)

    def _repeated(self, owner_id: str, message_id: str | None, asked: NewTurn) -> str:
        """The connection that a repeated request goes to."""
        kept = self._manifests.repeated(owner_id, str(asked.repeats))[0]
        if kept.message_id != message_id:
            raise Invalid("Only what the last message was made from can be repeated.", code="not_repeatable")
        return kept.sending.connection_id

    def speakers(self, owner_id: str, chat: Chat, branch: Branch, asked: NewTurn, said: Message | None) -> list[str]:
        """Ids of those who answer, in their order. Raises NotFound, Invalid."""
        return self._rounds.first(owner_id, chat, branch, asked, said)

    def said(self, account: Account, chat: Chat, branch: Branch, asked: NewTurn, now: datetime) -> Message | None:
        """What the user says with it."""
        return self._said(account, chat, branch, asked, now)[0]

    def _said(
        self, account: Account, chat: Chat, branch: Branch, asked: NewTurn, now: datetime
    ) -> tuple[Message | None, Join | None]:
        """The same, and what its macros put down."""
        if asked.kind != "reply" or asked.text is None:
            return None, None
        persona = self._scenes.persona(account, chat)
        typed = self._words.stored(account, chat, branch, persona, asked.text)
        message = Message(
            id=next_message_id(branch),
            chat_id=chat.id,
            role="user",
            name=persona.name if persona else account.name,
            text=typed.text,
            created_at=now,
        )
        return message, typed.join

    def target(self, owner_id: str, chat_id: str, branch: Branch, asked: NewTurn) -> Message:
        """The branch's last message, which gets another alternative or goes on."""
        last = next(self._chats.newest_first(owner_id, chat_id, branch.spans), None)
        if last is None or last.role != "assistant":
            raise Invalid("Only a reply of the character can be swiped or continued. Ask for a reply first.")
        if asked.message_id is not None and asked.message_id != last.id:
            raise Invalid("Only the last message can be swiped or continued. Branch from this one instead.")
        if asked.revision is not None and asked.revision != last.revision:
            raise Conflict(
                "This message was changed meanwhile.",
                yours={"revision": asked.revision},
                theirs=last.model_dump(mode="json"),
            )
        return last

    def _make_way(self, owner_id: str, turn_id: str, *, now: datetime) -> None:
        """Raises ReplyInProgress if the turn that holds the lock is alive; ends it if its worker is lost, or if it is
        a group's that waits to go on by itself.
        """
        turn = self._store.get_turn(owner_id, turn_id)
        last = self._store.find(owner_id, turn.generation_ids[-1]) if len(turn.generation_ids) > 1 else None
        if last is not None and last.waits_until is not None and last.status == "queued" and last.waits_until > now:
            self._generation.stop_turn(owner_id, turn_id)
        for generation_id in turn.generation_ids:
            record = self._store.find(owner_id, generation_id)
            if record is not None and record.status != "done":
                record = run(self._generation.look(record))
            if record is not None and record.status != "done":
                raise ReplyInProgress(
                    "A reply is being written here. Wait for it, or stop it first.",
                    turn_id=turn_id,
                    generation_id=generation_id,
                )

    def _once_with(
        self, owner_id: str, begun: Beginning | Saying, route: str, key: str | None, asked: NewTurn
    ) -> Join | None:
        """Adds to the transaction what is answered to who sends the same turn again, and what the turn itself adds."""
        if key is None:
            return begun.join
        answer = {
            "turn_id": begun.turn.id,
            "chat_id": begun.turn.chat_id,
            "message_id": begun.message.id if begun.message else None,
        }

        def once(write: Any) -> None:
            self._once.join(write, owner_id, route, key, asked, answer, self._clock.now())

        return both(once, begun.join)

    def _joined(self, beginning: Beginning, route: str, key: str | None, asked: NewTurn) -> Beginning:
        """The same with what else the transaction holds: the reply's count, and the answer for who sends it again."""
        record, message = beginning.generation, beginning.message
        once = self._once_with(record.owner_id, beginning, route, key, asked)

        def join(write: Any) -> None:
            self._limits.take_reply(write, record.owner_id)
            if once:
                once(write)

        return Beginning(beginning.branch, beginning.turn, record, message, beginning.reserved, join)

    def _again(self, owner_id: str, known: dict[str, str]) -> TurnStarted:
        """The answer of a turn that was taken before; what is still queued is ordered once more."""
        turn = self._store.get_turn(owner_id, known["turn_id"])
        said = known["message_id"]
        message = self._chats.get_message(owner_id, known["chat_id"], said) if said else None
        records = [self._store.get(owner_id, generation_id) for generation_id in turn.generation_ids]
        for record in records:
            _note(record)
            if record.status == "queued":
                self._queue.send_generation(_order(record, []))
        return TurnStarted(turn=turn, message=message, generations=[record.public for record in records])


def check(asked: NewTurn) -> None:
    if asked.text is not None and asked.kind != "reply":
        raise Invalid("Only a reply takes a text.", fields={"text": "Leave this out."})
    if asked.text is not None and not asked.text.strip():
        raise Invalid("There is nothing to send.", fields={"text": "Write something, or leave it out."})
    if asked.repeats and asked.kind != "swipe":
        raise Invalid("Only a swipe can repeat a request.", fields={"repeats": "Leave this out."})
    if asked.kind == "quiet" and not asked.instruction.strip():
        raise Invalid("A quiet generation needs an instruction.", fields={"instruction": "This is needed."})


def _places(owner_id: str, chat_id: str, asked: NewTurn, key: str | None, route: str) -> list[Place]:
    """The rows that every turn looks at."""
    places = [chat_key(owner_id, chat_id), account_place(owner_id)]
    if asked.text is not None:
        places.append(locks_place(owner_id))
    if asked.branch_id:
        places.append(branch_key(owner_id, chat_id, asked.branch_id))
    if key:
        places.append(once_place(owner_id, route, key))
    return places


def _order(record: GenerationRecord, ahead: list[Place], newest: tuple[str, str, int] | None = None) -> GenerationOrder:
    return GenerationOrder(
        owner_id=record.owner_id,
        generation_id=record.id,
        correlation_id=correlation_id(),
        ahead=ahead,
        newest=newest,
    )


def _newest(beginning: Beginning) -> tuple[str, str, int]:
    """Where the branch ends, now that the turn has begun."""
    head = beginning.branch.spans[-1]
    return beginning.generation.chat_id, head.segment, head.upto + beginning.reserved


def _note(record: GenerationRecord) -> None:
    """So that the door's line in the log leads to the worker's."""
    note(generation_id=record.id, turn_id=record.turn_id, kind=record.kind)
