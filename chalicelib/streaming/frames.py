"""Building frames: handles, pieces merged for a slow reader, snapshots in parts."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.models.frames import SNAPSHOT_PART_BYTES, Snapshot, Start
from chalicelib.models.generations import GenerationRecord

_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HANDLE_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Run:
    """Text and reasoning of the consecutive pieces `first` to `last`."""

    first: int
    last: int
    text: str = ""
    reasoning: str = ""

    def joined(self, following: "Run") -> "Run":
        """This run and the one right after it."""
        assert following.first == self.last + 1
        return Run(self.first, following.last, self.text + following.text, self.reasoning + following.reasoning)

    @property
    def size(self) -> int:
        return len(self.text) + len(self.reasoning)


def handle(generation_id: str, epoch: int) -> str:
    """Three letters for the `d` frames of one attempt. Of two replies at a time they coincide once in 238,328 pairs."""
    number = zlib.crc32(f"{generation_id}#{epoch}".encode())
    letters = ""
    for _ in range(_HANDLE_LETTERS):
        number, place = divmod(number, len(_LETTERS))
        letters += _LETTERS[place]
    return letters


def piece_frame(g: str, run: Run) -> bytes:
    """The `d` frame of a run. Its envelope is at most 45 bytes up to piece 9,999."""
    frame: dict[str, object] = {"type": "d", "g": g, "n": [run.first, run.last]}
    if run.text or not run.reasoning:
        frame["x"] = run.text
    if run.reasoning:
        frame["r"] = run.reasoning
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode()


def start_frame(record: GenerationRecord) -> bytes:
    frame = Start(
        generation_id=record.id,
        g=handle(record.id, record.epoch),
        turn_id=record.turn_id,
        epoch=record.epoch,
        chat_id=record.chat_id,
        branch_id=record.branch_id,
        message_id=record.message_id,
        kind=record.kind,
        character_id=record.character_id,
    )
    return frame.model_dump_json(exclude_none=True).encode()


def snapshot_frames(record: GenerationRecord, *, upto: int, text: str, reasoning: str) -> list[bytes]:
    """Everything up to piece `upto`, each part small enough for one message."""
    room = SNAPSHOT_PART_BYTES
    parts = [("", part) for part in cut(reasoning, room)] + [(part, "") for part in cut(text, room)]
    if json_bytes(text) + json_bytes(reasoning) <= room:
        parts = [(text, reasoning)]
    return [
        Snapshot(
            generation_id=record.id,
            g=handle(record.id, record.epoch),
            turn_id=record.turn_id,
            epoch=record.epoch,
            chat_id=record.chat_id,
            branch_id=record.branch_id,
            message_id=record.message_id,
            kind=record.kind,
            character_id=record.character_id,
            status=record.status,
            upto=upto,
            part=number,
            parts=len(parts),
            text=part_text,
            reasoning=part_reasoning,
        )
        .model_dump_json(exclude_none=True)
        .encode()
        for number, (part_text, part_reasoning) in enumerate(parts, 1)
    ]


def cut(text: str, bytes_most: int) -> list[str]:
    """The text in stretches that each take at most so many bytes in JSON; no character is cut."""
    stretches: list[str] = []
    begin = 0
    while begin < len(text):
        end = min(len(text), begin + bytes_most)
        while (size := json_bytes(text[begin:end])) > bytes_most and end - begin > 1:
            # To the share that fits, and a little less: a text is not equally dense everywhere.
            end = begin + max(1, min(end - begin - 1, (end - begin) * bytes_most // size * 15 // 16))
        stretches.append(text[begin:end])
        begin = end
    return stretches


def json_bytes(text: str) -> int:
    """Bytes a text takes inside a JSON string."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2


def join_runs(runs: Sequence[Run], characters_most: int) -> list[Run]:
    """Consecutive runs merged up to a size: what gathered while a post was under way goes out as one frame."""
    groups: list[list[Run]] = []
    size = 0
    for run in runs:
        if groups and groups[-1][-1].last + 1 == run.first and size + run.size <= characters_most:
            groups[-1].append(run)
            size += run.size
        else:
            groups.append([run])
            size = run.size
    return [group[0] if len(group) == 1 else _joined(group) for group in groups]


def _joined(group: Sequence[Run]) -> Run:
    text, reasoning = "".join(run.text for run in group), "".join(run.reasoning for run in group)
    return Run(group[0].first, group[-1].last, text, reasoning)
