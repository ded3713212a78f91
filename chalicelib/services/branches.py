"""Branches: new ways on from any message.

A branch begins with the variables and the effects of time of the one it was made on, and goes its own way from there.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.errors import Conflict, Invalid, NotFound
from chalicelib.models.chats import Branch, BranchChange, NewBranch, Span
from chalicelib.models.users import User
from chalicelib.stores.chat_updates import lies_on
from chalicelib.stores.transactions import both

if TYPE_CHECKING:
    from pynamodb.transactions import TransactWrite

    from chalicelib.clients.clock import Clock
    from chalicelib.services.chat_news import ChatNews
    from chalicelib.services.variables import VariableSets
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
        variables: "VariableSets",
        news: "ChatNews",
        idempotency: "Idempotency",
        clock: "Clock",
    ) -> None:
        self._store, self._branches, self._variables = store, branches, variables
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
        source = self._source(user.id, chat_id, asked, siblings)
        branch = self._new(chat_id, path, asked.title, asked.message_id, source)
        copied = self._variables.copied(user.id, chat_id, source.id, branch.id)
        now = self._clock.now()
        answer = self._idempotency.once(
            user.id,
            route,
            key,
            asked,
            {"branch_id": branch.id},
            now,
            lambda join: self._branches.add(user.id, branch, join=both(copied, join)),
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
        self._branches.delete(user.id, branch, join=self._variables.dropped(user.id, chat_id, branch_id))
        self._news.tell(user.id, chat_id, "branch")

    def keep(self, user: User, chat_id: str, cut: "Cut", message_id: str) -> Branch:
        """A branch out of what was cut off another one that went on since. Raises Conflict when it is back already."""
        source = self._cut_from(user.id, chat_id, cut)
        branch = self._new(chat_id, cut.spans, "", message_id, source)
        copied = self._variables.copied(user.id, chat_id, source.id, branch.id)

        def forget(write: "TransactWrite") -> None:
            self._branches.forget_cut(write, user.id, chat_id, message_id, cut)

        self._branches.add(user.id, branch, join=both(copied, forget))
        return branch

    def _cut_from(self, owner_id: str, chat_id: str, cut: "Cut") -> Branch:
        """The branch that lost it; the one the chat opens with where that is gone."""
        try:
            return self._store.get_branch(owner_id, chat_id, cut.branch_id)
        except NotFound:
            return self._store.get_branch(owner_id, chat_id, self._store.get_head(owner_id, chat_id).branch_id)

    def _source(self, owner_id: str, chat_id: str, asked: NewBranch, siblings: Sequence[Branch]) -> Branch:
        """The branch a new one is made on. Raises NotFound."""
        if asked.branch_id:
            return self._store.get_branch(owner_id, chat_id, asked.branch_id)
        opened = self._store.get_head(owner_id, chat_id).branch_id
        through = [one for one in siblings if lies_on(one.spans, asked.message_id)]
        return next((one for one in through or siblings if one.id == opened), (through or siblings)[0])

    def _new(self, chat_id: str, path: Sequence[Span], title: str, message_id: str, source: Branch) -> Branch:
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
            timed=source.timed,
        )
