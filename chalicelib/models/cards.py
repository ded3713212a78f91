"""The character card: version 3 of the specification as a superset of 1 and 2, unknown keys kept.

Source: character-card-spec-v2 and -v3. What reads and writes the files is chalicelib/cards.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Foreign(BaseModel):
    """A format of the field: keys we do not know are kept as they came."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True, hide_input_in_errors=True)


class Asset(Foreign):
    type: str
    uri: str
    name: str
    ext: str


class BookEntry(Foreign):
    keys: list[str] = []
    content: str = ""
    extensions: dict[str, Any] = {}
    enabled: bool = True
    insertion_order: int | float = 100
    case_sensitive: bool | None = None
    use_regex: bool = False
    constant: bool | None = None
    name: str | None = None
    priority: int | float | None = None
    id: int | str | None = None
    comment: str | None = None
    selective: bool | None = None
    secondary_keys: list[str] | None = None
    position: str | int | None = None


class Book(Foreign):
    """A lorebook that travels inside a card."""

    name: str | None = None
    description: str | None = None
    scan_depth: int | None = None
    token_budget: int | None = None
    recursive_scanning: bool | None = None
    extensions: dict[str, Any] = {}
    entries: list[BookEntry] = []


class CardData(Foreign):
    """The `data` of a card."""

    name: str = ""
    description: str = ""
    personality: str = ""
    scenario: str = ""
    first_mes: str = ""
    mes_example: str = ""
    creator_notes: str = ""
    system_prompt: str = ""
    post_history_instructions: str = ""
    alternate_greetings: list[str] = []
    tags: list[str] = []
    creator: str = ""
    character_version: str = ""
    extensions: dict[str, Any] = {}
    character_book: Book | None = None
    assets: list[Asset] | None = None
    nickname: str | None = None
    creator_notes_multilingual: dict[str, str] | None = None
    source: list[str] | None = None
    group_only_greetings: list[str] = []
    creation_date: int | None = None
    modification_date: int | None = None


class Card(Foreign):
    """A whole card. Top-level keys besides these three (SillyTavern mirrors V1 there) are kept."""

    spec: Literal["chara_card_v3"] = "chara_card_v3"
    spec_version: str = "3.0"
    data: CardData = Field(default_factory=CardData)
