"""Prompts for services that take turns."""

import pytest

from chalicelib.models.presets import Samplers
from chalicelib.models.prompt import Prompt, PromptMessage
from chalicelib.providers.anthropic import takes_lead
from chalicelib.providers.turns import OPENING, system_and_turns


def prompt(*said: tuple[str, str], apart: bool = True) -> Prompt:
    messages = [PromptMessage.model_validate({"role": role, "content": text}) for role, text in said]
    return Prompt(messages=messages, samplers=Samplers(), model="m", system_apart=apart)


HELLO = (("system", "Be Mira."), ("user", "Hello?"))


def test_the_first_system_texts_stand_apart() -> None:
    assert system_and_turns(prompt(*HELLO)) == ("Be Mira.", [("user", "Hello?")])


def test_a_preset_may_want_them_to_be_the_users_words() -> None:
    assert system_and_turns(prompt(*HELLO, apart=False)) == ("", [("user", "Be Mira.\n\nHello?")])


def test_words_in_the_mouth_come_last() -> None:
    assert system_and_turns(prompt(*HELLO), lead="*She")[1] == [("user", "Hello?"), ("assistant", "*She")]


def test_words_in_the_mouth_go_on_from_what_was_said() -> None:
    told = prompt(*HELLO, ("assistant", "Aye."))
    assert system_and_turns(told, lead="*She")[1][-1] == ("assistant", "Aye.\n\n*She")
    assert system_and_turns(told)[1][-1] == ("user", OPENING)


@pytest.mark.parametrize(
    ("model", "takes"),
    [
        ("claude-3-5-haiku-20241022", True),
        ("claude-opus-4-20250514", True),
        ("claude-opus-4-1-20250805", True),
        ("claude-sonnet-4.5", True),
        ("claude-2.1", True),
        ("claude-opus-4-6", False),
        ("claude-sonnet-5", False),
        ("claude-something", False),
    ],
)
def test_newer_models_take_no_words_in_the_mouth(model: str, takes: bool) -> None:
    assert takes_lead(model) is takes
