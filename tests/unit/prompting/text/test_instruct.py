"""Text prompts by an instruct template."""

from typing import Any

import pytest

from chalicelib.models.templates import SystemPrompt
from tests.unit.prompting.text.builders import PLAIN_CONTEXT, TAGS, injection, prompt

CONTEXT = PLAIN_CONTEXT.model_copy(update={"chat_start": ""})
HEAD = "[sys]\nPlay Tessa.\nA keeper.[/sys]\n"


def tagged(*lines: str, **more: Any) -> str:
    template = {name: more.pop(name) for name in list(more) if name in type(TAGS).model_fields}
    return prompt(*lines, instruct=TAGS.model_copy(update=template), context=more.pop("context", CONTEXT), **more).flat


def test_sequences_stand_around_each_turn_and_the_last_asks_for_the_reply() -> None:
    assert tagged("Tessa: Hello.", "Robin: Hi.") == HEAD + "[out]\nHello.[/out]\n[in]\nHi.[/in]\n[out]\n"


def test_without_wrapping_nothing_is_put_between_sequence_and_text() -> None:
    bare = {
        f"{name}_suffix": f"[/{tag}]" for name, tag in (("input", "in"), ("output", "out"), ("story_string", "sys"))
    }
    asked = tagged("Tessa: Hello.", "Robin: Hi.", wrap=False, **bare)
    assert asked == "[sys]Play Tessa.\nA keeper.[/sys][out]Hello.[/out][in]Hi.[/in][out]"


def test_without_wrapping_a_line_break_of_the_suffix_stays() -> None:
    asked = tagged("Robin: Hi.", wrap=False)
    assert asked == "[sys]Play Tessa.\nA keeper.[/sys]\n[in]Hi.[/in]\n[out]"


def test_wrapping_ends_turns_without_a_suffix() -> None:
    asked = tagged(
        "Robin: Hi.", input_suffix="", story_string_suffix="", story_string_prefix="", output_sequence="[out] "
    )
    assert asked == "Play Tessa.\nA keeper.\n[in]\nHi.\n[out]\n"


@pytest.mark.parametrize(
    ("names", "bot", "user", "last"),
    [("none", "", "", "\n"), ("force", "", "", "\n"), ("always", "Tessa: ", "Robin: ", "\nTessa:")],
)
def test_names_stand_where_the_template_wants_them(names: str, bot: str, user: str, last: str) -> None:
    asked = tagged("Tessa: Hello.", "Robin: Hi.", names=names)
    assert asked == HEAD + f"[out]\n{bot}Hello.[/out]\n[in]\n{user}Hi.[/in]\n[out]{last}"


def test_forced_names_tell_apart_who_speaks_in_a_group_and_under_anothers_name() -> None:
    group = tagged("Tessa: Hello.", "Orla: Hm.", "Robin: Hi.", members=("Orla",))
    said = "[out]\nTessa: Hello.[/out]\n[out]\nOrla: Hm.[/out]\n[in]\nHi.[/in]\n[out]\nTessa:"
    assert group == HEAD + said
    assert "[out]\nWind: Whoo.[/out]" in tagged("Wind: Whoo.", "Robin: Hi.")


@pytest.mark.parametrize(
    ("names", "user", "bot"), [("none", "", ""), ("force", "Robin: ", ""), ("always", "Robin: ", "Tessa: ")]
)
def test_examples_are_turns_and_forced_names_say_who_the_user_is(names: str, user: str, bot: str) -> None:
    card = {"mes_example": "<START>\n{{user}}: Cold?\n{{char}}: Yes."}
    asked = tagged("Robin: Hi.", card=card, names=names)
    assert asked.startswith(HEAD + f"[in]\n{user}Cold?[/in]\n[out]\n{bot}Yes.[/out]\n[in]\n")


def test_examples_may_stay_as_written() -> None:
    card = {"mes_example": "<START>\n{{user}}: Cold?\n{{char}}: Yes."}
    context = CONTEXT.model_copy(update={"example_separator": "---"})
    asked = tagged("Robin: Hi.", card=card, context=context, skip_examples=True)
    assert asked.startswith(HEAD + "---\nRobin: Cold?\nTessa: Yes.\n[in]\n")


def test_the_first_turn_the_users_last_and_the_reply_may_have_sequences_of_their_own() -> None:
    special = {
        "first_output_sequence": "<first>",
        "last_input_sequence": "<lastuser>",
        "last_output_sequence": "<last>",
    }
    asked = tagged("Tessa: Hello.", "Robin: Hi.", "Tessa: Hm.", "Robin: So?", **special)
    assert asked == HEAD + ("<first>\nHello.[/out]\n[in]\nHi.[/in]\n[out]\nHm.[/out]\n<lastuser>\nSo?[/in]\n<last>\n")
    continued = tagged("Tessa: Hello.", "Robin: Hi.", "Tessa: Wel", kind="continue", **special)
    assert continued == HEAD + "<first>\nHello.[/out]\n<lastuser>\nHi.[/in]\n<last>\nWel"


def test_an_impersonation_is_the_users_turn() -> None:
    asked = prompt("Tessa: Hello.", kind="impersonate", instruct=TAGS, context=CONTEXT)
    assert asked.flat == HEAD + "[out]\nHello.[/out]\n[in]\n"
    assert asked.flat_stop == ["\nTessa:", "\nRobin:", "\n[/out]", "\n[in]", "\n[out]", "\n[sys]"]


def test_a_quiet_prompt_is_a_system_turn_and_may_have_a_sequence_for_its_answer() -> None:
    asked = {"kind": "quiet", "quiet": "Sum up."}
    assert tagged("Robin: Hi.", **asked) == HEAD + "[in]\nHi.[/in]\n[sys]\nSum up.[/sys]\n[out]\n"
    assert tagged("Robin: Hi.", **asked, last_system_sequence="<tell>").endswith("Sum up.[/sys]\n<tell>\n")
    assert tagged("Robin: Hi.", **asked, aloud=True, names="always").endswith("Sum up.[/sys]\n[out]\nTessa:")


def test_a_chat_that_does_not_begin_with_the_user_can_be_aligned() -> None:
    aligned = {"user_alignment": "Go, {{char}}."}
    assert tagged("Tessa: Hello.", "Robin: Hi.", **aligned).startswith(HEAD + "[in]\nGo, Tessa.[/in]\n[out]\nHello.")
    assert tagged("Robin: Hi.", **aligned).startswith(HEAD + "[in]\nHi.")


def test_narrators_and_injections_are_system_turns_or_the_users() -> None:
    asked = tagged("*: Rain.", "Robin: Hi.", injections=[injection("Storm.", 0)])
    assert asked == HEAD + "[sys]\nRain.[/sys]\n[in]\nHi.[/in]\n[sys]\nStorm.[/sys]\n[out]\n"
    same = tagged("*: Rain.", "Robin: Hi.", system_same_as_user=True)
    assert same == HEAD + "[in]\nRain.[/in]\n[in]\nHi.[/in]\n[out]\n"


def test_what_is_said_after_the_history_is_a_turn_of_the_user() -> None:
    system = SystemPrompt(text="Play {{char}}.", post_history="Be brief.")
    asked = tagged("Robin: Hi.", system=system, names="always")
    assert asked == HEAD + "[in]\nRobin: Hi.[/in]\n[in]\nBe brief.[/in]\n[out]\nTessa:"


def test_macros_and_the_speakers_name_count_in_sequences_unless_that_is_off() -> None:
    named = {"input_sequence": "<{{name}}|{{char}}>", "output_sequence": "<{{name}}>", "sequences_as_stops": True}
    assert tagged("Tessa: Hello.", "Robin: Hi.", **named).endswith(
        "<Tessa>\nHello.[/out]\n<Robin|Tessa>\nHi.[/in]\n<Tessa>\n"
    )
    asked = prompt("Robin: Hi.", instruct=TAGS.model_copy(update={**named, "macro": False}), context=CONTEXT)
    assert asked.flat.endswith("<{{name}}|{{char}}>\nHi.[/in]\n<{{name}}>\n")
    assert asked.flat_stop[2:4] == ["\n<Robin|{{char}}>", "\n<Tessa>"]


def test_each_line_of_a_sequence_stops_a_reply_and_blank_ones_never_do() -> None:
    odd = TAGS.model_copy(update={"stop_sequence": "END\n \nFIN", "sequences_as_stops": False, "wrap": False})
    assert prompt("Robin: Hi.", instruct=odd, context=CONTEXT).flat_stop == ["\nRobin:", "END", "FIN"]


def test_a_reply_that_is_given_its_first_words_has_them_after_the_sequence() -> None:
    assert tagged("Robin: Hi.", start_reply_with="Well, ").endswith("[out]\nWell,\n")
    assert tagged("Robin: Hi.", start_reply_with=" Well,", names="always").endswith("[out]\nTessa: Well,")


def test_around_the_story_macros_are_resolved_whatever_the_template_says_of_sequences() -> None:
    instruct = TAGS.model_copy(update={"macro": False, "story_string_prefix": "[{{char}} {{name}}]", "wrap": False})
    assert prompt("Robin: Hi.", instruct=instruct).flat.startswith("[Tessa System]Play Tessa.")


def test_turns_of_examples_end_their_line_only_where_macros_are_resolved() -> None:
    card = {"mes_example": "<START>\n{{user}}: Cold?\n{{char}}: Always."}
    bare = TAGS.model_copy(update={"input_suffix": "", "output_suffix": "", "wrap": True, "names": "none"})
    assert "[in]\nCold?\n[out]\nAlways.\n" in prompt("Robin: Hi.", card=card, instruct=bare).flat
    plain = bare.model_copy(update={"macro": False})
    assert "[in]\nCold?[out]\nAlways.***" in prompt("Robin: Hi.", card=card, instruct=plain).flat


def test_in_examples_of_a_group_a_sequence_names_whose_card_it_is() -> None:
    card = {"mes_example": "<START>\nOrla: Hm.\n{{char}}: Yes."}
    named = TAGS.model_copy(update={"output_sequence": "[{{name}}]", "names": "none"})
    flat = prompt("Robin: Hi.", card=card, instruct=named, members=("Orla",)).flat
    assert "[Tessa]Hm." in flat.replace("\n", "")


def test_the_white_space_that_ends_the_usual_sequence_stands_before_a_name_after_the_last_one() -> None:
    breaks = TAGS.model_copy(
        update={"output_sequence": "[out]\t", "last_output_sequence": "[last]", "names": "always", "wrap": False}
    )
    assert prompt("Robin: Hi.", instruct=breaks).flat.endswith("[last]\tTessa:")


def test_in_a_system_prompt_of_a_template_the_cards_fields_are_blank() -> None:
    system = SystemPrompt(text="Play {{char}}: <{{description}}>.", post_history="Mind <{{description}}>!")
    flat = prompt("Robin: Hi.", instruct=TAGS, system=system).flat
    assert "Play Tessa: <>." in flat
    assert "Mind <>!" in flat
