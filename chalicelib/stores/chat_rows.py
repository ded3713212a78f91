"""Rows of chats in `main`, and models to rows. Their keys: chat_keys.py, the way back: chat_shapes.py.

docs/decisions/0006-message-tree.md has the why.

    chat     pk owner        sk chat#{chat}                                index1 all by time, index2 one partner's
    branch   pk owner#chat   sk branch#{branch}
    segment  pk owner#chat   sk segment#{segment}                          the path to a segment; never changes
    cut      pk owner#chat   sk cut#{segment}#{position:09d}#{branch}      what "delete with all below" took away
    message  pk owner#chat   sk message#{segment}#{position:09d}
    swipe    pk owner#chat   sk swipe#{segment}#{position:09d}#{index:05d}

The message is the truth for its chosen swipe, whose own row may be missing or old. A message with a single swipe has no
swipe rows.
"""

from typing import Any

from pynamodb.attributes import BooleanAttribute, JSONAttribute, ListAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.models.chats import Branch, Chat, ChatSummary, Message, Span, Swipe
from chalicelib.stores.chat_keys import branch_key, chat_key, message_key, swipe_key
from chalicelib.stores.tables import MainMeta, MainRow
from chalicelib.stores.times import stamp

TRASH = "trash#chats"
"""Partition of index2 in which the sweep finds the trash of everybody."""
NOTE_WAYS = {"authors_note_interval", "authors_note_place", "authors_note_role", "authors_note_scanned"}


class ChatRow(MainRow):
    class Meta(MainMeta):
        pass

    character_id = UnicodeAttribute()
    group_id = UnicodeAttribute(null=True)
    title = UnicodeAttribute()
    preview = UnicodeAttribute(default="")
    message_count = NumberAttribute(default=0)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    deleted_at = UnicodeAttribute(null=True)
    revision = NumberAttribute(default=1)
    branch_id = UnicodeAttribute()
    persona_id = UnicodeAttribute(null=True)
    authors_note = UnicodeAttribute(default="")
    authors_note_depth = NumberAttribute(default=4)
    authors_note_ways = JSONAttribute(default=dict)
    auto_mode = BooleanAttribute(default=False)
    timed = JSONAttribute(null=True)
    metadata = JSONAttribute(default=dict)
    body_key = UnicodeAttribute(null=True)
    """Where author's note and metadata lie when they are too long to be written again with every message."""
    stored_bytes = NumberAttribute(default=0)
    """Of the owner's storage, counted when the chat came as a file."""


class BranchRow(MainRow):
    class Meta(MainMeta):
        pass

    title = UnicodeAttribute(default="")
    spans: ListAttribute = ListAttribute()  # type: ignore[type-arg]  # [[segment, upto], …] without the growing one
    segment = UnicodeAttribute()
    """The segment the branch owns and that alone grows."""
    upto = NumberAttribute()
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    from_message_id = UnicodeAttribute(null=True)
    active_turn_id = UnicodeAttribute(null=True)
    timed = JSONAttribute(null=True)


class SegmentRow(MainRow):
    class Meta(MainMeta):
        pass

    spans: ListAttribute = ListAttribute()  # type: ignore[type-arg]  # [[segment, upto], …] before this segment


class CutRow(MainRow):
    class Meta(MainMeta):
        pass

    branch_id = UnicodeAttribute()
    spans: ListAttribute = ListAttribute()  # type: ignore[type-arg]  # the branch's, as they were
    segment = UnicodeAttribute()
    upto = NumberAttribute()
    new_segment = UnicodeAttribute()
    """The segment that grows since the cut."""
    messages = NumberAttribute()
    """How many it took away."""


class MessageRow(MainRow):
    class Meta(MainMeta):
        pass

    role = UnicodeAttribute()
    name = UnicodeAttribute()
    text = UnicodeAttribute(default="")
    reasoning = UnicodeAttribute(default="")
    hidden = BooleanAttribute(default=False)
    character_id = UnicodeAttribute(null=True)
    swipe_index = NumberAttribute(default=0)
    swipe_count = NumberAttribute(default=1)
    reply = JSONAttribute(null=True)
    tokens = NumberAttribute(null=True)
    counted_by = UnicodeAttribute(null=True)
    revision = NumberAttribute(default=1)
    created_at = UnicodeAttribute()
    edited_at = UnicodeAttribute(null=True)
    deleted_at = UnicodeAttribute(null=True)
    extra = JSONAttribute(default=dict)
    body_key = UnicodeAttribute(null=True)
    """Where text, reasoning and extra lie when they are too long for an item."""
    body_bytes = NumberAttribute(null=True)


class SwipeRow(MainRow):
    class Meta(MainMeta):
        pass

    text = UnicodeAttribute(default="")
    reasoning = UnicodeAttribute(default="")
    reply = JSONAttribute(null=True)
    created_at = UnicodeAttribute()
    extra = JSONAttribute(default=dict)
    body_key = UnicodeAttribute(null=True)
    body_bytes = NumberAttribute(null=True)


# Bodies that may be long go through ChatBodies first, which says what stays in the row.


def chat_row(owner_id: str, chat: Chat, apart: dict[str, Any]) -> ChatRow:
    pk, sk = chat_key(owner_id, chat.id)
    return ChatRow(
        pk,
        sk,
        **list_places(owner_id, chat),
        character_id=chat.character_id,
        group_id=chat.group_id,
        title=chat.title,
        preview=chat.preview,
        message_count=chat.message_count,
        created_at=stamp(chat.created_at),
        updated_at=stamp(chat.updated_at),
        deleted_at=stamp(chat.deleted_at) if chat.deleted_at else None,
        revision=chat.revision,
        branch_id=chat.branch_id,
        persona_id=chat.persona_id,
        authors_note_depth=chat.authors_note_depth,
        authors_note_ways=chat.model_dump(include=NOTE_WAYS),
        auto_mode=chat.auto_mode,
        **apart,
    )


def branch_row(owner_id: str, branch: Branch) -> BranchRow:
    pk, sk = branch_key(owner_id, branch.chat_id, branch.id)
    head = branch.spans[-1]
    return BranchRow(
        pk,
        sk,
        title=branch.title,
        spans=pairs_of(branch.spans[:-1]),
        segment=head.segment,
        upto=head.upto,
        created_at=stamp(branch.created_at),
        updated_at=stamp(branch.updated_at),
        from_message_id=branch.from_message_id,
        active_turn_id=branch.active_turn_id,
        timed=None if branch.timed is None else branch.timed.model_dump(exclude_defaults=True),
    )


def message_row(owner_id: str, message: Message, apart: dict[str, Any]) -> MessageRow:
    pk, sk = message_key(owner_id, message.chat_id, message.id)
    return MessageRow(
        pk,
        sk,
        role=message.role,
        name=message.name,
        hidden=message.hidden,
        character_id=message.character_id,
        swipe_index=message.swipe_index,
        swipe_count=message.swipe_count,
        reply=message.reply.model_dump(mode="json") if message.reply else None,
        tokens=message.tokens,
        counted_by=message.counted_by,
        revision=message.revision,
        created_at=stamp(message.created_at),
        edited_at=stamp(message.edited_at) if message.edited_at else None,
        deleted_at=stamp(message.deleted_at) if message.deleted_at else None,
        **apart,
    )


def swipe_row(owner_id: str, chat_id: str, message_id: str, swipe: Swipe, apart: dict[str, Any]) -> SwipeRow:
    pk, sk = swipe_key(owner_id, chat_id, message_id, swipe.index)
    return SwipeRow(
        pk,
        sk,
        reply=swipe.reply.model_dump(mode="json") if swipe.reply else None,
        created_at=stamp(swipe.created_at),
        **apart,
    )


def pairs_of(spans: list[Span]) -> list[list[Any]]:
    return [[span.segment, span.upto] for span in spans]


def list_places(owner_id: str, chat: ChatSummary) -> dict[str, Any]:
    """Where a chat stands in the lists: all and its character's by time; or the owner's trash and the sweep's."""
    when = f"{stamp(chat.deleted_at or chat.updated_at)}#{chat.id}"
    if chat.deleted_at:
        return {"i1pk": f"{owner_id}#chats-trash", "i1sk": when, "i2pk": TRASH, "i2sk": when}
    partner = f"group#{chat.group_id}" if chat.group_id else f"character#{chat.character_id}"
    return {"i1pk": f"{owner_id}#chats", "i1sk": when, "i2pk": f"{owner_id}#{partner}", "i2sk": when}
