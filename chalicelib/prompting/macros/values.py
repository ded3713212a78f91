"""Named texts from the chat: the last messages, their ids and swipes, and when the user wrote."""

from collections.abc import Callable, Iterable

from chalicelib.models.chats import Message
from chalicelib.models.scenes import History


def of_chat(history: History) -> dict[str, str | Callable[[], str]]:
    """Values for `Macros`, each made when its macro occurs; the chat is read no further than that takes.

    `lastWritten` is what {{idleDuration}} is reckoned from.
    """

    def last(messages: Callable[[], Iterable[Message]], *roles: str) -> Callable[[], str]:
        return lambda: next((one.text for one in messages() if one.role in roles), "")

    def last_id() -> str:
        return str(len(history) - 1) if len(history) else ""

    return {
        "lastMessage": last(lambda: history, "user", "assistant", "system"),
        "lastUserMessage": last(history.visible, "user"),
        "lastCharMessage": last(history.visible, "assistant", "system"),
        "lastMessageId": last_id,
        "allChatRange": lambda: f"0-{last_id()}" if len(history) else "",
        "firstDisplayedMessageId": lambda: "0" if len(history) else "",
        "lastSwipeId": lambda: _swipes(history, lambda one: one.swipe_count),
        "currentSwipeId": lambda: _swipes(history, lambda one: one.swipe_index + 1),
        "lastWritten": lambda: last_written(history),
    }


def last_written(history: History) -> str:
    """When the user wrote before the newest message, as ISO 8601; "" for never."""
    messages = iter(history.visible())
    next(messages, None)
    return next((one.created_at.isoformat() for one in messages if one.role == "user"), "")


def _swipes(history: History, value: Callable[[Message], int]) -> str:
    """ "" for a message that never could have another swipe."""
    newest = history.at(0)
    if newest is None or newest.role == "user" or (newest.swipe_count < 2 and newest.reply is None):
        return ""
    return str(value(newest))
