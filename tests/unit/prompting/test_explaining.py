"""A prompt explained: where each stretch of it came from, and why the rest is out."""

import random
import time
from datetime import UTC, datetime

from chalicelib.models.cards import CardData
from chalicelib.models.chats import Message
from chalicelib.models.completion import ChatPreset
from chalicelib.models.presets import Preset
from chalicelib.models.prompt import Prompt
from chalicelib.models.scenes import Actor, History, Scene, Shelf, Who
from chalicelib.models.worlds import World, WorldEntry
from chalicelib.prompting.assemble import assemble
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.standard import standard_preset

NOW = datetime(2026, 5, 17, 14, 0, tzinfo=UTC)


def prompt(entries: list[WorldEntry], **preset: object) -> Prompt:
    said = Message(id="s.0", chat_id="c", role="user", name="Ines", text="Light the lamp.", created_at=NOW)
    plain = Preset(id="p", name="P", main_prompt="Be {{char}}.", created_at=NOW, updated_at=NOW)
    chosen: ChatPreset = standard_preset(plain, plain.samplers).model_copy(update=preset)
    scene = Scene(
        speaker=Actor(id="marek", card=CardData(name="Marek", description="Rows.")),
        history=History([said]),
        now=NOW,
        dice=random.Random(1),
        count=lambda text: len(text.split()),
        persona=Who(name="Ines"),
        shelves=(Shelf(world=World(name="River", entries=entries), source="global"),),
        preset=chosen,
    )
    return assemble(scene, Patterns(clock=time.monotonic))


def told(made: Prompt) -> list[tuple[str, str, str]]:
    """Source, reason and text of every block."""
    assert made.manifest is not None
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
        ("description", "order", "Rows."),
        ("story_mark", "order", "[Here the story begins]"),
        ("history:s.0", "history", "Light the lamp."),
    ]


def test_the_key_that_woke_an_entry_is_told() -> None:
    made = prompt([LAMP])
    assert made.manifest is not None
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
    assert made.manifest is not None
    assert {(one.source, one.reason) for one in made.manifest.left_out} == {
        ("world:River:4", "trigger"),
        ("world:River:5", "chance"),
    }


def test_the_blocks_tokens_are_those_of_the_prompt() -> None:
    made = prompt([LAMP, ALWAYS])
    assert made.manifest is not None
    assert abs(sum(block.tokens for block in made.manifest.blocks) + 3 - made.tokens) <= len(made.manifest.blocks)
