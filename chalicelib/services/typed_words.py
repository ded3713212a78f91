"""What somebody types, and what they make of a message by editing it, as it is stored.

Their scripts have run (on edits those that say so), and macros are resolved as they stand now.
"""

import itertools
from copy import deepcopy
from typing import TYPE_CHECKING, NamedTuple

from chalicelib.errors import NotFound
from chalicelib.models.cards import CardData
from chalicelib.models.chats import Branch, Chat, Message
from chalicelib.models.scenes import Actor, History, Preferences, Scene, Variables, Who
from chalicelib.models.scripts import ScriptPlace
from chalicelib.models.users import Account
from chalicelib.presetfiles.metadata import read_chat_hash, read_overrides, read_pick_reroll
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.words import edited, typed
from chalicelib.services.scene_scripts import SceneScripts
from chalicelib.stores.ahead import Place, using_also
from chalicelib.stores.scripts import script_places
from chalicelib.stores.transactions import Join, both
from chalicelib.stores.variables import variables_place

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.models.personas import Persona
    from chalicelib.models.variables import VariableSet
    from chalicelib.services.casts import Casts
    from chalicelib.services.characters import Characters
    from chalicelib.services.presets import Presets
    from chalicelib.services.variables import VariableSets
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.users import UserStore

_LOOKED_BACK = 20
"""Messages among which a group's last speaker is looked for."""


class Typed(NamedTuple):
    text: str
    """As it is stored."""
    join: Join | None = None
    """Adds what its macros have put down to the transaction that stores it."""


class TypedWords:
    def __init__(
        self,
        *,
        chat_store: "ChatStore",
        user_store: "UserStore",
        casts: "Casts",
        characters: "Characters",
        presets: "Presets",
        variables: "VariableSets",
        scripts: SceneScripts,
        patterns: Patterns,
        clock: "Clock",
    ) -> None:
        self._chats, self._characters, self._presets = chat_store, characters, presets
        self._users, self._casts = user_store, casts
        self._variables = variables
        self._scripts, self._patterns, self._clock = scripts, patterns, clock

    def places(self, owner_id: str) -> list[Place]:
        """The row that says whether there is anything to do."""
        return script_places(owner_id, character_id=None, preset_id=None)

    def stored(self, account: Account, chat: Chat, branch: Branch, persona: "Persona | None", text: str) -> Typed:
        """The text as it is stored. Words without macros of somebody without scripts cost nothing here.

        Where nothing would be left of them, they stay as they were typed.
        """
        if "{{" not in text and not self._scripts.touch_typed(account.id):
            return Typed(text)
        character_id = self._spoken_to(account.id, chat, branch)
        local, everywhere = self._known(account.id, chat, branch)
        scene = self._scene(account, chat, branch, persona, character_id, _own(local, everywhere))
        changed, known = typed(scene, text, self._patterns), scene.variables
        join = self._variables.changing(account.id, chat, branch.id, local, known.local)
        further = self._variables.changing(account.id, None, None, everywhere, known.everywhere)
        return Typed(changed if changed.strip() else text, both(join, further) if join else further)

    def edited(self, owner_id: str, message: Message, text: str) -> str:
        """The text of a message that was edited, as it is stored. Macros see the branch that the chat opens with.

        Where nothing would be left of it, it stays as it was typed.
        """
        place = _place_of(message)
        if "{{" not in text and not self._scripts.touch_edited(owner_id, place):
            return text
        chat, account = self._chats.get(owner_id, message.chat_id), self._users.get(owner_id).account
        branch = self._chats.get_branch(owner_id, chat.id, chat.branch_id)
        character_id = message.character_id or self._spoken_to(owner_id, chat, branch)
        known = _own(*self._known(owner_id, chat, branch))
        scene = self._scene(account, chat, branch, self._casts.persona(account, chat), character_id, known)
        changed = edited(scene, text, place, message.name, self._patterns)
        return changed if changed.strip() else text

    def _scene(
        self,
        account: Account,
        chat: Chat,
        branch: Branch,
        persona: "Persona | None",
        character_id: str,
        known: Variables,
    ) -> Scene:
        card = self._card(account.id, chat, character_id)
        preset = self._presets.chosen(account.id, account.choices.preset_id)
        newest_first = self._chats.newest_first(account.id, chat.id, branch.spans)
        return Scene(
            speaker=Actor(id=character_id, card=card),
            history=History(newest_first, length=sum(span.upto + 1 for span in branch.spans)),
            now=self._clock.now(),
            dice=self._clock.dice(),
            count=len,
            persona=Who(
                name=persona.name if persona else account.name, description=persona.description if persona else ""
            ),
            overrides=read_overrides(chat.metadata),
            variables=known,
            scripts=self._scripts.for_scene(
                account.id,
                character_id=character_id,
                card=card,
                preset_id=preset.id,
                preset=preset.file,
            ),
            preferences=Preferences(legacy_macros=account.choices.legacy_macros),
            chat_hash=read_chat_hash(chat.metadata) or chat.id,
            pick_reroll=read_pick_reroll(chat.metadata),
        )

    def _known(self, owner_id: str, chat: Chat, branch: Branch) -> "tuple[VariableSet, VariableSet]":
        """The variables macros may ask for and change: the branch's, and those of everywhere."""
        places = [variables_place(owner_id, chat.id, branch.id), variables_place(owner_id, chat.id)]
        with using_also([*places, variables_place(owner_id, None)]):
            return self._variables.of(owner_id, chat, branch.id), self._variables.everywhere(owner_id)

    def _spoken_to(self, owner_id: str, chat: Chat, branch: Branch) -> str:
        """The character of the chat; in a group who spoke last, and "" where nobody has."""
        if chat.character_id:
            return chat.character_id
        newest = itertools.islice(self._chats.newest_first(owner_id, chat.id, branch.spans), _LOOKED_BACK)
        return next((one.character_id for one in newest if one.character_id), "")

    def _card(self, owner_id: str, chat: Chat, character_id: str) -> CardData:
        """In a group where nobody spoke, or who did is gone, nobody but the group."""
        try:
            if character_id:
                return self._characters.get_body(owner_id, character_id).card.data
        except NotFound:
            pass
        return CardData(name=chat.title)


def _place_of(message: Message) -> ScriptPlace:
    match message.role:
        case "user":
            return "user_input"
        case "system":
            return "slash_command"
        case "assistant":
            return "reply"


def _own(local: "VariableSet", everywhere: "VariableSet") -> Variables:
    """Variables that macros may change."""
    return Variables(deepcopy(dict(local.values)), deepcopy(dict(everywhere.values)))
