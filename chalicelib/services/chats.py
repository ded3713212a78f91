"""Chats: starting one with its greetings, opening, listing, changing, and the trash."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.errors import Conflict, Invalid, NotFound
from chalicelib.models.characters import Character
from chalicelib.models.chats import (
    Branch,
    Chat,
    ChatChange,
    ChatQuery,
    ChatSummary,
    Message,
    MessagePage,
    MessageQuery,
    NewChat,
    OpenQuery,
    Span,
    Swipe,
)
from chalicelib.models.generations import ChatOpened
from chalicelib.models.shapes import Page
from chalicelib.models.users import User
from chalicelib.prompting.macros.expander import Macros
from chalicelib.stores.chat_updates import preview_of

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.accounts import Accounts
    from chalicelib.services.characters import Characters
    from chalicelib.services.chat_news import ChatNews
    from chalicelib.services.generation import Generation
    from chalicelib.services.limits import Limits
    from chalicelib.services.personas import Personas
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.idempotency import Idempotency
    from chalicelib.stores.messages import MessageStore

# A screen and a bit: what a chat opens with is the same at any length, and the page asks for more as one reads up.
OPENING_MESSAGES = 20
TRASH_KEPT = timedelta(days=30)
_SWEPT_AT_ONCE = 20


class Chats:
    def __init__(
        self,
        *,
        store: "ChatStore",
        messages: "MessageStore",
        generation: "Generation",
        characters: "Characters",
        personas: "Personas",
        accounts: "Accounts",
        limits: "Limits",
        news: "ChatNews",
        idempotency: "Idempotency",
        clock: "Clock",
    ) -> None:
        self._store, self._messages = store, messages
        self._generation = generation
        self._characters, self._personas, self._accounts = characters, personas, accounts
        self._limits, self._news = limits, news
        self._idempotency, self._clock = idempotency, clock

    def start(self, user: User, asked: NewChat, key: str | None = None) -> Chat:
        """A chat whose first message is the character's greeting, the other greetings its swipes.

        Macros are resolved now, as SillyTavern does: what was said stays, whatever the names become later.
        """
        if key and (answer := self._idempotency.find(user.id, "chats", key, asked)):
            return self._store.get(user.id, answer["chat_id"])
        character = self._characters.get(user.id, asked.character_id)
        if character.deleted_at:
            raise NotFound("This character is in the trash. Restore it first.")
        now, chat_id, branch_id = self._clock.now(), self._clock.new_id(), self._clock.new_id()
        greetings = self._greetings(user, asked, character)
        swipes = [Swipe(index=index, text=text, created_at=now) for index, text in enumerate(greetings)]
        if asked.greeting >= max(1, len(swipes)):
            raise Invalid(
                f"{character.name} has {len(swipes)} greetings.", fields={"greeting": "there is none so high"}
            )
        chat = Chat(
            id=chat_id,
            character_id=character.id,
            title=asked.title or character.name,
            preview=preview_of(greetings[asked.greeting]) if greetings else "",
            message_count=1 if greetings else 0,
            created_at=now,
            updated_at=now,
            branch_id=branch_id,
            persona_id=asked.persona_id,
        )
        if greetings:
            message = _greeting(chat, swipes, asked.greeting, character)
            self._messages.put_all(user.id, [(message, swipes if len(swipes) > 1 else [])])
        head = Span(segment=branch_id, upto=0 if greetings else -1)
        branch = Branch(id=branch_id, chat_id=chat_id, spans=[head], created_at=now, updated_at=now)
        self._characters.touch(user.id, character.id, now)
        if not key:
            self._store.add(user.id, chat, branch)
            return self._store.get(user.id, chat_id)
        answer = {"chat_id": chat_id}
        try:
            self._store.add(
                user.id,
                chat,
                branch,
                join=lambda write: self._idempotency.join(write, user.id, "chats", key, asked, answer, now),
            )
        except Conflict:
            # The same request came twice at once, and the other one was faster.
            self._store.wipe(user.id, chat_id)
            answer = self._idempotency.find(user.id, "chats", key, asked) or answer
        return self._store.get(user.id, answer["chat_id"])

    def list(self, user: User, query: ChatQuery) -> Page[ChatSummary]:
        """The one used last first; of one character, or what is in the trash."""
        if query.trash:
            return self._store.list_trash(user.id, cursor=query.cursor, limit=query.limit)
        if query.character_id:
            return self._store.list_of_character(user.id, query.character_id, cursor=query.cursor, limit=query.limit)
        return self._store.list_all(user.id, cursor=query.cursor, limit=query.limit)

    def open(self, user: User, chat_id: str, query: OpenQuery) -> ChatOpened:
        """A chat with the end of one of its branches and what is being written there."""
        chat = self._store.get(user.id, chat_id)
        branch = self._store.get_branch(user.id, chat_id, query.branch_id or chat.branch_id)
        page = self._store.read_page(user.id, chat_id, branch.spans, before=None, limit=OPENING_MESSAGES)
        active = [one for one in self._generation.active(user.id, chat_id) if one.branch_id == branch.id]
        return ChatOpened(chat=chat, branch=branch, page=page, active=active)

    def read(self, user: User, chat_id: str, query: MessageQuery) -> MessagePage:
        """Messages further up."""
        branch_id = query.branch_id or self._store.get_head(user.id, chat_id).branch_id
        branch = self._store.get_branch(user.id, chat_id, branch_id)
        return self._store.read_page(user.id, chat_id, branch.spans, before=query.before, limit=query.limit)

    def change(self, user: User, chat_id: str, change: ChatChange) -> Chat:
        """Fields that were not sent stay."""
        sent = {name: getattr(change, name) for name in change.model_fields_set}
        given = {name: value for name, value in sent.items() if value is not None or name == "persona_id"}
        if given.get("persona_id"):
            self._personas.get(user.id, given["persona_id"])
        if "branch_id" in given:
            self._store.get_branch(user.id, chat_id, given["branch_id"])
        changed = self._store.change(user.id, chat_id, given)
        self._news.tell(user.id, chat_id, "chat")
        return changed

    def trash(self, user: User, chat_id: str) -> None:
        """Puts the chat into the trash for thirty days; replies that are being written end first."""
        chat = self._store.get(user.id, chat_id)
        if chat.deleted_at:
            return
        self._generation.stop_all(user.id, chat_id)
        self._store.move(user.id, chat, self._clock.now())
        self._news.tell(user.id, chat_id, "delete")

    def restore(self, user: User, chat_id: str) -> Chat:
        chat = self._store.get(user.id, chat_id)
        if chat.deleted_at:
            self._store.move(user.id, chat, None)
            self._news.tell(user.id, chat_id, "chat")
        return self._store.get(user.id, chat_id)

    def delete_forever(self, user: User, chat_id: str) -> None:
        """Only what is in the trash already; the sweep does the work."""
        chat = self._store.get(user.id, chat_id)
        if not chat.deleted_at:
            raise Conflict("Put the chat into the trash first.")
        self._store.move(user.id, chat, self._clock.now() - TRASH_KEPT)

    def sweep(self) -> int:
        """Wipes chats whose time in the trash is over, some at each call; how many."""
        doomed = self._store.list_doomed(self._clock.now() - TRASH_KEPT, limit=_SWEPT_AT_ONCE)
        for owner_id, chat_id in doomed:
            self._limits.add_storage(owner_id, -self._store.wipe(owner_id, chat_id))
        return len(doomed)

    def _greetings(self, user: User, asked: NewChat, character: Character) -> Sequence[str]:
        """The card's greetings in order, macros resolved; [] when it has none."""
        card = character.card.data
        texts = [text for text in (card.first_mes, *card.alternate_greetings) if text.strip()]
        macros = Macros(
            char=card.nickname or character.name,
            user=self._user_name(user, asked),
            now=self._clock.now(),
            dice=self._clock.dice(),
        )
        return [macros.expand(text) for text in texts]

    def _user_name(self, user: User, asked: NewChat) -> str:
        if asked.persona_id:
            return self._personas.get(user.id, asked.persona_id).name
        account = self._accounts.get(user.id)
        chosen = self._personas.find(user.id, account.choices.persona_id)
        return chosen.name if chosen else account.name


def _greeting(chat: Chat, swipes: Sequence[Swipe], chosen: int, character: Character) -> Message:
    return Message(
        id=f"{chat.branch_id}.0",
        chat_id=chat.id,
        role="assistant",
        name=character.card.data.nickname or character.name,
        text=swipes[chosen].text,
        character_id=character.id,
        swipe_index=chosen,
        swipe_count=len(swipes),
        created_at=chat.created_at,
    )
