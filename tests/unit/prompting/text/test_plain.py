"""Text prompts of plain lines: what ends them, what stands in between, and what is left out for want of room."""

from collections.abc import Iterator

from chalicelib.models.chats import Message
from chalicelib.models.scenes import AuthorsNote
from chalicelib.models.templates import ContextTemplate, SystemPrompt
from tests.unit.prompting.text.builders import PLAIN_CONTEXT, STORY, injection, prompt, told

HEAD = "Play Tessa.\nA keeper.\n***\n"


def test_lines_of_name_and_text_and_last_the_name_of_who_replies() -> None:
    assert prompt("Tessa: Hello.", "Robin: Hi.").flat == HEAD + "Tessa: Hello.\nRobin: Hi.\nTessa:"


def test_a_narrator_has_no_name() -> None:
    assert prompt("*: Rain falls.", "Robin: Hi.").flat == HEAD + "Rain falls.\nRobin: Hi.\nTessa:"


def test_without_forced_names_the_reply_goes_on_where_the_text_ends() -> None:
    context = PLAIN_CONTEXT.model_copy(update={"force_name": False})
    assert prompt("Robin: Hi.", context=context).flat == HEAD + "Robin: Hi."


def test_a_reply_stops_where_anybody_else_of_the_group_begins() -> None:
    asked = prompt("Robin: Hi.", "Orla: Hm.", members=("Orla",))
    assert asked.flat == HEAD + "Robin: Hi.\nOrla: Hm.\nTessa:"
    assert asked.flat_stop == ["\nRobin:", "\nOrla:"]


def test_an_impersonation_ends_with_the_users_name_and_stops_at_the_characters() -> None:
    asked = prompt("Tessa: Hello.", kind="impersonate")
    assert asked.flat == HEAD + "Tessa: Hello.\nRobin:"
    assert asked.flat_stop == ["\nTessa:", "\nRobin:"]
    assert asked.speaker == "Robin"


def test_a_quiet_prompt_ends_the_text_unless_it_is_spoken_aloud() -> None:
    assert prompt("Robin: Hi.", kind="quiet", quiet="Sum up.").flat == HEAD + "Robin: Hi.\nSum up."
    aloud = prompt("Robin: Hi.", kind="quiet", quiet="Sum up.", aloud=True)
    assert aloud.flat == HEAD + "Robin: Hi.\nSum up.\nTessa:"


def test_a_continued_reply_follows_its_name_again() -> None:
    assert prompt("Robin: Hi.", "Tessa: Wel", kind="continue").flat == HEAD + "Robin: Hi.\nTessa:Tessa: Wel"
    assert prompt("Tessa: Wel", kind="continue").flat == HEAD + "Tessa: Wel"


def test_a_continued_message_of_the_user_is_the_users_still() -> None:
    asked = prompt("Tessa: Hello.", "Robin: I w", kind="continue")
    assert asked.flat == HEAD + "Tessa: Hello.\nRobin: I w"
    assert asked.flat_stop == ["\nRobin:", "\nTessa:"]


def test_a_reply_may_be_given_its_first_words() -> None:
    assert prompt("Robin: Hi.", start_reply_with="Well, {{user}}").flat == HEAD + "Robin: Hi.\nTessa: Well, Robin"


def test_what_stands_in_the_history_is_told_by_its_role() -> None:
    between = [injection("Storm.", 1), injection("I wait.", 0, "user"), injection("I nod.", 9, "assistant")]
    asked = prompt("Tessa: Hello.", "Robin: Hi.", injections=between)
    assert asked.flat == HEAD + "Tessa: I nod.\nTessa: Hello.\nStorm.\nRobin: Hi.\nRobin: I wait.\nTessa:"


def test_what_is_said_after_the_history_has_no_name() -> None:
    system = SystemPrompt(text="Play {{char}}.", post_history="Be brief, {{char}}.")
    assert prompt("Robin: Hi.", system=system).flat == HEAD + "Robin: Hi.\nBe brief, Tessa.\nTessa:"
    continued = prompt("Robin: Hi.", "Tessa: Wel", kind="continue", system=system)
    assert continued.flat == HEAD + "Robin: Hi.\nBe brief, Tessa.\nTessa:Tessa: Wel"


def test_a_card_takes_the_place_of_the_system_prompt_unless_that_is_off() -> None:
    card = {"system_prompt": "Card. {{original}}", "post_history_instructions": "Last."}
    asked = prompt("Robin: Hi.", card=card)
    assert asked.flat == "Card. Play Tessa.\nA keeper.\n***\nRobin: Hi.\nLast.\nTessa:"
    assert prompt("Robin: Hi.", card=card, system=SystemPrompt(enabled=False)).flat.startswith("A keeper.\n***\nRobin")


def test_notes_before_and_after_the_prompt_need_an_anchor() -> None:
    note = AuthorsNote(text="Note.", place="after_main")
    assert "Note." not in prompt("Robin: Hi.", note=note).flat
    anchored = PLAIN_CONTEXT.model_copy(update={"story_string": STORY + "\n[{{anchorAfter}}]"})
    assert prompt("Robin: Hi.", note=note, context=anchored).flat.startswith("Play Tessa.\nA keeper.[Note.]\n***\n")


def test_the_story_string_may_stand_in_the_chat() -> None:
    context = ContextTemplate(story_string=STORY, place="in_chat", depth=1)
    asked = prompt("Tessa: Hello.", "Robin: Hi.", context=context)
    assert asked.flat == "Tessa: Hello.\nPlay Tessa.\nA keeper.\nRobin: Hi.\nTessa:"


def test_examples_stand_below_their_separator_and_macros_in_it_count() -> None:
    card = {"mes_example": "<START>\n{{user}}: Cold?\n{{char}}: Yes."}
    context = PLAIN_CONTEXT.model_copy(update={"example_separator": "~ {{char}} ~"})
    head = "Play Tessa.\nA keeper.\n~ Tessa ~\nRobin: Cold?\nTessa: Yes.\n***\n"
    assert prompt("Robin: Hi.", card=card, context=context).flat == head + "Robin: Hi.\nTessa:"
    assert prompt("Robin: Hi.", card=card, context=context, strip_examples=True).flat == HEAD + "Robin: Hi.\nTessa:"


def test_the_oldest_messages_go_first_and_injections_have_room_before_them() -> None:
    lines = [f"Robin: {number} {'x' * 60}" for number in range(20)]
    asked = prompt(*lines, injections=[injection("Storm.", 15)], context_tokens=512, reply_tokens=300)
    said = asked.flat.removeprefix(HEAD).removesuffix("\nTessa:").split("\n")
    assert said[0] == "Storm."
    assert said[1:] == lines[-len(said[1:]) :]
    assert 5 < len(said) < 12
    assert asked.manifest.left_out[0].source == f"history:s.{19 - len(said[1:])}"
    assert asked.lacking == ""


def test_what_lacks_room_is_told() -> None:
    assert prompt("Robin: " + "x" * 3000, context_tokens=512).lacking == "history"
    assert prompt("Robin: Hi.", card={"description": "x" * 3000}, context_tokens=512).lacking == "cards"


def test_pinned_examples_have_room_before_the_history() -> None:
    card = {"mes_example": "<START>\n{{user}}: Cold? " + "y" * 100}
    lines = [f"Robin: {number} {'x' * 60}" for number in range(20)]
    free = prompt(*lines, card=card, context_tokens=512, reply_tokens=300)
    pinned = prompt(*lines, card=card, context_tokens=512, reply_tokens=300, pin_examples=True)
    assert "Cold?" not in free.flat
    assert "Cold?" in pinned.flat
    assert pinned.flat.count("x" * 60) < free.flat.count("x" * 60)


def test_line_breaks_are_collapsed_on_demand_and_carriage_returns_always_gone() -> None:
    asked = prompt("Robin: One.\r\n\n\nTwo.", collapse_newlines=True)
    assert asked.flat == HEAD + "Robin: One.\nTwo.\nTessa:"


def test_own_stop_strings_come_last_and_a_single_line_first() -> None:
    context = PLAIN_CONTEXT.model_copy(update={"single_line": True, "use_stops": True})
    asked = prompt("Robin: Hi.", context=context, custom_stops=("{{char}} says", "\nRobin:"))
    assert asked.flat_stop == ["\n", "\nRobin:", "\n***", "Tessa says"]


def test_the_messages_tell_the_same_to_services_that_take_no_text() -> None:
    asked = prompt("Tessa: Hello.", "Robin: Hi.", injections=[injection("Storm.", 1)])
    assert [(one.role, one.content) for one in asked.messages] == [
        ("system", "Play Tessa.\nA keeper."),
        ("system", "***"),
        ("assistant", "Hello."),
        ("system", "Storm."),
        ("user", "Hi."),
    ]


def test_the_story_string_is_explained_by_its_parts() -> None:
    asked = prompt(
        "Robin: Hi.", context=PLAIN_CONTEXT.model_copy(update={"story_string": "[{{system}}] {{description}}"})
    )
    content = asked.messages[0].content
    blocks = [
        (one.source, content[one.start : one.start + one.length]) for one in asked.manifest.blocks if one.place == 0
    ]
    assert blocks == [("story", "["), ("main", "Play Tessa."), ("story", "] "), ("description", "A keeper.")]


def test_the_history_is_read_no_further_than_it_fits() -> None:
    read = []

    def endless() -> Iterator[Message]:
        for number in range(100_000):
            read.append(number)
            yield told(f"Robin: {number} {'x' * 60}")[0]

    asked = prompt(history=endless(), injections=[injection("Storm.", 500)], context_tokens=512, reply_tokens=300)
    assert "\nStorm.\nRobin: " in asked.flat
    assert len(read) < 15


def test_words_that_are_asked_for_aloud_are_somebodys_even_without_forced_names() -> None:
    context = PLAIN_CONTEXT.model_copy(update={"force_name": False})
    asked = prompt("Robin: Hi.", kind="quiet", quiet="Sum up.", aloud=True, context=context)
    assert asked.flat == HEAD + "Robin: Hi.\nSum up.\nTessa:"
