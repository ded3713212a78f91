"""Who of a group speaks next."""

import random
from datetime import UTC, datetime

import pytest

from chalicelib.models.cards import CardData
from chalicelib.models.chats import Message
from chalicelib.models.scenes import ActionKind, Actor, Group, History
from chalicelib.prompting.groups import Call, speakers

NOW = datetime(2026, 5, 17, 14, 0, tzinfo=UTC)


def actor(name: str, *, muted: bool = False, talkativeness: object = 0.5) -> Actor:
    card = CardData(name=name, extensions={"talkativeness": talkativeness})
    return Actor(id=name.lower(), card=card, muted=muted)


def chat(*lines: tuple[str, str]) -> History:
    """Oldest first: name and text."""
    messages = [
        Message(
            id=f"s.{number}",
            chat_id="c",
            role="user" if name == "Ines" else "assistant",
            name=name,
            text=text,
            created_at=NOW,
        )
        for number, (name, text) in enumerate(lines)
    ]
    return History(reversed(messages))


def names(group: Group, history: History, call: Call, seed: int = 1) -> list[str]:
    return [one.card.name for one in speakers(group, history, call, random.Random(seed))]


ADA, BEN, CLEO = actor("Ada"), actor("Ben"), actor("Cleo Brandt")


def test_in_a_list_all_speak_in_their_order_but_the_muted() -> None:
    group = Group(actors=(ADA, actor("Ben", muted=True), CLEO), order="list")
    assert names(group, chat(("Ines", "Well?")), Call(said="Well?")) == ["Ada", "Cleo Brandt"]


def test_a_forced_member_speaks_alone_even_when_muted() -> None:
    group = Group(actors=(ADA, actor("Ben", muted=True)), order="list")
    assert names(group, chat(), Call(forced="ben")) == ["Ben"]


def test_in_manual_order_nobody_answers_the_user() -> None:
    group = Group(actors=(ADA, BEN), order="manual")
    assert names(group, chat(("Ines", "Well?")), Call(said="Well?")) == []
    assert len(names(group, chat(("Ines", "Well?")), Call())) == 1


def test_who_is_named_speaks_first() -> None:
    quiet = tuple(actor(name, talkativeness=0) for name in ("Ada", "Ben", "Cleo Brandt"))
    group = Group(actors=quiet, order="natural")
    assert names(group, chat(("Ines", "brandt, and ADA?")), Call(said="brandt, and ADA?")) == ["Cleo Brandt", "Ada"]


def test_the_talkative_always_speak_and_the_silent_never() -> None:
    group = Group(actors=(actor("Ada", talkativeness=1), actor("Ben", talkativeness=0)), order="natural")
    assert all(names(group, chat(), Call(said="Hm."), seed) == ["Ada"] for seed in range(20))


def test_somebody_speaks_when_nobody_feels_like_it() -> None:
    group = Group(actors=(actor("Ada", talkativeness=0.001), actor("Ben", talkativeness=0)), order="natural")
    assert all(names(group, chat(), Call(said="Hm."), seed) == ["Ada"] for seed in range(20))


def test_nobody_answers_themselves_unless_they_may() -> None:
    loud = (actor("Ada", talkativeness=1), actor("Ben", talkativeness=1))
    history = chat(("Ada", "I say."))
    assert names(Group(actors=loud, order="natural"), history, Call()) == ["Ben"]
    assert set(names(Group(actors=loud, order="natural", self_replies=True), history, Call())) == {"Ada", "Ben"}


def test_pooled_members_speak_once_before_anybody_speaks_twice() -> None:
    group = Group(actors=(ADA, BEN), order="pooled")
    assert names(group, chat(("Ines", "Well?"), ("Ada", "Yes.")), Call()) == ["Ben"]
    spoken = chat(("Ines", "Well?"), ("Ben", "No."), ("Ada", "Yes."))
    assert {names(group, spoken, Call(), seed)[0] for seed in range(10)} == {"Ben"}


@pytest.mark.parametrize("kind", ["swipe", "continue"])
def test_a_swipe_or_continuation_is_its_speakers(kind: ActionKind) -> None:
    group = Group(actors=(ADA, BEN), order="list")
    assert names(group, chat(("Ada", "Yes."), ("Ben", "No.")), Call(kind=kind)) == ["Ben"]


def test_the_group_answers_anew_as_it_would_answer_at_first() -> None:
    group = Group(actors=(ADA, BEN), order="list")
    assert names(group, chat(("Ada", "Hm."), ("Ines", "Well?")), Call(kind="regenerate")) == ["Ada", "Ben"]


def test_what_happens_in_the_background_is_told_by_who_spoke_last_or_the_first() -> None:
    group = Group(actors=(ADA, BEN), order="list")
    assert names(group, chat(("Ada", "Yes."), ("Ben", "No."), ("Ines", "Hm.")), Call(kind="quiet")) == ["Ben"]
    assert names(group, chat(("Ines", "Hm.")), Call(kind="quiet")) == ["Ada"]


@pytest.mark.parametrize("given", ["loud", None, [], {}])
def test_an_odd_talkativeness_counts_as_half(given: object) -> None:
    group = Group(actors=(actor("Ada", talkativeness=given), actor("Ben", talkativeness=0)), order="natural")
    spoken = [names(group, chat(), Call(said="Hm."), seed) for seed in range(40)]
    assert ["Ada"] in spoken
