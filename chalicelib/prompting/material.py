"""What both kinds of completion build from: the scene's texts with macros resolved, the world's entries, the history.

`preparing.prepare` makes it once for a prompt; `chat` and `text` put it in order, each in its own way:
`chat.assemble_chat(Material) -> Prompt`, `text.assemble.assemble_text(Material) -> Prompt`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chalicelib.models.chats import Message
from chalicelib.models.scenes import Place, Scene
from chalicelib.models.shapes import MessageRole
from chalicelib.prompting.lore.asking import Scanned
from chalicelib.prompting.lore.placing import Placement
from chalicelib.prompting.macros.expander import Macros


@dataclass(slots=True)
class Line:
    """A message of the history as the model gets to see it."""

    message: Message
    raw: str
    """Reasoning added and scripts run; its macros are resolved only when it is used (`text`)."""
    depth: int
    """Places from the end; -1 for the message that is continued."""
    expand: Callable[[str], str]

    @property
    def text(self) -> str:
        return self.expand(self.raw)


@dataclass(slots=True)
class Extra:
    """A text that is none of the preset's and none of the history's: the note, the card's note, an injection …"""

    key: str
    """Those of one place in the chat stand in the order of their keys, which are SillyTavern's: `2_floating_prompt`,
    `DEPTH_PROMPT`, `PERSONA_DESCRIPTION`, `customDepthWI-<depth>-<role>`, `script_inject_<id>`."""
    text: str
    """Macros resolved, trimmed, not empty."""
    place: Place
    depth: int = 4
    role: MessageRole = "system"
    source: str = ""


@dataclass(slots=True)
class Fields:
    """Texts of the card, the persona and the chat: trimmed, macros resolved, the cards of a group joined."""

    description: str = ""
    personality: str = ""
    scenario: str = ""
    persona: str = ""
    """Whatever its place; `Material.persona` is what stands in the prompt itself."""
    system_prompt: str = ""
    """The card's (or the chat's), {{original}} not yet resolved. Empty when it does not count."""
    post_history: str = ""
    examples: str = ""
    card_note: str = ""
    creator_notes: str = ""
    version: str = ""


@dataclass(slots=True)
class Material:
    scene: Scene
    macros: Macros
    user: str
    char: str
    """The name of who speaks (of an impersonation: whom one speaks to)."""
    fields: Fields
    persona: str
    """The persona's description where it stands in the prompt, else empty. For chat completion as it was written."""
    placement: Placement
    scanned: Scanned | None
    extras: list[Extra]
    """Those before and after the main prompt in the order they were made; those in the chat are sorted by key."""
    examples: list[str]
    """Blocks of example dialogues as written, entries of worlds among them, without `<START>`; trimmed."""
    lines: Callable[[], Iterator[Line]]
    """The history newest first without empty texts, read lazily; each call starts anew (what was read is kept)."""
    budget: int
    """Tokens the prompt may have."""
    continued: Line | None = None
    """The message to continue: not among `lines`."""
    quiet: str = ""
    """What a quiet generation asks for, macros resolved."""
    bias: str = ""
    """Words the reply shall begin with, macros resolved."""
