"""The load's reader keeps the rules of docs/socket.md: only then is what it counts the product's doing."""

import hashlib
import json
from time import monotonic
from typing import Any

from benchmarks.following import ANSWER_SECONDS, HOLE_SECONDS, SILENCE_SECONDS, Follower


class Reading:
    """A follower, what it showed, what it sent, and how its replies ended."""

    def __init__(self) -> None:
        self.shown, self.ends = b"", list[bool]()
        self.sent: list[dict[str, Any]] = []
        self.follower = Follower("chat", self._show, self._restart, lambda _, same: self.ends.append(same))
        self.follower.connected(lambda data: self.sent.append(json.loads(data)))

    def _show(self, text: bytes, now: int) -> None:
        self.shown += text

    def _restart(self) -> None:
        self.shown = b""

    def hears(self, **frame: Any) -> None:
        self.follower.receive(json.dumps(frame, separators=(",", ":")).encode())

    def starts(self, epoch: int = 1) -> None:
        self.hears(type="start", generation_id="one", g=f"ab{epoch}", epoch=epoch)

    def piece(self, first: int, last: int, text: str, g: str = "ab1") -> None:
        self.hears(type="d", g=g, n=[first, last], x=text)

    def ends_with(self, text: str, seq: int) -> None:
        digest = hashlib.sha256(text.encode()).hexdigest()
        self.hears(type="end", generation_id="one", epoch=1, seq=seq, sha256=digest, finish_reason="stop")


def test_pieces_in_order_are_shown_and_their_envelope_is_measured() -> None:
    one = Reading()
    one.starts()
    one.piece(1, 1, "Hello")
    one.piece(2, 3, " there")
    one.ends_with("Hello there", 3)
    wire = one.follower.wire
    assert (one.shown, one.ends) == (b"Hello there", [True])
    assert (wire.text_frames, wire.text_bytes, wire.twice_bytes) == (2, 11, 0)
    assert wire.envelope_most == len('{"type":"d","g":"ab1","n":[1,1],"x":""}')


def test_a_text_that_is_not_the_stored_one_is_told() -> None:
    one = Reading()
    one.starts()
    one.piece(1, 1, "Hello")
    one.ends_with("Hello!", 1)
    assert one.ends == [False]


def test_pieces_that_come_twice_out_of_order_or_overlapping_are_shown_once() -> None:
    one = Reading()
    one.starts()
    one.piece(1, 1, "a")
    one.piece(1, 1, "a")
    one.piece(3, 3, "c")
    assert one.shown == b"a"
    one.piece(2, 2, "b")
    one.piece(2, 4, "bcd")
    assert one.shown == b"abcd"
    assert one.follower.wire.twice_bytes == 3


def test_a_hole_is_asked_for_after_a_moment_and_closed_by_the_answer() -> None:
    one = Reading()
    one.starts()
    one.piece(2, 2, "b")
    one.follower.tick(monotonic())
    assert [frame["type"] for frame in one.sent] == ["follow"]
    one.follower.tick(monotonic() + HOLE_SECONDS)
    assert one.sent[-1] == {"type": "resume", "generation_id": "one", "epoch": 1, "after": 0}
    one.piece(1, 1, "a")
    assert one.shown == b"ab"


def test_silence_is_asked_about_once_and_again_when_no_answer_comes() -> None:
    one = Reading()
    one.starts()
    now = monotonic()
    for later in (SILENCE_SECONDS - 1, SILENCE_SECONDS + 0.1, SILENCE_SECONDS + 1):
        one.follower.tick(now + later)
    assert [frame["type"] for frame in one.sent] == ["follow", "resume"]
    one.follower.tick(now + 2 * max(ANSWER_SECONDS, 2 * SILENCE_SECONDS))
    assert [frame["type"] for frame in one.sent] == ["follow", "resume", "resume"]


def test_a_snapshot_on_a_new_socket_adds_what_is_new_and_counts_the_rest_as_sent_twice() -> None:
    one = Reading()
    one.starts()
    one.piece(1, 2, "abc")
    one.follower.disconnected()
    one.follower.connected(lambda data: one.sent.append(json.loads(data)))
    about = {"generation_id": "one", "g": "ab1", "epoch": 1, "upto": 3, "parts": 2}
    one.hears(type="snapshot", part=2, text="de", **about)
    one.hears(type="snapshot", part=1, text="abc", **about)
    one.piece(4, 4, "f")
    assert one.shown == b"abcdef"
    assert (one.follower.wire.twice_bytes, one.follower.wire.replaced) == (3, 0)


def test_a_reply_that_ended_while_the_socket_was_away_is_asked_for() -> None:
    one = Reading()
    one.follower.expect("one")
    one.hears(type="following", chat_id="chat", revision=2, generation_ids=[])
    assert one.sent[-1] == {"type": "resume", "generation_id": "one", "epoch": 0, "after": 0}


def test_a_higher_epoch_begins_anew() -> None:
    one = Reading()
    one.starts()
    one.piece(1, 1, "old")
    one.starts(epoch=2)
    one.piece(2, 2, "old", g="ab1")
    one.piece(1, 1, "new", g="ab2")
    assert one.shown == b"new"
    assert one.follower.wire.replaced == 1


def test_pieces_of_an_unknown_handle_wait_for_their_start() -> None:
    one = Reading()
    one.piece(1, 1, "a")
    assert one.shown == b""
    one.starts()
    assert one.shown == b"a"
