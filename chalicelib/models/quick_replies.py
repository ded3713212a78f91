"""Quick replies: sets of buttons above the composer that put a text there, or send it."""

from typing import Annotated, Any

from pydantic import Field

from chalicelib.models.shapes import Asked, Held, Instant

Label = Annotated[str, Field(max_length=200)]
Words = Annotated[str, Field(max_length=50_000)]


class QuickReply(Held):
    """One button."""

    id: int = 0
    """Names it within its set; 0 or a number nobody has: a new one."""
    label: Label = ""
    title: Annotated[str, Field(max_length=2_000)] = ""
    """What a tooltip says."""
    message: Words = ""
    icon: Annotated[str, Field(max_length=100)] = ""
    hidden: bool = False
    is_script: bool = False
    """Its text is commands of SillyTavern's, which are not run here: the text is put into the composer instead."""
    by_itself: bool = False
    """It would run by itself in SillyTavern. Here only a click runs it."""


class QuickSetValues(Held):
    name: str = ""
    replies: list[QuickReply] = []
    only_insert: bool = False
    """Its buttons put their text into the composer and send nothing."""
    before_input: bool = False
    """Their text stands before what is typed already, else after it."""
    with_input: bool = False
    """What is typed already goes along; else it stands where the text says {{input}}."""


class QuickSet(QuickSetValues):
    """A set as its owner sees it. It is read from the file it came in, which is kept whole."""

    id: str
    shown: bool = True
    """Whether its buttons stand above the composer."""
    allowed: bool | None = None
    """Whether its buttons may run. None: it came in a file and nobody has been asked yet."""
    created_at: Instant
    updated_at: Instant
    revision: int = 1


class NewQuickSet(Asked):
    name: str = Field(min_length=1, max_length=200)
    replies: list[QuickReply] = Field(default=[], max_length=500)
    only_insert: bool = False
    before_input: bool = False
    with_input: bool = False
    shown: bool = True


class QuickSetChange(Asked):
    """Fields that are left out stay."""

    revision: int
    name: str | None = Field(default=None, min_length=1, max_length=200)
    replies: list[QuickReply] | None = Field(default=None, max_length=500)
    only_insert: bool | None = None
    before_input: bool | None = None
    with_input: bool | None = None
    shown: bool | None = None
    allowed: bool | None = None


class QuickSetFile(Asked):
    """A file of SillyTavern's."""

    name: str = Field(default="", max_length=200)
    """What the file was called, for one that does not say."""
    file: dict[str, Any]
    shown: bool = True


class QuickSetExport(Held):
    filename: str
    file: dict[str, Any]
