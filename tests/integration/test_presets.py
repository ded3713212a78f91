"""Presets through the REST doors."""

import pytest

from tests.support.people import Api
from tests.support.world import World


def test_everybody_starts_with_a_few_and_what_is_deleted_stays_away(api: Api) -> None:
    ada = api.sign_up("ada")
    presets = ada.get("/presets").json["items"]
    assert "balanced" in [one["id"] for one in presets]
    assert len(presets) == 4
    ada.delete("/presets/novelist")
    assert len(ada.get("/presets").json["items"]) == 3


def test_the_first_presets_are_named_in_a_persons_language(api: Api) -> None:
    ada = api.sign_up("ada")
    ada.patch("/account", {"choices": {"locale": "zh-CN"}})
    assert [one["name"] for one in ada.get("/presets").json["items"]] == ["均衡", "短对话", "小说家", "随模型所好"]


def test_a_preset_is_made_read_changed_and_deleted(api: Api) -> None:
    ada = api.sign_up("ada")
    asked = {"name": "Mine", "samplers": {"temperature": 1.2, "stop": ["###"]}, "main_prompt": "Write."}
    made = ada.post("/presets", asked)
    assert made.status == 201
    place = f"/presets/{made.json['id']}"
    changed = ada.patch(place, {"revision": 1, "samplers": {"temperature": 0.5}}).json
    assert (changed["samplers"]["temperature"], changed["samplers"]["stop"]) == (0.5, [])
    assert (changed["main_prompt"], changed["revision"]) == ("Write.", 2)
    assert ada.get(place).json == {**changed, "file": {}}
    assert ada.delete(place).status == 204
    assert ada.get(place).status == 404


def test_a_stale_change_shows_both(api: Api) -> None:
    ada = api.sign_up("ada")
    ada.get("/presets")
    ada.patch("/presets/balanced", {"revision": 1, "name": "Even"})
    stale = ada.patch("/presets/balanced", {"revision": 1, "name": "Odd"})
    assert (stale.status, stale.code) == (409, "conflict")
    assert stale.json["error"]["theirs"]["name"] == "Even"


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"name": ""},
        {"name": "x", "samplers": {"temperature": 9}},
        {"name": "x", "samplers": {"unheard_of": 1}},
        {"name": "x", "main_prompt": "x" * 30_001},
        {"name": "x", "unknown": 1},
    ],
)
def test_a_preset_that_makes_no_sense_is_refused(api: Api, asked: dict[str, object]) -> None:
    assert api.sign_up("ada").post("/presets", asked).status == 422


def test_the_longest_preset_fits_an_item(api: Api) -> None:
    ada = api.sign_up("ada")
    face = "😀"
    asked = {
        "name": "x",
        "main_prompt": face * 30_000,
        "post_history": face * 30_000,
        "continue_nudge": face * 10_000,
        "impersonation_prompt": face * 10_000,
    }
    assert ada.post("/presets", asked).status == 201


def test_the_chosen_preset_is_used_else_the_default(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    presets = world.container.presets
    assert presets.chosen(ada.id, None).name == "Balanced"
    mine = ada.post("/presets", {"name": "Mine"}).json
    assert presets.chosen(ada.id, mine["id"]).name == "Mine"
    assert presets.chosen(ada.id, "gone").name == "Balanced"


def test_somebody_elses_preset_is_not_there(api: Api) -> None:
    ada, eve = api.sign_up("ada"), api.sign_up("eve")
    place = f"/presets/{ada.post('/presets', {'name': 'Mine'}).json['id']}"
    assert eve.get(place).status == 404
    assert eve.patch(place, {"revision": 1, "name": "Hers"}).status == 404
    assert eve.delete(place).status == 204
    assert ada.get(place).status == 200
