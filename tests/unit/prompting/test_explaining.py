"""A prompt explained: where each stretch of it came from, and why the rest is out."""

import random
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.models.cards import CardData
from chalicelib.models.chats import Message
from chalicelib.models.completion import ChatPreset, OrderedPart
from chalicelib.models.presets import Preset
from chalicelib.models.prompt import Prompt
from chalicelib.models.scenes import Actor, AuthorsNote, History, Injection, Preferences, Scene, Shelf, Who
from chalicelib.models.worlds import EntryFilter, Timed, TimedEffect, World, WorldEntry, WorldSettings
from chalicelib.prompting.assemble import assemble
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.standard import standard_preset

CARD = CardData(name="Marek", description="Rows.")
NOW = datetime(2026, 5, 17, 14, 0, tzinfo=UTC)


def prompt(
    entries: list[WorldEntry],
    *,
    main: str = "Be {{char}}.",
    card: CardData = CARD,
    scene: Mapping[str, object] = {},
    **preset: object,
) -> Prompt:
    said = Message(id="s.0", chat_id="c", role="user", name="Ines", text="Light the lamp.", created_at=NOW)
    plain = Preset(id="p", name="P", main_prompt=main, created_at=NOW, updated_at=NOW)
    chosen: ChatPreset = standard_preset(plain, plain.samplers).model_copy(update=preset)
    made = Scene(
        speaker=Actor(id="marek", card=card),
        history=History([said]),
        now=NOW,
        dice=random.Random(1),
        count=lambda text: len(text.split()),
        persona=Who(name="Ines"),
        shelves=(Shelf(world=World(name="River", entries=entries), source="global"),),
        preset=chosen,
    )
    return assemble(replace(made, **scene), Patterns(clock=time.monotonic))  # type: ignore[arg-type]  # any field


def out(made: Prompt) -> dict[str, tuple[str, str]]:
    """Reason and detail of all that is left out, save the preset's prompts that have nothing to say."""
    return {one.source: (one.reason, one.detail) for one in made.manifest.left_out if one.reason != "empty"}


def told(made: Prompt) -> list[tuple[str, str, str]]:
    """Source, reason and text of every block."""
    return [
        (block.source, block.reason, made.messages[block.place].content[block.start : block.start + block.length])
        for block in made.manifest.blocks
    ]


LAMP = WorldEntry(uid=1, title="Lamp", keys=["lamp"], content="It burns oil.")
OAR = WorldEntry(uid=2, title="Oar", keys=["oar"], content="Ash wood.")
ALWAYS = WorldEntry(uid=3, title="River", constant=True, content="It floods.", order=50)


def test_every_block_says_where_it_came_from_and_why() -> None:
    assert told(prompt([LAMP, OAR, ALWAYS])) == [
        ("main", "order", "Be Marek."),
        ("world:River:3", "constant", "It floods."),
        ("world:River:1", "key", "It burns oil."),
        ("description", "card", "Rows."),
        ("story_mark", "order", "[Here the story begins]"),
        ("history:s.0", "history", "Light the lamp."),
    ]


def test_the_key_that_woke_an_entry_is_told() -> None:
    made = prompt([LAMP])
    assert [(one.title, one.detail) for one in made.manifest.blocks if one.reason == "key"] == [("Lamp", "lamp")]


def test_the_blocks_of_joined_messages_are_found_in_them() -> None:
    made = prompt([LAMP], postprocessing="single")
    assert len(made.messages) == 1
    assert ("world:River:1", "key", "It burns oil.") in told(made)
    assert ("history:s.0", "history", "Light the lamp.") in told(made)


def test_what_is_out_says_why() -> None:
    asleep = WorldEntry(uid=4, title="Swipes", keys=["lamp"], triggers=["swipe"], content="No.")
    unlucky = WorldEntry(uid=5, title="Chance", keys=["lamp"], probability=0, content="No.")
    made = prompt([asleep, unlucky])
    assert out(made) == {"world:River:4": ("trigger", "normal"), "world:River:5": ("chance", "0 %")}


def test_the_blocks_tokens_are_those_of_the_prompt() -> None:
    made = prompt([LAMP, ALWAYS])
    assert abs(sum(block.tokens for block in made.manifest.blocks) + 3 - made.tokens) <= len(made.manifest.blocks)


# --- what is out, and why

SLEEPING: dict[str, tuple[WorldEntry, tuple[str, str]]] = {
    "no key was said": (OAR, ("no_key", "oar")),
    "it has no keys": (WorldEntry(uid=2), ("no_keys", "")),
    "the other keys were not said": (
        WorldEntry(uid=2, keys=["lamp"], secondary_keys=["dark"], content="No."),
        ("secondary", "and_any"),
    ),
    "it is switched off": (WorldEntry(uid=2, keys=["lamp"], disabled=True, content="No."), ("disabled", "")),
    "it is for another action": (
        WorldEntry(uid=2, keys=["lamp"], triggers=["swipe"], content="No."),
        ("trigger", "normal"),
    ),
    "it is for another character": (
        WorldEntry(uid=2, keys=["lamp"], filter=EntryFilter(names=["ilka"]), content="No."),
        ("character", "marek"),
    ),
    "it is for another tag": (WorldEntry(uid=2, keys=["lamp"], filter=EntryFilter(tags=["sea"])), ("tag", "")),
    "the chat is too young": (WorldEntry(uid=2, keys=["lamp"], delay=9, content="No."), ("delay", "until message 9")),
    "it waits for another entry": (
        WorldEntry(uid=2, keys=["lamp"], delay_until_recursion=1, content="No."),
        ("recursion_only", "level 1"),
    ),
    "its chance was missed": (WorldEntry(uid=2, keys=["lamp"], probability=0, content="No."), ("chance", "0 %")),
    "a decorator keeps it out": (
        WorldEntry(uid=2, keys=["lamp"], content="@@dont_activate\nNo."),
        ("suppressed", "dont_activate"),
    ),
}


@pytest.mark.parametrize(("entry", "told_as"), SLEEPING.values(), ids=SLEEPING)
def test_an_entry_that_did_not_wake_says_why(entry: WorldEntry, told_as: tuple[str, str]) -> None:
    assert out(prompt([entry]))["world:River:2"] == told_as


def test_an_entry_that_rests_says_until_when() -> None:
    resting = LAMP.model_copy(update={"cooldown": 5})
    timed = Timed(cooldown={"River.1": TimedEffect(start=0, end=7)})
    assert out(prompt([resting], scene={"timed": timed}))["world:River:1"] == ("cooldown", "until message 7")


def test_of_a_group_the_losers_are_told() -> None:
    rivals = [LAMP.model_copy(update={"uid": uid, "groups": ["light"], "group_text": "light"}) for uid in (1, 2)]
    assert [one[0] for one in out(prompt(rivals)).values()] == ["group"]


def test_entries_beyond_their_budget_say_how_much_was_missing() -> None:
    long = WorldEntry(uid=1, constant=True, content="word " * 500)
    found = out(prompt([long], scene={"lore": WorldSettings(budget_cap=50)}))
    assert found["world:River:1"][0] == "budget"
    assert "of 50 tokens" in found["world:River:1"][1]


def test_an_entry_that_woke_and_stands_nowhere_is_told() -> None:
    unheard = WorldEntry(uid=1, constant=True, place="outlet", outlet="deck", content="Wet planks.")
    footnote = WorldEntry(uid=2, constant=True, place="note_top", content="A footnote.")
    found = out(prompt([unheard, footnote], scene={"note": AuthorsNote(interval=0)}))
    assert found["world:River:1"] == ("outlet", "deck")
    assert found["world:River:2"][0] == "note"


def test_an_entry_is_found_where_its_outlet_is_asked_for() -> None:
    heard = WorldEntry(uid=1, constant=True, place="outlet", outlet="deck", content="Wet planks.")
    made = prompt([heard], main="Be brief. {{outlet::deck}}")
    assert told(made)[:2] == [("main", "order", "Be brief. "), ("world:River:1", "constant", "Wet planks.")]


def test_in_a_large_world_those_nobody_spoke_of_are_counted() -> None:
    many = [WorldEntry(uid=number, keys=[f"key{number}"], content="No.") for number in range(600)]
    made = prompt([*many, LAMP.model_copy(update={"uid": 600})])
    assert (made.manifest.silent, made.manifest.worlds) == (600, ["River"])
    assert out(made) == {}


def test_what_the_card_replaces_is_told() -> None:
    card = CARD.model_copy(update={"system_prompt": "Be brief."})
    made = prompt([], card=card)
    assert told(made)[0] == ("main", "card", "Be brief.")
    assert out(made)["part:main"] == ("replaced", "")
    own_way = {"preferences": Preferences(card_system_prompt=False)}
    assert told(prompt([], card=card, scene=own_way))[0] == ("main", "order", "Be Marek.")


def test_prompts_that_are_off_or_empty_say_so() -> None:
    plain = prompt([]).manifest
    assert ("part:scenario", "empty") in [(one.source, one.reason) for one in plain.left_out]
    order = [OrderedPart(id="main", enabled=False), OrderedPart(id="charDescription", enabled=False)]
    order.append(OrderedPart(id="chatHistory"))
    found = out(prompt([], order=order))
    assert (found["part:main"], found["part:charDescription"]) == (("switched_off", ""), ("switched_off", ""))


def test_a_note_that_is_not_due_says_so() -> None:
    found = out(prompt([], scene={"note": AuthorsNote(text="Rain.", interval=3)}))
    assert found["note"] == ("interval", "3")


def test_injections_without_a_place_are_told() -> None:
    found = out(prompt([], scene={"injections": (Injection(id="dice", text="Six.", place="nowhere"),)}))
    assert found["inject:dice"] == ("place", "")


def test_examples_that_are_not_wanted_are_told() -> None:
    card = CARD.model_copy(update={"mes_example": "<START>\n{{char}}: Aye."})
    found = out(prompt([], card=card, scene={"preferences": Preferences(strip_examples=True)}))
    assert found["example"] == ("switched_off", "")


def test_messages_and_examples_beyond_the_budget_are_told() -> None:
    said = [
        Message(id=f"s.{n}", chat_id="c", role="user", name="Ines", text="word " * 20, created_at=NOW)
        for n in range(30)
    ]
    card = CARD.model_copy(update={"mes_example": "<START>\n{{char}}: " + "Aye. " * 40})
    note = AuthorsNote(text="Rain.", depth=25)
    scene = {"history": History(said[::-1], length=30), "note": note}
    made = prompt([], card=card, scene=scene, context_tokens=700, reply_tokens=300)
    found = out(made)
    cut = [source for source in found if source.startswith("history:")]
    assert len(cut) == 1
    assert found[cut[0]] == found["example:0"] == found["note"] == ("budget", "")
    kept = sum(block.reason == "history" for block in made.manifest.blocks)
    assert made.manifest.older == 30 - kept


def test_blocks_have_titles_a_reader_knows() -> None:
    titles = {block.source: block.title for block in prompt([LAMP]).manifest.blocks}
    assert titles["history:s.0"] == "Ines"
    assert titles["world:River:1"] == "Lamp"
