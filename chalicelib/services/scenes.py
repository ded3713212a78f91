"""From a queued generation to the prompt its model gets: reads all that belongs to it at once, and assembles."""

import itertools
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from chalicelib.clients.clock import Clock
from chalicelib.errors import Invalid
from chalicelib.models.cards import CardData
from chalicelib.models.characters import CardBody
from chalicelib.models.chats import Branch, Chat, Message
from chalicelib.models.connections import ProviderKind
from chalicelib.models.generations import GenerationKind, GenerationRecord
from chalicelib.models.personas import Persona
from chalicelib.models.prompt import Prompt
from chalicelib.models.scenes import (
    Action,
    ActionKind,
    Actor,
    History,
    Preferences,
    Scene,
)
from chalicelib.models.templates import TextTemplates
from chalicelib.models.users import Account
from chalicelib.presetfiles.metadata import read_chat_hash, read_injections, read_overrides, read_pick_reroll
from chalicelib.prompting.assemble import assemble
from chalicelib.prompting.continuing import SHARE, end_that_fits
from chalicelib.prompting.flatten import flattened
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.tokens import counter, encoder
from chalicelib.prompting.words import kept
from chalicelib.providers.provider import Access
from chalicelib.providers.seeing import sees
from chalicelib.services.aftermath import After, Before
from chalicelib.services.casts import Cast, Casts
from chalicelib.services.characters import Characters
from chalicelib.services.chosen_templates import ChosenTemplates
from chalicelib.services.connections import Connections
from chalicelib.services.manifests import Manifests
from chalicelib.services.preset_seeds import DEFAULT_ID
from chalicelib.services.presets import Presets
from chalicelib.services.scene_scripts import SceneScripts
from chalicelib.services.shaping import Shape
from chalicelib.services.shelves import Shelves, Sources
from chalicelib.services.sights import Sights
from chalicelib.services.timing import Timing, timed_of
from chalicelib.stores.ahead import NEWEST_MOST, NOTHING, Ahead, Place, choice_places, read_ahead, scene_places, using
from chalicelib.stores.chats import ChatStore
from chalicelib.stores.threads import in_thread
from chalicelib.stores.users import UserStore

TEXT_KINDS = {ProviderKind.openai_text, ProviderKind.koboldcpp, ProviderKind.llamacpp}
"""Services that take one text and go on with it."""
_ACTIONS: dict[GenerationKind, ActionKind] = {
    "reply": "normal",
    "swipe": "swipe",
    "continue": "continue",
    "impersonate": "impersonate",
    "quiet": "quiet",
}


@dataclass(frozen=True, slots=True)
class Ready:
    """All that is needed to ask the model."""

    prompt: Prompt
    access: Access
    speaker: str
    again: bytes | None = None
    """A request that is sent once more, byte for byte."""
    after: After | None = None
    """What is to be kept when the reply has ended."""
    kept: Callable[[str, str], str] = operator.add
    """A message after the reply, as it is stored, from what it said before and what the model said."""


@dataclass(frozen=True, slots=True)
class Listening:
    """What is done to a reply whose prompt nobody knows any more."""

    speaker: str
    encoding: str
    kept: Callable[[str, str], str]
    after: After
    """What macros in the reply itself put down."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A scene, and what it was made from that it does not hold."""

    scene: Scene
    access: Access
    chat: Chat
    timing: Timing


class Scenes:
    def __init__(
        self,
        *,
        chat_store: ChatStore,
        user_store: UserStore,
        characters: Characters,
        presets: Presets,
        connections: Connections,
        manifests: Manifests,
        shelves: Shelves,
        casts: Casts,
        patterns: Patterns,
        scripts: SceneScripts,
        templates: ChosenTemplates,
        sights: Sights,
        clock: Clock,
    ) -> None:
        self._chats, self._users, self._characters = chat_store, user_store, characters
        self._presets, self._connections, self._casts = presets, connections, casts
        self._manifests, self._shelves, self._patterns, self._clock = manifests, shelves, patterns, clock
        self._scripts, self._templates, self._sights = scripts, templates, sights

    def places(self, record: GenerationRecord, account: Account, chat: Chat) -> list[Place]:
        """The rows that `prepare` is going to ask for, as far as can be known."""
        choices = account.choices
        return [
            *scene_places(record.owner_id, record.chat_id, record.branch_id, record.character_id),
            *self._casts.places(record.owner_id, chat.id, record.branch_id, record.character_id, chat.group_id),
            *choice_places(
                record.owner_id,
                persona_id=chat.persona_id or choices.persona_id,
                preset_id=choices.preset_id or DEFAULT_ID,
                text_preset_id=choices.text_preset_id,
                connection_id=record.connection_id or choices.connection_id,
            ),
            *self._scripts.places(
                record.owner_id, character_id=record.character_id, preset_id=choices.preset_id or DEFAULT_ID
            ),
            *self._templates.places(record.owner_id, choices),
            *self._shelves.places(_sources(record, chat.persona_id or choices.persona_id), choices),
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
        if record.repeats:
            again, access, request = self._manifests.repeated(record.owner_id, record.repeats)
            return Ready(again.prompt, access, again.character_name, again=request)
        ready = self.build(record, ahead)
        prompt, access = ready.prompt, ready.access
        if prompt.lacking:
            raise _too_long(prompt)
        prompt = self._sights.fetched(prompt)
        ready = replace(ready, prompt=prompt)
        # A text prompt's messages will do for a service that takes nothing else; the other way round it needs a text.
        if access.kind not in TEXT_KINDS and access.fallback is not None and access.fallback.kind in TEXT_KINDS:
            return replace(ready, prompt=flattened(prompt))
        return ready

    def build(self, record: GenerationRecord, ahead: Ahead = NOTHING, *, said: Message | None = None) -> Ready:
        """The prompt as it comes out, too long or not. `said` are words of the user that stand in no chat yet."""
        staged = self.stage(record, ahead, said=said)
        scene, before = staged.scene, Before.of(staged.scene)
        prompt = assemble(scene, self._patterns)
        after = After.of(staged.chat, record.branch_id, scene, staged.timing, before, prompt)
        name = scene.speaker.card.name or "Character"
        return Ready(
            prompt, staged.access, name, after=after, kept=lambda said, text: kept(scene, said, text, self._patterns)
        )

    def listen(self, record: GenerationRecord) -> Listening:
        """For a reply whose worker is lost. Raises what `prepare` raises, but for a prompt that does not fit."""
        staged = self.stage(record)
        scene = staged.scene
        after = After(staged.chat, record.branch_id, Before.of(scene), scene.variables, None)

        def keep(said: str, text: str) -> str:
            return kept(scene, said, text, self._patterns)

        return Listening(scene.speaker.card.name or "Character", scene.encoding, keep, after)

    def stage(self, record: GenerationRecord, ahead: Ahead = NOTHING, *, said: Message | None = None) -> Staged:
        """The scene of a prompt."""
        owner_id = record.owner_id
        if not ahead.rows:
            places = scene_places(owner_id, record.chat_id, record.branch_id, record.character_id)
            places += self._scripts.places(owner_id, character_id=record.character_id, preset_id=None)
            places += self._casts.places(owner_id, record.chat_id, record.branch_id, record.character_id)
            ahead = read_ahead(places)
        with using(ahead):
            chat = self._chats.get(owner_id, record.chat_id)
            branch = self._chats.get_branch(owner_id, record.chat_id, record.branch_id)
            character = self._characters.get_body(owner_id, record.character_id)
            account = self.account(owner_id)
            access = self._connections.access(owner_id, record.connection_id, account)
            cast = self._casts.for_scene(account, chat, branch.id, record.character_id)
            shape = self._presets.for_scene(owner_id, account.choices, access.context_tokens)
            scene = self._scene(record, chat, branch, character, access, cast, account, shape)
            sources = _sources(record, cast.persona_id)
            shelves = self._shelves.of(sources, account.choices, character.card.data)
            scene = replace(scene, shelves=shelves, lore=account.choices.world_settings)
            timing = Timing.of(
                timed_of(chat, branch),
                branch.spans,
                scene.history,
                places=_places(record, branch),
                seen=scene.history.visible_length(),
            )
            scene = replace(scene, timed=timing.shown)
        if said is not None:
            scene = replace(scene, history=scene.history.with_newest(said))
        return Staged(scene, access, chat, timing)

    def _scene(
        self,
        record: GenerationRecord,
        chat: Chat,
        branch: Branch,
        character: CardBody,
        access: Access,
        cast: Cast,
        account: Account,
        shape: Shape,
    ) -> Scene:
        text = access.kind in TEXT_KINDS
        owner_id, choices = record.owner_id, account.choices
        history = self._history(record, branch)
        if record.kind == "continue":
            history = self._shortened(history, shape, access)
        templates = self._templates.for_text(owner_id, choices, access, shape.templates) if text else TextTemplates()
        return Scene(
            api="text" if text else "chat",
            speaker=actor_of(record.character_id, character.card.data),
            history=History(history, length=_places(record, branch)),
            now=self._clock.now(),
            dice=self._clock.dice(),
            count=counter(access.tokenizer),
            encode=encoder(access.tokenizer),
            look=self._sights.of(owner_id) if sees(access) else None,
            encoding=access.tokenizer,
            action=Action(kind=_ACTIONS[record.kind], instruction=record.instruction),
            group=cast.group,
            persona=cast.persona,
            note=cast.note,
            character_note=cast.character_note,
            overrides=read_overrides(chat.metadata),
            injections=read_injections(chat.metadata),
            variables=cast.variables,
            preset=shape.preset,
            scripts=self._scripts.for_scene(
                owner_id,
                character_id=record.character_id,
                card=character.card.data,
                preset_id=shape.preset_id,
                preset=shape.file,
            ),
            templates=templates,
            preferences=Preferences(
                start_reply_with=choices.start_reply_with,
                custom_stops=shape.stop,
                reasoning=self._templates.thoughts(owner_id, choices),
                trim_sentences=templates.context.trim_sentences,
                legacy_macros=choices.legacy_macros,
            ),
            model=access.model,
            chat_hash=read_chat_hash(chat.metadata) or chat.id,
            pick_reroll=read_pick_reroll(chat.metadata),
        )

    def account(self, owner_id: str) -> Account:
        return self._users.get(owner_id).account

    def persona(self, account: Account, chat: Chat) -> Persona | None:
        """Who the person is in this chat."""
        return self._casts.persona(account, chat)

    def _shortened(self, history: Iterator[Message], shape: Shape, access: Access) -> Iterator[Message]:
        """The same, but of the message that is continued no more than the model can read at once."""
        asked = shape.templates if access.kind in TEXT_KINDS else shape.preset
        most = max(64, (asked.context_tokens - asked.reply_tokens) // SHARE)
        for continued in itertools.islice(history, 1):
            text = end_that_fits(continued.text, most, counter(access.tokenizer))
            whole = text == continued.text
            yield continued if whole else continued.model_copy(update={"text": text, "tokens": None})
        yield from history

    def _history(self, record: GenerationRecord, branch: Branch) -> Iterator[Message]:
        """Newest first, read as far as it is asked for; without the message that gets another alternative."""
        replaced = record.message_id if record.kind == "swipe" else None
        spans = branch.spans
        for message in self._chats.newest_first(record.owner_id, record.chat_id, spans, at_first=NEWEST_MOST):
            if message.id != replaced:
                yield message


def actor_of(character_id: str, card: CardData) -> Actor:
    """Entries of worlds name characters by their ids, those of files by their names; tags by their words."""
    return Actor(id=character_id, card=card, aliases=frozenset({card.name}), tags=frozenset(card.tags))


def _sources(record: GenerationRecord, persona_id: str | None) -> Sources:
    """Whose worlds count."""
    return Sources(record.owner_id, record.chat_id, (record.character_id,), persona_id)


def _places(record: GenerationRecord, branch: Branch) -> int:
    """How many places for messages the branch has, without the one that is about to be filled or filled anew."""
    fills = record.kind in ("reply", "swipe") and record.message_id is not None
    return sum(span.upto + 1 for span in branch.spans) - fills


def _too_long(prompt: Prompt) -> Invalid:
    what = {
        "cards": "the card, the persona and the prompts",
        "history": "the newest message together with the card and the prompts",
    }[prompt.lacking]
    context, reply = prompt.samplers.context_tokens, prompt.samplers.reply_tokens
    return Invalid(
        f"There is no room for {what}: the model holds {context:,} tokens and {reply:,} of them are kept for the "
        "reply. Choose a larger context or a shorter reply in the preset, or shorten the texts.",
        code="prompt_too_long",
    )
