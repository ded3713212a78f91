"""Rows of chats to models. Bodies that were too long for a row are read by ChatBodies and handed in."""

from typing import Any

from chalicelib.models.chats import Branch, Chat, ChatSummary, Message, ReplyFacts, Span, Swipe
from chalicelib.models.worlds import Timed
from chalicelib.stores.chat_rows import BranchRow, ChatRow, MessageRow, SwipeRow
from chalicelib.stores.times import moment


def summary_of(row: ChatRow) -> ChatSummary:
    return ChatSummary(**_summary(row))


def chat_of(row: ChatRow, body: dict[str, Any] | None = None) -> Chat:
    """`body` is what lay apart under `body_key`."""
    apart = body or {"authors_note": row.authors_note, "metadata": row.metadata}
    return Chat(
        **_summary(row),
        branch_id=row.branch_id,
        persona_id=row.persona_id,
        authors_note_depth=int(row.authors_note_depth),
        **row.authors_note_ways,
        auto_mode=row.auto_mode,
        timed=row.timed or None,
        **apart,
    )


def branch_of(row: BranchRow) -> Branch:
    return Branch(
        id=row.sk.removeprefix("branch#"),
        chat_id=row.pk.rsplit("#", 1)[1],
        title=row.title,
        spans=[*spans_of(row.spans), Span(segment=row.segment, upto=int(row.upto))],
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
        from_message_id=row.from_message_id,
        active_turn_id=row.active_turn_id,
        timed=None if row.timed is None else Timed.model_validate(row.timed),
    )


def message_of(row: MessageRow, body: dict[str, Any] | None = None) -> Message:
    """`body` is what lay apart under `body_key`; without it a long message comes without its text."""
    apart = body or {"text": row.text, "reasoning": row.reasoning, "extra": row.extra}
    return Message(
        id=message_id_of(row),
        chat_id=row.pk.rsplit("#", 1)[1],
        role=row.role,  # type: ignore[arg-type]  # only MessageRole is ever written
        name=row.name,
        hidden=row.hidden,
        character_id=row.character_id,
        swipe_index=int(row.swipe_index),
        swipe_count=int(row.swipe_count),
        reply=ReplyFacts.model_validate(row.reply) if row.reply else None,
        tokens=None if row.tokens is None else int(row.tokens),
        counted_by=row.counted_by,
        revision=int(row.revision),
        created_at=moment(row.created_at),
        edited_at=moment(row.edited_at) if row.edited_at else None,
        deleted_at=moment(row.deleted_at) if row.deleted_at else None,
        **apart,
    )


def swipe_of(row: SwipeRow, body: dict[str, Any] | None = None) -> Swipe:
    apart = body or {"text": row.text, "reasoning": row.reasoning, "extra": row.extra}
    return Swipe(
        index=int(row.sk.rsplit("#", 1)[1]),
        reply=ReplyFacts.model_validate(row.reply) if row.reply else None,
        created_at=moment(row.created_at),
        **apart,
    )


def spans_of(pairs: list[Any]) -> list[Span]:
    return [Span(segment=segment, upto=int(upto)) for segment, upto in pairs]


def message_id_of(row: MessageRow) -> str:
    _, segment, position = row.sk.split("#")
    return f"{segment}.{int(position)}"


def _summary(row: ChatRow) -> dict[str, Any]:
    return {
        "id": row.sk.removeprefix("chat#"),
        "character_id": row.character_id,
        "group_id": row.group_id,
        "title": row.title,
        "preview": row.preview,
        "message_count": max(0, int(row.message_count)),
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
        "deleted_at": moment(row.deleted_at) if row.deleted_at else None,
        "revision": int(row.revision),
    }
