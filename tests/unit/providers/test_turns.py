"""Prompts for services that take turns."""

import pytest

from chalicelib.models.presets import Samplers
from chalicelib.models.prompt import Prompt, PromptMessage, PromptPicture
from chalicelib.providers.anthropic import takes_lead
from chalicelib.providers.turns import OPENING, Turn, handed_on, system_and_turns, with_name


def prompt(*said: tuple[str, str], apart: bool = True) -> Prompt:
    messages = [PromptMessage.model_validate({"role": role, "content": text}) for role, text in said]
    return Prompt(messages=messages, samplers=Samplers(), model="m", system_apart=apart)


HELLO = (("system", "Be Mira."), ("user", "Hello?"))


def test_the_first_system_texts_stand_apart() -> None:
    assert system_and_turns(prompt(*HELLO)) == ("Be Mira.", [Turn("user", ["Hello?"])])


def test_a_preset_may_want_them_to_be_the_users_words() -> None:
    assert system_and_turns(prompt(*HELLO, apart=False)) == ("", [Turn("user", ["Be Mira.\n\nHello?"])])


def test_words_in_the_mouth_come_last() -> None:
    assert system_and_turns(prompt(*HELLO), lead="*She")[1] == [Turn("user", ["Hello?"]), Turn("assistant", ["*She"])]


def test_words_in_the_mouth_go_on_from_what_was_said() -> None:
    told = prompt(*HELLO, ("assistant", "Aye."))
    assert system_and_turns(told, lead="*She")[1][-1] == Turn("assistant", ["Aye.\n\n*She"])
    assert system_and_turns(told)[1][-1] == Turn("user", [OPENING])


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


LAMP, QUAY = (
    PromptPicture(place=name, media_type="image/jpeg", width=1, height=1, bytes=1, data=name)
    for name in ("lamp", "quay")
)


def showing(role: str, text: str, *pictures: PromptPicture) -> PromptMessage:
    placed = [one.model_copy(update={"at": len(text)}) for one in pictures]
    return PromptMessage.model_validate({"role": role, "content": text, "pictures": placed})


def shown(turns: list[Turn]) -> list[tuple[str, list[str]]]:
    return [(one.role, [part if isinstance(part, str) else f"<{part.place}>" for part in one.parts]) for one in turns]


def test_pictures_stand_between_the_words_of_who_shows_them() -> None:
    told = prompt(*HELLO).model_copy(
        update={"messages": [showing("user", "Here.", LAMP), showing("user", "", QUAY), showing("user", "Well?")]}
    )
    assert shown(system_and_turns(told)[1]) == [("user", ["Here.", "<lamp>", "<quay>", "Well?"])]


def test_what_the_character_shows_is_shown_with_the_users_next_words() -> None:
    messages = [showing("system", "Be Mira.", QUAY), showing("assistant", "See.", LAMP), showing("user", "I do.")]
    told = prompt(*HELLO).model_copy(update={"messages": messages})
    system, turns = system_and_turns(told)
    assert system == "Be Mira."
    assert shown(turns) == [("user", [OPENING]), ("assistant", ["See."]), ("user", ["<quay>", "<lamp>", "I do."])]


def test_where_the_user_says_nothing_more_it_is_shown_with_what_they_said_last() -> None:
    messages = [showing("user", "Show me."), showing("assistant", "", LAMP)]
    only = handed_on(messages)[0]
    assert only.parts == ["Show me.", LAMP.model_copy(update={"at": 8})]
    assert len(handed_on(messages)) == 1


def test_a_name_before_the_words_moves_the_picture_along() -> None:
    message = showing("user", "Here.", LAMP).model_copy(update={"name": "Ada"})
    assert with_name(prompt(*HELLO), message).parts[0] == "Ada: Here."
