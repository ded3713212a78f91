"""What macros compute with: moments, numbers, the stable choice, the chat."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.models.chats import Message
from chalicelib.models.scenes import History
from chalicelib.prompting.macros import moments, stable, values, variables

NOW = datetime(2024, 5, 17, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("dddd, MMMM Do YYYY, h:mm A", "Friday, May 17th 2024, 2:30 PM"),
        ("[at] HH.mm", "at 14.30"),
        ("ddd D MMM YY, DDDD, w, Q, ZZ", "Fri 17 May 24, 138, 20, 2, +0000"),
        ("X|x|LT|L", "1715956200|1715956200000|2:30 PM|05/17/2024"),
        ("GGGG-[W]WW-E, ww", "2024-W20-5, 20"),
        ("SSS k a Z", "000 14 pm +00:00"),
        ("YYYYYY y N NNNN, E e do", "+002024 2024 AD Anno Domini, 5 5 5th"),
    ],
)
def test_a_moment_by_its_tokens(form: str, expected: str) -> None:
    assert moments.formatted(NOW, form) == expected


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (timedelta(seconds=20), "a few seconds"),
        (timedelta(seconds=80), "a minute"),
        (timedelta(minutes=30), "30 minutes"),
        (timedelta(hours=1), "an hour"),
        (timedelta(hours=2, minutes=30), "3 hours"),
        (timedelta(hours=21), "21 hours"),
        (timedelta(hours=30), "a day"),
        (timedelta(days=20), "20 days"),
        (timedelta(days=40), "a month"),
        (timedelta(days=200), "7 months"),
        (timedelta(days=400), "a year"),
        (timedelta(days=3000), "8 years"),
    ],
)
def test_a_span_in_words(span: timedelta, expected: str) -> None:
    assert moments.in_words(span) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (3.5, "3.5"),
        (8.0, "8"),
        (-0.25, "-0.25"),
        (1e21, "1e+21"),
        (0.000001, "0.000001"),
        (1e-7, "1e-7"),
        (1.2345678901234568e20, "123456789012345680000"),
        (-0.0, "0"),
        (1 / 3, "0.3333333333333333"),
        (-1e-7, "-1e-7"),
        (1e15 + 0.5, "1000000000000000.5"),
    ],
)
def test_a_number_is_written_as_javascript_does(number: float, expected: str) -> None:
    assert variables.number_text(number) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("", None), ("007", 7.0), ("0x10", 16.0), (" 1e3 ", 1000.0), ("1 2", None), ("1_0", None)]
)
def test_a_text_is_read_as_a_number(text: str, expected: float | None) -> None:
    assert variables.number_of(text) == expected


def test_the_stable_choice_is_the_one_of_the_published_generators() -> None:
    """The first figures of `seedrandom` 3.0.5 and of cyrb53 for these seeds."""
    assert stable.fraction("0") == 0.7803563384230067
    assert stable.fraction("12345") == 0.20703519639616447
    assert stable.fraction("12345\0") == 0.9166586073672581  # the number 12345
    assert stable.text_hash("0") == 3136312542826423
    assert stable.text_hash("12345") == 2940901498341397


def message(number: int, role: str, **more: Any) -> Message:
    facts = {"name": role, "text": f"m{number}", "created_at": NOW - timedelta(hours=10 - number), **more}
    return Message.model_validate({"id": f"s.{number}", "chat_id": "c", "role": role, **facts})


def test_the_chat_gives_its_last_messages() -> None:
    chat = [
        message(0, "assistant"),
        message(1, "user"),
        message(2, "assistant", swipe_count=3, swipe_index=1),
        message(3, "user", hidden=True),
    ]
    found = values.of_chat(History(reversed(chat)))
    shown = {name: value() if callable(value) else value for name, value in found.items()}
    assert shown["lastMessage"] == "m3"
    assert shown["lastUserMessage"] == "m1"
    assert shown["lastCharMessage"] == "m2"
    assert shown["lastMessageId"] == "3"
    assert shown["allChatRange"] == "0-3"
    assert shown["lastWritten"] == chat[1].created_at.isoformat()


def test_an_empty_chat_gives_nothing() -> None:
    found = values.of_chat(History([]))
    assert {value() if callable(value) else value for value in found.values()} == {""}


def test_the_newest_message_tells_its_swipes() -> None:
    found = values.of_chat(History([message(2, "assistant", swipe_count=3, swipe_index=1)]))
    assert [value() for name in ("lastSwipeId", "currentSwipeId") if callable(value := found[name])] == ["3", "2"]
