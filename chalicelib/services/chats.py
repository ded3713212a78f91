"""Chats: starting one with its greetings, opening, listing, changing, and the trash."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from chalicelib.errors import Conflict, Invalid, NotFound
from chalicelib.models.cards import CardData
from chalicelib.models.chats import (
    Branch,
    Chat,
    ChatChange,
    ChatQuery,
    ChatSummary,
    MessagePage,
    MessageQuery,
    NewChat,
    OpenQuery,
    Span,
)
from chalicelib.models.generations import ChatOpened
from chalicelib.models.scenes import Variables
from chalicelib.models.shapes import Page
from chalicelib.models.users import User
from chalicelib.services.openings import Opening, ask_variables, greetings_of, opening
from chalicelib.stores.chat_updates import preview_of
from chalicelib.stores.transactions import both

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.accounts import Accounts
    from chalicelib.services.characters import Characters
    from chalicelib.services.chat_news import ChatNews
    from chalicelib.services.generation import Generation
    from chalicelib.services.groups import Groups
    from chalicelib.services.limits import Limits
    from chalicelib.services.notes import Notes
    from chalicelib.services.personas import Personas
    from chalicelib.services.variables import VariableSets
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.idempotency import Idempotency
    from chalicelib.stores.manifests import ManifestStore
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
        groups: "Groups",
        personas: "Personas",
        variables: "VariableSets",
        notes: "Notes",
        accounts: "Accounts",
        limits: "Limits",
        news: "ChatNews",
        idempotency: "Idempotency",
        manifests: "ManifestStore",
        clock: "Clock",
    ) -> None:
        self._store, self._messages, self._manifests = store, messages, manifests
        self._generation = generation
        self._characters, self._groups = characters, groups
        self._personas, self._notes, self._accounts = personas, notes, accounts
        self._variables = variables
        self._limits, self._news = limits, news
        self._idempotency, self._clock = idempotency, clock

    def start(self, user: User, asked: NewChat, key: str | None = None) -> Chat:
        """A chat whose first message is the character's greeting, the other greetings its swipes.

        In a chat with a group each member greets, in their order.
        """
        if key and (answer := self._idempotency.find(user.id, "chats", key, asked)):
            return self._store.get(user.id, answer["chat_id"])
        now, chat_id, branch_id = self._clock.now(), self._clock.new_id(), self._clock.new_id()
        place = _Place(chat_id, branch_id, now)
        if asked.group_id and not asked.character_id:
            met = self._meet(user, asked, asked.group_id, place)
        elif asked.character_id and not asked.group_id:
            met = self._greet(user, asked, asked.character_id, place)
        else:
            raise Invalid(
                "A chat is with a character or with a group.", fields={"character_id": "Name one of the two."}
            )
        openings = met.openings
        chat = Chat(
            id=chat_id,
            character_id=asked.character_id or "",
            group_id=asked.group_id,
            title=asked.title or met.name,
            preview=preview_of(openings[-1][0].text) if openings else "",
            message_count=len(openings),
            created_at=now,
            updated_at=now,
            branch_id=branch_id,
            persona_id=asked.persona_id,
            **self._notes.begin_with(user.id),
        )
        if openings:
            self._messages.put_all(user.id, openings)
        head = Span(segment=branch_id, upto=len(openings) - 1)
        branch = Branch(id=branch_id, chat_id=chat_id, spans=[head], created_at=now, updated_at=now)
        if asked.character_id:
            self._characters.touch(user.id, asked.character_id, now)
        noted = self._variables.given(user.id, chat_id, branch_id, met.said.local)
        self._variables.keep(user.id, None, None, met.known.everywhere, met.said.everywhere)
        if not key:
            self._store.add(user.id, chat, branch, join=noted)
            self._news.tell_index(user.id, chat_id)
            return self._store.get(user.id, chat_id)
        answer = {"chat_id": chat_id}
        try:
            self._store.add(
                user.id,
                chat,
                branch,
                join=both(
                    lambda write: self._idempotency.join(write, user.id, "chats", key, asked, answer, now), noted
                ),
            )
        except Conflict:
            # The same request came twice at once, and the other one was faster.
            self._store.wipe(user.id, chat_id)
            answer = self._idempotency.find(user.id, "chats", key, asked) or answer
        self._news.tell_index(user.id, answer["chat_id"])
        return self._store.get(user.id, answer["chat_id"])

    def _greet(self, user: User, asked: NewChat, character_id: str, place: "_Place") -> "_Met":
        """Title and first message of a chat with one character."""
        character = self._characters.get(user.id, character_id)
        if character.deleted_at:
            raise NotFound("This character is in the trash. Restore it first.")
        card = character.card.data.model_copy(update={"name": character.name})
        known = self._known(user, [card])
        greetings = greetings_of(card, user=self._user_name(user, asked), clock=self._clock, variables=known)
        texts = [one.text for one in greetings]
        if asked.greeting >= max(1, len(texts)):
            raise Invalid(f"{character.name} has {len(texts)} greetings.", fields={"greeting": "there is none so high"})
        name = card.nickname or character.name
        if not greetings:
            return _Met(character.name, [], known, known)
        openings = [place.opening(0, texts, character_id, name, asked.greeting)]
        return _Met(character.name, openings, known, greetings[asked.greeting].variables)

    def _meet(self, user: User, asked: NewChat, group_id: str, place: "_Place") -> "_Met":
        """Title and first messages of a chat with a group: each member's greeting."""
        group, said_to = self._groups.cast(user.id, group_id), self._user_name(user, asked)
        openings: list[Opening] = []
        said = known = self._known(user, [actor.card for actor in group.actors])
        for actor in group.actors:
            greetings = greetings_of(actor.card, user=said_to, clock=self._clock, variables=said, group=group)
            if greetings:
                texts = [one.text for one in greetings]
                openings.append(place.opening(len(openings), texts, actor.id, actor.card.name, 0))
                said = greetings[0].variables
        return _Met(group.name, openings, known, said)

    def _known(self, user: User, cards: Sequence[CardData]) -> Variables:
        """The variables greetings find: only those of everywhere, which are read where one asks for any."""
        if not any(ask_variables(card) for card in cards):
            return Variables()
        return Variables(everywhere=dict(self._variables.everywhere(user.id).values))

    def list(self, user: User, query: ChatQuery) -> Page[ChatSummary]:
        """The one used last first; of one character or group, or what is in the trash."""
        if query.trash:
            return self._store.list_trash(user.id, cursor=query.cursor, limit=query.limit)
        if query.group_id:
            return self._store.list_of_group(user.id, query.group_id, cursor=query.cursor, limit=query.limit)
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
        if given.get("auto_mode") is False:
            self._generation.stop_waiting(user.id, chat_id)
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
            self._manifests.delete_chat(owner_id, chat_id)
            self._limits.add_storage(owner_id, -self._store.wipe(owner_id, chat_id))
            self._news.tell_index(owner_id, chat_id)
        return len(doomed)

    def _user_name(self, user: User, asked: NewChat) -> str:
        if asked.persona_id:
            return self._personas.get(user.id, asked.persona_id).name
        account = self._accounts.get(user.id)
        chosen = self._personas.who(
            user.id,
            chat_persona_id=None,
            partner_id=asked.group_id or asked.character_id or "",
            chosen_id=account.choices.persona_id,
        )
        return chosen.name if chosen else account.name


class _Met(NamedTuple):
    """How a chat opens."""

    name: str
    openings: list[Opening]
    known: Variables
    """Those there were before anybody greeted."""
    said: Variables
    """Those there are when the greetings that are shown have been said."""


class _Place(NamedTuple):
    """Where the first messages of a new chat come to lie."""

    chat_id: str
    segment: str
    now: datetime

    def opening(self, position: int, texts: Sequence[str], character_id: str, name: str, shown: int) -> Opening:
        return opening(
            texts,
            chat_id=self.chat_id,
            message_id=f"{self.segment}.{position}",
            character_id=character_id,
            name=name,
            shown=shown,
            now=self.now,
        )
