"""Pictures beside the words of messages: which are shown, where they stand, and what they cost."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from chalicelib.models.chats import Message
from chalicelib.models.prompt import PictureDetail, Prompt, PromptPicture
from chalicelib.models.scenes import Action, Scene
from chalicelib.prompting.pictures import BYTES_MOST, picture_tokens
from tests.unit.prompting.test_assemble import assembled, chat, message, scene


def picture(place: str = "one.png", *, width: int = 64, height: int = 48, bytes: int = 100) -> PromptPicture:
    return PromptPicture(place=place, media_type="image/jpeg", width=width, height=height, bytes=bytes)


def shown(**pictures: PromptPicture) -> Callable[[Message], Sequence[PromptPicture]]:
    """Who sees sees these, by the numbers of messages."""

    def look(one: Message) -> Sequence[PromptPicture]:
        number = one.id.partition(".")[2]
        return [pictures[name] for name in sorted(pictures) if name[1:].rstrip("bc") == number]

    return look


def with_preset(asked: Scene, **changes: object) -> Scene:
    return replace(asked, preset=asked.preset.model_copy(update=changes))


def parts(prompt: Prompt) -> list[list[str]]:
    """What each message that shows something says and shows."""
    told = [one.parts for one in prompt.messages if one.pictures]
    return [[part if isinstance(part, str) else f"<{part.place}>" for part in each] for each in told]


@pytest.mark.parametrize(
    ("size", "detail", "tokens"),
    [
        ((64, 48), "auto", 85),
        ((1200, 900), "low", 85),
        ((1200, 900), "high", 765),
        ((1200, 900), "auto", 765),
        ((3000, 2000), "high", 1105),
        ((300, 200), "high", 1105),
        ((0, 0), "high", 85),
    ],
)
def test_a_picture_costs_what_sillytavern_was_seen_to_count(
    size: tuple[int, int], detail: PictureDetail, tokens: int
) -> None:
    assert picture_tokens(*size, detail) == tokens


def test_a_message_says_its_words_and_shows_its_picture() -> None:
    prompt = assembled(scene(chat("Aye.", "Look at this."), look=shown(m1=picture())))
    assert parts(prompt) == [["Look at this.", "<one.png>"]]
    assert prompt.messages[-1].tokens == 3 + 5 + 85
    assert prompt.tokens == sum(one.tokens for one in prompt.messages) + 3


def test_a_message_without_words_shows_its_picture_and_costs_nothing_else() -> None:
    told = [message(2, "And?", "user"), message(1, ""), message(0, "Aye.")]
    prompt = assembled(scene(told, look=shown(m1=picture())))
    assert parts(prompt) == [["", "<one.png>"]]
    assert [one.tokens for one in prompt.messages if one.pictures] == [85]


def test_what_is_joined_shows_its_pictures_where_they_were() -> None:
    told = [message(2, "Thanks.", "user"), message(1, "There."), message(0, "Here.", "user")]
    asked = with_preset(scene(told, look=shown(m0=picture("a"), m1=picture("b"))), postprocessing="merge")
    assert parts(assembled(asked)) == [["Here.", "<a>", "There.", "<b>", "Thanks."]]


def test_names_before_words_move_no_picture() -> None:
    asked = with_preset(scene(chat("Aye.", "Look."), look=shown(m1=picture())), postprocessing="single")
    said = parts(assembled(asked))[0]
    assert said[0].endswith("Tessa: Aye.\n\nRobin: Look.")
    assert said[1:] == ["<one.png>"]


@pytest.mark.parametrize("change", [{"look": None}, {"pictures": False}])
def test_nothing_is_shown_where_the_model_or_the_preset_will_not_have_it(change: dict[str, object]) -> None:
    asked = scene(chat("Aye.", "Look."), look=change.get("look", shown(m1=picture())))  # type: ignore[arg-type]
    prompt = assembled(with_preset(asked, pictures=change.get("pictures", True)))
    assert prompt.messages[-1].content == "Look."
    assert not prompt.messages[-1].pictures


def test_a_picture_without_room_ends_the_history_with_its_message() -> None:
    asked = with_preset(
        scene(chat("Aye.", "Look.", "Well?", "Say."), look=shown(m1=picture())), context_tokens=60, reply_tokens=10
    )
    prompt = assembled(asked)
    assert [one.content for one in prompt.messages if one.source.startswith("history")] == ["Well?", "Say."]
    assert "history:s.1" in [one.source for one in prompt.manifest.left_out if one.reason == "budget"]


def test_the_newest_pictures_take_what_may_be_sent_and_nobody_looks_for_older_ones() -> None:
    looked: list[str] = []
    large = shown(m1=picture("old", bytes=9), m3=picture("too much", bytes=BYTES_MOST), m5=picture("new", bytes=9))

    def look(one: Message) -> Sequence[PromptPicture]:
        looked.append(one.id)
        return large(one)

    prompt = assembled(scene(chat("a", "b", "c", "d", "e", "f"), look=look))
    assert parts(prompt) == [["f", "<new>"]]
    assert looked == ["s.5", "s.4", "s.3"]
    assert [one.source for one in prompt.manifest.left_out if one.reason == "bytes"] == ["picture:s.3"]


def test_the_manifest_tells_words_and_pictures_apart() -> None:
    prompt = assembled(scene(chat("Aye.", "Look at this."), look=shown(m1=picture(), m1b=picture("two.png"))))
    told = [(one.source, one.title, one.tokens) for one in prompt.manifest.blocks[-3:]]
    assert told == [("history:s.1", "Robin", 8), ("picture:s.1", "one.png", 85), ("picture:s.1", "two.png", 85)]


def test_a_reply_that_goes_on_is_told_by_its_words() -> None:
    asked = scene(chat("Look.", "Here.", "It is a lamp and"), look=shown(m1=picture(), m2=picture("mine")))
    prompt = assembled(replace(asked, action=Action(kind="continue")))
    assert parts(prompt) == [["Here.", "<one.png>"]]
