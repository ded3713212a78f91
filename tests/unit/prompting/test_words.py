"""What is done to a reply before it is stored."""

import random
from datetime import UTC, datetime

from chalicelib.models.cards import CardData
from chalicelib.models.completion import ChatPreset
from chalicelib.models.scenes import Actor, History, Scene, Who
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.words import lengthened, received

PATTERNS = Patterns(clock=lambda: 0.0)


def scene(preset: ChatPreset) -> Scene:
    return Scene(
        speaker=Actor(id="tessa", card=CardData(name="Tessa")),
        history=History([]),
        now=datetime(2026, 5, 17, tzinfo=UTC),
        dice=random.Random(1),
        count=len,
        encode=lambda text: [],
        persona=Who(name="Robin"),
        preset=preset,
    )


def test_a_reply_is_rid_of_its_name_of_others_words_and_of_space_at_lines_ends() -> None:
    reply = " Tessa: One. \nTwo.\nRobin: No!\nThree."
    assert received(scene(ChatPreset()), reply, PATTERNS) == "One.\nTwo."


def test_a_continuation_follows_after_the_presets_joint_unless_space_is_there() -> None:
    joined = scene(ChatPreset(continue_joint=" "))
    assert lengthened(joined, "She turns", "and goes. ", PATTERNS) == "She turns and goes."
    assert lengthened(joined, "She turns ", "and goes.", PATTERNS) == "She turns and goes."
    assert lengthened(joined, "She turns.", "\n\nHe goes.", PATTERNS) == "She turns.\n\nHe goes."
    assert lengthened(scene(ChatPreset()), "She turn", "ed.", PATTERNS) == "She turned."
