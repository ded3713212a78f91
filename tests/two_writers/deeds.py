"""What a device can ask for, asked of the real services, and what it was answered in the words of the REST doors."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chalicelib.container import Container
from chalicelib.entrypoints import faults
from chalicelib.errors import AppError
from chalicelib.models.chats import ChatChange, DeleteQuery, MessageChange, NewBranch, RestoreQuery, SwipeChoice
from chalicelib.models.generations import NewTurn
from chalicelib.models.users import User

MESSAGE_DEEDS = ("edit", "hide", "swipe", "delete", "restore", "cut")
TURN_DEEDS = ("send", "again", "go_on")


@dataclass
class Deed:
    """One request as a device sent it, and its answer."""

    name: str
    kind: str
    """What is asked for: a method of `Doors`. `end` is the worker's."""
    sent: dict[str, Any] = field(default_factory=dict)
    message_id: str | None = None
    key: str | None = None
    seen: dict[str, int] = field(default_factory=dict)
    """Revisions of the messages that were on the device's screen."""
    status: int = 0
    answer: Any = None
    """The body as JSON; None while there is no answer."""

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300

    @property
    def base(self) -> int | None:
        return self.sent.get("revision")

    def same_request(self, other: "Deed") -> bool:
        return (self.kind, self.sent, self.message_id, self.key) == (
            other.kind,
            other.sent,
            other.message_id,
            other.key,
        )


class Doors:
    """The services that the REST doors call, for one person's chat."""

    def __init__(self, container: Container, user: User, chat_id: str) -> None:
        self.container, self.user, self.chat_id = container, user, chat_id

    def ask(self, deed: Deed) -> None:
        """Has the deed done, and writes down what came back. What is no AppError is a failure of the schedule."""
        work: Callable[[Deed], Any] = getattr(self, f"_{deed.kind}")
        try:
            result = work(deed)
        except AppError as error:
            told = faults.to_response(error, correlation_id="")
            deed.answer, deed.status = json.loads(told.body), told.status
        else:
            deed.answer, deed.status = result.model_dump(mode="json") if result is not None else None, 200

    def _edit(self, deed: Deed) -> Any:
        change = MessageChange.model_validate(deed.sent)
        return self.container.messages.change(self.user, self.chat_id, str(deed.message_id), change)

    _hide = _edit

    def _swipe(self, deed: Deed) -> Any:
        choice = SwipeChoice.model_validate(deed.sent)
        return self.container.messages.choose_swipe(self.user, self.chat_id, str(deed.message_id), choice)

    def _delete(self, deed: Deed) -> None:
        query = DeleteQuery.model_validate(deed.sent)
        self.container.messages.delete(self.user, self.chat_id, str(deed.message_id), query)

    _cut = _delete

    def _restore(self, deed: Deed) -> Any:
        return self.container.messages.restore(self.user, self.chat_id, str(deed.message_id), RestoreQuery())

    def _send(self, deed: Deed) -> Any:
        return self.container.turns.start(self.user, self.chat_id, NewTurn.model_validate(deed.sent), deed.key)

    _again = _go_on = _send

    def _branch(self, deed: Deed) -> Any:
        return self.container.branches.add(self.user, self.chat_id, NewBranch.model_validate(deed.sent), deed.key)

    def _title(self, deed: Deed) -> Any:
        return self.container.chats.change(self.user, self.chat_id, ChatChange.model_validate(deed.sent))

    _note = _title

    def _trash(self, deed: Deed) -> None:
        self.container.chats.trash(self.user, self.chat_id)

    def _untrash(self, deed: Deed) -> Any:
        return self.container.chats.restore(self.user, self.chat_id)

    def _stop(self, deed: Deed) -> None:
        self.container.generation.stop_turn(self.user.id, deed.sent["turn_id"])
