"""SillyTavern's JSON to our models: every part may be odd or missing."""

from typing import Any

import pytest

from chalicelib.models.cards import Book, CardData
from chalicelib.models.scenes import Actor
from chalicelib.presetfiles.chat import read_preset
from chalicelib.presetfiles.groups import read_group
from chalicelib.presetfiles.metadata import read_injections, read_overrides, read_variables
from chalicelib.presetfiles.preferences import read_character_note, read_note, read_persona, read_preferences
from chalicelib.presetfiles.scripts import read_script
from chalicelib.presetfiles.worlds import from_book, read_settings, read_world

ODD: list[Any] = [None, 5, "text", [], {}, True, [[]], {"0": None}]


def test_a_preset_keeps_its_parts_and_the_order_in_use() -> None:
    preset = read_preset(
        {
            "prompts": [
                {"identifier": "main", "role": "user", "content": "Hi.", "system_prompt": True},
                {"identifier": "own", "content": "Mine.", "system_prompt": False}
                | {"role": "system", "injection_position": 1, "injection_depth": 2},
                {"name": "nobody"},
            ],
            "prompt_order": [
                {"character_id": 100_000, "order": [{"identifier": "own", "enabled": True}]},
                {"character_id": 100_001, "order": [{"identifier": "main", "enabled": False}]},
            ],
        }
    )
    assert [(part.id, part.role, part.custom, part.in_chat) for part in preset.parts] == [
        ("main", "user", False, False),
        ("own", "system", True, True),
    ]
    assert [(entry.id, entry.enabled) for entry in preset.order] == [("main", False)]


def test_the_legacy_order_counts_where_there_is_no_other() -> None:
    order = [{"character_id": 100_000, "order": [{"identifier": "main", "enabled": True}]}]
    assert [entry.id for entry in read_preset({"prompt_order": order}).order] == ["main"]


@pytest.mark.parametrize("names", [{"temp_openai": 0.5, "top_k_openai": 40}, {"temperature": 0.5, "top_k": 40}])
def test_samplers_have_other_names_in_settings_than_in_files(names: dict[str, float]) -> None:
    preset = read_preset(names)
    assert (preset.temperature, preset.top_k) == (0.5, 40)


def test_neutral_samplers_are_not_sent() -> None:
    preset = read_preset({"top_k": 0, "top_a": 0, "min_p": 0, "repetition_penalty": 1, "reasoning_effort": "auto"})
    assert (preset.top_k, preset.top_a, preset.min_p, preset.repetition_penalty, preset.reasoning_effort) == (
        None,
        None,
        None,
        None,
        None,
    )


def test_a_preset_sets_no_address_and_no_key() -> None:
    secret = {
        "reverse_proxy": "http://evil",
        "proxy_password": "x",
        "custom_url": "http://evil",
        "custom_include_headers": "a",
    }
    assert read_preset(secret) == read_preset({})


def test_the_chosen_list_of_biases_is_read() -> None:
    given = {"bias_preset_selected": "b", "bias_presets": {"a": [], "b": [{"text": "x", "value": "3"}, {"text": ""}]}}
    assert read_preset(given).bias == [("x", 3.0)]


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_preset_is_read_as_far_as_it_goes(odd: Any) -> None:
    keys = ("prompts", "prompt_order", "names_behavior", "openai_max_context", "temperature", "bias_presets", "seed")
    preset = read_preset(dict.fromkeys(keys, odd))
    assert preset.context_tokens >= 512


def test_a_small_context_is_taken_as_the_least() -> None:
    assert read_preset({"openai_max_context": 100}).context_tokens == 512


def test_the_note_of_a_chat_goes_before_the_default() -> None:
    settings = {"default": "Always.", "defaultDepth": 7, "defaultInterval": 3, "allowWIScan": True}
    own = {"note_prompt": "", "note_interval": 1, "note_depth": 2, "note_position": 0, "note_role": 2}
    note = read_note(own, settings)
    assert (note.text, note.interval, note.depth, note.place, note.role, note.scanned) == (
        "",
        1,
        2,
        "after_main",
        "assistant",
        True,
    )
    assert (read_note({}, settings).text, read_note({}, settings).depth) == ("Always.", 7)


def test_a_characters_note_is_taken_when_it_is_switched_on() -> None:
    notes = [{"name": "Tessa", "prompt": "Hm.", "useChara": True, "position": 2}, {"name": "Orla", "useChara": False}]
    note = read_character_note({"chara": notes}, "Tessa")
    assert note is not None
    assert (note.text, note.merge) == ("Hm.", "after")
    assert read_character_note({"chara": notes}, "Orla") is None


@pytest.mark.parametrize("odd", ODD)
def test_odd_preferences_fall_back(odd: Any) -> None:
    found = read_preferences(dict.fromkeys(("custom_stopping_strings", "reasoning", "pin_examples"), odd))
    assert found.custom_stops == ()
    assert read_persona({"position": odd, "depth": odd}, "Ines").depth in (2, 5)


def test_stop_strings_are_the_texts_of_a_list() -> None:
    assert read_preferences({"custom_stopping_strings": '["a", 5, "", "b"]'}).custom_stops == ("a", "b")


def test_metadata_overrides_variables_and_injections() -> None:
    metadata = {
        "scenario": "Here.",
        "variables": {"x": 1},
        "script_injects": {"a": {"value": "Hi.", "position": 1, "depth": 2, "role": 1, "scan": True}, "b": 5},
    }
    assert read_overrides(metadata).scenario == "Here."
    assert read_variables(metadata) == {"x": 1}
    (one,) = read_injections(metadata)
    assert (one.id, one.text, one.place, one.depth, one.role, one.scanned) == ("a", "Hi.", "in_chat", 2, "user", True)


def test_a_group_leaves_out_members_that_are_gone() -> None:
    actors = {"a.png": Actor(id="a", card=CardData(name="A")), "b.png": Actor(id="b", card=CardData(name="B"))}
    group = read_group(
        {"name": "G", "members": ["b.png", "x.png", "a.png"], "disabled_members": ["a.png"], "activation_strategy": 3},
        actors,
    )
    assert [(actor.id, actor.muted) for actor in group.actors] == [("b", False), ("a", True)]
    assert group.order == "pooled"


def test_a_worlds_entries_are_read_in_the_order_of_the_file() -> None:
    world = read_world(
        {
            "entries": {
                "7": {"uid": 7, "key": ["b"], "position": 4, "role": 1},
                "2": {"uid": 2, "delayUntilRecursion": True},
            }
        },
        name="W",
    )
    assert [(one.uid, one.place, one.role, one.delay_until_recursion) for one in world.entries] == [
        (7, "in_chat", "user", 0),
        (2, "nowhere", "system", 1),
    ]


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_entry_is_read_as_far_as_it_goes(odd: Any) -> None:
    keys = ("uid", "key", "keysecondary", "content", "order", "position", "probability", "characterFilter", "triggers")
    world = read_world({"entries": {"0": dict.fromkeys(keys, odd), "1": odd}}, name="W")
    assert world.entries[0].disabled is False
    assert read_settings(dict.fromkeys(("world_info_depth", "world_info_budget"), odd)).recursive


def test_a_cards_book_becomes_a_world() -> None:
    book = Book.model_validate(
        {
            "name": "Gull Point",
            "entries": [
                {"id": 3, "keys": ["lamp"], "content": "Oil.", "insertion_order": 9, "position": "after_char"},
                {"keys": ["b"], "enabled": False, "extensions": {"position": 4, "depth": 1, "sticky": 3}},
            ],
        }
    )
    world = from_book(book)
    assert world.name == "Gull Point"
    assert [(one.uid, one.place, one.order, one.disabled, one.sticky) for one in world.entries] == [
        (3, "after", 9, False, None),
        (1, "in_chat", 100, True, 3),
    ]


def test_a_script_says_where_it_applies() -> None:
    script = read_script(
        {"findRegex": "/a/g", "placement": [1, 2, 9, None], "promptOnly": True, "minDepth": None, "maxDepth": 3},
        source="preset",
    )
    assert (script.places, script.prompt_only, script.depth_least, script.depth_most, script.source) == (
        ["user_input", "reply"],
        True,
        None,
        3,
        "preset",
    )


def test_what_an_entry_does_not_say_is_what_sillytavern_makes_of_it() -> None:
    """No chance is thrown, secondary keys do not count, and a chance without a number is lost."""
    bare = read_world({"entries": [{"key": ["lamp"], "keysecondary": ["sea"], "probability": 30}]}, name="W").entries[0]
    assert (bare.use_probability, bare.selective) == (False, False)
    odd = read_world({"entries": [{"key": ["lamp"], "useProbability": True}]}, name="W").entries[0]
    assert odd.probability == 0
