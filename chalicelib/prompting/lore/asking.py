"""What a scan is asked with, and what comes back."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.models.scenes import ActionKind, Dice, Shelf
from chalicelib.models.worlds import Timed, WorldEntry, WorldSettings
from chalicelib.prompting.lore.decorators import NONE, Decorators
from chalicelib.prompting.scripts.patterns import Patterns


@dataclass(frozen=True, slots=True)
class Line:
    """A message as it is scanned: visible, its prompt scripts applied, its macros resolved."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    shelves: Sequence[Shelf]
    """In the order they are selected; a world that is there twice counts once."""
    settings: WorldSettings
    lines: Iterable[Line]
    """Newest first, read no further than the deepest scan needs."""
    length: int
    """How many messages the chat has, for sticky, cooldown and delay; the new one of the user included."""
    prompt_tokens: int
    """What the budget is a share of: the context without the reply."""
    count: Callable[[str], int]
    """Tokens of a text as the budget counts them: in chat completion 6 more than the text's, 0 for an empty one."""
    expand: Callable[[str], str]
    dice: Dice
    patterns: Patterns
    trigger: ActionKind = "normal"
    actor: str = ""
    """Who speaks, as entries' filters name characters."""
    aliases: frozenset[str] = frozenset()
    """What else they may name the speaker by."""
    tags: frozenset[str] = frozenset()
    sources: Mapping[str, str] = field(default_factory=dict)
    """`persona`, `description`, `personality`, `card_note`, `scenario`, `creator_notes`: for entries that ask."""
    injected: Sequence[str] = ()
    """Texts every entry is matched with: the quiet prompt, the notes and injections that may be scanned."""
    timed: Timed = field(default_factory=Timed)
    replies: int | None = None
    """How many messages the character has written, for decorators; None passes over them."""
    greeting: int | None = None
    """Which greeting the chat began with, for a decorator; 0 is the first."""
    user_icon: str | None = None
    """Name of the person's picture, for a decorator."""


class Verdict(StrEnum):
    """Why an entry is in or out."""

    # in
    CONSTANT = "constant"
    KEY = "key"
    STICKY = "sticky"
    DECORATOR = "decorator"
    # out
    NO_KEY = "no_key"
    NO_KEYS = "no_keys"
    SECONDARY = "secondary"
    DISABLED = "disabled"
    TRIGGER = "trigger"
    CHARACTER = "character"
    TAG = "tag"
    DELAY = "delay"
    COOLDOWN = "cooldown"
    RECURSION_ONLY = "recursion_only"
    NOT_BY_RECURSION = "not_by_recursion"
    SUPPRESSED = "suppressed"
    GROUP = "group"
    GROUP_SCORE = "group_score"
    CHANCE = "chance"
    BUDGET = "budget"

    @property
    def active(self) -> bool:
        return self in (Verdict.CONSTANT, Verdict.KEY, Verdict.STICKY, Verdict.DECORATOR)


@dataclass(frozen=True, slots=True)
class Activated:
    shelf: Shelf
    entry: WorldEntry
    """As its decorators changed it; its content as written, decorators gone."""
    text: str
    """The content, macros resolved."""
    decorators: Decorators = NONE


@dataclass(frozen=True, slots=True)
class Considered:
    shelf: Shelf
    entry: WorldEntry
    verdict: Verdict
    detail: str = ""
    """The key that matched, the group that was lost, the tokens that were missing …"""


@dataclass(frozen=True, slots=True)
class Scanned:
    activated: list[Activated]
    timed: Timed
    budget: int
    """Tokens entries might have."""
    overflowed: bool
    """Whether one found no room."""
    without: frozenset[str]
    """Which prompts of the preset decorators switch off: `system_prompt`, `post_history_instructions`."""
    judged: Callable[[], Iterator[Considered]]
    """The entries that were looked at, in the order they are tried: most had none of their keys said."""
    why: Callable[[], Iterator[Considered]]
    """Every entry, in the order they are tried."""
