"""SillyTavern's JSONL to a chat. Short and missing arrays are filled; what must be text and is not is refused."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from chalicelib.chatfiles.dates import read_date
from chalicelib.chatfiles.json_lines import read_lines, refuse
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
    note_place_of,
    note_role_of,
)
from chalicelib.chatfiles.writing import swipe_facts
from chalicelib.errors import InvalidChat
from chalicelib.models.chats import MESSAGE_CHARACTERS_MOST, ReplyFacts, Swipe
from chalicelib.models.shapes import MessageRole

MESSAGES_MOST = 100_000
SWIPES_MOST = 5_000
_NAME_CHARACTERS_MOST = 1_000
_PLAIN_HEADER = {"user_name": "unused", "character_name": "unused"}
_OF_US = {"name", "is_user", "is_system", "mes", "swipes", "swipe_id", "swipe_info"}
_OF_A_SWIPE = ("send_date", "gen_started", "gen_finished")


def read_head(data: bytes) -> FileHead:
    """The first line. Raises InvalidChat when the file is no chat."""
    for number, line in read_lines(data):
        if _is_message(line):
            return FileHead()
        if not line.keys() & {"user_name", "name", "chat_metadata"}:
            refuse(number, "a chat begins with a line that has user_name, name or chat_metadata")
        return _head(line)
    raise InvalidChat("The chat file is empty.")


def read_messages(data: bytes, *, now: datetime) -> Iterator[FileMessage]:
    """The messages one after the other; `now` is the time of one that has none, and none came before it.

    Raises InvalidChat with the number of the line that cannot be read.
    """
    last, count = now, 0
    for place, (number, line) in enumerate(read_lines(data)):
        if place == 0 and not _is_message(line):
            continue
        count += 1
        if count > MESSAGES_MOST:
            refuse(number, f"a chat may have {MESSAGES_MOST} messages")
        message = _message(number, line, last)
        last = message.chosen.created_at
        yield message


def _is_message(line: dict[str, Any]) -> bool:
    return "mes" in line


def _head(line: dict[str, Any]) -> FileHead:
    given = line.get("chat_metadata")
    metadata: dict[str, Any] = dict(given) if isinstance(given, dict) else {}
    rest = {key: value for key, value in line.items() if key != "chat_metadata"}
    return FileHead(
        user_name=_used(line.get("user_name")),
        character_name=_used(line.get("character_name") or line.get("name")),
        metadata=metadata if rest == _PLAIN_HEADER else metadata | {HEADER: rest},
        authors_note=note_of(metadata),
        authors_note_depth=note_depth_of(metadata),
        authors_note_interval=note_interval_of(metadata),
        authors_note_place=note_place_of(metadata),
        authors_note_role=note_role_of(metadata),
    )


def _used(name: Any) -> str:
    return name if isinstance(name, str) and name != "unused" and len(name) <= _NAME_CHARACTERS_MOST else ""


def _message(number: int, line: dict[str, Any], last: datetime) -> FileMessage:
    text = _text(number, line.get("mes"), "mes")
    name = line.get("name", "")
    if not isinstance(name, str) or len(name) > _NAME_CHARACTERS_MOST:
        refuse(number, "name is not a text of at most 1000 characters")
    texts, chosen, kept = _swipe_texts(number, line, text)
    given = line.get("swipe_info")
    infos: list[Any] = given if isinstance(given, list) else []
    swipes = []
    for index, swipe_text in enumerate(texts):
        info = infos[index] if index < len(infos) and isinstance(infos[index], dict) else {}
        facts = line if index == chosen else info
        swipe = _swipe(index, swipe_text, facts, read_date(line.get("send_date")) or last)
        swipes.append(_with_info(swipe, info))
    kept |= {key: value for key, value in line.items() if key not in _OF_US and key not in (*_OF_A_SWIPE, "extra")}
    return FileMessage(
        role=_role(line),
        name=name,
        hidden=line.get("is_system") is True,
        line=kept,
        swipe_index=chosen,
        swipes=swipes,
    )


def _text(number: int, value: Any, what: str) -> str:
    """A text, also in the form `{"message": …}` that Chub writes; None is empty."""
    inner = value.get("message") if isinstance(value, dict) else value
    text = "" if inner is None else inner
    if not isinstance(text, str):
        refuse(number, f"{what} is not a text")
    if len(text) > MESSAGE_CHARACTERS_MOST:
        refuse(number, f"{what} is longer than {MESSAGE_CHARACTERS_MOST} characters")
    return text


def _swipe_texts(number: int, line: dict[str, Any], text: str) -> tuple[list[str], int, dict[str, Any]]:
    """The alternatives, which one is chosen, and what to remember of how the file wrote them."""
    given = line.get("swipes")
    if not isinstance(given, list) or not given:
        return [text], 0, {}
    if len(given) > SWIPES_MOST:
        refuse(number, f"a message may have {SWIPES_MOST} swipes")
    texts = [_text(number, one, "a swipe") if isinstance(one, str | dict) else "" for one in given]
    chosen = line.get("swipe_id")
    if type(chosen) is not int or not 0 <= chosen < len(texts):
        if text not in texts:
            texts.append(text)
        chosen = texts.index(text)
    kept: dict[str, Any] = {SWIPED: True} if len(texts) == 1 else {}
    if texts[chosen] != text:
        kept[STALE] = texts[chosen]
        texts[chosen] = text
    return texts, chosen, kept


def _swipe(index: int, text: str, facts: dict[str, Any], otherwise: datetime) -> Swipe:
    """One alternative. In its `extra` stays only what writing it again would not say."""
    given = facts.get("extra")
    extra: dict[str, Any] = dict(given) if isinstance(given, dict) else {}
    reasoning = extra.get("reasoning")
    swipe = Swipe(
        index=index,
        text=text,
        reasoning=reasoning if isinstance(reasoning, str) else "",
        reply=_reply(extra, facts),
        created_at=read_date(facts.get("send_date")) or otherwise,
    )
    written = swipe_facts(swipe)
    own = written.pop("extra")
    left = {key: facts[key] for key in _OF_A_SWIPE if key in facts and _differs(written, key, facts[key])}
    left_extra = {key: value for key, value in extra.items() if _differs(own, key, value)}
    return swipe.model_copy(update={"extra": left | ({"extra": left_extra} if left_extra else {})})


def _with_info(swipe: Swipe, info: dict[str, Any]) -> Swipe:
    """The swipe, remembering what its `swipe_info` says and the swipe itself does not."""
    written = swipe_facts(swipe)
    other = {key: value for key, value in info.items() if _differs(written, key, value)}
    return swipe.model_copy(update={"extra": swipe.extra | {"info": other}}) if other else swipe


def _differs(written: dict[str, Any], key: str, value: Any) -> bool:
    return key not in written or written[key] != value


def _reply(extra: dict[str, Any], facts: dict[str, Any]) -> ReplyFacts | None:
    """Our own facts where the file has them, else what SillyTavern says, under no generation's id."""
    ours = extra.get(OURS)
    if isinstance(ours, dict):
        try:
            return ReplyFacts.model_validate(ours.get("reply"))
        except ValidationError:
            pass
    model, finished = extra.get("model"), read_date(facts.get("gen_finished"))
    if not isinstance(model, str) and finished is None:
        return None
    return ReplyFacts(
        generation_id="",
        model=model if isinstance(model, str) else "",
        connection=extra["api"] if isinstance(extra.get("api"), str) else "",
        started_at=read_date(facts.get("gen_started")),
        finished_at=finished,
    )


def _role(line: dict[str, Any]) -> MessageRole:
    if line.get("is_user") is True:
        return "user"
    extra = line.get("extra")
    return "system" if isinstance(extra, dict) and extra.get("type") == "narrator" else "assistant"
