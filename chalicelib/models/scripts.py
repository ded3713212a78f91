"""Regex scripts: what they look for, where they apply, and what stands there afterwards."""

from typing import Literal

from chalicelib.models.shapes import Held

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
