"""Writing branches: new ones, their end, and cutting off all below a message.

A cut moves the branch's head to a new, empty segment and remembers where it was: it costs the same for one message and
for ten thousand, leaves other branches alone, and is undone by putting the head back.
"""

from datetime import datetime, timedelta

from pynamodb.transactions import TransactWrite

from chalicelib.errors import Conflict, NotFound, ReplyInProgress
from chalicelib.models.chats import Branch, Message, Span
from chalicelib.models.shapes import Held
from chalicelib.stores import chat_keys as keys
from chalicelib.stores import chat_rows as rows
from chalicelib.stores import chat_shapes as shapes
from chalicelib.stores.chat_rows import BranchRow, ChatRow, CutRow, MessageRow, SegmentRow
from chalicelib.stores.chat_updates import above, bump_chat, chat_lives
from chalicelib.stores.times import stamp
from chalicelib.stores.transactions import Join, commit

CUT_KEPT = timedelta(days=30)


class Cut(Held):
    """What a branch lost below a message."""

    branch_id: str
    spans: list[Span]
    """The branch's as they were."""
    new_segment: str
    messages: int


class BranchStore:
    def add(self, owner_id: str, branch: Branch, *, join: Join | None = None) -> None:
        """A branch whose last span is a new, empty segment; `join` adds rows of others.

        Raises NotFound when the chat is gone, Conflict when what `join` adds is there already.
        """

        def fill(transaction: TransactWrite) -> None:
            transaction.save(rows.branch_row(owner_id, branch))
            transaction.save(_segment_row(owner_id, branch.chat_id, branch.spans))
            transaction.update(ChatRow(*keys.chat_key(owner_id, branch.chat_id)), bump_chat(), condition=chat_lives())
            if join:
                join(transaction)

        match commit(fill):
            case []:
                return
            case [2, *_]:
                raise NotFound("There is no such chat.")
            case _:
                raise Conflict("That branch has been made already.")

    def rename(self, owner_id: str, branch: Branch, title: str) -> None:
        def fill(transaction: TransactWrite) -> None:
            row = BranchRow(*keys.branch_key(owner_id, branch.chat_id, branch.id))
            transaction.update(row, [BranchRow.title.set(title)], condition=BranchRow.pk.exists())
            transaction.update(ChatRow(*keys.chat_key(owner_id, branch.chat_id)), bump_chat(), condition=chat_lives())

        if commit(fill):
            raise NotFound("There is no such branch.")

    def delete(self, owner_id: str, branch: Branch, *, join: Join) -> None:
        """The branch goes; messages it shares stay with the others. `join` adds what else of it goes.

        Raises ReplyInProgress while a reply is written.
        """

        def fill(transaction: TransactWrite) -> None:
            transaction.delete(
                BranchRow(*keys.branch_key(owner_id, branch.chat_id, branch.id)),
                condition=BranchRow.active_turn_id.does_not_exist(),
            )
            transaction.update(
                ChatRow(*keys.chat_key(owner_id, branch.chat_id)),
                bump_chat(),
                condition=chat_lives() & (ChatRow.branch_id != branch.id),
            )
            join(transaction)

        match commit(fill):
            case []:
                return
            case [0, *_]:
                raise _in_progress(branch)
            case _:
                raise Conflict("The chat opens with this branch. Choose another one first.")

    def cut(
        self,
        owner_id: str,
        branch: Branch,
        message: Message,
        *,
        chat_revision: int | None,
        new_segment: str,
        now: datetime,
    ) -> None:
        """Takes `message`, as it was seen, and all below it off the branch.

        Raises Conflict when message or branch are others meanwhile, or the chat has another revision than
        `chat_revision`; None stands for any. Raises NotFound when the chat is gone, or the message is not on the
        branch.
        """
        message_id = message.id
        kept = [span for span in above(branch.spans, message_id) if span.upto >= 0]
        spans = [*kept, Span(segment=new_segment, upto=-1)]
        messages = _length(branch.spans) - _length(spans)
        head = branch.spans[-1]
        cut = CutRow(
            *keys.cut_key(owner_id, branch.chat_id, message_id, branch.id),
            branch_id=branch.id,
            spans=rows.pairs_of(branch.spans[:-1]),
            segment=head.segment,
            upto=head.upto,
            new_segment=new_segment,
            messages=messages,
            expires_at=int((now + CUT_KEPT).timestamp()),
        )

        def fill(transaction: TransactWrite) -> None:
            transaction.update(
                BranchRow(*keys.branch_key(owner_id, branch.chat_id, branch.id)),
                [
                    BranchRow.spans.set(rows.pairs_of(kept)),
                    BranchRow.segment.set(new_segment),
                    BranchRow.upto.set(-1),
                    BranchRow.updated_at.set(stamp(now)),
                ],
                condition=(BranchRow.segment == head.segment)
                & (BranchRow.upto == head.upto)
                & BranchRow.active_turn_id.does_not_exist(),
            )
            transaction.update(
                ChatRow(*keys.chat_key(owner_id, branch.chat_id)),
                [*bump_chat(), ChatRow.message_count.add(-messages)],
                condition=chat_lives() if chat_revision is None else chat_lives() & (ChatRow.revision == chat_revision),
            )
            transaction.condition_check(
                MessageRow,
                *keys.message_key(owner_id, branch.chat_id, message_id),
                condition=(MessageRow.revision == message.revision) & MessageRow.deleted_at.does_not_exist(),
            )
            transaction.save(_segment_row(owner_id, branch.chat_id, spans))
            transaction.save(cut)

        match commit(fill):
            case []:
                return
            case [1] if chat_revision is None:
                raise NotFound("There is no such chat.")
            case _:
                raise _in_progress(branch)

    def find_cut(self, owner_id: str, chat_id: str, message_id: str, branch_id: str | None = None) -> Cut | None:
        """What a branch lost at a message; without a branch what was cut off there last."""
        place, beginning = keys.cut_key(owner_id, chat_id, message_id, branch_id or "")
        found = CutRow.query(place, CutRow.sk.startswith(beginning), consistent_read=True)
        row = max(found, key=lambda one: str(one.new_segment), default=None)
        if row is None:
            return None
        head = Span(segment=row.segment, upto=int(row.upto))
        return Cut(
            branch_id=row.branch_id,
            spans=[*shapes.spans_of(row.spans), head],
            new_segment=row.new_segment,
            messages=int(row.messages),
        )

    def undo_cut(self, owner_id: str, chat_id: str, message_id: str, cut: Cut, now: datetime) -> bool:
        """Puts the head back where it was. False when the branch went on since, or is gone."""
        head = cut.spans[-1]

        def fill(transaction: TransactWrite) -> None:
            transaction.update(
                BranchRow(*keys.branch_key(owner_id, chat_id, cut.branch_id)),
                [
                    BranchRow.spans.set(rows.pairs_of(cut.spans[:-1])),
                    BranchRow.segment.set(head.segment),
                    BranchRow.upto.set(head.upto),
                    BranchRow.updated_at.set(stamp(now)),
                ],
                condition=(BranchRow.segment == cut.new_segment)
                & (BranchRow.upto == -1)
                & BranchRow.active_turn_id.does_not_exist(),
            )
            transaction.update(
                ChatRow(*keys.chat_key(owner_id, chat_id)),
                [*bump_chat(), ChatRow.message_count.add(cut.messages)],
                condition=chat_lives(),
            )
            self.forget_cut(transaction, owner_id, chat_id, message_id, cut)

        return not commit(fill)

    @staticmethod
    def forget_cut(transaction: TransactWrite, owner_id: str, chat_id: str, message_id: str, cut: Cut) -> None:
        """Adds to the transaction that brings the messages back: of two who do, one succeeds."""
        row = CutRow(*keys.cut_key(owner_id, chat_id, message_id, cut.branch_id))
        transaction.delete(row, condition=CutRow.new_segment == cut.new_segment)


def _segment_row(owner_id: str, chat_id: str, spans: list[Span]) -> SegmentRow:
    return SegmentRow(*keys.segment_key(owner_id, chat_id, spans[-1].segment), spans=rows.pairs_of(spans[:-1]))


def _length(spans: list[Span]) -> int:
    return sum(span.upto + 1 for span in spans)


def _in_progress(branch: Branch) -> Conflict:
    if branch.active_turn_id:
        return ReplyInProgress("A reply is being written here. Stop it first.", turn_id=branch.active_turn_id)
    return Conflict("This branch has just changed. Look again, then repeat what you did.")
