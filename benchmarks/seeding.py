"""Fills a cloud: many characters in one library, many people with a chat each. Rows are written as the product writes
them, without its doors: a thousand sign-ups would hash passwords for a minute.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from chalicelib.container import Container
from chalicelib.models.cards import Card, CardData
from chalicelib.models.characters import CharacterRecord, NewCharacter
from chalicelib.models.chats import Chat, NewChat
from chalicelib.models.connections import NewConnection, ProviderKind
from chalicelib.models.users import Account, Choices, Person, Role, User
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
    _settle_on(environment)
    began = datetime(2026, 1, 1, tzinfo=UTC)
    with CharacterRow.batch_write() as batch:
        for number in range(count):
            batch.save(row_of(owner_id, _character(number, began + timedelta(minutes=number))))


def add_readers(environment: Mapping[str, str], model_address: str, models: Sequence[str]) -> list[dict[str, str]]:
    """A signed-in person for each of these models, with a connection to it and a chat: token, refresh_token, chat_id,
    branch_id."""
    container = Container(_settle_on(environment))

    def move_in(number: int) -> tuple[Person, Chat]:
        now, user_id = container.clock.now(), container.clock.new_id()
        user = User(id=user_id, role=Role.user, session_id="seeding")
        connection = container.connections.add(
            user,
            NewConnection(
                name="paced",
                kind=ProviderKind.openai_chat,
                address=model_address,
                model=models[number],
                key=SecretStr("paced"),
            ),
        )
        account = Account(
            id=user_id,
            name=f"Reader {number}",
            email=f"{user_id}@example.org",
            role=Role.user,
            created_at=now,
            choices=Choices(connection_id=connection.id),
        )
        person = Person(account=account)
        container.user_store.add(person, oidc_name=None, invitation=None, now=now)
        character = container.characters.create(user, NewCharacter(card=card(number).model_dump(mode="json")))
        chat = container.chats.start(user, NewChat(character_id=character.id))
        return person, chat

    def sign_in(person: Person, chat: Chat) -> dict[str, str]:
        opened = container.sessions.open(person, device="benchmark", address="127.0.0.1")
        return {
            "token": opened.access_token,
            "refresh_token": opened.refresh_token,
            "chat_id": chat.id,
            "branch_id": chat.branch_id,
        }

    # The first one loads what all need; the others then wait for the cloud side by side. An access token lives a
    # quarter of an hour, so nobody signs in before everybody has moved in.
    first = [move_in(0)] if models else []
    with ThreadPoolExecutor(4) as threads:
        moved_in = first + list(threads.map(move_in, range(1, len(models))))
        return list(threads.map(lambda one: sign_in(*one), moved_in))


def renew_sign_ins(environment: Mapping[str, str], readers: Sequence[dict[str, str]]) -> None:
    """Gives these readers new tokens: an access token lives a quarter of an hour."""
    sessions = Container(_settle_on(environment)).sessions
    for reader in readers:
        opened = sessions.refresh(reader["refresh_token"], address="127.0.0.1")
        reader |= {"token": opened.access_token, "refresh_token": opened.refresh_token}


def card(number: int) -> Card:
    """A card of the size people share: about twelve kilobytes of text."""
    name = f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]} {number}"
    text = f"{name} keeps the ferry at Gull Point and tells every passenger one true story. " * 40
    return Card(data=CardData(name=name, description=text, scenario=text, mes_example=text, first_mes=text[:600]))


def _settle_on(environment: Mapping[str, str]) -> Settings:
    """Points this process's stores at the cloud that the environment describes."""
    knobs = Settings.from_environment(environment)
    os.environ.update({name: value for name, value in environment.items() if name.startswith("AWS_")})
    place_tables(prefix=knobs.table_prefix, region=knobs.region, endpoint=knobs.aws_endpoint)
    return knobs


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
