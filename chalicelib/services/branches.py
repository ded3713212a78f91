"""Branches: new ways on from any message."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.errors import Conflict, Invalid, NotFound
from chalicelib.models.chats import Branch, BranchChange, NewBranch, Span
from chalicelib.models.users import User

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.chat_news import ChatNews
    from chalicelib.stores.branches import BranchStore, Cut
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.idempotency import Idempotency

# Each branch from within a branch makes the path longer, and the path is read with every page.
SPANS_MOST = 200
# They are listed in one answer.
BRANCHES_MOST = 1000


class Branches:
    def __init__(
        self,
        *,
        store: "ChatStore",
        branches: "BranchStore",
        news: "ChatNews",
        idempotency: "Idempotency",
        clock: "Clock",
    ) -> None:
        self._store, self._branches = store, branches
        self._news, self._idempotency, self._clock = news, idempotency, clock

    def list(self, user: User, chat_id: str) -> list[Branch]:
        """All branches of the chat, the oldest first."""
        self._store.get_head(user.id, chat_id)
        return self._store.list_branches(user.id, chat_id)

    def add(self, user: User, chat_id: str, asked: NewBranch, key: str | None = None) -> Branch:
        """A branch that shares all up to a message, that included, and goes on from there."""
        route = f"branches-{chat_id}"
        if key and (answer := self._idempotency.find(user.id, route, key, asked)):
            return self._store.get_branch(user.id, chat_id, answer["branch_id"])
        if self._store.get_message(user.id, chat_id, asked.message_id).deleted_at:
            raise NotFound("This message was deleted. Restore it first.")
        siblings = self._store.list_branches(user.id, chat_id)
        if len(siblings) >= BRANCHES_MOST:
            raise Invalid(f"A chat may have {BRANCHES_MOST} branches. Delete one you do not need.")
        path = self._store.path_to(user.id, chat_id, asked.message_id)
        branch = self._new(chat_id, path, asked.title, asked.message_id)
        now = self._clock.now()
        answer = self._idempotency.once(
            user.id,
            route,
            key,
            asked,
            {"branch_id": branch.id},
            now,
            lambda join: self._branches.add(user.id, branch, join=join),
        )
        if answer["branch_id"] != branch.id:
            return self._store.get_branch(user.id, chat_id, answer["branch_id"])
        self._news.tell(user.id, chat_id, "branch")
        return branch

    def change(self, user: User, chat_id: str, branch_id: str, change: BranchChange) -> Branch:
        branch = self._store.get_branch(user.id, chat_id, branch_id)
        self._branches.rename(user.id, branch, change.title)
        self._news.tell(user.id, chat_id, "branch")
        return branch.model_copy(update={"title": change.title})

    def delete(self, user: User, chat_id: str, branch_id: str) -> None:
        """Messages it shares stay with the others; the branch a chat opens with cannot go."""
        branch = self._store.get_branch(user.id, chat_id, branch_id)
        if branch_id == self._store.get_head(user.id, chat_id).branch_id:
            raise Conflict("The chat opens with this branch. Choose another one first.")
        self._branches.delete(user.id, branch)
        self._news.tell(user.id, chat_id, "branch")

    def keep(self, user: User, chat_id: str, cut: "Cut", message_id: str) -> Branch:
        """A branch out of what was cut off another one that went on since. Raises Conflict when it is back already."""
        branch = self._new(chat_id, cut.spans, "", message_id)
        self._branches.add(
            user.id, branch, join=lambda write: self._branches.forget_cut(write, user.id, chat_id, message_id, cut)
        )
        return branch

    def _new(self, chat_id: str, path: Sequence[Span], title: str, message_id: str) -> Branch:
        if len(path) >= SPANS_MOST:
            raise Invalid(f"This branch comes from {SPANS_MOST} branches one within the other; more are not possible.")
        now, branch_id = self._clock.now(), self._clock.new_id()
        return Branch(
            id=branch_id,
            chat_id=chat_id,
            title=title,
            spans=[*(span for span in path if span.upto >= 0), Span(segment=branch_id, upto=-1)],
            created_at=now,
            updated_at=now,
            from_message_id=message_id,
        )
