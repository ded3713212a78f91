"""A device: it looks at the chat, and does by dice what a person might do with what it saw, which may be old by now."""

import random
from collections.abc import Callable

from chalicelib.models.chats import Message, OpenQuery
from tests.two_writers.deeds import Deed, Doors

LOOKS = 0.35
"""How often a device looks before it acts; else it acts on what it saw before."""
TRASHES = 0.01
"""How often the whole chat goes into the trash; who put it there takes it out again next."""
TWICE = 0.2
"""How often the network sends a request twice."""


class Device:
    def __init__(self, name: str, doors: Doors, dice: random.Random, do: Callable[[Deed], None]) -> None:
        """`do` has a deed done, perhaps twice."""
        self.name, self._doors, self._dice, self._do = name, doors, dice, do
        self._branch_id: str | None = None
        self._branches: list[str] = []
        self._deleted: list[str] = []
        self._turns: list[str] = []
        self._trashed = False
        self._count = 0
        self._revision = 0
        self.seen: dict[str, Message] = {}

    def live(self, deeds: int) -> None:
        """Does so many things, one after the other."""
        self._look()
        for _ in range(deeds):
            if self._dice.random() < LOOKS:
                self._look()
            deed = self._next()
            if deed is not None:
                self._do(deed)
                self._learn(deed)

    def _look(self) -> None:
        if self._branches and self._dice.random() < 0.25:
            self._branch_id = self._dice.choice(self._branches)
        opened = self._doors.container.chats.open(
            self._doors.user, self._doors.chat_id, OpenQuery(branch_id=self._branch_id)
        )
        self._branch_id = opened.branch.id
        self._revision = opened.chat.revision
        self.seen = {message.id: message for message in opened.page.messages}

    def _next(self) -> Deed | None:
        kinds = ["edit"] * 4 + ["swipe"] * 3 + ["delete"] * 2 + ["cut"] * 2 + ["restore"] * 2 + ["send"] * 3
        kinds += ["hide", "again", "again", "go_on", "go_on", "branch", "title", "note", "stop"]
        kind = self._dice.choice(kinds)
        if self._dice.random() < TRASHES:
            kind = "trash"
        if self._trashed:
            kind = "untrash"
        self._count += 1
        name = f"{self.name}{self._count}"
        messages = list(self.seen.values())
        deed = Deed(name, kind, seen={message.id: message.revision for message in messages})
        if kind in ("send", "title", "note", "stop", "restore", "trash", "untrash"):
            return self._without_message(deed)
        if not messages:
            return None
        # Mostly the last ones, where people meet.
        message = self._dice.choice(messages[-3:] if self._dice.random() < 0.8 else messages)
        deed.message_id = message.id
        match kind:
            case "edit":
                deed.sent = {"revision": message.revision, "text": f"Edit {name}."}
            case "hide":
                deed.sent = {"revision": message.revision, "hidden": not message.hidden}
            case "swipe":
                index = self._dice.randrange(message.swipe_count)
                deed.sent = {"revision": message.revision, "index": index}
            case "delete":
                deed.sent = {"revision": message.revision, "below": False}
            case "cut":
                deed.sent = {"revision": message.revision, "below": True, "branch_id": self._branch_id}
                deed.sent["chat_revision"] = self._revision
            case "branch":
                deed.sent = {"message_id": message.id, "title": name}
                deed.key = f"key-{name}"
            case _:
                last = messages[-1]
                deed.message_id, deed.key = last.id, f"key-{name}"
                wanted = "swipe" if kind == "again" else "continue"
                deed.sent = {"kind": wanted, "message_id": last.id, "revision": last.revision}
                deed.sent["branch_id"] = self._branch_id
        return deed

    def _without_message(self, deed: Deed) -> Deed | None:
        match deed.kind:
            case "send":
                deed.sent = {"kind": "reply", "text": f"Said {deed.name}.", "branch_id": self._branch_id}
                deed.key = f"key-{deed.name}"
            case "title":
                deed.sent = {"title": f"Title {deed.name}"}
            case "note":
                deed.sent = {"authors_note": f"Note {deed.name}"}
            case "trash" | "untrash":
                pass
            case "stop":
                if not self._turns:
                    return None
                deed.sent = {"turn_id": self._dice.choice(self._turns)}
            case _:
                if not self._deleted:
                    return None
                deed.message_id = self._dice.choice(self._deleted)
        return deed

    def _learn(self, deed: Deed) -> None:
        """Takes in what was answered, as the page does."""
        if not deed.accepted:
            theirs = deed.answer["error"].get("theirs") or {}
            if "swipe_count" in theirs:
                fresh = Message.model_validate(theirs)
                self.seen.pop(fresh.id, None)
                if fresh.deleted_at is None:
                    self.seen[fresh.id] = fresh
            return
        match deed.kind:
            case "edit" | "hide" | "swipe" | "restore":
                fresh = Message.model_validate(deed.answer)
                if fresh.id in self.seen:
                    self.seen[fresh.id] = fresh
            case "delete":
                self._deleted.append(str(deed.message_id))
                self.seen.pop(str(deed.message_id), None)
            case "cut":
                self._deleted.append(str(deed.message_id))
                ids = list(self.seen)
                if deed.message_id in ids:
                    self.seen = {one: self.seen[one] for one in ids[: ids.index(str(deed.message_id))]}
            case "send" | "again" | "go_on":
                self._turns.append(deed.answer["turn"]["id"])
                if deed.answer["message"]:
                    said = Message.model_validate(deed.answer["message"])
                    self.seen[said.id] = said
            case "trash" | "untrash":
                self._trashed = deed.kind == "trash"
            case "branch":
                self._branches.append(deed.answer["id"])
