"""How a reply ends: the message it becomes, one transaction, and the `end` frame."""

import hashlib
import operator
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from chalicelib.clients.clock import Clock
from chalicelib.errors import NotFound, Unavailable
from chalicelib.models.chats import Chat, Message, ReplyFacts, Swipe
from chalicelib.models.frames import End, FrameError, Next
from chalicelib.models.generations import GenerationRecord
from chalicelib.models.prompt import FinishReason, TokenUsage
from chalicelib.prompting.tokens import counter
from chalicelib.services.aftermath import After, Aftermath
from chalicelib.services.characters import Characters
from chalicelib.services.chat_news import ChatNews
from chalicelib.services.rounds import Rounds
from chalicelib.stores.chat_updates import chosen_swipe, last_message_id, with_swipe
from chalicelib.stores.chats import ChatStore
from chalicelib.stores.generation_steps import Ending, Follow, Stale
from chalicelib.stores.generations import GenerationStore

ROW_BYTES_MOST = 150_000
"""Text and reasoning, each, that a generation's row keeps for replies without a message."""
COUNTED_CHARACTERS_MOST = 20_000
"""Counting a longer text takes so long that the end would wait for it."""
OTHERS_BYTES_MOST = 1_500_000
_TRIES = 6
_WAIT_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Told:
    """What a reply came to, as the log has it."""

    text: str
    reasoning: str
    seq: int
    finish_reason: FinishReason
    error: FrameError | None = None
    usage: TokenUsage | None = None
    connection: str = ""
    model: str = ""
    first_token_ms: int | None = None
    encoding: str = ""
    """What the model's tokens are counted with; "" where it is not known."""
    speaker: str = ""
    """Name of the character; "" where it is not known yet."""
    after: After | None = None
    """What the prompt leaves behind."""
    kept: Callable[[str, str], str] = operator.add
    """A message after the reply, as it is stored, from what it said before and what the model said."""
    others: Sequence[tuple[str, str]] = ()
    """Text and reasoning of further answers to the same request."""


@dataclass(frozen=True, slots=True)
class _Becomes:
    """What a reply becomes; None for what is gone or not called for."""

    message: Message | None = None
    replaced: Swipe | None = None
    """The alternative that the message replaces."""
    chat: Chat | None = None
    before: str = ""
    """What the message said that the reply goes on with."""
    beside: Sequence[Swipe] = ()
    """Further alternatives, from the same request."""
    newest: bool = True
    """Whether nothing stands below it, not even what was deleted and may come back."""


class Endings:
    def __init__(
        self,
        *,
        generation_store: GenerationStore,
        chat_store: ChatStore,
        characters: Characters,
        rounds: Rounds,
        aftermath: Aftermath,
        news: ChatNews,
        clock: Clock,
    ) -> None:
        self._store, self._chats, self._characters = generation_store, chat_store, characters
        self._rounds, self._aftermath, self._news, self._clock = rounds, aftermath, news, clock

    def finish(self, record: GenerationRecord, told: Told) -> End | None:
        """Ends a generation that is in the state `record` shows; None when somebody else has ended or taken it.

        An edit or a swipe made meanwhile is kept: a continuation goes after the text as it stands now, a swipe beside
        all others. With the chat or the message gone the generation alone keeps the text.
        """
        told_stored = self._stored_text(record, told)
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(_WAIT_SECONDS * 2**attempt)
                now_is = self._store.find(record.owner_id, record.id)
                if now_is is None or (now_is.status, now_is.epoch) != (record.status, record.epoch):
                    return None
            becomes = self._message(record, told, told_stored)
            message, chat, follow = becomes.message, becomes.chat, None
            if message is not None and chat is not None and chat.group_id is not None:
                follow = self._rounds.follow(record, chat, message, told.finish_reason, again=attempt > 0)
            end = self._end(record, told, told_stored, becomes, follow)
            ending = Ending(
                end=end,
                text="" if message else clipped(told_stored, ROW_BYTES_MOST),
                reasoning="" if message else clipped(told.reasoning, ROW_BYTES_MOST),
                connection=told.connection,
                model=told.model,
                message=message,
                timed=told.after.timed if told.after else None,
                follow=follow,
                replaced=becomes.replaced,
                beside=becomes.beside,
            )
            write = self._store.finish if chat is not None else self._store.finish_without_chat
            try:
                write(record, ending, self._clock.now())
            except Stale:
                continue
            if told.after and (told.text or told.reasoning):
                self._aftermath.keep(record.owner_id, told.after)
            if follow is not None:
                self._rounds.order(follow)
            if message is not None and not becomes.newest:
                with suppress(NotFound):
                    self._news.show_newest(record.owner_id, record.chat_id)
            return end
        raise Unavailable("The chat is very busy, so the reply could not be stored yet.")

    def note_use(self, record: GenerationRecord) -> None:
        """Puts the character to the top of the library, at most once a minute, and tells the search index.

        After the end, which does not wait. What the person said to be answered is taken in with it.
        """
        if record.locks and record.message_id:
            self._news.tell_index(record.owner_id, record.chat_id, record.message_id)
        self._characters.touch(record.owner_id, record.character_id, self._clock.now())

    def _message(self, record: GenerationRecord, told: Told, text: str) -> _Becomes:
        try:
            chat = self._chats.get(record.owner_id, record.chat_id)
            if chat.deleted_at is not None:
                return _Becomes()
            if record.locks:
                branch = self._chats.get_branch(record.owner_id, record.chat_id, record.branch_id)
                if branch.active_turn_id != record.turn_id:
                    return _Becomes()
            if not record.locks or record.message_id is None or not (text or told.reasoning):
                return _Becomes(chat=chat)
            if record.kind == "reply":
                first = self._new_message(record, told, _kept(told, "", text))
                beside = self._beside(record, told, first.swipe_count)
                whole = first.model_copy(update={"swipe_count": first.swipe_count + len(beside)})
                return _Becomes(whole, chat=chat, beside=beside)
            message = self._chats.get_message(record.owner_id, record.chat_id, record.message_id)
        except NotFound:
            return _Becomes()
        if message.deleted_at is not None:
            return _Becomes()
        facts, revision = self._facts(record, told), message.revision + 1
        newest = message.id == last_message_id(branch)
        if record.kind == "continue":
            # A model thinks anew before it goes on: its thoughts stand one after another.
            thoughts = "\n\n".join(filter(None, (message.reasoning, told.reasoning)))
            grown = {
                "text": _kept(told, message.text, text),
                "reasoning": thoughts,
                "reply": facts,
                "revision": revision,
            }
            return _Becomes(
                _counted(message.model_copy(update=grown), told), chat=chat, before=message.text, newest=newest
            )
        swipe = Swipe(
            index=message.swipe_count,
            text=_kept(told, "", text),
            reasoning=told.reasoning,
            reply=facts,
            created_at=self._clock.now(),
        )
        beside = self._beside(record, told, swipe.index + 1)
        count = swipe.index + 1 + len(beside)
        shown = with_swipe(message, swipe).model_copy(update={"revision": revision, "swipe_count": count})
        return _Becomes(_counted(shown, told), chosen_swipe(message), chat, beside=beside, newest=newest)

    def _beside(self, record: GenerationRecord, told: Told, first: int) -> list[Swipe]:
        """Further answers as alternatives, from index `first` on; as many as one transaction takes."""
        found: list[Swipe] = []
        room = OTHERS_BYTES_MOST
        for text, reasoning in told.others:
            room -= len(text.encode()) + len(reasoning.encode())
            if (text or reasoning) and room >= 0:
                facts, now = self._facts(record, told), self._clock.now()
                kept = _kept(told, "", text)
                found.append(
                    Swipe(index=first + len(found), text=kept, reasoning=reasoning, reply=facts, created_at=now)
                )
        return found

    def _new_message(self, record: GenerationRecord, told: Told, text: str) -> Message:
        assert record.message_id is not None
        facts = self._facts(record, told)
        message = Message(
            id=record.message_id,
            chat_id=record.chat_id,
            role="assistant",
            name=told.speaker or self._name(record),
            text=text,
            reasoning=told.reasoning,
            character_id=record.character_id,
            reply=facts,
            created_at=self._clock.now(),
        )
        return _counted(message, told)

    def _facts(self, record: GenerationRecord, told: Told) -> ReplyFacts:
        usage = told.usage or TokenUsage()
        return ReplyFacts(
            generation_id=record.id,
            model=told.model,
            connection=told.connection,
            started_at=record.started_at,
            finished_at=self._clock.now(),
            first_token_ms=told.first_token_ms,
            finish_reason=told.finish_reason,
            prompt_tokens=usage.prompt_tokens,
            reply_tokens=usage.reply_tokens,
        )

    def _name(self, record: GenerationRecord) -> str:
        try:
            return self._characters.get(record.owner_id, record.character_id).name
        except NotFound:
            return "Character"

    def _stored_text(self, record: GenerationRecord, told: Told) -> str:
        """f of the log: white space at the end goes, as every front end of the field does it."""
        return told.text if told.finish_reason in ("stopped", "interrupted") else told.text.rstrip()

    def _end(self, record: GenerationRecord, told: Told, text: str, becomes: _Becomes, follow: Follow | None) -> End:
        message, chat = becomes.message, becomes.chat
        stored = message.text if message else text
        return End(
            generation_id=record.id,
            turn_id=record.turn_id,
            chat_id=record.chat_id,
            epoch=record.epoch,
            seq=told.seq,
            finish_reason=told.finish_reason,
            error=told.error,
            message_id=message.id if message else None,
            revision=message.revision if message else None,
            length=len(stored),
            sha256=hashlib.sha256(stored.encode()).hexdigest(),
            changed=stored != becomes.before + told.text,
            usage=told.usage,
            chat_revision=chat.revision + (1 if message else 0) if chat else None,
            next=_next(follow.generation) if follow else None,
        )


def _next(record: GenerationRecord) -> Next:
    return Next(
        generation_id=record.id,
        message_id=record.message_id,
        character_id=record.character_id,
        waits_until=record.waits_until,
    )


def _kept(told: Told, before: str, text: str) -> str:
    """What the person's scripts, macros and templates make of it. What broke off in a failure stays as it came."""
    return before + text if told.finish_reason == "error" or not text else told.kept(before, text)


def _counted(message: Message, told: Told) -> Message:
    """The message with the count that later prompts need. What a model counts has its reasoning in."""
    if not told.encoding or len(message.text) > COUNTED_CHARACTERS_MOST:
        return message.model_copy(update={"tokens": None, "counted_by": None})
    tokens = counter(told.encoding)(message.text)
    return message.model_copy(update={"tokens": tokens, "counted_by": told.encoding})


def clipped(text: str, bytes_most: int) -> str:
    return text.encode()[:bytes_most].decode("utf-8", "ignore")
