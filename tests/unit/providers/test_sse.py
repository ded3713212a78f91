"""The parser of server-sent events."""

import pytest

from chalicelib.providers.sse import Event, LineTooLong, SseParser


def events(*pieces: bytes) -> list[Event]:
    parser = SseParser()
    return [event for piece in pieces for event in parser.feed(piece)] + parser.close()


def said(*texts: str) -> list[Event]:
    return [Event("message", text) for text in texts]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: one\n\ndata: two\n\n", said("one", "two")),
        (b"data: one\r\n\r\ndata: two\r\n\r\n", said("one", "two")),
        (b"data: one\r\rdata: two\r\r", said("one", "two")),
        (b"data: one\n\r\ndata: two\r\n\n", said("one", "two")),
        (b"data:one\n\ndata:  two\n\n", said("one", " two")),
        (b"data: a\ndata: b\ndata:\n\n", said("a\nb\n")),
        (b": comment\n\n:\n\ndata: one\n: between\n\n", said("one")),
        (b"event: ping\ndata: {}\n\ndata: x\n\n", [Event("ping", "{}"), Event("message", "x")]),
        (b"event: ping\n\ndata: x\n\n", said("x")),
        (b"id: 1\nretry: 10\nwhat: ever\ndata: x\n\n", said("x")),
        (b"data\n\n", said("")),
        (b"\xef\xbb\xbfdata: x\n\n", said("x")),
        (b"data: x", said("x")),
        (b"data: x\n", said("x")),
        (b"data: x\r", said("x")),
        (b"data: a\n\n\n\n\ndata: b\n\n", said("a", "b")),
        ("data: 灯塔 🐚 — é\n\n".encode(), said("灯塔 🐚 — é")),
        (b"data: \xff\xfe\n\n", said("\ufffd\ufffd")),
        (b"error: {}\n\n", [Event("error", "{}")]),
        (b"", []),
        (b"\n\n\n", []),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_events_are_the_same_however_the_bytes_are_cut(stream: bytes, expected: list[Event], size: int) -> None:
    assert events(*(stream[at : at + size] for at in range(0, len(stream), size))) == expected


def test_an_event_comes_out_as_soon_as_its_empty_line_is_there() -> None:
    parser = SseParser()
    assert parser.feed(b"data: x\n") == []
    assert parser.feed(b"\n") == said("x")


@pytest.mark.parametrize("end", [b"", b"\n\n"])
def test_a_line_above_the_cap_is_refused(end: bytes) -> None:
    parser = SseParser(line_bytes_most=100)
    with pytest.raises(LineTooLong):
        parser.feed(b"data: " + b"x" * 100 + end)


def test_many_lines_of_one_event_above_the_cap_are_refused() -> None:
    parser = SseParser(line_bytes_most=100)
    with pytest.raises(LineTooLong):
        parser.feed(b"data: 0123456789\n" * 11)
