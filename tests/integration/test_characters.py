"""The library through its services: making, finding, changing, throwing away."""

import pytest

from chalicelib.errors import Conflict, Invalid, NotFound, QuotaExceeded
from chalicelib.models.cards import CardData
from chalicelib.models.characters import CharacterChange, CharacterQuery, NewCharacter
from chalicelib.models.users import User
from tests.support.pictures import picture
from tests.support.world import World, world_on
from tests.unit.cards.builders import v2, v3


@pytest.fixture
def ada(world: World) -> User:
    return world.person("ada")


def make(world: World, user: User, **fields: object) -> str:
    return world.container.characters.create(user, NewCharacter(card=v3(**fields))).id


def names(world: World, user: User, **query: object) -> list[str]:
    return [item.name for item in world.container.characters.list_page(user, CharacterQuery(**query)).items]


def test_a_character_is_kept_with_all_its_card_holds(world: World, ada: User):
    made = world.container.characters.create(
        ada, NewCharacter(card=v2(extensions={"foreign": {"a": 1}}, unheard_of=[1, 2]))
    )
    got = world.container.characters.get("ada", made.id)
    assert got.card.data.extensions == {"foreign": {"a": 1}}
    assert got.card.data.model_extra == {"unheard_of": [1, 2]}
    assert (got.name, got.tagline, got.tags) == ("Maren", "Keeps the lighthouse of Sund.", ["sea"])


def test_a_large_card_lies_in_the_bucket(world: World, ada: User):
    import random

    text = "".join(random.Random(1).choices("abcdefghijklmnop", k=900_000))
    made = make(world, ada, description=text)
    assert any("/card-" in key for key in world.files())
    assert world.container.characters.get("ada", made).card.data.description == text


def test_a_row_of_the_library_stays_small(world: World, ada: User):
    make(world, ada, description="x" * 200_000, tags=[f"tag {n}" for n in range(500)])
    row = next(row for row in world.rows() if row["sk"]["S"].startswith("character#"))
    assert len(str(row)) < 6_000


def test_the_same_key_makes_one_character(world: World, ada: User):
    body = NewCharacter(card=v3())
    first = world.container.characters.create(ada, body, idempotency_key="k1")
    again = world.container.characters.create(ada, body, idempotency_key="k1")
    assert (again.id, len(names(world, ada))) == (first.id, 1)
    with pytest.raises(Invalid) as caught:
        world.container.characters.create(ada, NewCharacter(card=v3(name="Other")), idempotency_key="k1")
    assert caught.value.code == "idempotency_mismatch"


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("name", ["Ann", "Ann Lee", "Émile", "Zoe", "阿汶"]),
        ("created", ["阿汶", "Ann", "Émile", "Ann Lee", "Zoe"]),
        ("recent", ["Zoe", "阿汶", "Ann", "Émile", "Ann Lee"]),
    ],
)
def test_the_library_has_three_orders(world: World, ada: User, sort: str, order: list[str]):
    made = {name: make(world, ada, name=name) for name in ("Zoe", "Ann Lee", "Émile", "Ann", "阿汶")}
    world.clock.advance(seconds=5)
    world.container.characters.touch("ada", made["Zoe"], world.clock.now())
    assert names(world, ada, sort=sort) == order


@pytest.mark.parametrize("sort", ["name", "recent", "created"])
@pytest.mark.parametrize("search", ["", "person"])
def test_pages_hold_every_character_once(world: World, ada: User, sort: str, search: str):
    for number in range(7):
        make(world, ada, name=f"Person {number}")
    make(world, world.person("bob"), name="Person of Bob")
    seen, cursor = list[str](), None
    for _ in range(10):
        query = CharacterQuery(sort=sort, search=search, limit=2, cursor=cursor)
        page = world.container.characters.list_page(ada, query)
        assert len(page.items) <= 2
        seen, cursor = seen + [item.name for item in page.items], page.next
        if cursor is None:
            break
    assert sorted(seen) == [f"Person {number}" for number in range(7)]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("MAR", ["Maren"]),
        ("émile", ["Émile"]),
        ("emile", ["Émile"]),
        ("sea", ["Maren"]),
        ("mar emile", []),
        ("阿", ["阿汶"]),
    ],
)
def test_a_search_looks_at_name_tagline_tags_and_creator(world: World, ada: User, search: str, found: list[str]):
    make(world, ada, name="Maren")
    make(world, ada, name="Émile", tags=[], description="A painter.")
    make(world, ada, name="阿汶", tags=[], description="")
    assert names(world, ada, search=search) == found


def test_tags_are_counted_and_filter(world: World, ada: User):
    make(world, ada, name="One", tags=["Sea", "sea", "storm"])
    two = make(world, ada, name="Two", tags=["SEA"])
    counts = {tag.tag.casefold(): tag.count for tag in world.container.characters.list_tags(ada)}
    assert counts == {"sea": 2, "storm": 1}
    assert sorted(names(world, ada, tag="sea")) == ["One", "Two"]
    assert names(world, ada, tag="storm") == ["One"]
    world.container.characters.change(ada, two, CharacterChange(revision=1, tags=["calm"]))
    counts = {tag.tag.casefold(): tag.count for tag in world.container.characters.list_tags(ada)}
    assert counts == {"sea": 1, "storm": 1, "calm": 1}


def test_favourites_filter(world: World, ada: User):
    make(world, ada, name="One")
    two = make(world, ada, name="Two")
    world.container.characters.change(ada, two, CharacterChange(revision=1, favourite=True))
    assert names(world, ada, favourite=True) == ["Two"]
    assert names(world, ada, favourite=False) == ["One"]


def test_a_change_keeps_what_it_does_not_name(world: World, ada: User):
    made = make(world, ada, extensions={"foreign": 1}, unheard_of=1)
    change = CharacterChange(revision=1, data=CardData(name="Maren the Elder"))
    changed = world.container.characters.change(ada, made, change)
    got = world.container.characters.get("ada", made)
    assert (changed.name, changed.revision, got.name) == ("Maren the Elder", 2, "Maren the Elder")
    assert got.card.data.extensions == {"foreign": 1}
    assert got.card.data.first_mes == "*The lamp turns.* You're late."


def test_a_stale_change_shows_both_versions(world: World, ada: User):
    made = make(world, ada)
    world.container.characters.change(ada, made, CharacterChange(revision=1, data=CardData(name="Theirs")))
    with pytest.raises(Conflict) as caught:
        world.container.characters.change(ada, made, CharacterChange(revision=1, data=CardData(name="Yours")))
    assert caught.value.details["yours"]["data"]["name"] == "Yours"
    assert caught.value.details["theirs"]["name"] == "Theirs"
    assert world.container.characters.get("ada", made).name == "Theirs"


def test_a_character_needs_a_name(world: World, ada: User):
    made = make(world, ada)
    with pytest.raises(Invalid) as caught:
        world.container.characters.change(ada, made, CharacterChange(revision=1, data=CardData(name=" ")))
    assert list(caught.value.fields) == ["data.name"]


def test_the_trash_keeps_a_character_for_thirty_days(world: World, ada: User):
    made = make(world, ada, tags=["sea"])
    characters = world.container.characters
    characters.trash(ada, made)
    assert (names(world, ada), names(world, ada, sort="created"), names(world, ada, trash=True)) == ([], [], ["Maren"])
    assert characters.list_tags(ada) == []
    characters.restore(ada, made)
    assert (names(world, ada), names(world, ada, trash=True)) == (["Maren"], [])
    assert [tag.count for tag in characters.list_tags(ada)] == [1]
    characters.trash(ada, made)
    world.clock.advance(days=29)
    characters.sweep(world.clock.now())
    assert names(world, ada, trash=True) == ["Maren"]
    world.clock.advance(days=2)
    characters.sweep(world.clock.now())
    assert names(world, ada, trash=True) == []
    with pytest.raises(NotFound):
        characters.get("ada", made)


def test_deleting_for_good_leaves_nothing(world: World, ada: User):
    made = make(world, ada, tags=[])
    world.container.characters.set_avatar(ada, made, picture())
    assert world.container.limits.usage("ada").storage_bytes > 0
    world.container.characters.delete("ada", made)
    assert world.files() == []
    assert world.container.limits.usage("ada").storage_bytes == 0
    assert [row["sk"]["S"] for row in world.rows() if row["sk"]["S"].startswith(("character#", "card#"))] == []


def test_a_new_portrait_replaces_the_old_one(world: World, ada: User):
    made = make(world, ada)
    first = world.container.characters.set_avatar(ada, made, picture("red"))
    second = world.container.characters.set_avatar(ada, made, picture("blue"))
    again = world.container.characters.set_avatar(ada, made, picture("blue"))
    assert first.picture
    assert second.picture
    assert again.picture
    assert first.picture.full != second.picture.full == again.picture.full
    assert len(world.files()) == 2
    held = world.container.characters.get_record("ada", made)
    assert world.container.limits.usage("ada").storage_bytes == held.file_bytes == held.picture.bytes  # type: ignore[union-attr]


def test_a_portrait_beyond_the_quota_is_refused_and_nothing_is_lost(world: World):
    with world_on(world.settings.model_copy(update={"storage_bytes": 100})) as small:
        ada = small.person("ada")
        made = make(small, ada)
        with pytest.raises(QuotaExceeded):
            small.container.characters.set_avatar(ada, made, picture())
        assert (small.files(), small.container.characters.get("ada", made).picture) == ([], None)


def test_nobody_sees_what_is_somebody_elses(world: World, ada: User):
    made, bob = make(world, ada), world.person("bob")
    characters = world.container.characters
    assert names(world, bob) == []
    for attempt in (
        lambda: characters.get("bob", made),
        lambda: characters.trash(bob, made),
        lambda: characters.restore(bob, made),
        lambda: characters.delete("bob", made),
        lambda: characters.set_avatar(bob, made, picture()),
        lambda: characters.change(bob, made, CharacterChange(revision=1, favourite=True)),
    ):
        with pytest.raises(NotFound):
            attempt()
    characters.touch("bob", made, world.clock.now())
    assert len([row for row in world.rows() if row["pk"]["S"].startswith("bob")]) == 0


def test_somebody_elses_cursor_shows_nothing_of_theirs(world: World, ada: User):
    bob = world.person("bob")
    for number in range(3):
        make(world, ada, name=f"Ada's {number}")
        make(world, bob, name=f"Bob's {number}")
    cursor = world.container.characters.list_page(ada, CharacterQuery(sort="name", limit=1)).next
    assert all(name.startswith("Bob") for name in names(world, bob, sort="name", cursor=cursor))


def test_tags_that_are_counted_as_one_or_fold_into_many_letters_do_no_harm(world: World, ada: User):
    made = make(world, ada, tags=["a|b", "a/b", "\ufdfa" * 60, "x" * 5000, " ", "|"])
    assert {tag.tag: tag.count for tag in world.container.characters.list_tags(ada)}["a/b"] == 1
    world.container.characters.delete("ada", made)
    assert world.container.characters.list_tags(ada) == []


@pytest.mark.parametrize(
    "cursor",
    [
        "WyJjaGFyYWN0ZXIj" + "YWFh" * 450 + "IiwgImEiXQ==",
        "x",
        "WzEsMl0=",
        "W10=",
        "eyJhIjoxfQ==",
        "\u00e9",
        "WyJjYXJkI3giLCAiIl0=",
    ],
)
def test_a_forged_cursor_is_refused(world: World, ada: User, cursor: str):
    with pytest.raises(Invalid):
        world.container.characters.list_page(ada, CharacterQuery(cursor=cursor))


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_who_is_new_is_welcomed_once(world: World, ada: User, locale: str):
    world.container.characters.welcome("ada", locale)  # type: ignore[arg-type]
    world.container.characters.welcome("ada", locale)  # type: ignore[arg-type]
    found = world.container.characters.list_page(ada, CharacterQuery(sort="name"))
    assert [item.id for item in found.items] == ["welcome-ottoline", "welcome-wen"]
    for item in found.items:
        card = world.container.characters.get("ada", item.id).card.data
        assert len(card.alternate_greetings) >= 2
        assert card.character_book
        assert item.picture
        assert item.picture.accent
    assert len(world.files()) == 4
