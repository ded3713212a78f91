"""What the model is told by a plain preset, and in which order."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.models.cards import CardData
from chalicelib.models.chats import Message
from chalicelib.models.presets import Preset, Samplers
from chalicelib.models.prompt import Prompt
from chalicelib.models.scenes import Action, Actor, AuthorsNote, History, Preferences, Scene, Who
from chalicelib.prompting.assemble import assemble
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.standard import standard_preset, standard_templates

NOW = datetime(2026, 5, 17, 14, 0, tzinfo=UTC)


def words(text: str) -> int:
    return len(text.split())


def message(number: int, text: str, role: str = "", **more: Any) -> Message:
    role = role or ("user" if number % 2 else "assistant")
    name = {"user": "Robin", "assistant": "Tessa", "system": "Narrator"}[role]
    return Message.model_validate(
        {"id": f"s.{number}", "chat_id": "c", "role": role, "name": name, "text": text, "created_at": NOW, **more}
    )


def chat(*texts: str) -> list[Message]:
    return [message(number, text) for number, text in enumerate(texts)][::-1]


def scene(
    history: list[Message] | Iterator[Message],
    preset: dict[str, Any] | None = None,
    card: dict[str, Any] | None = None,
    *,
    persona: str = "",
    count: Callable[[str], int] = words,
    **more: Any,
) -> Scene:
    shown = Preset.model_validate(
        {"id": "p", "name": "P", "main_prompt": "Be {{char}}.", "created_at": NOW, "updated_at": NOW} | (preset or {})
    )
    return Scene(
        speaker=Actor(id="tessa", card=CardData.model_validate({"name": "Tessa"} | (card or {}))),
        history=History(history),
        now=NOW,
        dice=random.Random(1),
        count=count,
        persona=Who(name="Robin", description=persona),
        preset=standard_preset(shown, shown.samplers),
        templates=standard_templates(shown, shown.samplers),
        model="tiny",
        **more,
    )


def assembled(asked: Scene) -> Prompt:
    return assemble(asked, Patterns(clock=lambda: 0.0))


def lines(prompt: Prompt) -> list[tuple[str, str]]:
    return [(line.source, line.content) for line in prompt.messages]


def sources(prompt: Prompt) -> list[str]:
    return [line.source for line in prompt.messages]


def test_everything_stands_in_its_order() -> None:
    card = {
        "description": "Tall.",
        "personality": "Calm.",
        "scenario": "A rock at sea.",
        "mes_example": "<START>\n{{user}}: Hi\n{{char}}: Hello.",
        "post_history_instructions": "Short!",
        "extensions": {"depth_prompt": {"prompt": "{{char}} limps.", "depth": 1, "role": "system"}},
    }
    history = chat("Come in.", "Thanks.", "Sit.", "Who are you?")
    asked = scene(history, {}, card, persona="A sailor.", note=AuthorsNote(text="Rain.", depth=2))
    prompt = assembled(asked)
    assert lines(prompt) == [
        ("main", "Be Tessa."),
        ("persona", "A sailor."),
        ("description", "Tall."),
        ("personality", "Calm."),
        ("scenario", "A rock at sea."),
        ("example_mark", "[How Tessa speaks, an example]"),
        ("example:0", "Hi"),
        ("example:0", "Hello."),
        ("story_mark", "[Here the story begins]"),
        ("history:s.0", "Come in."),
        ("history:s.1", "Thanks."),
        ("note", "Rain."),
        ("history:s.2", "Sit."),
        ("card_note:tessa", "Tessa limps."),
        ("history:s.3", "Who are you?"),
        ("post_history", "Short!"),
    ]
    assert (prompt.speaker, prompt.character_name, prompt.user_name, prompt.model) == (
        "Tessa",
        "Tessa",
        "Robin",
        "tiny",
    )
    assert prompt.tokens == 3 + sum(line.tokens for line in prompt.messages)


def test_speakers_of_examples_are_told_by_name() -> None:
    prompt = assembled(scene(chat("Hello."), card={"mes_example": "<START>\n{{user}}: Hi\n{{char}}: Hello."}))
    named = [(line.role, line.name) for line in prompt.messages if line.source == "example:0"]
    assert named == [("system", "example_user"), ("system", "example_assistant")]


def test_empty_parts_are_left_out() -> None:
    assert sources(assembled(scene(chat("Hello.")))) == ["main", "story_mark", "history:s.0"]


def test_a_preset_without_a_main_prompt_gets_one_of_ours() -> None:
    prompt = assembled(scene(chat("Hello."), {"main_prompt": ""}))
    assert "Tessa says and does next" in prompt.messages[0].content


def test_the_card_replaces_main_prompt_and_post_history_around_the_original() -> None:
    card = {"system_prompt": "First. {{original}}", "post_history_instructions": "{{original}} Last."}
    prompt = assembled(scene(chat("Hello."), {"post_history": "Then."}, card))
    assert lines(prompt)[0] == ("main", "First. Be Tessa.")
    assert lines(prompt)[-1] == ("post_history", "Then. Last.")


def test_other_card_fields_are_blank_inside_a_card_field() -> None:
    card = {"description": "I am {{char}}.{{scenario}}", "scenario": "Sea.{{description}}"}
    prompt = assembled(scene(chat("Hello."), {"main_prompt": "{{scenario}}|{{description}}"}, card))
    assert [text for _, text in lines(prompt)][:3] == ["Sea.|I am Tessa.", "I am Tessa.", "Sea."]


def test_macros_in_the_history_are_resolved() -> None:
    assert lines(assembled(scene(chat("Hello {{user}}."))))[-1] == ("history:s.0", "Hello Robin.")


def test_hidden_deleted_and_empty_messages_stay_out() -> None:
    history = [
        message(4, "Here."),
        message(3, "Hidden.", hidden=True),
        message(2, "Gone.", deleted_at=NOW),
        message(1, ""),
        message(0, "   "),
    ]
    assert sources(assembled(scene(history)))[-2:] == ["history:s.0", "history:s.4"]


# Each message costs its words and 5; 3 open the reply; main costs 7, the mark 9.
@pytest.mark.parametrize(
    ("context", "kept"),
    [(512 + 25, []), (512 + 26, ["s.5"]), (512 + 32, ["s.5"]), (512 + 33, ["s.4", "s.5"]), (512 + 60, None)],
)
def test_the_history_fills_what_is_left_from_the_newest_back(context: int, kept: list[str] | None) -> None:
    samplers = Samplers(context_tokens=context, reply_tokens=512)
    prompt = assembled(scene(chat(*(["Two words."] * 6)), {"samplers": samplers}))
    told = [source.removeprefix("history:") for source in sources(prompt) if "history:" in source]
    assert told == ([f"s.{number}" for number in range(1, 6)] if kept is None else kept)
    assert prompt.lacking == ("history" if kept == [] else "")


def test_the_history_is_read_no_further_than_it_fits() -> None:
    read = 0

    def endless() -> Iterator[Message]:
        nonlocal read
        while True:
            read += 1
            yield message(read, "Two words.")

    prompt = assembled(scene(endless(), {"samplers": Samplers(context_tokens=1024, reply_tokens=24)}))
    assert read == sum(source.startswith("history:") for source in sources(prompt)) + 1
    assert prompt.tokens <= 1000


def test_a_message_that_does_not_fit_stops_the_filling() -> None:
    samplers = Samplers(context_tokens=562, reply_tokens=512)
    prompt = assembled(scene(chat("Small.", "long " * 40, "Small."), {"samplers": samplers}))
    assert sources(prompt)[-1] == "history:s.2"
    assert "history:s.0" not in sources(prompt)


def test_example_blocks_come_whole_or_not_at_all_and_after_the_history_is_served() -> None:
    card = {"mes_example": "<START>\n{{user}}: One\n<START>\n{{char}}: Two"}
    # A block costs its mark, 10, and its turn, 6 and a name of 2.
    for room, kept in ((0, []), (17, []), (18, ["example:0"]), (35, ["example:0"]), (36, ["example:0", "example:1"])):
        samplers = Samplers(context_tokens=512 + 26 + room, reply_tokens=512)
        prompt = assembled(scene(chat("Two words."), {"samplers": samplers}, card))
        assert [source for source in sources(prompt) if "example:" in source] == kept


def test_pinned_examples_are_served_before_the_history() -> None:
    samplers = Samplers(context_tokens=512 + 44, reply_tokens=512)
    card = {"mes_example": "<START>\n{{user}}: One"}
    asked = scene(chat(*(["Two words."] * 9)), {"samplers": samplers}, card, preferences=Preferences(pin_examples=True))
    assert sources(assembled(asked)) == ["main", "example_mark", "example:0", "story_mark", "history:s.8"]


def test_a_card_larger_than_the_context_is_said_to_be() -> None:
    samplers = Samplers(context_tokens=600, reply_tokens=90)
    prompt = assembled(scene([], {"samplers": samplers}, {"description": "word " * 600}))
    assert (prompt.lacking, sources(prompt)) == ("cards", ["main"])


def test_a_continued_message_stands_last_before_the_nudge_and_is_the_prefill() -> None:
    history = chat("Come in.", "Thanks.", "She turns and")
    asked = scene(
        history, {"post_history": "Short!"}, action=Action(kind="continue"), note=AuthorsNote(text="Rain.", depth=1)
    )
    prompt = assembled(asked)
    assert lines(prompt)[2:] == [
        ("history:s.0", "Come in."),
        ("history:s.1", "Thanks."),
        ("note", "Rain."),
        ("post_history", "Short!"),
        ("continue:s.2", "She turns and"),
        ("continue_nudge", "[Go on with the last message from exactly where it stops. Do not repeat any of it.]"),
    ]
    assert prompt.prefill == "She turns and"


def test_a_message_without_words_is_not_told_unless_its_name_is() -> None:
    asked = scene(chat("Come in.", "", "Well?"))
    assert "history:s.1" not in sources(assembled(asked))
    named = replace(
        asked, history=History(chat("Come in.", "")), preset=asked.preset.model_copy(update={"names": "content"})
    )
    assert ("history:s.1", "Robin: ") in lines(assembled(named))


def test_a_continued_message_of_the_user_is_spoken_by_the_user() -> None:
    assert assembled(scene(chat("Come in.", "I say"), action=Action(kind="continue"))).speaker == "Robin"


def test_impersonation_asks_for_the_users_words() -> None:
    asked = scene(chat("Come in."), {"impersonation_prompt": "As {{user}}!"}, action=Action(kind="impersonate"))
    prompt = assembled(asked)
    assert lines(prompt)[-1] == ("impersonate", "As Robin!")
    assert prompt.speaker == "Robin"


def test_a_quiet_instruction_stands_last() -> None:
    asked = scene(chat("Come in."), action=Action(kind="quiet", instruction="A title, {{user}}."))
    assert lines(assembled(asked))[-1] == ("quiet", "A title, Robin.")


def test_stop_strings_are_resolved() -> None:
    asked = scene(chat("Hello."), preferences=Preferences(custom_stops=("{{user}}!", "\n")))
    assert assembled(asked).stop == ["Robin!", "\n"]


def test_for_text_completion_each_speaker_has_a_line() -> None:
    prompt = assembled(scene(chat("Come in.", "Thanks."), api="text"))
    assert prompt.flat == "Be Tessa.\n[Here the story begins]\nTessa: Come in.\nRobin: Thanks.\nTessa:"
    assert prompt.flat_stop == ["\nRobin:"]


@pytest.mark.parametrize(
    "extensions",
    [
        {"depth_prompt": "text"},
        {"depth_prompt": {"prompt": 5}},
        {"depth_prompt": {"prompt": " "}},
        {"depth_prompt": None},
    ],
)
def test_an_odd_card_note_is_passed_over(extensions: dict[str, Any]) -> None:
    prompt = assembled(scene(chat("Hello."), card={"extensions": extensions}))
    assert sources(prompt) == ["main", "story_mark", "history:s.0"]


def test_an_odd_depth_or_role_of_a_card_note_falls_back() -> None:
    extensions = {"depth_prompt": {"prompt": "Note.", "depth": -3, "role": "wizard"}}
    prompt = assembled(scene(chat(*"abcdef"), card={"extensions": extensions}))
    noted = sources(prompt).index("card_note:tessa")
    assert lines(prompt)[noted + 1] == ("history:s.2", "c")
    assert prompt.messages[noted].role == "system"


def test_counts_kept_on_messages_are_used() -> None:
    kept = message(0, "Hello there.", tokens=100, counted_by="o200k_base")
    assert assembled(scene([kept], encoding="o200k_base")).messages[-1].tokens == 105


@pytest.mark.parametrize("counted_by", ["cl100k_base", None])
def test_counts_of_another_encoding_are_not_used(counted_by: str | None) -> None:
    kept = message(0, "Hello there.", tokens=100, counted_by=counted_by)
    assert assembled(scene([kept], encoding="o200k_base")).messages[-1].tokens < 20


def test_examples_keep_words_before_the_first_speaker_and_lines_of_strangers() -> None:
    text = "<start>\nA gull cries.\n{{char}}: Cold?\nBen: Aye.\n{{user}}: Very."
    prompt = assembled(scene(chat("Hello."), card={"mes_example": text}))
    examples = [(line.name, line.content) for line in prompt.messages if line.source == "example:0"]
    assert examples == [("example_assistant", "A gull cries.\n Cold?\nBen: Aye."), ("example_user", "Very.")]
