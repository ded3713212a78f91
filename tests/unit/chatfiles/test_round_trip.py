"""Nothing is lost on the way in and out."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.chatfiles.parts import FileHead, FileMessage
from chalicelib.chatfiles.reading import read_head, read_messages
from chalicelib.chatfiles.writing import write_jsonl, write_text
from chalicelib.models.chats import ReplyFacts, Swipe
from tests.unit.chatfiles.builders import HEADER, NOW, file, line, read, through

SAMPLES = Path(__file__).parents[2] / "samples" / "chats"

_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
_name = _text.filter(lambda text: text != "unused")
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False) | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=6,
)
_moment = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
_date = st.sampled_from(
    ["2024-06-01T15:04:05.678Z", "June 1, 2024 3:04pm", "2024-6-1@15h04m05s", "some day", 1_717_254_245_678]
)
_extra = st.dictionaries(
    st.sampled_from(["model", "api", "reasoning", "type", "gen_id", "bookmark_link", "branches", "token_count", "own"]),
    _json,
)


@st.composite
def _facts(draw: st.DrawFn) -> dict[str, Any]:
    optional = {"gen_started": _date, "gen_finished": _date | st.none()}
    return draw(st.fixed_dictionaries({"send_date": _date, "extra": _extra}, optional=optional))


@st.composite
def _lines(draw: st.DrawFn) -> dict[str, Any]:
    """A message whose arrays mirror it, as SillyTavern writes them."""
    facts = draw(_facts())
    foreign = draw(st.dictionaries(st.sampled_from(["title", "force_avatar", "original_avatar", "new_field"]), _json))
    line = {
        **foreign,
        "name": draw(_text),
        "is_user": draw(st.booleans()),
        "is_system": draw(st.booleans()),
        "mes": draw(_text),
        **facts,
    }
    others = draw(st.lists(st.tuples(_text, _facts()), max_size=3))
    if others or draw(st.booleans()):
        place = draw(st.integers(0, len(others)))
        swipes = [*others[:place], (line["mes"], facts), *others[place:]]
        line |= {"swipes": [text for text, _ in swipes], "swipe_id": place, "swipe_info": [info for _, info in swipes]}
    return line


@given(st.lists(_lines(), max_size=4), st.dictionaries(_text, _json, max_size=4))
@settings(deadline=None, max_examples=150)
def test_a_file_of_sillytavern_comes_out_as_it_went_in(lines: list[dict[str, Any]], metadata: dict[str, Any]):
    header = {**HEADER, "chat_metadata": {key: value for key, value in metadata.items() if key != "_header"}}
    assert through(file(*lines, header=header)) == [header, *lines]


_reply = st.builds(
    ReplyFacts,
    generation_id=st.text("abc123", min_size=1, max_size=20),
    model=_text,
    connection=_text,
    started_at=st.none() | _moment,
    finished_at=st.none() | _moment,
    first_token_ms=st.none() | st.integers(0, 10**6),
    finish_reason=st.sampled_from(["stop", "length", "interrupted"]),
    prompt_tokens=st.integers(0, 10**6),
    reply_tokens=st.integers(0, 10**6),
)


@st.composite
def _ours(draw: st.DrawFn) -> FileMessage:
    made = draw(st.lists(st.tuples(_text, _text, st.none() | _reply, _moment), min_size=1, max_size=3))
    swipes = [
        Swipe(index=index, text=text, reasoning=reasoning, reply=reply, created_at=moment)
        for index, (text, reasoning, reply, moment) in enumerate(made)
    ]
    return FileMessage(
        role=draw(st.sampled_from(["user", "assistant"])),
        name=draw(_text),
        hidden=draw(st.booleans()),
        swipe_index=draw(st.integers(0, len(swipes) - 1)),
        swipes=swipes,
    )


@given(st.lists(_ours(), max_size=4), _text, st.integers(0, 1000))
@settings(deadline=None, max_examples=150)
def test_a_chat_of_ours_comes_back_as_it_was(messages: list[FileMessage], note: str, depth: int):
    head = FileHead(authors_note=note, authors_note_depth=depth)
    data = "".join(write_jsonl(head, messages)).encode()
    assert list(read_messages(data, now=NOW)) == messages
    back = read_head(data)
    assert (back.authors_note, back.authors_note_depth) == (note, depth)


def test_a_narrator_of_ours_comes_back_as_one():
    narrator = FileMessage(role="system", name="Narrator", swipes=[Swipe(index=0, text="Night fell.", created_at=NOW)])
    data = "".join(write_jsonl(FileHead(), [narrator])).encode()
    assert next(read_messages(data, now=NOW)).role == "system"


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.jsonl")), ids=lambda path: path.name)
def test_every_sample_comes_out_as_it_went_in(sample: Path):
    data = sample.read_bytes()
    assert through(data) == [json.loads(one) for one in data.decode("utf-8-sig").split("\n") if one.strip()]


def test_an_old_header_comes_out_as_it_went_in():
    header = {
        "user_name": "Ben",
        "character_name": "Ana",
        "create_date": "2023-1-2@03h04m05s",
        "chat_metadata": {"a": 1},
    }
    assert through(file(header=header)) == [header]


def test_a_swipe_that_does_not_mirror_its_message_is_kept():
    given = line("edited", swipes=["a", "b"], swipe_id=1, swipe_info=[{}, {"odd": True}])
    back = through(file(given))[1]
    assert (back["mes"], back["swipes"]) == ("edited", ["a", "b"])
    assert back["swipe_info"][1]["odd"] is True


def test_a_changed_note_is_written_and_an_unchanged_one_stays():
    header = {**HEADER, "chat_metadata": {"note_prompt": "Rain.", "note_depth": 4, "note_interval": 1}}
    head = read_head(file(header=header)).model_copy(update={"authors_note": "Snow."})
    written = json.loads("".join(write_jsonl(head, [])))
    assert written["chat_metadata"] == {"note_prompt": "Snow.", "note_depth": 4, "note_interval": 1}


def test_lines_are_joined_by_lf_without_one_at_the_end():
    data = file(line("one"), line("two"))
    written = "".join(write_jsonl(read_head(data), read_messages(data, now=NOW)))
    assert written.count("\n") == 2
    assert not written.endswith("\n")


def test_text_is_a_paragraph_for_each_message():
    assert "".join(write_text(read(line("Hello."), line("Hi!", name="Ben")))) == "Ana: Hello.\n\nBen: Hi!"
