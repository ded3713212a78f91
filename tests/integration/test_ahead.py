"""Rows that were read ahead are answered from memory once, and nothing rests on what was guessed."""

from itertools import islice

import pytest

from chalicelib.models.users import Account, Person, Role
from chalicelib.stores.ahead import (
    NEWEST_MOST,
    NOTHING,
    Ahead,
    account_place,
    choice_places,
    read_ahead,
    read_newest,
    using,
)
from chalicelib.stores.users import UserRow, UserStore
from tests.support.chats import chat_of, watched
from tests.support.people import Api
from tests.support.world import World


def _add(world: World, user_id: str, name: str) -> None:
    account = Account(
        id=user_id, name=name, email=f"{user_id}@example.org", role=Role.user, created_at=world.clock.now()
    )
    world.container.user_store.add(Person(account=account), oidc_name=None, invitation=None, now=world.clock.now())


def test_what_was_read_ahead_is_answered_once(world: World):
    _add(world, "ada", "Ada")
    users = UserStore()
    ahead = read_ahead([account_place("ada")])
    UserRow("ada", "account").update(actions=[UserRow.name.set("Ada the Second")])
    with using(ahead):
        assert users.get("ada").account.name == "Ada"
        assert users.get("ada").account.name == "Ada the Second"
    with using(ahead):
        assert users.get("ada").account.name == "Ada"
    assert users.get("ada").account.name == "Ada the Second"


def test_a_row_that_was_not_there_is_not_asked_for_again_at_once(world: World):
    users = UserStore()
    ahead = read_ahead([account_place("ada")])
    _add(world, "ada", "Ada")
    with using(ahead):
        assert users.find("ada") is None
        assert users.find("ada") is not None


@pytest.mark.parametrize("places", [[], [("bob", "account"), ("bob", "nothing")]])
def test_a_wrong_guess_changes_nothing(world: World, places: list[tuple[str, str]]):
    _add(world, "ada", "Ada")
    with using(read_ahead(places)):
        assert UserStore().get("ada").account.name == "Ada"


def test_nothing_is_read_for_no_places(world: World):
    assert read_ahead([]) is NOTHING
    assert choice_places("ada", persona_id=None, preset_id=None, connection_id=None) == []


def test_more_than_fits_into_one_answer_is_read_whole(world: World):
    """DynamoDB answers at most 16 MB at once, and names what it left out."""
    keys = [("ada", f"heavy#{number:02}") for number in range(60)]
    for pk, sk in keys:
        UserRow(pk, sk, name="x" * 380_000, email="", created_at="").save()
    ahead = read_ahead(keys)
    with using(ahead):
        assert all(UserRow.get(pk, sk).sk == sk for pk, sk in keys)


@pytest.mark.parametrize("count", [3, 41, 100])
def test_newest_messages_read_ahead_spare_the_first_query_of_a_prompt(
    world: World, api: Api, monkeypatch: pytest.MonkeyPatch, count: int
):
    ada = api.sign_up("ada")
    chat = chat_of(ada, count)
    store = world.container.chat_store
    spans = store.get_branch(ada.id, chat["id"], chat["branch_id"]).spans

    def read(most: int | None = None) -> list[str]:
        found = store.newest_first(ada.id, chat["id"], spans, at_first=NEWEST_MOST)
        return [message.text for message in islice(found, most)]

    ahead = Ahead({}, read_newest(ada.id, chat["id"], spans[-1].segment, spans[-1].upto))
    with watched(monkeypatch) as calls:
        with using(ahead):
            first = read(min(count, NEWEST_MOST))
        assert not calls
        known = read()
    assert len(known) == count
    assert first == known[: len(first)]
    with using(ahead):
        assert read() == known
