"""What a chat file of SillyTavern says."""

from datetime import UTC, datetime

from chalicelib.chatfiles.reading import read_head, read_messages
from tests.unit.chatfiles.builders import HEADER, NOW, file, line, read


def test_who_speaks_and_what_is_read():
    ana, ben = read(line("Hello."), line("Hi!", name="Ben", is_user=True))
    assert (ana.role, ana.name, ana.chosen.text) == ("assistant", "Ana", "Hello.")
    assert (ben.role, ben.name, ben.chosen.text) == ("user", "Ben", "Hi!")


def test_a_system_message_is_hidden_and_a_narrator_is_the_system():
    hidden, narrator = read(line(is_system=True), line(extra={"type": "narrator"}))
    assert (hidden.role, hidden.hidden) == ("assistant", True)
    assert (narrator.role, narrator.hidden) == ("system", False)


def test_a_byte_order_mark_and_blank_lines_are_passed_over():
    data = b"\xef\xbb\xbf" + file(line("one")).replace(b"\n", b"\r\n\r\n") + b"\n"
    assert [message.chosen.text for message in read_messages(data, now=NOW)] == ["one"]


def test_a_file_without_a_header_is_read_from_its_first_message():
    data = b'{"name":"Ana","mes":"one"}\n{"name":"Ana","mes":"two"}'
    assert read_head(data).metadata == {}
    assert [message.chosen.text for message in read_messages(data, now=NOW)] == ["one", "two"]


def test_an_old_header_tells_the_names():
    head = read_head(file(header={"user_name": "Ben", "character_name": "Ana", "create_date": "2023-1-2@03h04m05s"}))
    assert (head.user_name, head.character_name) == ("Ben", "Ana")


def test_todays_header_tells_no_names():
    assert read_head(file(header=HEADER)).user_name == ""


def test_the_authors_note_is_taken_from_the_metadata():
    head = read_head(
        file(header={"chat_metadata": {"note_prompt": "It rains.", "note_depth": 2}, **{"user_name": "x"}})
    )
    assert (head.authors_note, head.authors_note_depth) == ("It rains.", 2)


def test_swipes_are_read_with_their_own_facts():
    info = [
        {"send_date": "June 1, 2024 3:04pm", "extra": {"model": "tiny", "reasoning": "Hm."}},
        {"send_date": "2026-05-17T14:00:00.000Z", "extra": {}},
    ]
    (message,) = read(line("two", swipes=["one", "two"], swipe_id=1, swipe_info=info))
    first, second = message.swipes
    assert (first.text, first.reasoning, first.created_at) == ("one", "Hm.", datetime(2024, 6, 1, 15, 4, tzinfo=UTC))
    assert first.reply is not None
    assert first.reply.model == "tiny"
    assert (second.text, message.swipe_index) == ("two", 1)


def test_short_missing_and_broken_arrays_are_filled():
    (message,) = read(line("b", swipes=["a", 7, "b", None], swipe_id=2, swipe_info=[None]))
    assert [swipe.text for swipe in message.swipes] == ["a", "", "b", ""]


def test_a_wrong_swipe_id_is_found_by_the_text():
    (message,) = read(line("b", swipes=["a", "b"], swipe_id="many"))
    assert (message.swipe_index, message.chosen.text) == (1, "b")


def test_a_text_that_no_swipe_holds_becomes_one():
    (message,) = read(line("c", swipes=["a", "b"], swipe_id=9))
    assert ([swipe.text for swipe in message.swipes], message.swipe_index) == (["a", "b", "c"], 2)


def test_the_text_wins_over_the_swipe_it_should_mirror():
    (message,) = read(line("edited", swipes=["a", "b"], swipe_id=1))
    assert [swipe.text for swipe in message.swipes] == ["a", "edited"]


def test_texts_inside_objects_are_taken_out():
    (message,) = read(line({"message": "Hello."}, swipes=[{"message": "Hello."}], swipe_id=0))
    assert message.chosen.text == "Hello."


def test_a_message_without_a_time_has_that_of_the_one_before():
    first, second = read(line(send_date="June 1, 2024 3:04pm"), line(send_date="some day"))
    assert second.chosen.created_at == first.chosen.created_at
