"""Chats of other programs become SillyTavern's lines. All samples are our own."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.chatfiles.others import OtherChat, read_others
from chalicelib.chatfiles.reading import read_head, read_messages

SAMPLES = Path(__file__).parents[2] / "samples/others"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text("utf-8"))


def said(chat: OtherChat) -> list[tuple[str, str, str]]:
    read_head(chat.data)
    return [(one.role, one.name, one.chosen.text) for one in read_messages(chat.data, now=NOW)]


@pytest.mark.parametrize(
    ("name", "character", "lines"),
    [
        (
            "agnai-chat.json",
            "Maren",
            [
                ("assistant", "Maren", "The gates are open."),
                ("user", "Ada", "Since when?"),
                ("assistant", "Maren", "Since the thaw."),
            ],
        ),
        ("risu-chat.json", "", [("user", "You", "Anything out there?"), ("assistant", "", "Only gulls.")]),
        (
            "kobold-lite.json",
            "Maren",
            [
                ("assistant", "Maren", "You are early."),
                ("user", "Ada", "The tide was early."),
                ("assistant", "Maren", "It does that."),
            ],
        ),
        (
            "kobold-instruct.json",
            "KoboldAI",
            [
                ("user", "You", "Tell me of the harbour."),
                ("assistant", "KoboldAI", "It smells of tar."),
                ("user", "You", "And?"),
                ("assistant", "KoboldAI", "And of rain."),
            ],
        ),
        (
            "webui-Ilse.json",
            "",
            [("assistant", "", "Tea?"), ("user", "You", "Please."), ("assistant", "", "Black, then.")],
        ),
    ],
)
def test_a_chat_is_read(name: str, character: str, lines: list[tuple[str, str, str]]):
    [chat] = read_others(sample(name))
    assert (chat.character, said(chat)) == (character, lines)


def test_a_file_may_hold_several_chats():
    chats = read_others(sample("cai-tools.json"))
    assert [(one.character, one.title, len(said(one))) for one in chats] == [("Brom", "1", 2), ("Brom", "2", 1)]


@pytest.mark.parametrize(
    "given", [None, [], {}, {"messages": []}, {"histories": 3}, {"data_visible": [3, []]}, {"name": "x"}]
)
def test_anything_else_is_no_chat(given: Any):
    assert read_others(given) == []
