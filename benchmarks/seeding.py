"""Fills a library with many characters: rows as the product writes them, in batches instead of one by one."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from chalicelib.models.cards import Card, CardData
from chalicelib.models.characters import CharacterRecord
from chalicelib.settings import Settings
from chalicelib.stores.character_rows import CharacterRow, row_of
from chalicelib.stores.tables import place_tables

FIRST = (
    "Ada",
    "Bram",
    "Cosima",
    "Dario",
    "Edda",
    "Finn",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "小明",
    "Lena",
    "Milo",
    "Nora",
)
LAST = ("Ashdown", "Bell", "Carver", "Dunmore", "Easter", "Fairweather", "Gull", "Harrow", "Inkwell", "Jessamy")


def add_characters(environment: Mapping[str, str], owner_id: str, count: int) -> None:
    """Adds `count` characters without pictures to somebody's library, on the cloud this environment describes."""
    knobs = Settings.from_environment(environment)
    os.environ.update({name: value for name, value in environment.items() if name.startswith("AWS_")})
    place_tables(prefix=knobs.table_prefix, region=knobs.region, endpoint=knobs.aws_endpoint)
    began = datetime(2026, 1, 1, tzinfo=UTC)
    with CharacterRow.batch_write() as batch:
        for number in range(count):
            batch.save(row_of(owner_id, _character(number, began + timedelta(minutes=number))))


def card(number: int) -> Card:
    """A card of the size people share: about twelve kilobytes of text."""
    name = f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]} {number}"
    text = f"{name} keeps the ferry at Gull Point and tells every passenger one true story. " * 40
    return Card(data=CardData(name=name, description=text, scenario=text, mes_example=text, first_mes=text[:600]))


def _character(number: int, at: datetime) -> CharacterRecord:
    data = card(number).data
    return CharacterRecord(
        id=f"bench{number:06d}",
        name=data.name,
        tagline=data.description[:120],
        tags=["bench", f"shelf {number % 20}"],
        created_at=at,
        updated_at=at,
    )
