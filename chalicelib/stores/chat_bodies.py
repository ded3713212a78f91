"""Long bodies of chats: what does not fit an item lies compressed in S3, under a key that is never overwritten.

Writing a body comes before the row that names it: a row never points at nothing. What a lost write or an edit leaves
behind goes with its chat.
"""

import gzip
import json
import secrets
from typing import TYPE_CHECKING, Any

from chalicelib.models.chats import Chat, Message, Swipe

if TYPE_CHECKING:
    from chalicelib.stores.files import Files

# An item holds 400 KB, names of attributes and the rest included.
ITEM_BYTES_MOST = 300_000
# The chat's row is written again with every message, into two indexes too.
CHAT_BYTES_MOST = 4_000


class ChatBodies:
    def __init__(self, *, files: "Files") -> None:
        self._files = files

    def keep_text(self, owner_id: str, chat_id: str, holder: Message | Swipe) -> dict[str, Any]:
        """The columns of a row for a text: the text itself, or the key under which it was put."""
        body = {"text": holder.text, "reasoning": holder.reasoning, "extra": holder.extra}
        size = text_bytes(holder.text, holder.reasoning, holder.extra)
        if size <= ITEM_BYTES_MOST:
            return {**body, "body_key": None, "body_bytes": None}
        key = self._put(owner_id, chat_id, body)
        return {"text": "", "reasoning": "", "extra": {}, "body_key": key, "body_bytes": size}

    def keep_about(self, owner_id: str, chat: Chat) -> dict[str, Any]:
        """The columns of a chat's row for author's note and metadata."""
        body = {"authors_note": chat.authors_note, "metadata": chat.metadata}
        if text_bytes(chat.authors_note, "", chat.metadata) <= CHAT_BYTES_MOST:
            return {**body, "body_key": None}
        return {"authors_note": "", "metadata": {}, "body_key": self._put(owner_id, chat.id, body)}

    def read(self, key: str | None) -> dict[str, Any] | None:
        """The body under a row's `body_key`; None when the row holds it itself."""
        if key is None:
            return None
        body: dict[str, Any] = json.loads(gzip.decompress(self._files.get(key)))
        return body

    def drop(self, key: str | None) -> None:
        if key is not None:
            self._files.delete(key)

    def drop_all(self, owner_id: str, chat_id: str) -> None:
        self._files.delete_prefix(_folder(owner_id, chat_id))

    def _put(self, owner_id: str, chat_id: str, body: dict[str, Any]) -> str:
        key = f"{_folder(owner_id, chat_id)}{secrets.token_hex(12)}.json.gz"
        self._files.put(key, gzip.compress(json.dumps(body, ensure_ascii=False).encode(), 6), "application/gzip")
        return key


def text_bytes(text: str, reasoning: str, extra: dict[str, Any]) -> int:
    """Bytes a body takes in an item. JSON columns are written with escapes."""
    size = len(text.encode()) + len(reasoning.encode())
    return size + (len(json.dumps(extra)) if extra else 2)


def _folder(owner_id: str, chat_id: str) -> str:
    return f"{owner_id}/chats/{chat_id}/"
