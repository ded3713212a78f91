"""From a queued generation to the prompt its model gets: reads all that belongs to it at once, and assembles."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chalicelib.clients.clock import Clock
from chalicelib.models.chats import Branch, Chat, Message
from chalicelib.models.generations import GenerationRecord
from chalicelib.models.personas import Persona
from chalicelib.models.presets import Preset, Samplers
from chalicelib.models.prompt import Prompt
from chalicelib.models.users import Account
from chalicelib.prompting.assemble import Scene, assemble
from chalicelib.prompting.continuing import SHARE, end_that_fits
from chalicelib.prompting.tokens import counter
from chalicelib.providers.provider import Access
from chalicelib.services.characters import Characters
from chalicelib.services.connections import Connections
from chalicelib.services.personas import Personas
from chalicelib.services.preset_seeds import DEFAULT_ID
from chalicelib.services.presets import Presets
from chalicelib.stores.ahead import NEWEST_MOST, NOTHING, Ahead, Place, choice_places, read_ahead, scene_places, using
from chalicelib.stores.chats import ChatStore
from chalicelib.stores.threads import in_thread
from chalicelib.stores.users import UserStore


@dataclass(frozen=True, slots=True)
class Ready:
    """All that is needed to ask the model."""

    prompt: Prompt
    access: Access
    speaker: str


class Scenes:
    def __init__(
        self,
        *,
        chat_store: ChatStore,
        user_store: UserStore,
        characters: Characters,
        personas: Personas,
        presets: Presets,
        connections: Connections,
        clock: Clock,
    ) -> None:
        self._chats, self._users, self._characters = chat_store, user_store, characters
        self._personas, self._presets, self._connections, self._clock = personas, presets, connections, clock

    def places(self, record: GenerationRecord, account: Account, chat: Chat) -> list[Place]:
        """The rows that `prepare` is going to ask for, as far as can be known."""
        choices = account.choices
        return [
            *scene_places(record.owner_id, record.chat_id, record.branch_id, record.character_id),
            *choice_places(
                record.owner_id,
                persona_id=chat.persona_id or choices.persona_id,
                preset_id=choices.preset_id or DEFAULT_ID,
                connection_id=record.connection_id or choices.connection_id,
            ),
        ]

    async def prepare(self, record: GenerationRecord, ahead: Ahead = NOTHING) -> Ready:
        """`ahead` are rows that were read when the reply was ordered.

        Raises NotFound when something is gone or there is no connection, Invalid when the prompt does not fit.
        """
        return await in_thread(self._prepare_with, record, ahead)

    def _prepare_with(self, record: GenerationRecord, ahead: Ahead) -> Ready:
        with using(Ahead({}, ahead.pages)):
            return self._prepare(record, ahead)

    def _prepare(self, record: GenerationRecord, ahead: Ahead) -> Ready:
        owner_id = record.owner_id
        if not ahead.rows:
            ahead = read_ahead(scene_places(owner_id, record.chat_id, record.branch_id, record.character_id))
        with using(ahead):
            chat = self._chats.get(owner_id, record.chat_id)
            branch = self._chats.get_branch(owner_id, record.chat_id, record.branch_id)
            character = self._characters.get_body(owner_id, record.character_id)
            account = self.account(owner_id)
            access = self._connections.access(owner_id, record.connection_id, account)
            persona, preset = self.persona(account, chat), self._preset(account)
        scene = Scene(
            card=character.card.data,
            user_name=persona.name if persona else account.name,
            persona_description=persona.description if persona else "",
            preset=preset,
            kind=record.kind,
            instruction=record.instruction,
            authors_note=chat.authors_note,
            authors_note_depth=chat.authors_note_depth,
            model=access.model,
            context_tokens=access.context_tokens,
            encoding=access.tokenizer,
            chat_id=chat.id,
        )
        prompt = self._assemble(scene, record, branch, access)
        return Ready(prompt, access, character.card.data.name or "Character")

    def account(self, owner_id: str) -> Account:
        return self._users.get(owner_id).account

    def persona(self, account: Account, chat: Chat) -> Persona | None:
        """Who the person is in this chat: the chat's persona, else the one they chose for everything."""
        persona_id = chat.persona_id or account.choices.persona_id
        return self._personas.find(account.id, persona_id)

    def _preset(self, account: Account) -> Preset:
        return self._presets.chosen(account.id, account.choices.preset_id)

    def _assemble(self, scene: Scene, record: GenerationRecord, branch: Branch, access: Access) -> Prompt:
        now, dice, count = self._clock.now(), self._clock.dice(), counter(access.tokenizer)
        history = self._history(record, branch)
        if scene.kind == "continue":
            history = self._shortened(scene, history, count)
        return assemble(scene, history, count, now, dice)

    def _shortened(self, scene: Scene, history: Iterator[Message], count: Callable[[str], int]) -> Iterator[Message]:
        """The same, but of the message that is continued no more than the model can read at once."""
        samplers = scene.preset.samplers if scene.preset else Samplers()
        context = min(samplers.context_tokens, scene.context_tokens or samplers.context_tokens)
        for continued in itertools.islice(history, 1):
            text = end_that_fits(continued.text, max(64, (context - samplers.reply_tokens) // SHARE), count)
            whole = text == continued.text
            yield continued if whole else continued.model_copy(update={"text": text, "tokens": None})
        yield from history

    def _history(self, record: GenerationRecord, branch: Branch) -> Iterator[Message]:
        """Newest first, read as far as it is asked for; without the message that gets another alternative."""
        replaced = record.message_id if record.kind == "swipe" else None
        spans = branch.spans
        for message in self._chats.newest_first(record.owner_id, record.chat_id, spans, at_first=NEWEST_MOST):
            if message.id != replaced and not message.hidden:
                yield message
