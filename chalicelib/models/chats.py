"""Chats: a tree of messages, its branches, and the swipes of a message.

A message lies at a position of a segment; its id is `{segment}.{position}`. A branch is a path through the tree: a
short list of spans, each a segment and the last position of it that belongs to the branch. Only the last span grows.
"""

from typing import Any, Literal

from pydantic import Field

from chalicelib.models.prompt import FinishReason
from chalicelib.models.shapes import Asked, Held, Id, Instant, MessageRole
from chalicelib.models.worlds import Timed

NotePlace = Literal["before_main", "after_main", "in_chat", "nowhere"]
MESSAGE_CHARACTERS_MOST = 400_000


class Span(Held):
    segment: str
    upto: int
    """Last position that belongs to the branch, counted from 0; -1 when it holds none yet."""


class Branch(Held):
    id: str
    chat_id: str
    title: str = ""
    spans: list[Span]
    created_at: Instant
    updated_at: Instant
    from_message_id: str | None = None
    active_turn_id: str | None = None
    """The turn that holds the branch's lock."""
    timed: Timed | None = Field(default=None, exclude=True)
    """Which entries of worlds stick or rest on it; None: nothing of its own, the chat's counts."""


class ReplyFacts(Held):
    """How a reply came about."""

    generation_id: str
    model: str = ""
    connection: str = ""
    started_at: Instant | None = None
    finished_at: Instant | None = None
    first_token_ms: int | None = None
    finish_reason: FinishReason = "stop"
    prompt_tokens: int = 0
    reply_tokens: int = 0


class Message(Held):
    id: str
    chat_id: str
    role: MessageRole
    name: str
    text: str
    reasoning: str = ""
    hidden: bool = False
    """Kept out of the prompt."""
    character_id: str | None = None
    swipe_index: int = 0
    swipe_count: int = 1
    reply: ReplyFacts | None = None
    tokens: int | None = None
    """How long the text is, counted with the encoding `counted_by`: another one counts otherwise."""
    counted_by: str | None = None
    revision: int = 1
    created_at: Instant
    edited_at: Instant | None = None
    deleted_at: Instant | None = None
    extra: dict[str, Any] = {}
    """What SillyTavern's file held besides, kept for the way back."""


class Swipe(Held):
    """One alternative of a message."""

    index: int
    text: str
    reasoning: str = ""
    reply: ReplyFacts | None = None
    created_at: Instant
    extra: dict[str, Any] = {}


class ChatSummary(Held):
    id: str
    character_id: str
    """"" in a chat with a group."""
    group_id: str | None = None
    title: str
    preview: str = ""
    message_count: int = 0
    created_at: Instant
    updated_at: Instant
    deleted_at: Instant | None = None
    revision: int = 1


class Chat(ChatSummary):
    branch_id: str
    """The branch that opens first."""
    persona_id: str | None = None
    authors_note: str = ""
    authors_note_depth: int = 4
    authors_note_interval: int = 1
    """Every so many messages of the person; 0 never."""
    authors_note_place: NotePlace = "in_chat"
    authors_note_role: MessageRole = "system"
    authors_note_scanned: bool = False
    """Whether entries of worlds look for their keys in it."""
    auto_mode: bool = False
    """Whether the group goes on by itself."""
    timed: Timed | None = Field(default=None, exclude=True)
    """What stuck or rested when that was the chat's own and not a branch's; None: what `metadata` says."""
    metadata: dict[str, Any] = {}
    """SillyTavern's chat_metadata, kept for the way back."""


class NewChat(Asked):
    """With a character, or with a group: one of the two."""

    character_id: Id | None = None
    group_id: Id | None = None
    title: str = Field(default="", max_length=200)
    persona_id: Id | None = None
    greeting: int = Field(default=0, ge=0)
    """Which greeting is shown first."""


class ChatChange(Asked):
    title: str | None = Field(default=None, min_length=1, max_length=200)
    persona_id: Id | None = None
    branch_id: Id | None = None
    authors_note: str | None = Field(default=None, max_length=50_000)
    authors_note_depth: int | None = Field(default=None, ge=0, le=1000)
    authors_note_interval: int | None = Field(default=None, ge=0, le=1000)
    authors_note_place: NotePlace | None = None
    authors_note_role: MessageRole | None = None
    authors_note_scanned: bool | None = None
    auto_mode: bool | None = None


class ChatQuery(Asked):
    character_id: Id | None = None
    group_id: Id | None = None
    trash: bool = False
    cursor: str | None = Field(default=None, max_length=2000)
    limit: int = Field(default=30, ge=1, le=100)


class OpenQuery(Asked):
    branch_id: Id | None = None


class MessageQuery(Asked):
    branch_id: Id | None = None
    before: str | None = Field(default=None, max_length=200)
    """A message id: the page ends just before it. None: the newest."""
    limit: int = Field(default=50, ge=1, le=200)


class MessagePage(Held):
    """Oldest first. `before` asks for the page above; None at the chat's beginning."""

    messages: list[Message]
    before: str | None = None


class BranchEnd(Held):
    """What a branch ends with, for who would have deleted more than they had seen."""

    chat_revision: int
    messages: list[Message]
    """The newest, oldest first."""


class NewBranch(Asked):
    message_id: Id
    title: str = Field(default="", max_length=200)
    branch_id: Id | None = None
    """The branch it is made on, whose variables it begins with; None: one that leads through the message."""


class MessageChange(Asked):
    revision: int
    text: str | None = Field(default=None, max_length=MESSAGE_CHARACTERS_MOST)
    hidden: bool | None = None


class SwipeChoice(Asked):
    revision: int
    index: int = Field(ge=0)


class RevisionQuery(Asked):
    """A revision given in the query, where a request has no body."""

    revision: int


class DeleteQuery(RevisionQuery):
    """What a deletion of a message takes with it."""

    below: bool = False
    """Also all messages below it on the branch."""
    branch_id: Id | None = None
    chat_revision: int | None = None
    """With `below`: the chat's revision that was seen. What was written since is a conflict, and none of it goes."""


class RestoreQuery(Asked):
    """What comes back with a message."""

    branch_id: Id | None = None
    """Of all that branches lost with it and below it: what this one did."""


class BranchChange(Asked):
    title: str = Field(min_length=1, max_length=200)


class ChatImportQuery(Asked):
    """Whose chat the file is: a character's or a group's."""

    character_id: Id | None = None
    group_id: Id | None = None
    filename: str = Field(default="", max_length=255)


class ChatExportQuery(Asked):
    format: Literal["jsonl", "text"] = "jsonl"
    branch_id: Id | None = None
