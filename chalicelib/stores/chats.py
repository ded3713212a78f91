"""Chats and branches in DynamoDB. Their messages: chat_messages.py.

Others compose transactions of chats from `message_row`, `swipe_row`, and from `grow_branch`, `touch_chat`, `bump_chat`
and `chat_lives` of chat_updates.py, which give updates and the conditions they hold under.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.errors import Conflict, NotFound, Unavailable
from chalicelib.models.chats import Branch, Chat, ChatSummary, Span
from chalicelib.models.shapes import Page
from chalicelib.stores import chat_keys as keys
from chalicelib.stores import chat_rows as rows
from chalicelib.stores import chat_shapes as shapes
from chalicelib.stores.chat_messages import ChatMessages
from chalicelib.stores.chat_rows import BranchRow, ChatRow, MessageRow, SegmentRow
from chalicelib.stores.chat_shapes import branch_of, chat_of, summary_of
from chalicelib.stores.chat_updates import (
    bump_chat,
    chat_lives,
)
from chalicelib.stores.cursors import after_place, next_place
from chalicelib.stores.leftovers import drop_leftovers
from chalicelib.stores.times import stamp
from chalicelib.stores.transactions import Join, commit

if TYPE_CHECKING:
    pass

# Somebody else has to write to the chat each time between a read and a write.
_TRIES = 10


class ChatHead(NamedTuple):
    """The part of a chat's row that is short."""

    branch_id: str
    preview: str
    revision: int


class ChatStore(ChatMessages):
    # --- chats

    def get(self, owner_id: str, chat_id: str) -> Chat:
        """The chat, also when it is in the trash."""
        row = self._row(owner_id, chat_id)
        return chat_of(row, self.bodies.read(row.body_key))

    def get_head(self, owner_id: str, chat_id: str) -> ChatHead:
        """What a write needs to know of a chat; its author's note and metadata are not read."""
        row = self._row(owner_id, chat_id)
        return ChatHead(branch_id=row.branch_id, preview=row.preview, revision=int(row.revision))

    def list_all(self, owner_id: str, *, cursor: str | None, limit: int) -> Page[ChatSummary]:
        """All chats, the one used last first."""
        return self._list("index1", f"{owner_id}#chats", owner_id, cursor, limit)

    def list_of_character(
        self, owner_id: str, character_id: str, *, cursor: str | None, limit: int
    ) -> Page[ChatSummary]:
        """A character's chats, the one used last first."""
        return self._list("index2", f"{owner_id}#character#{character_id}", owner_id, cursor, limit)

    def list_of_group(self, owner_id: str, group_id: str, *, cursor: str | None, limit: int) -> Page[ChatSummary]:
        """A group's chats, the one used last first."""
        return self._list("index2", f"{owner_id}#group#{group_id}", owner_id, cursor, limit)

    def list_trash(self, owner_id: str, *, cursor: str | None, limit: int) -> Page[ChatSummary]:
        """What is in the trash, the one put there last first."""
        return self._list("index1", f"{owner_id}#chats-trash", owner_id, cursor, limit)

    def add(
        self, owner_id: str, chat: Chat, branch: Branch, *, stored_bytes: int = 0, join: Join | None = None
    ) -> None:
        """Makes a chat visible, in one transaction; its messages are written before. `join` adds rows of others.

        `stored_bytes` is what `wipe` says it frees.

        Raises Conflict when the chat or what `join` adds is there already.
        """
        new = rows.chat_row(owner_id, chat, self.bodies.keep_about(owner_id, chat))
        new.stored_bytes = stored_bytes
        head = branch.spans[-1]
        segment = SegmentRow(*keys.segment_key(owner_id, chat.id, head.segment), spans=rows.pairs_of(branch.spans[:-1]))

        def fill(transaction: TransactWrite) -> None:
            transaction.save(new, condition=ChatRow.pk.does_not_exist())
            transaction.save(rows.branch_row(owner_id, branch))
            transaction.save(segment)
            if join:
                join(transaction)

        if commit(fill):
            raise Conflict("That chat has been made already.")

    def change(self, owner_id: str, chat_id: str, given: Mapping[str, Any]) -> Chat:
        """Writes these of title, persona, opening branch and author's note; the chat with its new revision.

        The others stay as they are, also what another device writes at this moment. Raises NotFound in the trash.
        """
        for _ in range(_TRIES):
            row = self._row(owner_id, chat_id)
            chat = chat_of(row, self.bodies.read(row.body_key)).model_copy(update=given)
            if changed := self._put_about(owner_id, row, chat):
                return changed
        raise Unavailable("The chat is being written by several devices at once. Try again.")

    def _put_about(self, owner_id: str, row: ChatRow, chat: Chat) -> Chat | None:
        """None when the chat was written since `row` was read."""
        apart = self.bodies.keep_about(owner_id, chat)
        actions = [
            ChatRow.title.set(chat.title),
            ChatRow.branch_id.set(chat.branch_id),
            ChatRow.authors_note.set(apart["authors_note"]),
            ChatRow.authors_note_depth.set(chat.authors_note_depth),
            ChatRow.authors_note_ways.set(chat.model_dump(include=rows.NOTE_WAYS)),
            ChatRow.auto_mode.set(chat.auto_mode),
            ChatRow.metadata.set(apart["metadata"]),
            _set(ChatRow.body_key, apart["body_key"]),
            _set(ChatRow.persona_id, chat.persona_id),
            *bump_chat(),
        ]

        def fill(transaction: TransactWrite) -> None:
            # Alone in a transaction: asked again after a lost answer, DynamoDB does it once.
            place = ChatRow(*keys.chat_key(owner_id, chat.id))
            transaction.update(place, actions, condition=chat_lives() & (ChatRow.revision == row.revision))

        if commit(fill):
            self.bodies.drop(apart["body_key"])
            if self._row(owner_id, chat.id).deleted_at:
                raise NotFound("There is no such chat.")
            return None
        self.bodies.drop(row.body_key)
        return chat.model_copy(update={"revision": chat.revision + 1})

    def set_preview(self, owner_id: str, chat_id: str, preview: str, revision: int) -> bool:
        """What the list of chats shows, as it was at `revision`; False when the chat has another one, or is gone.

        In the trash as well: what was said last was said before, and the chat may come back.
        """
        row = ChatRow(*keys.chat_key(owner_id, chat_id))
        try:
            self._update(row, [ChatRow.preview.set(preview)], ChatRow.revision == revision)
        except NotFound:
            return False
        return True

    def move(self, owner_id: str, chat: Chat, deleted_at: datetime | None) -> ChatSummary:
        """Into the trash, or with None out of it. A chat in the trash stands in the sweep's list too."""
        moved = chat.model_copy(update={"deleted_at": deleted_at})
        actions = [_set(getattr(ChatRow, name), value) for name, value in rows.list_places(owner_id, moved).items()]
        actions += [_set(ChatRow.deleted_at, stamp(deleted_at) if deleted_at else None), *bump_chat()]
        row = self._row(owner_id, chat.id)
        self._update(row, actions, ChatRow.pk.exists())
        return summary_of(row)

    def list_doomed(self, before: datetime, *, limit: int) -> list[tuple[str, str]]:
        """Owner and id of chats that were put into the trash before a moment: their time is over."""
        old = ChatRow.query(rows.TRASH, ChatRow.i2sk < stamp(before), index_name="index2", limit=limit, page_size=limit)
        return [(row.pk, row.sk.removeprefix("chat#")) for row in old]

    def wipe(self, owner_id: str, chat_id: str) -> int:
        """Deletes a chat with all that lies in it; how many bytes of the owner's storage that frees.

        Its own row goes last, so that what is interrupted is found again.
        """
        row = ChatRow(*keys.chat_key(owner_id, chat_id))
        with suppress(NotFound):
            row = self._row(owner_id, chat_id)
        inside = MessageRow.query(keys.inside(owner_id, chat_id), attributes_to_get=["pk", "sk"], consistent_read=True)
        with MessageRow.batch_write() as batch:
            for one in inside:
                batch.delete(one)
        self.bodies.drop_all(owner_id, chat_id)
        drop_leftovers(owner_id, "chat", chat_id)
        row.delete()
        return int(row.stored_bytes)

    # --- branches

    def get_branch(self, owner_id: str, chat_id: str, branch_id: str) -> Branch:
        try:
            return branch_of(BranchRow.get(*keys.branch_key(owner_id, chat_id, branch_id), consistent_read=True))
        except BranchRow.DoesNotExist:
            raise NotFound("There is no such branch.") from None

    def list_branches(self, owner_id: str, chat_id: str) -> list[Branch]:
        """All branches, the oldest first. A person makes them by hand: there are few."""
        prefix = BranchRow.sk.startswith("branch#")
        found = BranchRow.query(keys.inside(owner_id, chat_id), prefix, consistent_read=True)
        return sorted((branch_of(row) for row in found), key=lambda branch: (branch.created_at, branch.id))

    def path_to(self, owner_id: str, chat_id: str, message_id: str) -> list[Span]:
        """The path from the chat's beginning to a message, the message included."""
        segment, position = keys.split_message_id(message_id)
        try:
            before = SegmentRow.get(*keys.segment_key(owner_id, chat_id, segment), consistent_read=True)
        except SegmentRow.DoesNotExist:
            raise NotFound("There is no such message.") from None
        return [*shapes.spans_of(before.spans), Span(segment=segment, upto=position)]

    @staticmethod
    def _update(row: ChatRow, actions: list[Action], condition: Condition) -> None:
        try:
            row.update(actions, condition=condition)
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            raise NotFound("There is no such chat.") from None

    def _row(self, owner_id: str, chat_id: str) -> ChatRow:
        try:
            return ChatRow.get(*keys.chat_key(owner_id, chat_id), consistent_read=True)
        except ChatRow.DoesNotExist:
            raise NotFound("There is no such chat.") from None

    def _list(self, index: str, place: str, owner_id: str, cursor: str | None, limit: int) -> Page[ChatSummary]:
        letters = "i1" if index == "index1" else "i2"
        found = ChatRow.query(
            place,
            index_name=index,
            scan_index_forward=False,
            limit=limit,
            page_size=limit,
            last_evaluated_key=after_place(cursor, letters=letters, place=place, pk=owner_id, sk_prefix="chat#"),
        )
        items = [summary_of(row) for row in found]
        return Page(items=items, next=next_place(found.last_evaluated_key, letters=letters))


def _set(attribute: Any, value: Any) -> Action:
    action: Action = attribute.remove() if value is None else attribute.set(value)
    return action
