"""Chats to SillyTavern's JSONL and to plain text, line by line."""

from collections.abc import Iterable, Iterator
from typing import Any

from chalicelib.chatfiles.dates import read_date, write_date
from chalicelib.chatfiles.json_lines import dump_line
from chalicelib.chatfiles.parts import (
    HEADER,
    OURS,
    STALE,
    SWIPED,
    FileHead,
    FileMessage,
    note_depth_of,
    note_interval_of,
    note_of,
    note_place_number,
    note_place_of,
    note_role_number,
    note_role_of,
)
from chalicelib.models.chats import ReplyFacts, Swipe


def write_jsonl(head: FileHead, messages: Iterable[FileMessage]) -> Iterator[str]:
    """The file in pieces: lines joined by LF, no newline at the end."""
    yield dump_line(header_line(head))
    for message in messages:
        yield "\n" + dump_line(message_line(message))


def write_text(messages: Iterable[FileMessage]) -> Iterator[str]:
    """What was said, for reading: a paragraph for each message."""
    for place, message in enumerate(messages):
        yield ("\n\n" if place else "") + f"{message.name}: {message.chosen.text}"


def header_line(head: FileHead) -> dict[str, Any]:
    """The first line. Names are written where the file had them; SillyTavern itself says `unused` today."""
    metadata = {key: value for key, value in head.metadata.items() if key != HEADER}
    if head.authors_note != note_of(metadata):
        metadata["note_prompt"] = head.authors_note
    if head.authors_note_depth != note_depth_of(metadata):
        metadata["note_depth"] = head.authors_note_depth
    if head.authors_note_interval != note_interval_of(metadata):
        metadata["note_interval"] = head.authors_note_interval
    if head.authors_note_place != note_place_of(metadata):
        metadata["note_position"] = note_place_number(head.authors_note_place)
    if head.authors_note_role != note_role_of(metadata):
        metadata["note_role"] = note_role_number(head.authors_note_role)
    names = {"user_name": "unused", "character_name": "unused"}
    return {"chat_metadata": metadata, **head.metadata.get(HEADER, names)}


def message_line(message: FileMessage) -> dict[str, Any]:
    """A message as SillyTavern writes it: `mes` and `extra` mirror the chosen swipe."""
    chosen = message.chosen
    line = {
        "name": message.name,
        "is_user": message.role == "user",
        "is_system": message.hidden,
        "mes": chosen.text,
        **swipe_facts(chosen),
    }
    if message.role == "system" and "type" not in line["extra"]:
        line["extra"]["type"] = "narrator"
    kept = dict(message.line)
    stale = kept.pop(STALE, None)
    if kept.pop(SWIPED, False) or len(message.swipes) > 1:
        texts = [swipe.text for swipe in message.swipes]
        if stale is not None:
            texts[message.swipe_index] = stale
        line["swipes"], line["swipe_id"] = texts, message.swipe_index
        line["swipe_info"] = [swipe_facts(swipe) | swipe.extra.get("info", {}) for swipe in message.swipes]
    return kept | line


def swipe_facts(swipe: Swipe) -> dict[str, Any]:
    """send_date, gen_started, gen_finished and extra: on the line for the chosen swipe, in `swipe_info` for each."""
    facts: dict[str, Any] = {"send_date": _send_date(swipe)}
    for key, moment in _moments(swipe.reply).items():
        if moment is not None or key in swipe.extra:
            facts[key] = swipe.extra.get(key) if moment is None else write_date(moment)
    return facts | {"extra": swipe.extra.get("extra", {}) | _own_extra(swipe)}


def _send_date(swipe: Swipe) -> Any:
    """As the file had it, unless the message's time is another one now."""
    if "send_date" not in swipe.extra:
        return write_date(swipe.created_at)
    written = swipe.extra["send_date"]
    return written if read_date(written) in (None, swipe.created_at) else write_date(swipe.created_at)


def _moments(reply: ReplyFacts | None) -> dict[str, Any]:
    """Only of replies made here: those of a file are kept as the file wrote them."""
    ours = reply if reply and reply.generation_id else None
    return {"gen_started": ours and ours.started_at, "gen_finished": ours and ours.finished_at}


def _own_extra(swipe: Swipe) -> dict[str, Any]:
    extra: dict[str, Any] = {"reasoning": swipe.reasoning} if swipe.reasoning else {}
    if swipe.reply and swipe.reply.generation_id:
        extra |= {"api": swipe.reply.connection, "model": swipe.reply.model}
        extra[OURS] = {"reply": swipe.reply.model_dump(mode="json")}
    return extra
