"""What transactions on a chat are made of: updates, and the conditions they hold under."""

from collections.abc import Sequence
from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.errors import NotFound
from chalicelib.models.chats import Branch, Message, Span, Swipe
from chalicelib.stores import chat_keys as keys
from chalicelib.stores.chat_rows import BranchRow, ChatRow
from chalicelib.stores.times import stamp

OF_THE_MESSAGE = "line"
"""Key in a message's `extra` of what belongs to the message whichever swipe it shows."""


def next_message_id(branch: Branch, ahead: int = 0) -> str:
    """Id of the message that is put at the branch's head next, or `ahead` after it."""
    head = branch.spans[-1]
    return f"{head.segment}.{head.upto + 1 + ahead}"


def last_message_id(branch: Branch) -> str:
    """Id of the message at the branch's head, deleted or not."""
    return next_message_id(branch, -1)


def grow_branch(branch: Branch, count: int, now: datetime) -> tuple[list[Action], Condition]:
    """Update of the BranchRow that takes in `count` messages, and its condition: the head is still where it was."""
    head = branch.spans[-1]
    unmoved = (BranchRow.segment == head.segment) & (BranchRow.upto == head.upto)
    return [BranchRow.upto.set(head.upto + count), BranchRow.updated_at.set(stamp(now))], unmoved


def bump_chat() -> list[Action]:
    """Update of the ChatRow with every write inside the chat."""
    return [ChatRow.revision.add(1)]


def touch_chat(chat_id: str, now: datetime, *, preview: str | None = None, added: int = 0) -> list[Action]:
    """Update of the ChatRow when the chat goes on: it comes to the top of the lists. Includes `bump_chat`."""
    when = stamp(now)
    actions = [
        ChatRow.updated_at.set(when),
        ChatRow.i1sk.set(f"{when}#{chat_id}"),
        ChatRow.i2sk.set(f"{when}#{chat_id}"),
        *bump_chat(),
    ]
    if added:
        actions.append(ChatRow.message_count.add(added))
    if preview is not None:
        actions.append(ChatRow.preview.set(preview_of(preview)))
    return actions


def chat_lives() -> Condition:
    """Condition on the ChatRow: it is there and not in the trash."""
    lives: Condition = ChatRow.pk.exists() & ChatRow.deleted_at.does_not_exist()
    return lives


def preview_of(text: str) -> str:
    """The first words of a message, for the list of chats."""
    words = " ".join(text[:600].split())
    return words if len(words) <= 160 else words[:159] + "…"


def above(spans: Sequence[Span], message_id: str) -> list[Span]:
    """The part of a path that lies before a message. Raises NotFound when the message is not on it."""
    segment, position = keys.split_message_id(message_id)
    for place, span in enumerate(spans):
        if span.segment == segment and position <= span.upto:
            return [*spans[:place], Span(segment=segment, upto=position - 1)]
    raise NotFound("That message is not on this branch.")


def lies_on(spans: Sequence[Span], message_id: str) -> bool:
    """Whether a path leads through the place of a message."""
    segment, position = keys.split_message_id(message_id)
    return any(span.segment == segment and position <= span.upto for span in spans)


# --- swipes: the message is the chosen one


def chosen_swipe(message: Message) -> Swipe:
    """The message's present text as the swipe it is: written to its row before another one is chosen."""
    return Swipe(
        index=message.swipe_index,
        text=message.text,
        reasoning=message.reasoning,
        reply=message.reply,
        created_at=message.created_at,
        extra={key: value for key, value in message.extra.items() if key != OF_THE_MESSAGE},
    )


def with_swipe(message: Message, swipe: Swipe) -> Message:
    """The message showing another swipe; its revision is not counted up."""
    kept = {OF_THE_MESSAGE: message.extra[OF_THE_MESSAGE]} if OF_THE_MESSAGE in message.extra else {}
    return message.model_copy(
        update={
            "text": swipe.text,
            "reasoning": swipe.reasoning,
            "reply": swipe.reply,
            "swipe_index": swipe.index,
            "swipe_count": max(message.swipe_count, swipe.index + 1),
            "created_at": swipe.created_at,
            "tokens": None,
            "extra": kept | swipe.extra,
        }
    )
