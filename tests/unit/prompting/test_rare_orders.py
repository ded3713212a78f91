"""Presets of SillyTavern in rare situations: what its own page was seen to send there."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.models.cards import CardData
from chalicelib.models.chats import Message
from chalicelib.models.prompt import Prompt
from chalicelib.models.scenes import (
    Action,
    ActionKind,
    Actor,
    AuthorsNote,
    Group,
    History,
    Injection,
    Overrides,
    Preferences,
    Reasoning,
    Scene,
    Who,
)
from chalicelib.presetfiles.chat import read_preset
from chalicelib.prompting.asking import token_bias
from chalicelib.prompting.assemble import assemble
from chalicelib.prompting.scripts.patterns import Patterns

NOW = datetime(2026, 5, 17, 14, 0, tzinfo=UTC)
TESSA = {"name": "Tessa", "description": "Tall."}


def part(id: str, text: str = "", **more: Any) -> dict[str, Any]:
    """A built-in prompt, or one of the person's own when its name begins with `own`."""
    own = id.startswith("own")
    return {"identifier": id, "role": "system", "content": text, "system_prompt": not own} | more


PARTS = (
    part("main", "Main."),
    part("charDescription", marker=True),
    part("personaDescription", marker=True),
    part("chatHistory", marker=True),
    part("jailbreak", "Post."),
)


def preset(*parts: dict[str, Any], off: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    order = [{"identifier": one["identifier"], "enabled": one["identifier"] not in off} for one in parts]
    return {"prompts": [*parts], "prompt_order": [{"character_id": 100001, "order": order}]} | more


def changed(id: str, **more: Any) -> tuple[dict[str, Any], ...]:
    return tuple(one | more if one["identifier"] == id else one for one in PARTS)


def said(*lines: str, **more: Any) -> list[Message]:
    """Messages from lines like `Robin: Hi.`, newest first; `more` goes on the newest."""
    found = []
    for number, line in enumerate(lines):
        name, _, text = line.partition(": ")
        role = "user" if name == "Robin" else "assistant"
        fields = {"id": f"s.{number}", "chat_id": "c", "role": role, "name": name, "text": text, "created_at": NOW}
        found.append(Message.model_validate(fields | (more if number == len(lines) - 1 else {})))
    return found[::-1]


def scene(given: dict[str, Any], history: list[Message], kind: ActionKind = "normal", **more: Any) -> Scene:
    return Scene(
        speaker=Actor(id="tessa", card=CardData.model_validate(TESSA | more.pop("card", {}))),
        history=History(history),
        now=NOW,
        dice=random.Random(1),
        count=lambda text: len(text.split()),
        encode=lambda text: [len(text)],
        action=Action(kind=kind),
        preset=read_preset(given),
        persona=more.pop("persona", Who(name="Robin")),
        **more,
    )


def assembled(asked: Scene) -> Prompt:
    return assemble(asked, Patterns(clock=lambda: 0.0))


def lines(prompt: Prompt) -> list[str]:
    return [f"{one.role}: {one.content}" for one in prompt.messages]


def test_a_note_beside_a_main_prompt_in_the_chat_takes_its_role() -> None:
    given = preset(*changed("main", role="user", injection_position=1, injection_depth=0, injection_order=100))
    note = AuthorsNote(text="Rain.", place="after_main", role="assistant")
    assert lines(assembled(scene(given, said("Robin: Hi."), note=note))) == [
        "system: Tall.",
        "user: Hi.",
        "user: Main.\nRain.",
        "system: Post.",
    ]


def test_a_main_prompt_for_other_actions_leaves_its_place_to_the_note_and_to_the_card() -> None:
    given = preset(*changed("main", injection_trigger=["swipe"]))
    note = AuthorsNote(text="Rain.", place="after_main")
    without = assembled(scene(given, said("Robin: Hi."), note=note))
    assert lines(without) == ["system: Rain.", "system: Tall.", "user: Hi.", "system: Post."]
    card = {"system_prompt": "Card({{original}})."}
    assert lines(assembled(scene(given, said("Robin: Hi."), note=note, card=card)))[0] == "system: Card()."


def test_a_marker_for_other_actions_is_said_at_the_very_end() -> None:
    given = preset(*changed("charDescription", injection_trigger=["swipe"]))
    assert lines(assembled(scene(given, said("Robin: Hi.")))) == [
        "system: Main.",
        "user: Hi.",
        "system: Post.",
        "system: Tall.",
    ]


def test_a_persona_that_the_order_does_not_know_stands_after_the_words_a_reply_begins_with() -> None:
    given = preset(*(one for one in PARTS if one["identifier"] not in ("personaDescription", "charDescription")))
    asked = scene(given, said("Robin: Hi."), persona=Who(name="Robin", description="Brave."))
    asked = replace(asked, preferences=Preferences(start_reply_with="Well"))
    assert lines(assembled(asked))[-4:] == ["system: Post.", "system: Tall.", "assistant: Well", "system: Brave."]


def test_the_persona_is_said_as_it_was_written() -> None:
    asked = scene(preset(*PARTS), said("Robin: Hi."), persona=Who(name="Robin", description=" {{user}} is brave. "))
    assert "system:  Robin is brave. " in lines(assembled(asked))


def test_beside_the_main_prompt_texts_keep_their_spaces_and_in_the_chat_they_lose_them() -> None:
    texts = [
        Injection(id="a", text="  Fog. ", place="before_main", depth=0),
        Injection(id="b", text="  Hail. ", place="in_chat", depth=0),
    ]
    asked = scene(preset(*PARTS), said("Robin: Hi."), injections=tuple(texts))
    assert lines(assembled(asked)) == [
        "system:   Fog. ",
        "system: Main.",
        "system: Tall.",
        "user: Hi.",
        "system: Hail.",
        "system: Post.",
    ]


def test_a_part_in_the_chat_of_white_space_only_leaves_a_line_to_what_follows() -> None:
    own = part("own", "  ", injection_position=1, injection_depth=0, injection_order=100)
    asked = scene(preset(*PARTS, own), said("Robin: Hi."), note=AuthorsNote(text="Rain.", depth=0))
    assert "system: \nRain." in lines(assembled(asked))


@pytest.mark.parametrize("prefill", [True, False])
def test_depths_are_counted_without_a_message_that_is_a_prefill(prefill: bool) -> None:
    given = preset(*PARTS, continue_prefill=prefill, continue_nudge_prompt="Go on.")
    asked = scene(given, said("Robin: One.", "Tessa: Two.", "Tessa: Three"), "continue")
    asked = replace(asked, note=AuthorsNote(text="Rain.", depth=1))
    end = ["system: Post.", "assistant: Three"]
    if prefill:
        expected = ["system: Rain.", "assistant: Two.", *end]
    else:
        expected = ["assistant: Two.", "system: Rain.", *end, "system: Go on."]
    assert lines(assembled(asked))[-len(expected) :] == expected


def test_a_prefill_says_who_speaks_beside_it_and_is_there_without_a_history() -> None:
    given = preset(*PARTS, off=("chatHistory",), continue_prefill=True, names_behavior=1)
    prompt = assembled(scene(given, said("Robin: One.", "Tessa: Two"), "continue"))
    assert [(one.content, one.name) for one in prompt.messages][-2:] == [("Post.", None), ("Two", "Tessa")]


def test_letters_that_services_do_not_take_in_names_are_underlined_the_hyphen_too() -> None:
    prompt = assembled(scene(preset(*PARTS, names_behavior=1), said("Ann-Lee: One.", "Robin: Two.")))
    assert [one.name for one in prompt.messages if one.name] == ["Ann_Lee", "Robin"]


def test_an_empty_message_is_continued_by_the_nudge_alone() -> None:
    given = preset(*PARTS, continue_nudge_prompt="[{{lastChatMessage}}] go", continue_postfix=" ")
    assert lines(assembled(scene(given, said("Robin: One.", "Tessa: "), "continue")))[-1] == "system: [] go"


def test_what_the_user_is_taken_to_say_stands_before_a_continuation_too() -> None:
    given = preset(*PARTS, send_if_empty="Go on.", continue_nudge_prompt="Nudge.")
    asked = scene(given, said("Tessa: One.", "Tessa: Two"), "continue")
    assert lines(assembled(asked)) == [
        "system: Main.",
        "system: Tall.",
        "assistant: One.",
        "user: Go on.",
        "system: Post.",
        "assistant: Two",
        "system: Nudge.",
    ]


def test_a_part_of_somebody_else_without_words_keeps_system_texts_apart() -> None:
    parts = (part("main", "Main."), part("own", "", role="user"), part("jailbreak", "Post."))
    given = preset(*parts, squash_system_messages=True)
    assert lines(assembled(scene(given, said("Robin: Hi."), card={"description": ""}))) == [
        "system: Main.",
        "system: Post.",
    ]


def test_a_blank_override_of_the_chat_takes_the_cards_away_too() -> None:
    asked = scene(preset(*PARTS), said("Robin: Hi."), card={"system_prompt": "Card."})
    assert lines(assembled(replace(asked, overrides=Overrides(system_prompt="   "))))[0] == "system: Main."


def thinking(**more: Any) -> Preferences:
    return Preferences(reasoning=Reasoning(prefix="<", suffix=">", separator=" ", **more))


def test_thoughts_of_a_reply_that_goes_on_are_told_whatever_is_chosen() -> None:
    history = said("Robin: One.", "Tessa: Two", reasoning="Hm.")
    told = lines(assembled(scene(preset(*PARTS), history, "continue", preferences=thinking(included=False))))
    assert "assistant: <Hm.> Two" in told
    told = lines(assembled(scene(preset(*PARTS), history, preferences=thinking(included=False))))
    assert "assistant: Two" in told


def test_the_placeholder_of_older_chats_is_no_thought() -> None:
    history = said("Robin: One.", "Tessa: Two", reasoning="\u200b")
    assert "assistant: Two" in lines(
        assembled(scene(preset(*PARTS), history, preferences=thinking(included=True, most=3)))
    )


def group(*, cards: str = "swap", muted: bool = False) -> Group:
    note = {"depth_prompt": {"prompt": "Orla limps.", "depth": 0, "role": "system"}}
    orla = Actor(id="orla", card=CardData(name="Orla", description="Small.", extensions=note), muted=muted)
    tessa = Actor(id="tessa", card=CardData.model_validate(TESSA))
    return Group(actors=(tessa, orla), cards=cards)  # type: ignore[arg-type]


def test_nobody_of_a_group_reads_the_thoughts_of_others() -> None:
    history = [
        *said("Orla: Two.", reasoning="Hm."),
        *said("Tessa: One.", reasoning="Oh."),
    ]
    asked = scene(preset(*PARTS), history, group=group(), preferences=thinking(included=True, most=5))
    assert lines(assembled(asked))[-3:-1] == ["assistant: Tessa: <Oh.> One.", "assistant: Orla: Two."]


@pytest.mark.parametrize(("muted", "told"), [(False, True), (True, False)])
def test_of_a_muted_member_the_card_is_joined_and_its_note_is_not(muted: bool, told: bool) -> None:
    asked = scene(preset(*PARTS), said("Robin: Hi."), group=group(cards="join_all", muted=muted))
    made = lines(assembled(asked))
    assert "system: Tall.\nSmall." in made
    assert ("system: Orla limps." in made) is told


def test_among_a_group_everybody_else_is_who_is_not_muted() -> None:
    given = preset(*PARTS, group_nudge_prompt="Not {{notChar}}.")
    assert "system: Not Orla." in lines(assembled(scene(given, said("Robin: Hi."), group=group())))
    assert "system: Not ." in lines(assembled(scene(given, said("Robin: Hi."), group=group(muted=True))))


@pytest.mark.parametrize("missing", ["role", "injection_depth"])
def test_a_part_in_the_chat_that_does_not_say_where_or_whose_it_is_is_not_sent(missing: str) -> None:
    own = part("own", "Own.", injection_position=1, injection_depth=0)
    whole = lines(assembled(scene(preset(*PARTS, own), said("Robin: Hi."))))
    del own[missing]
    assert lines(assembled(scene(preset(*PARTS, own), said("Robin: Hi.")))) == [
        line for line in whole if line != "system: Own."
    ]
    assert "system: Own." in whole


def test_a_bias_on_an_empty_list_of_tokens_is_none() -> None:
    assert token_bias([("[]", 5.0), ("[ 7, 8 ]", 1.0), ("[9,]", 2.0)], lambda text: [len(text)]) == {
        7: 1.0,
        8: 1.0,
        4: 2.0,
    }
