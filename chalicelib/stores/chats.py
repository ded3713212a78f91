"""Chats, branches, messages and swipes in `main`.

    chat     pk owner              sk chat#{chat}                     index1 owner#chats by time, index2 owner#character#{id}
    branch   pk owner#chat         sk branch#{branch}
    message  pk owner#chat         sk message#{segment}#{position:09d}
    swipe    pk owner#chat         sk swipe#{segment}#{position:09d}#{index:05d}
"""

from pynamodb.attributes import BooleanAttribute, JSONAttribute, ListAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.stores.tables import MainMeta, MainRow


class ChatRow(MainRow):
    class Meta(MainMeta):
        pass

    character_id = UnicodeAttribute()
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
    metadata = JSONAttribute(default=dict)


class BranchRow(MainRow):
    class Meta(MainMeta):
        pass

    title = UnicodeAttribute(default="")
    spans: ListAttribute = ListAttribute()  # type: ignore[type-arg]  # [[segment, upto], …]
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    from_message_id = UnicodeAttribute(null=True)
    active_turn_id = UnicodeAttribute(null=True)


class MessageRow(MainRow):
    class Meta(MainMeta):
        pass

    role = UnicodeAttribute()
    name = UnicodeAttribute()
    text = UnicodeAttribute()
    reasoning = UnicodeAttribute(default="")
    hidden = BooleanAttribute(default=False)
    character_id = UnicodeAttribute(null=True)
    swipe_index = NumberAttribute(default=0)
    swipe_count = NumberAttribute(default=1)
    reply = JSONAttribute(null=True)
    tokens = NumberAttribute(null=True)
    revision = NumberAttribute(default=1)
    created_at = UnicodeAttribute()
    edited_at = UnicodeAttribute(null=True)
    deleted_at = UnicodeAttribute(null=True)
    extra = JSONAttribute(default=dict)


class SwipeRow(MainRow):
    class Meta(MainMeta):
        pass

    text = UnicodeAttribute()
    reasoning = UnicodeAttribute(default="")
    reply = JSONAttribute(null=True)
    created_at = UnicodeAttribute()
    extra = JSONAttribute(default=dict)
