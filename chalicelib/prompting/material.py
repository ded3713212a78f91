"""What both kinds of completion build from: the scene's texts with macros resolved, the world's entries, the history.

`prepare` makes it once for a prompt; `chat` and `text` put it in order, each in its own way.

The rooms it calls:
    macros.engine.Macros(values, now=, dice=, variables=, chat_hash=, legacy=)      an Expander
    lore.scan.scan(Search) -> Awake
    scripts.run.run(scripts, text, place, *, macros, prompt, depth=None) -> str     `prompt`: for a prompt, not for storing
    text.assemble.assemble(Material) -> Prompt
The readers of SillyTavern's files beside them, used by the importer of the product:
    worldfiles.reading.read_world(json, name=, id=) -> World      from_book(Book) -> World      (lore)
    scriptfiles.reading.read_script(json, source=) -> RegexScript                                (lore)
    presetfiles.text.read_templates(power_user=, textgen=, …) -> TextTemplates                   (templates)
    presetfiles.chat.read_preset(json) -> ChatPreset
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chalicelib.models.chats import Message
from chalicelib.models.prompt import LeftOut
from chalicelib.models.scenes import ActionKind, Actor, Dice, Role, Scene, Shelf
from chalicelib.models.scripts import RegexScript
from chalicelib.models.worlds import Timed, WorldEntry, WorldSettings

Value = str | Callable[[], str]
"""A macro's text, or what makes it when it is first asked for."""


class Expander(Protocol):
    """The macros of one prompt."""

    def expand(self, text: str, *, original: str | None = None, values: Mapping[str, Value] | None = None) -> str:
        """The text with its macros resolved.

        `original` is what {{original}} becomes, once; None leaves it as text. `values` are further macros for this text.
        Raises Invalid (`prompt_too_long`) when it grows without measure.
        """

    def overlaid(self, values: Mapping[str, Value]) -> "Expander":
        """The same macros (same dice, same variables) with other named texts on top."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A text of a world entry with where it goes."""

    entry: WorldEntry
    world: str
    text: str


@dataclass(slots=True)
class DepthText:
    """Texts of world entries for one depth and role, in the order they stand."""

    depth: int
    role: Role
    texts: list[str] = field(default_factory=list)
    entries: list[Placed] = field(default_factory=list)


@dataclass(slots=True)
class Awake:
    """What a scan of the worlds found. Texts are ready: macros and scripts applied, joined by line breaks."""

    before: str = ""
    after: str = ""
    note_top: list[str] = field(default_factory=list)
    note_bottom: list[str] = field(default_factory=list)
    examples_top: list[str] = field(default_factory=list)
    examples_bottom: list[str] = field(default_factory=list)
    at_depth: list[DepthText] = field(default_factory=list)
    outlets: dict[str, str] = field(default_factory=dict)
    entries: list[Placed] = field(default_factory=list)
    """All that are awake, in the order they woke."""
    reasons: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By `world.uid`: why it woke (a BlockReason), and the key or what else there is to say."""
    left_out: list[LeftOut] = field(default_factory=list)
    timed: Timed = field(default_factory=Timed)
    """Effects that run after this prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a scan of the worlds is given: `lore.scan(search) -> Awake`."""

    shelves: Sequence[Shelf]
    settings: WorldSettings
    budget: int
    """Tokens entries may take in all."""
    cost: Callable[[str], int]
    """What a text takes of that budget; nothing for an empty one."""
    spoken: Callable[[], Iterator[tuple[str, str]]]
    """Name and text of the messages that are not hidden, newest first, scripts applied; each call starts anew."""
    length: Callable[[], int]
    """How many those are, without reading them where that can be known: sticky, cooldown and delay count them."""
    speaker: Actor
    trigger: ActionKind
    sources: Mapping[str, str]
    """Texts of the card and the persona by the names in `WorldEntry.matches`."""
    scanned: Sequence[str] = ()
    """Texts besides the messages that are looked at: the quiet prompt, notes that want it, injections."""
    bare: bool = False
    """Neither entries at depth nor outlets are placed."""
    timed: Timed
    scripts: Sequence[RegexScript]
    macros: "Expander"
    dice: Dice


@dataclass(slots=True)
class Line:
    """A message of the history as the model gets to see it: reasoning added, scripts run, macros resolved."""

    message: Message
    text: str
    depth: int
    """Places from the end; -1 for the message that is continued."""


@dataclass(slots=True)
class Extra:
    """A text that is none of the preset's and none of the history's: the note, the card's note, an injection …"""

    key: str
    """Those of one place stand in the order of their keys, as SillyTavern's do: `2_floating_prompt`, `DEPTH_PROMPT`,
    `PERSONA_DESCRIPTION`, `customDepthWI-<depth>-<role>`, `script_inject_<id>`."""
    text: str
    """Macros resolved."""
    place: str
    depth: int = 4
    role: Role = "system"
    source: str = ""


@dataclass(slots=True)
class Fields:
    """Texts of the card, the persona and the chat, ready for a prompt: trimmed, macros resolved, group cards joined."""

    description: str = ""
    personality: str = ""
    scenario: str = ""
    persona: str = ""
    """Empty unless the persona stands in the prompt."""
    system_prompt: str = ""
    """The card's (or the chat's), macros not resolved: {{original}} is known only later. Empty when it does not count."""
    post_history: str = ""
    examples: str = ""
    """Example dialogues as one text, world entries above and below included."""
    example_blocks: list[str] = field(default_factory=list)
    """The same in blocks, each beginning with `<START>` and a line break."""


@dataclass(slots=True)
class Material:
    scene: Scene
    macros: Expander
    user: str
    char: str
    """The name that speaks; of joined cards still the speaker's."""
    fields: Fields
    awake: Awake
    extras: list[Extra]
    lines: Callable[[], Iterator[Line]]
    """The history newest first, read lazily; each call starts anew (what was read is kept)."""
    continued: Line | None = None
    """The message to continue: not among `lines`."""
    quiet: str = ""
    """What a quiet generation asks for, macros resolved."""
