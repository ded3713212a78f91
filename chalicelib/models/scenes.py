"""The scene a prompt is built from: who speaks, what was said, what shall happen, and every setting that counts.

All of it is values: who builds a scene reads the stores, the clock and the dice; who builds the prompt only computes.
Positions and roles are words here; the readers of SillyTavern's files translate its numbers.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any, Literal, Protocol

from chalicelib.models.cards import CardData
from chalicelib.models.chats import Message
from chalicelib.models.completion import ChatPreset
from chalicelib.models.prompt import PromptPicture
from chalicelib.models.scripts import RegexScript
from chalicelib.models.shapes import MessageRole
from chalicelib.models.templates import TextTemplates
from chalicelib.models.worlds import Timed, World, WorldSettings

ActionKind = Literal["normal", "regenerate", "swipe", "continue", "impersonate", "quiet"]
Place = Literal["before_main", "after_main", "in_chat", "nowhere"]
"""Where a text goes that is none of the preset's: SillyTavern's positions 2, 0, 1 and -1."""
PersonaPlace = Literal["in_prompt", "top_of_note", "bottom_of_note", "in_chat", "nowhere"]
"""SillyTavern's 0 and 1, 2, 3, 4 and 9."""
BookSource = Literal["chat", "persona", "character", "global"]


class Dice(Protocol):
    """What `random.Random` offers and is enough here."""

    def random(self) -> float: ...

    def randrange(self, start: int, /) -> int: ...


class History:
    """The messages of a chat, newest first, read no further than somebody looks.

    All messages are in it, hidden ones too: who must not see those asks for `visible`. A swipe is asked without the
    message it replaces.
    """

    def __init__(self, newest_first: Iterable[Message], *, length: int | None = None) -> None:
        """`length` tells how many messages there are without reading them all, as near as that is known; None reads."""
        self._rest = iter(newest_first)
        self._read: list[Message] = []
        self._length = length

    def __iter__(self) -> Iterator[Message]:
        place = 0
        while place < len(self._read) or self._more():
            yield self._read[place]
            place += 1

    def visible(self) -> Iterator[Message]:
        return (message for message in self if not message.hidden and message.deleted_at is None)

    def at(self, place: int) -> Message | None:
        """The message so many places from the end; 0 is the newest."""
        while place >= len(self._read):
            if not self._more():
                return None
        return self._read[place]

    def __len__(self) -> int:
        if self._length is not None:
            return self._length
        while self._more():
            pass
        return len(self._read)

    def visible_length(self) -> int:
        """How many messages are not hidden: exact where all are read, else about as many as there are."""
        return sum(1 for _ in self.visible()) if self._length is None else self._length

    def with_newest(self, message: Message) -> "History":
        """The same with one message more at its end."""
        return History(chain([message], self), length=None if self._length is None else self._length + 1)

    @property
    def read(self) -> Sequence[Message]:
        """What somebody has looked at so far, newest first."""
        return self._read

    @property
    def unread(self) -> int:
        """How many messages nobody has looked at so far; 0 where it is not known how many there are."""
        return max((self._length or 0) - len(self._read), 0)

    def _more(self) -> bool:
        message = next(self._rest, None)
        if message is not None:
            self._read.append(message)
        return message is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A character that takes part."""

    id: str
    """What messages, notes and world entries name it by: here our id, in SillyTavern the name of its picture's file."""
    card: CardData
    aliases: frozenset[str] = frozenset()
    """What else the filters of world entries may name it by."""
    tags: frozenset[str] = frozenset()
    """Ids of its tags, for the filters of world entries."""
    muted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    name: str = ""
    actors: tuple[Actor, ...] = ()
    cards: Literal["swap", "join", "join_all"] = "swap"
    """Whether the prompt has the speaker's card, or those of all (also the muted ones) joined."""
    join_prefix: str = ""
    join_suffix: str = ""
    order: Literal["natural", "list", "manual", "pooled"] = "natural"
    self_replies: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """The person in the story."""

    name: str = "You"
    description: str = ""
    place: PersonaPlace = "in_prompt"
    depth: int = 2
    role: MessageRole = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorsNote:
    text: str = ""
    interval: int = 1
    """Every so many messages of the user; 0 never."""
    place: Place = "in_chat"
    depth: int = 4
    role: MessageRole = "system"
    scanned: bool = False
    """Whether world entries look for their keys in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterNote:
    """An author's note that belongs to a character and not to a chat."""

    text: str
    merge: Literal["replace", "before", "after"] = "replace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """A text put into a chat from outside, by a script or an extension."""

    id: str
    text: str
    place: Place = "after_main"
    depth: int = 4
    role: MessageRole = "system"
    scanned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What shall happen. `regenerate` is asked without the reply it replaces."""

    kind: ActionKind = "normal"
    instruction: str = ""
    """What a quiet generation asks for."""
    aloud: bool = False
    """Whether a quiet generation speaks in the story (`quietToLoud`)."""
    bare: bool = False
    """A quiet generation without author's note, character's note and placed world entries (`skipWIAN`)."""
    input: str = ""
    """What stands in the input box."""
    voice: str = ""
    """Words a message of the user asked the reply to begin with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What a chat says instead of the card; empty leaves the card's word."""

    system_prompt: str = ""
    scenario: str = ""
    mes_example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoning:
    """How reasoning of earlier replies goes into a prompt."""

    included: bool = False
    prefix: str = "<think>\n"
    suffix: str = "\n</think>"
    separator: str = "\n\n"
    most: int = 1
    """In how many replies, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What a person has set for all chats and both kinds of completion."""

    card_system_prompt: bool = True
    """Whether a card's system prompt takes the place of the preset's."""
    card_post_history: bool = True
    start_reply_with: str = ""
    pin_examples: bool = False
    strip_examples: bool = False
    trim_sentences: bool = False
    """Replies are cut at their last whole sentence."""
    collapse_newlines: bool = False
    custom_stops: tuple[str, ...] = ()
    custom_stops_macros: bool = True
    reasoning: Reasoning = Reasoning()
    legacy_macros: bool = False
    token_padding: int = 0
    default_note: str = ""


@dataclass(slots=True)
class Variables:
    """Variables of the chat and of everywhere. Macros change them; who built the scene keeps what has changed."""

    local: dict[str, Any] = field(default_factory=dict)
    everywhere: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A world, and why it is here."""

    world: World
    source: BookSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """All that one prompt is built from."""

    speaker: Actor
    """Who is to speak (of an impersonation: to whom)."""
    history: History
    now: datetime
    """In the person's time zone."""
    dice: Dice
    count: Callable[[str], int]
    """Tokens of a text."""
    api: Literal["chat", "text"] = "chat"
    """Whether the model takes messages or one text."""
    look: Callable[[Message], Sequence[PromptPicture]] | None = None
    """The pictures a message shows; None where the model does not see."""
    encode: Callable[[str], Sequence[int]] = lambda text: ()
    """The tokens themselves, for a bias on some of them."""
    action: Action = Action()
    group: Group | None = None
    persona: Who = Who()
    note: AuthorsNote = AuthorsNote()
    character_note: CharacterNote | None = None
    overrides: Overrides = Overrides()
    injections: tuple[Injection, ...] = ()
    shelves: tuple[Shelf, ...] = ()
    lore: WorldSettings = field(default_factory=WorldSettings)
    timed: Timed = field(default_factory=Timed)
    """Which world entries stick or rest."""
    scripts: tuple[RegexScript, ...] = ()
    """Those that may run, in their order: global, the preset's, the card's."""
    preset: ChatPreset = field(default_factory=ChatPreset)
    templates: TextTemplates = field(default_factory=TextTemplates)
    preferences: Preferences = Preferences()
    variables: Variables = field(default_factory=Variables)
    model: str = ""
    encoding: str = ""
    """What `count` counts with: counts kept on messages are used if they were made with the same."""
    chat_hash: int | str = 0
    """Seed of {{pick}}: SillyTavern's `chat_id_hash`, or an id of ours."""
    pick_reroll: str = ""
    """More of it: what a person said to have all picks of a chat made anew."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Further macros without arguments, by their names in lower case."""
