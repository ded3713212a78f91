"""Templates of text completion as a person keeps them, and how a few lines come out of them."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.models.shapes import Asked, Held, Instant, MessageRole, PageQuery
from chalicelib.models.templates import ContextTemplate, Instruct, ReasoningTemplate, SystemPrompt

TemplateKind = Literal["instruct", "context", "system", "reasoning"]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class TemplateValues(Held):
    """One of the four: the kind that the template is of."""

    instruct: Instruct | None = None
    context: ContextTemplate | None = None
    system: SystemPrompt | None = None
    reasoning: ReasoningTemplate | None = None


class Template(TemplateValues):
    """A template under a name. Its values are read from the file it came in, which is kept whole."""

    id: str
    kind: TemplateKind
    name: str
    created_at: Instant
    updated_at: Instant
    revision: int = 1


class NewTemplate(Asked):
    """The one of the four that is given says what kind it is. What is left out of it has our default."""

    name: Name
    instruct: Instruct | None = None
    context: ContextTemplate | None = None
    system: SystemPrompt | None = None
    reasoning: ReasoningTemplate | None = None


class TemplateChange(Asked):
    """Fields that are left out, also of the template itself, stay."""

    revision: int
    name: Name | None = None
    instruct: Instruct | None = None
    context: ContextTemplate | None = None
    system: SystemPrompt | None = None
    reasoning: ReasoningTemplate | None = None


class TemplateQuery(PageQuery):
    kind: TemplateKind | None = None


class TemplateFile(Asked):
    """A file of SillyTavern's: one template, or the export of several together."""

    name: str = Field(default="", max_length=200)
    """What the file was called: for files that do not say what they are called."""
    file: dict[str, Any]
    kind: TemplateKind | None = None
    """Which kind it is, where one knows it from the folder the file lay in."""


class TakenTemplates(Held):
    """What a file held."""

    items: list[Template] = []
    left: list[str] = []
    """Parts that are no templates, by their names in the file."""


class ExportAsked(Asked):
    """Templates that shall stand in one file, at most one of each kind."""

    ids: list[str] = Field(min_length=1, max_length=4)


class ExportedFile(Held):
    """A file as SillyTavern reads it."""

    filename: str
    file: dict[str, Any]


class SampleLine(Asked):
    role: MessageRole
    name: str = Field(default="", max_length=200)
    text: str = Field(max_length=4_000)


class PreviewAsked(Asked):
    """Templates, also such as nobody has saved yet, and a short chat."""

    instruct: Instruct | None = None
    context: ContextTemplate | None = None
    system: SystemPrompt | None = None
    reasoning: ReasoningTemplate | None = None
    character: str = Field(default="Character", max_length=200)
    description: str = Field(default="", max_length=4_000)
    scenario: str = Field(default="", max_length=4_000)
    examples: str = Field(default="", max_length=4_000)
    user: str = Field(default="You", max_length=200)
    persona: str = Field(default="", max_length=4_000)
    lines: list[SampleLine] = Field(max_length=20)


class Preview(Held):
    """How the chat comes out, and what ends a reply."""

    text: str
    stops: list[str]
