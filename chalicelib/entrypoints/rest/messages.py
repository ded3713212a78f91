"""Doors of messages and swipes."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Routes
from chalicelib.models.chats import (
    DeleteQuery,
    Message,
    MessageChange,
    MessagePage,
    MessageQuery,
    RestoreQuery,
    Swipe,
    SwipeChoice,
)
from chalicelib.models.users import User

# 400,000 characters take up to four bytes each, or six written as escapes.
MESSAGE_BYTES_MOST = 2_500_000

routes = Routes("messages", prefix="/chats/{chat_id}/messages")


@routes.get()
def list_messages(user: User, chat_id: str, query: MessageQuery) -> MessagePage:
    return container().chats.read(user, chat_id, query)


@routes.patch("/{message_id}", most_bytes=MESSAGE_BYTES_MOST)
def change_message(user: User, chat_id: str, message_id: str, body: MessageChange) -> Message:
    return container().messages.change(user, chat_id, message_id, body)


@routes.delete("/{message_id}")
def delete_message(user: User, chat_id: str, message_id: str, query: DeleteQuery) -> None:
    container().messages.delete(user, chat_id, message_id, query)


@routes.post("/{message_id}/restore")
def restore_message(user: User, chat_id: str, message_id: str, query: RestoreQuery) -> Message:
    return container().messages.restore(user, chat_id, message_id, query)


@routes.get("/{message_id}/swipes")
def list_swipes(user: User, chat_id: str, message_id: str) -> list[Swipe]:
    return container().messages.list_swipes(user, chat_id, message_id)


@routes.put("/{message_id}/swipe")
def choose_swipe(user: User, chat_id: str, message_id: str, body: SwipeChoice) -> Message:
    return container().messages.choose_swipe(user, chat_id, message_id, body)
