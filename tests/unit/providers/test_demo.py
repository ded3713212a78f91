"""The story the demo tells."""

import random

import pytest

from chalicelib.models.presets import Samplers
from chalicelib.models.prompt import Prompt, PromptMessage
from chalicelib.providers.demo import tell


def prompt(*history: tuple[str, str], scenario: str = "", **more: str) -> Prompt:
    messages = [PromptMessage(role="system", content=scenario, source="scenario")] if scenario else []
    messages += [
        PromptMessage.model_validate({"role": role, "content": text, "source": f"history:{number}"})
        for number, (role, text) in enumerate(history)
    ]
    return Prompt(
        messages=messages,
        samplers=Samplers(),
        model="demo",
        speaker=more.get("speaker", "Tessa"),
        character_name="Tessa",
        user_name="Robin",
        prefill=more.get("prefill", ""),
    )


def test_it_takes_up_the_users_last_words_and_the_scenario() -> None:
    told = tell(
        prompt(("user", "*waves* Who lit the lamp?"), scenario="A storm has closed the road."), random.Random(1)
    )
    assert "Who lit the lamp" in told
    assert "waves" not in told
    assert "A storm has closed the road." in told
    assert "Tessa" in told


def test_a_chat_of_several_turns_repeats_no_paragraph() -> None:
    history: list[tuple[str, str]] = []
    seen: list[str] = []
    for turn in range(6):
        history.append(("user", f"Tell me about number {turn}."))
        told = tell(prompt(*history), random.Random(turn))
        history.append(("assistant", told))
        seen += told.split("\n\n")
    assert len(set(seen)) == len(seen)


def test_it_speaks_chinese_to_those_who_do() -> None:
    told = tell(prompt(("user", "你好，是谁点亮了灯？")), random.Random(1))
    assert sum("\u4e00" <= letter <= "\u9fff" for letter in told) > len(told) / 2


@pytest.mark.parametrize("seed", range(20))
def test_it_leaves_no_gap_open(seed: int) -> None:
    for asked in (prompt(), prompt(("user", "Hi.")), prompt(("assistant", "Hello."), speaker="Robin")):
        told = tell(asked, random.Random(seed))
        assert told
        assert "{" not in told


def test_it_goes_on_where_a_message_stops() -> None:
    told = tell(prompt(("user", "Hi."), prefill="She opens the door"), random.Random(1))
    assert told.startswith(" ")
    assert "She opens the door" not in told
