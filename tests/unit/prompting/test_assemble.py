"""What the model is told, and in which order."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.errors import Invalid
from chalicelib.models.cards import CardData
from chalicelib.models.chats import Message
from chalicelib.models.presets import Samplers
from chalicelib.models.prompt import Prompt
from chalicelib.prompting.assemble import Scene, assemble

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


def scene(preset: dict[str, Any] | None = None, card: dict[str, Any] | None = None, **more: Any) -> Scene:
    shown = {"id": "p", "name": "P", "main_prompt": "Be {{char}}.", "created_at": NOW, "updated_at": NOW} | (
        preset or {}
    )
    return Scene.model_validate(
        {"card": {"name": "Tessa"} | (card or {}), "user_name": "Robin", "preset": shown, "model": "tiny"} | more
    )


def assembled(asked: Scene, history: list[Message]) -> Prompt:
    return assemble(asked, history, words, NOW, random.Random(1))


def lines(prompt: Prompt) -> list[tuple[str, str]]:
    return [(line.source, line.content) for line in prompt.messages]


def test_everything_stands_in_its_order() -> None:
    card = {
        "description": "Tall.",
        "personality": "Calm.",
        "scenario": "A rock at sea.",
        "mes_example": "<START>\n{{user}}: Hi\n{{char}}: Hello.",
        "post_history_instructions": "Short!",
        "extensions": {"depth_prompt": {"prompt": "{{char}} limps.", "depth": 1, "role": "system"}},
    }
    asked = scene(card=card, persona_description="A sailor.", authors_note="Rain.", authors_note_depth=2)
    prompt = assembled(asked, chat("Come in.", "Thanks.", "Sit.", "Who are you?"))
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
        ("authors_note", "Rain."),
        ("history:s.2", "Sit."),
        ("card_note", "Tessa limps."),
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


def test_empty_parts_are_left_out() -> None:
    assert [source for source, _ in lines(assembled(scene(), chat("Hello.")))] == ["main", "story_mark", "history:s.0"]


def test_a_person_without_a_preset_gets_a_main_prompt_of_ours() -> None:
    prompt = assembled(Scene(card=CardData(name="Tessa"), user_name="Robin"), chat("Hello."))
    assert "Tessa says and does next" in prompt.messages[0].content


def test_the_card_replaces_main_prompt_and_post_history_around_the_original() -> None:
    card = {"system_prompt": "First. {{original}}", "post_history_instructions": "{{original}} Last."}
    prompt = assembled(scene({"post_history": "Then."}, card), chat("Hello."))
    assert lines(prompt)[0] == ("main", "First. Be Tessa.")
    assert lines(prompt)[-1] == ("post_history", "Then. Last.")


def test_other_card_fields_are_blank_inside_a_card_field() -> None:
    card = {"description": "I am {{char}}.{{scenario}}", "scenario": "Sea.{{description}}"}
    prompt = assembled(scene({"main_prompt": "{{scenario}}|{{description}}"}, card), chat("Hello."))
    assert [text for _, text in lines(prompt)][:3] == ["Sea.|I am Tessa.", "I am Tessa.", "Sea."]


def test_macros_in_the_history_are_resolved() -> None:
    assert lines(assembled(scene(), chat("Hello {{user}}.")))[-1] == ("history:s.0", "Hello Robin.")


def test_hidden_deleted_and_empty_messages_stay_out() -> None:
    history = [
        message(4, "Here."),
        message(3, "Hidden.", hidden=True),
        message(2, "Gone.", deleted_at=NOW),
        message(1, ""),
        message(0, "   "),
    ]
    assert [s for s, _ in lines(assembled(scene(), history))][-2:] == ["history:s.0", "history:s.4"]


def test_a_third_speaker_is_named_in_the_text() -> None:
    prompt = assembled(scene(), [message(0, "Ahoy.", "assistant", name="Old\nBen")])
    assert (prompt.messages[-1].content, prompt.messages[-1].name) == ("Old Ben: Ahoy.", "Old Ben")
    assert "\nOld Ben: Ahoy.\nTessa:" in prompt.flat


# Each message costs its words and 5; 3 open the reply; main costs 7, the mark 9.
@pytest.mark.parametrize(
    ("context", "kept"),
    [(512 + 25, []), (512 + 26, ["s.5"]), (512 + 32, ["s.5"]), (512 + 33, ["s.4", "s.5"]), (512 + 60, None)],
)
def test_the_history_fills_what_is_left_from_the_newest_back(context: int, kept: list[str] | None) -> None:
    asked = scene({"samplers": Samplers(context_tokens=context, reply_tokens=512)})
    history = chat(*(["Two words."] * 6))
    if kept == []:
        with pytest.raises(Invalid) as caught:
            assembled(asked, history)
        assert caught.value.code == "prompt_too_long"
        return
    told = [source.removeprefix("history:") for source, _ in lines(assembled(asked, history)) if "history:" in source]
    assert told == (kept or [f"s.{number}" for number in range(1, 6)])


def test_the_history_is_read_no_further_than_it_fits() -> None:
    read = 0

    def endless() -> Iterator[Message]:
        nonlocal read
        while True:
            read += 1
            yield message(read, "Two words.")

    asked = scene({"samplers": Samplers(context_tokens=1024, reply_tokens=24)})
    prompt = assemble(asked, endless(), words, NOW, random.Random(1))
    assert read == sum(line.source.startswith("history:") for line in prompt.messages) + 1
    assert prompt.tokens <= 1000


def test_a_message_that_does_not_fit_stops_the_filling() -> None:
    asked = scene({"samplers": Samplers(context_tokens=562, reply_tokens=512)})
    told = lines(assembled(asked, chat("Small.", "long " * 40, "Small.")))
    assert [source for source, _ in told][-1:] == ["history:s.2"]
    assert "history:s.0" not in [source for source, _ in told]


def test_example_blocks_come_whole_or_not_at_all_and_after_the_history_is_served() -> None:
    card = {"mes_example": "<START>\n{{user}}: One\n<START>\n{{char}}: Two\n<START>\nNobody speaks."}
    history = chat("Two words.")
    # A block costs its mark, 10, and its turn, 6.
    for room, kept in ((0, []), (15, []), (16, ["example:0"]), (31, ["example:0"]), (32, ["example:0", "example:1"])):
        asked = scene({"samplers": Samplers(context_tokens=512 + 26 + room, reply_tokens=512)}, card)
        assert [source for source, _ in lines(assembled(asked, history)) if "example:" in source] == kept


def test_a_card_larger_than_the_context_is_said_to_be() -> None:
    with pytest.raises(Invalid) as caught:
        assembled(
            scene({"samplers": Samplers(context_tokens=600, reply_tokens=90)}, {"description": "word " * 600}), []
        )
    assert caught.value.code == "prompt_too_long"
    assert "600 tokens" in caught.value.message


def test_the_models_context_bounds_the_presets() -> None:
    asked = scene({"samplers": Samplers(context_tokens=8000, reply_tokens=100)}, context_tokens=2048)
    assert assembled(asked, chat("Hello.")).samplers.context_tokens == 2048


def test_a_continued_message_stands_last_before_the_nudge_and_is_the_prefill() -> None:
    asked = scene({"post_history": "Short!"}, kind="continue", authors_note="Rain.", authors_note_depth=1)
    prompt = assembled(asked, chat("Come in.", "Thanks.", "She turns and"))
    assert lines(prompt)[2:] == [
        ("history:s.0", "Come in."),
        ("history:s.1", "Thanks."),
        ("authors_note", "Rain."),
        ("post_history", "Short!"),
        ("continue:s.2", "She turns and"),
        ("continue_nudge", "[Go on with the last message from exactly where it stops. Do not repeat any of it.]"),
    ]
    assert prompt.prefill == "She turns and"
    assert prompt.flat.endswith("Short!\nTessa: She turns and")


def test_a_continued_message_of_the_user_is_spoken_by_the_user() -> None:
    prompt = assembled(scene(kind="continue"), chat("Come in.", "I say"))
    assert (prompt.speaker, prompt.flat.splitlines()[-1]) == ("Robin", "Robin: I say")


def test_impersonation_asks_for_the_users_words() -> None:
    prompt = assembled(scene({"impersonation_prompt": "As {{user}}!"}, kind="impersonate"), chat("Come in."))
    assert lines(prompt)[-1] == ("impersonate", "As Robin!")
    assert prompt.speaker == "Robin"
    assert prompt.flat.endswith("\nRobin:")
    assert prompt.flat_stop == ["\nTessa:", "\nRobin:"]


def test_a_quiet_instruction_stands_last() -> None:
    prompt = assembled(scene(kind="quiet", instruction="A title, {{user}}."), chat("Come in."))
    assert lines(prompt)[-1] == ("quiet", "A title, Robin.")


def test_stop_strings_are_resolved_and_blank_ones_dropped() -> None:
    prompt = assembled(scene({"samplers": Samplers(stop=["{{user}}!", "\n", " "])}), chat("Hello."))
    assert prompt.stop == ["Robin!"]
    assert prompt.flat_stop == ["\nRobin:", "Robin!"]


def test_the_flat_prompt_has_a_line_for_each_speaker() -> None:
    prompt = assembled(scene(), chat("Come in.", "Thanks."))
    assert prompt.flat == "Be Tessa.\n[Here the story begins]\nTessa: Come in.\nRobin: Thanks.\nTessa:"


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
    prompt = assembled(scene(card={"extensions": extensions}), chat("Hello."))
    assert "card_note" not in [source for source, _ in lines(prompt)]


def test_an_odd_depth_or_role_of_a_card_note_falls_back() -> None:
    extensions = {"depth_prompt": {"prompt": "Note.", "depth": -3, "role": "wizard"}}
    prompt = assembled(scene(card={"extensions": extensions}), chat(*"abcdef"))
    noted = [source for source, _ in lines(prompt)].index("card_note")
    assert lines(prompt)[noted + 1] == ("history:s.2", "c")
    assert prompt.messages[noted].role == "system"


def test_counts_kept_on_messages_are_used() -> None:
    kept = message(0, "Hello there.", tokens=100, counted_by="o200k_base")
    prompt = assembled(scene(encoding="o200k_base"), [kept])
    assert prompt.messages[-1].tokens == 105


@pytest.mark.parametrize("counted_by", ["cl100k_base", None])
def test_counts_of_another_encoding_are_not_used(counted_by: str | None) -> None:
    kept = message(0, "Hello there.", tokens=100, counted_by=counted_by)
    prompt = assembled(scene(encoding="o200k_base"), [kept])
    assert prompt.messages[-1].tokens < 20


def test_examples_keep_words_before_the_first_speaker_and_lines_of_strangers() -> None:
    text = "<start>\nA gull cries.\n{{char}}: Cold?\nBen: Aye.\n{{user}}: Very."
    prompt = assembled(scene(card={"mes_example": text}), chat("Hello."))
    examples = [(line.role, line.content) for line in prompt.messages if line.source == "example:0"]
    assert examples == [("assistant", "A gull cries.\n Cold?\nBen: Aye."), ("user", "Very.")]
