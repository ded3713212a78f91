"""What a reader does with frames, as docs/streaming.md asks it of everybody: no network and no clock in here.

Written from the page and not from our web client, so that two readers of the contract check each other.
"""

from dataclasses import dataclass, field
from typing import Any

Frame = dict[str, Any]

SILENCE_SECONDS = 3.0
SILENCE_SECONDS_MOST = 15.0
HOLE_SECONDS = 0.15
ANSWER_SECONDS = 5.0
STRAY_SECONDS = 10.0


@dataclass
class Reply:
    """One generation as one reader has it."""

    generation_id: str
    now: float
    epoch: int = 0
    upto: int = 0
    text: str = ""
    reasoning: str = ""
    end: Frame | None = None
    ended: bool = False
    dropped: int = 0
    """Pieces that came again."""
    held: dict[int, Frame] = field(default_factory=dict)
    parts: dict[int, Frame] = field(default_factory=dict)
    seams: dict[int, tuple[int, int]] = field(default_factory=lambda: {0: (0, 0)})
    heard_at: float = 0.0
    silence: float = SILENCE_SECONDS
    hole_since: float | None = None
    asked_at: float | None = None
    asked_after_end: bool = False
    lone_ends: int = 0

    def __post_init__(self) -> None:
        self.heard_at = self.now

    @property
    def fetches(self) -> bool:
        """Whether it has only the `end`, and must load the message: its log has aged out, or is gone."""
        return self.ended and self.end is not None and self.end["seq"] > self.upto

    @property
    def has_hole(self) -> bool:
        return not self.ended and (bool(self.held) or (self.end is not None and self.end["seq"] > self.upto))

    def enter(self, epoch: int) -> None:
        """A higher epoch makes all of a lower one void."""
        if epoch <= self.epoch:
            return
        self.epoch, self.upto, self.text, self.reasoning = epoch, 0, "", ""
        self.held, self.parts, self.seams, self.end, self.lone_ends = {}, {}, {0: (0, 0)}, None, 0

    def add(self, epoch: int, piece: Frame) -> None:
        if epoch < self.epoch or self.ended:
            return
        self.enter(epoch)
        first, last = piece["n"]
        self.dropped += max(0, min(last, self.upto) - first + 1)
        known = self.held.get(first)
        if last > self.upto and (known is None or known["n"][1] > last):
            self.held[first] = piece
        self._drain()

    def add_snapshot(self, part: Frame) -> None:
        if part["epoch"] < self.epoch or self.ended:
            return
        self.enter(part["epoch"])
        if self.parts and next(iter(self.parts.values()))["upto"] != part["upto"]:
            self.parts = {}
        self.parts[part["part"]] = part
        if len(self.parts) < part["parts"]:
            return
        parts = [self.parts[number] for number in sorted(self.parts)]
        self.parts = {}
        self.dropped += self.upto
        if part["upto"] >= self.upto:
            self.text = "".join(one.get("text", "") for one in parts)
            self.reasoning = "".join(one.get("reasoning", "") for one in parts)
            self.upto = part["upto"]
            self.seams = {self.upto: (len(self.text), len(self.reasoning))}
            self._drain()

    def finish(self, end: Frame) -> None:
        if end["epoch"] < self.epoch or self.ended:
            return
        self.enter(end["epoch"])
        asked, self.asked_after_end = self.asked_after_end, False
        self.lone_ends = self.lone_ends + 1 if asked and end["seq"] > self.upto else 0
        self.end = end
        if self.lone_ends >= 2:
            # Asked and got nothing but the end: the log has aged out, the message has the text.
            self.ended = True
        self._settle()

    def _drain(self) -> None:
        while True:
            self.held = {first: piece for first, piece in self.held.items() if piece["n"][1] > self.upto}
            fits = [first for first in self.held if first <= self.upto + 1 and first - 1 in self.seams]
            if not fits:
                break
            piece = self.held.pop(max(fits))
            text_seam, reasoning_seam = self.seams[piece["n"][0] - 1]
            self.text += piece.get("x", "")[len(self.text) - text_seam :]
            self.reasoning += piece.get("r", "")[len(self.reasoning) - reasoning_seam :]
            self.upto = piece["n"][1]
            self.seams[self.upto] = (len(self.text), len(self.reasoning))
        self._settle()

    def _settle(self) -> None:
        if self.ended or self.end is None or self.upto < self.end["seq"]:
            return
        self.ended = True


class Reader:
    """All replies of one device on one socket after another. Frames and the time go in; frames to send come out."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self.ended: dict[str, Reply] = {}
        self.chats: set[str] = set()
        self.to_send: list[Frame] = []
        self.skip_piece: int | None = None
        """Plants a fault for the suite's own test: the piece after this one is lost, and not asked for."""
        self._handles: dict[str, tuple[str, int]] = {}
        self._strays: list[tuple[float, Frame]] = []

    def expect(self, generation_id: str, now: float) -> None:
        """A generation that is known from the answer to its turn."""
        if generation_id in self.ended:
            return
        self._reply(generation_id, now)
        self._release(now)

    def connected(self, now: float) -> None:
        self._handles, self._strays = {}, []
        self.to_send = [{"type": "follow", "chat_id": chat_id, "revision": 0} for chat_id in self.chats]
        for reply in self.replies.values():
            reply.heard_at, reply.silence, reply.asked_at = now, SILENCE_SECONDS, None
            reply.hole_since = now if reply.has_hole else None

    def receive(self, frame: Frame, now: float) -> None:
        match frame.get("type"):
            case "start" | "snapshot" if frame["generation_id"] not in self.ended:
                reply = self._reply(frame["generation_id"], now)
                if frame["epoch"] < reply.epoch:
                    return
                self._handles[frame["g"]] = (frame["generation_id"], frame["epoch"])
                reply.enter(frame["epoch"])
                if frame["type"] == "snapshot":
                    reply.add_snapshot(frame)
                self._heard(reply, now, progress=True)
                self._release(now)
            case "d":
                generation_id, epoch = self._handles.get(frame["g"], ("", 0))
                if not generation_id:
                    self._strays.append((now, frame))
                elif generation_id in self.replies:
                    self.piece(self.replies[generation_id], epoch, frame, now)
            case "end":
                known = self.replies.get(frame["generation_id"])
                if known is not None:
                    known.finish(frame)
                    self._heard(known, now, progress=True)
                elif frame["generation_id"] not in self.ended:
                    self._strays.append((now, frame))
            case "following":
                for generation_id, reply in self.replies.items():
                    if generation_id not in frame.get("generation_ids", []):
                        self._ask(generation_id, reply, now)

    def piece(self, reply: Reply, epoch: int, frame: Frame, now: float) -> None:
        if self.skip_piece is not None and epoch == reply.epoch and reply.upto >= self.skip_piece and not reply.held:
            # What a reader does who counts on nothing being lost: it just goes on.
            frame, self.skip_piece = {**frame, "x": "", "r": ""}, None
        had = reply.upto
        reply.add(epoch, frame)
        if reply.upto > had or reply.has_hole:
            self._heard(reply, now, progress=reply.upto > had)

    def tick(self, now: float) -> None:
        """Asks where a hole or silence has lasted too long."""
        self._strays = [(at, frame) for at, frame in self._strays if now - at < STRAY_SECONDS]
        for generation_id, reply in self.replies.items():
            if now < _due_at(reply):
                continue
            if reply.hole_since is None:
                reply.silence = min(reply.silence * 2, SILENCE_SECONDS_MOST)
            self._ask(generation_id, reply, now)

    def _reply(self, generation_id: str, now: float) -> Reply:
        return self.replies.setdefault(generation_id, Reply(generation_id, now))

    def _heard(self, reply: Reply, now: float, *, progress: bool) -> None:
        reply.heard_at, reply.asked_at = now, None
        if progress:
            reply.silence = SILENCE_SECONDS
        reply.hole_since = (reply.hole_since or now) if reply.has_hole else None
        if reply.ended:
            self.ended[reply.generation_id] = self.replies.pop(reply.generation_id)

    def _ask(self, generation_id: str, reply: Reply, now: float) -> None:
        reply.asked_at = now
        reply.hole_since = now if reply.hole_since is not None else None
        reply.asked_after_end = reply.end is not None
        self.to_send.append(
            {"type": "resume", "generation_id": generation_id, "epoch": reply.epoch, "after": reply.upto}
        )

    def _release(self, now: float) -> None:
        waiting, self._strays = self._strays, []
        for at, frame in waiting:
            known = frame["g"] in self._handles if frame["type"] == "d" else frame["generation_id"] in self.replies
            if known:
                self.receive(frame, now)
            else:
                self._strays.append((at, frame))


def _due_at(reply: Reply) -> float:
    if reply.asked_at is not None:
        return reply.asked_at + max(ANSWER_SECONDS, reply.silence)
    if reply.hole_since is not None:
        return reply.hole_since + HOLE_SECONDS
    return reply.heard_at + reply.silence
