"""Leaving: who is locked to whom, chats whose character is in the trash, and the world inside of a single card."""

import json
from typing import Any

from chalicelib.cards.reading import read_card_file
from chalicelib.models.characters import CharacterQuery, ExportQuery
from chalicelib.models.shapes import PageQuery
from chalicelib.models.users import User
from tests.integration.test_departures import inside, left, moved_in
from tests.support.moving import card, chat, picture, settings, zipped
from tests.support.people import Api, ApiUser
from tests.support.world import World

CON = {"spec": "chara_card_v2", "data": {"name": "Con", "first_mes": "Hi."}}
LOCKS = [{"type": "character", "id": "Maren.png"}, {"type": "group", "id": "100"}]


def settings_with_locks() -> bytes:
    persona = {"description": "A cartographer.", "position": 0, "connections": LOCKS, "odd": {"kept": 1}}
    power_user = settings()["power_user"] | {"persona_descriptions": {"ada.png": persona}}
    return json.dumps(settings(power_user=power_user)).encode()


def test_locks_of_personas_to_characters_and_groups_come_and_go(world: World, api: Api) -> None:
    ada = api.sign_up("ada")
    group = {"id": "100", "name": "Crew", "members": ["Maren.png"], "chats": []}
    files = {
        "characters/Maren.png": card("Maren"),
        "groups/100.json": json.dumps(group).encode(),
        "User Avatars/ada.png": picture("olive"),
        "settings.json": settings_with_locks(),
    }
    moved_in(world, ada, zipped(files))
    user, container = User(id=ada.id, session_id=""), world.container
    people = {one.name: one.id for one in container.characters.list_page(user, CharacterQuery()).items}
    personas = {one.name: one.id for one in container.personas.list(user, PageQuery()).items}
    [crew] = container.groups.list(user, PageQuery()).items
    assert container.personas.locks(ada.id).locks == {people["Maren"]: personas["Ada"], crew.id: personas["Ada"]}
    out = inside(left(world, ada), "settings.json")["power_user"]
    [file] = [name for name, said in out["personas"].items() if said == "Ada"]
    said = out["persona_descriptions"][file]
    assert sorted(said["connections"], key=lambda one: str(one["type"])) == LOCKS
    assert said["odd"] == {"kept": 1}


def test_a_chat_names_its_persona_by_the_file_it_has_now(world: World, api: Api) -> None:
    ada = api.sign_up("ada")
    files = {
        "characters/Maren.png": card("Maren"),
        "chats/Maren/a.jsonl": chat("Hello", "Yes.", persona="ada.png"),
        "User Avatars/ada.png": picture("olive"),
        "settings.json": json.dumps(settings()).encode(),
    }
    moved_in(world, ada, zipped(files))
    out = left(world, ada)
    assert json.loads(out["chats/Maren/a.jsonl"].splitlines()[0])["chat_metadata"]["persona"] == "Ada.png"
    assert "User Avatars/Ada.png" in out


def test_a_chat_whose_character_is_in_the_trash_takes_it_along(world: World, api: Api) -> None:
    ada = api.sign_up("ada")
    con, lone = (ada.post("/characters", {"card": CON}).json["id"] for _ in range(2))
    ada.post("/chats", {"character_id": con, "title": "Kept"})
    for character_id in (con, lone):
        ada.delete(f"/characters/{character_id}")
    files = left(world, ada)
    assert {path for path in files if "/Con_" in path} == {"characters/Con_.png", "chats/Con_/Kept.jsonl"}


def exported(world: World, person: ApiUser, character_id: str, format: Any) -> Any:
    data, name = world.container.card_files.read(person.id, character_id, ExportQuery(format=format))
    return read_card_file(data, name).card.data


def test_a_single_card_carries_the_world_that_counts_for_it(world: World, api: Api) -> None:
    ada = api.sign_up("ada")
    book = {"name": "Old", "entries": [{"keys": ["ash"], "content": "Grey.", "enabled": True, "insertion_order": 1}]}
    con = ada.post("/characters", {"card": {**CON, "data": {**CON["data"], "character_book": book}}}).json["id"]  # type: ignore[dict-item]
    assert exported(world, ada, con, "png").character_book.name == "Old"
    moor = ada.post("/worlds", {"name": "Moor"}).json["id"]
    ada.post(f"/worlds/{moor}/entries", {"entry": {"key": ["fog"], "content": "Thick."}})
    ada.put(f"/characters/{con}/worlds", {"world_ids": [moor]})
    for format in ("png", "json", "charx"):
        data = exported(world, ada, con, format)
        assert (data.character_book.name, data.extensions["world"]) == ("Moor", "Moor")
        assert [entry.content for entry in data.character_book.entries] == ["Thick."]
    kept = world.container.characters.get_body(ada.id, con).card.data.character_book
    assert kept
    assert kept.name == "Old"
    ada.delete(f"/worlds/{moor}")
    assert exported(world, ada, con, "json").character_book.name == "Old"
