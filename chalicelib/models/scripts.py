"""Regex scripts: what they look for, where they apply, and what stands there afterwards."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.models.shapes import Asked, Held, Id, Instant

ScriptPlace = Literal["user_input", "reply", "slash_command", "world", "reasoning"]
"""SillyTavern's placements 1, 2, 3, 5 and 6."""


class RegexScript(Held):
    id: str = ""
    name: str = ""
    find: str
    """`/pattern/flags` or a bare pattern, in JavaScript's syntax."""
    replace: str = ""
    trim: list[str] = []
    places: list[ScriptPlace] = []
    disabled: bool = False
    display_only: bool = False
    prompt_only: bool = False
    """Neither of the two: it changes the text that is stored."""
    on_edit: bool = False
    macros: Literal["none", "raw", "escaped"] = "none"
    """Whether and how macros in `find` are resolved."""
    depth_least: int | None = None
    depth_most: int | None = None
    source: Literal["global", "preset", "character"] = "global"


Pattern = Annotated[str, Field(max_length=20_000)]
Replacement = Annotated[str, Field(max_length=200_000)]
Trims = Annotated[list[Annotated[str, Field(max_length=2_000)]], Field(max_length=100)]
Depth = Annotated[int, Field(ge=-1, le=100_000)]


class Script(RegexScript):
    """A script that its owner keeps for all chats."""

    revision: int = 1


class ScriptList(Held):
    """All scripts for all chats, in the order they run."""

    items: list[Script] = []


class NewScript(Asked):
    name: str = Field(min_length=1, max_length=200)
    find: Pattern = ""
    replace: Replacement = ""
    trim: Trims = []
    places: list[ScriptPlace] = Field(default=["reply"], max_length=5)
    disabled: bool = False
    display_only: bool = False
    prompt_only: bool = False
    on_edit: bool = False
    macros: Literal["none", "raw", "escaped"] = "none"
    depth_least: Depth | None = None
    depth_most: Depth | None = None


class ScriptChange(Asked):
    """Fields that are left out stay; a depth given as null is none."""

    revision: int
    name: str | None = Field(default=None, min_length=1, max_length=200)
    find: Pattern | None = None
    replace: Replacement | None = None
    trim: Trims | None = None
    places: list[ScriptPlace] | None = Field(default=None, max_length=5)
    disabled: bool | None = None
    display_only: bool | None = None
    prompt_only: bool | None = None
    on_edit: bool | None = None
    macros: Literal["none", "raw", "escaped"] | None = None
    depth_least: Depth | None = None
    depth_most: Depth | None = None


class ScriptOrder(Asked):
    """The ids of all scripts in the order they shall run. Those that are not named come last, as they were."""

    ids: list[Id] = Field(max_length=1_000)


class ScriptFiles(Asked):
    """Scripts as SillyTavern's files have them."""

    files: list[dict[str, Any]] = Field(min_length=1, max_length=1_000)


class TakenScripts(Held):
    items: list[Script] = []
    left: int = 0
    """How many of the files were no scripts."""


class ScriptsAsked(Asked):
    ids: list[Id] = Field(min_length=1, max_length=1_000)


class ScriptsFile(Held):
    """Scripts as SillyTavern reads them."""

    filename: str
    files: list[dict[str, Any]]


Source = Literal["preset", "character"]


class ScriptPermission(Held):
    """What a person said to the scripts that came with a card or a preset."""

    digest: str
    """Of the scripts it was said to: others ask anew."""
    allowed: bool
    decided_at: Instant


class ScriptsOf(Held):
    """The scripts that came with a card or a preset, and whether they may run."""

    source: Source
    id: str
    """Of the character or preset."""
    name: str
    items: list[RegexScript] = []
    digest: str = ""
    allowed: bool | None = None
    """None: nobody has been asked yet, and so they do not run."""


class PermissionAsked(Asked):
    digest: str = Field(max_length=64)
    """Of the scripts that the person has seen."""
    allowed: bool


class CameScript(Asked):
    """One of the scripts of a card or a preset, as its owner wants it."""

    place: int | None = Field(default=None, ge=0, lt=1_000)
    """Of the script that it was, in the list that was seen; None: it is a new one."""
    script: NewScript | None = None
    """None: it stays as it is."""


class CameScriptsChange(Asked):
    """All scripts of a card or a preset, in the order they shall run. Those that are not named go."""

    digest: str = Field(max_length=64)
    """Of the scripts that were seen."""
    items: list[CameScript] = Field(max_length=1_000)


class CameList(Held):
    """The characters and presets to whose scripts a person has said yes or no."""

    items: list[ScriptsOf] = []


class ScriptsInChat(Held):
    """What the page needs to know of scripts in a chat."""

    display: list[RegexScript] = []
    """Those that change what is shown and nothing else, in the order they run."""
    asks: list[ScriptsOf] = []
    """Scripts that wait for the person's word."""


class ScriptTry(Asked):
    """A script, also one that nobody has saved yet, and a text to try it on."""

    script: NewScript
    text: str = Field(max_length=100_000)
    character_id: Id | None = None
    """Whose names macros stand for."""


class FoundPlace(Held):
    """Where the pattern was found, in characters."""

    start: int
    end: int


class ScriptTried(Held):
    text: str
    found: list[FoundPlace] = []
    refused: str = ""
    """A sentence that says why it could not run; empty when it did."""
