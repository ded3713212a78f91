"""What a reader of one chat does with frames, by the rules of docs/socket.md and the web client's library, as cheaply
as it can be done: pieces are put in order, each once, a hole or a long silence is asked about, the end is checked.
"""

import hashlib
import json
import re
from collections.abc import Callable
from time import monotonic, monotonic_ns
from typing import Any

PIECE = re.compile(rb'\{"type":"d","g":"([^"]+)","n":\[(\d+),(\d+)\],"x":"([^"\\]*)"\}')
HOLE_SECONDS = 0.15
SILENCE_SECONDS, SILENCE_SECONDS_MOST = 3.0, 15.0
ANSWER_SECONDS = 5.0


class Wire:
    """What came over a reader's sockets."""

    def __init__(self) -> None:
        self.frames = self.bytes = 0
        self.text_frames = self.text_bytes = self.envelope_bytes = self.envelope_most = 0
        self.twice_bytes = 0
        """Text that the reader had already."""
        self.resumes = self.snapshots = self.replaced = 0


class Reply:
    """One generation as far as it has come."""

    def __init__(self, generation_id: str, now: float) -> None:
        self.id, self.epoch, self.upto = generation_id, 0, 0
        self.text = bytearray()
        self.held: list[tuple[int, int, bytes]] = []
        self.seams = {0: 0}
        self.parts: dict[int, str] = {}
        self.parts_upto = -1
        self.end: dict[str, Any] | None = None
        self.heard_at, self.silence = now, SILENCE_SECONDS
        self.hole_since: float | None = None
        self.asked_at: float | None = None

    @property
    def has_hole(self) -> bool:
        return bool(self.held) or (self.end is not None and self.end["seq"] > self.upto)

    def due_at(self) -> float:
        if self.asked_at is not None:
            return self.asked_at + max(ANSWER_SECONDS, self.silence)
        if self.hole_since is not None:
            return self.hole_since + HOLE_SECONDS
        return self.heard_at + self.silence


class Follower:
    """Follows one chat. `on_text` gets each byte of a reply once and in order, `on_restart` hears that it begins anew,
    `on_end` gets the `end` frame and whether the text is what was stored."""

    def __init__(
        self,
        chat_id: str,
        on_text: Callable[[bytes, int], None],
        on_restart: Callable[[], None],
        on_end: Callable[[dict[str, Any], bool], None],
    ) -> None:
        self._chat_id, self._on_text, self._on_restart, self._on_end = chat_id, on_text, on_restart, on_end
        self._handles: dict[bytes, tuple[str, int]] = {}
        self._strays: list[bytes] = []
        self._send: Callable[[bytes], None] | None = None
        self._over: set[str] = set()
        self.reply: Reply | None = None
        self.wire = Wire()

    def connected(self, send: Callable[[bytes], None]) -> None:
        """A socket was welcomed: the chat is followed on it from now on."""
        self._send = send
        self._handles.clear()
        self._strays.clear()
        send(b'{"type":"follow","chat_id":"%b","revision":0}' % self._chat_id.encode())
        if self.reply:
            self.reply.heard_at, self.reply.silence, self.reply.asked_at = monotonic(), SILENCE_SECONDS, None
            self.reply.hole_since = monotonic() if self.reply.has_hole else None

    def disconnected(self) -> None:
        self._send = None

    def expect(self, generation_id: str) -> None:
        """A reply that is known of before, or without, its frames."""
        if generation_id not in self._over and self.reply is None:
            self.reply = Reply(generation_id, monotonic())
            self._release()

    def receive(self, data: bytes) -> None:
        now = monotonic_ns()
        wire = self.wire
        wire.frames += 1
        wire.bytes += len(data)
        found = PIECE.fullmatch(data)
        if found:
            text = found[4]
            wire.text_frames += 1
            wire.text_bytes += len(text)
            envelope = len(data) - len(text)
            wire.envelope_bytes += envelope
            wire.envelope_most = max(wire.envelope_most, envelope)
            self._piece(data, found, now)
            return
        frame = json.loads(data)
        match frame.get("type"):
            case "start":
                if one := self._about(frame):
                    self._handles[frame["g"].encode()] = (one.id, one.epoch)
                    self._release()
            case "snapshot":
                wire.snapshots += 1
                self._snapshot(frame, now)
            case "end":
                if one := self._about(frame):
                    one.end = frame
                    self._settle(one)
            case "following":
                one = self.reply
                if one and one.id not in frame["generation_ids"]:
                    self._ask(one)
            case "d":
                raise ValueError(f"A text frame of a form that is not known here: {data[:200]!r}")

    def tick(self, now: float) -> None:
        """Asks for what is missing; called a few times a second with the time of `monotonic`."""
        one = self.reply
        if one is None or self._send is None or now < one.due_at():
            return
        if one.hole_since is None:
            one.silence = min(one.silence * 2, SILENCE_SECONDS_MOST)
        self._ask(one)

    # --- inside

    def _about(self, frame: dict[str, Any]) -> Reply | None:
        """The reply a frame speaks of, None when it is over or older than what we have."""
        generation_id = frame["generation_id"]
        if generation_id in self._over:
            return None
        if self.reply is None or self.reply.id != generation_id:
            self.reply = Reply(generation_id, monotonic())
        one = self.reply
        if frame["epoch"] < one.epoch:
            return None
        if frame["epoch"] > one.epoch:
            if one.text:
                self._restart()
            self.reply = one = Reply(generation_id, monotonic())
            one.epoch = frame["epoch"]
        self._heard(one)
        return one

    def _piece(self, data: bytes, found: re.Match[bytes], now: int) -> None:
        known = self._handles.get(found[1])
        if known is None:
            self._strays.append(data)
            return
        one = self.reply
        if one is None or known != (one.id, one.epoch):
            self.wire.twice_bytes += len(found[4])
            return
        first, last = int(found[2]), int(found[3])
        if first == one.upto + 1:
            self._append(one, last, found[4], now)
            if one.held:
                self._drain(one, now)
        elif last <= one.upto:
            self.wire.twice_bytes += len(found[4])
        else:
            one.held.append((first, last, found[4]))
            self._drain(one, now)
        one.heard_at, one.asked_at, one.silence = now / 1e9, None, SILENCE_SECONDS
        if one.held or one.end:
            self._settle(one)
        else:
            one.hole_since = None

    def _append(self, one: Reply, last: int, text: bytes, now: int) -> None:
        one.text += text
        one.upto = last
        one.seams[last] = len(one.text)
        self._on_text(text, now)

    def _drain(self, one: Reply, now: int) -> None:
        """Takes the held pieces that begin at a seam we know; what they repeat is cut."""
        while True:
            fitting = [held for held in one.held if held[0] - 1 in one.seams and held[1] > one.upto]
            if not fitting:
                break
            first, last, text = min(fitting, key=lambda held: held[1])
            known = len(one.text) - one.seams[first - 1]
            self.wire.twice_bytes += known
            self._append(one, last, text[known:], now)
        one.held = [held for held in one.held if held[1] > one.upto]

    def _snapshot(self, frame: dict[str, Any], now: int) -> None:
        one = self._about(frame)
        if one is None:
            return
        self._handles[frame["g"].encode()] = (one.id, one.epoch)
        if one.parts_upto != frame["upto"]:
            one.parts, one.parts_upto = {}, frame["upto"]
        one.parts[frame["part"]] = frame["text"]
        if len(one.parts) == frame["parts"]:
            text = "".join(one.parts[number] for number in sorted(one.parts)).encode()
            one.parts_upto = -1
            if frame["upto"] < one.upto:
                self.wire.twice_bytes += len(text)
            elif text.startswith(one.text):
                known = len(one.text)
                self.wire.twice_bytes += known
                self._append(one, frame["upto"], text[known:], now)
                self._drain(one, now)
            else:
                self._restart()
                one.text, one.upto, one.seams = bytearray(), 0, {}
                self._append(one, frame["upto"], text, now)
            self._settle(one)
        self._release()

    def _settle(self, one: Reply) -> None:
        if one.end is None or one.upto < one.end["seq"]:
            one.hole_since = (one.hole_since or monotonic()) if one.has_hole else None
            return
        self.reply = None
        self._over.add(one.id)
        self._on_end(one.end, hashlib.sha256(one.text).hexdigest() == one.end["sha256"])

    def _restart(self) -> None:
        self.wire.replaced += 1
        self._on_restart()

    def _heard(self, one: Reply) -> None:
        one.heard_at, one.asked_at = monotonic(), None

    def _ask(self, one: Reply) -> None:
        if self._send is None:
            return
        one.asked_at = monotonic()
        one.hole_since = one.asked_at if one.hole_since is not None else None
        self.wire.resumes += 1
        asked = {"type": "resume", "generation_id": one.id, "epoch": one.epoch, "after": one.upto}
        self._send(json.dumps(asked).encode())

    def _release(self) -> None:
        strays, self._strays = self._strays, []
        for data in strays:
            found = PIECE.fullmatch(data)
            if found and found[1] in self._handles:
                self._piece(data, found, monotonic_ns())
            else:
                self._strays.append(data)
