"""Chats in from files: SillyTavern's JSONL, and what other programs write. The way out: chat_files.py."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

from chalicelib.chatfiles.others import read_others
from chalicelib.chatfiles.parts import FileHead, FileMessage
from chalicelib.chatfiles.reading import read_head, read_messages
from chalicelib.errors import Invalid, InvalidChat, NotFound
from chalicelib.models.chats import Branch, Chat, ChatImportQuery, Message, Span, Swipe
from chalicelib.models.shapes import Asked
from chalicelib.models.users import User
from chalicelib.models.worlds import Timed
from chalicelib.moving.pieces import check_weight
from chalicelib.presetfiles.metadata import read_timed
from chalicelib.services.timing import by_places
from chalicelib.stores.chat_updates import OF_THE_MESSAGE, preview_of
from chalicelib.stores.transactions import Join

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.characters import Characters
    from chalicelib.services.chat_news import ChatNews
    from chalicelib.services.groups import Groups
    from chalicelib.services.limits import Limits
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.idempotency import Idempotency
    from chalicelib.stores.messages import MessageStore

Progress = Callable[[int, int | None], None]
_PROGRESS_EVERY = 250
_LOOKED_BYTES = 4_000
_alone = Lock()
"""A move takes several chats at once; a file that is one object takes a hundred times its size, one at a time."""


class _ImportOnce(Asked):
    """What makes two imports the same."""

    query: ChatImportQuery
    sha256: str


@dataclass(frozen=True, slots=True)
class _Partners:
    """Who a chat is with."""

    name: str
    character_id: str | None = None
    by_files: Mapping[str, str] = field(default_factory=dict)
    """Of a group: our ids by the names of pictures' files, and by the members' names."""
    by_names: Mapping[str, str] = field(default_factory=dict)

    def speaker(self, part: FileMessage) -> str | None:
        """Id of the character that said it; None where the group has no such member (any more)."""
        if self.character_id:
            return self.character_id
        file = part.line.get("original_avatar")
        return self.by_files.get(file if isinstance(file, str) else "") or self.by_names.get(part.name)


class ChatArrivals:
    def __init__(
        self,
        *,
        store: "ChatStore",
        messages: "MessageStore",
        characters: "Characters",
        groups: "Groups",
        limits: "Limits",
        news: "ChatNews",
        idempotency: "Idempotency",
        clock: "Clock",
    ) -> None:
        self._store, self._messages, self._characters, self._groups = store, messages, characters, groups
        self._limits, self._news, self._idempotency, self._clock = limits, news, idempotency, clock

    def import_once(self, user: User, data: bytes, query: ChatImportQuery, key: str | None = None) -> Chat:
        """`import_jsonl` for a request, which may come twice with the same key."""
        same = _ImportOnce(query=query, sha256=hashlib.sha256(data).hexdigest())
        if key and (answer := self._idempotency.find(user.id, "chats-import", key, same)):
            return self._store.get(user.id, answer["chat_id"])
        chat_id = self._clock.new_id()
        answer = self._idempotency.once(
            user.id,
            "chats-import",
            key,
            same,
            {"chat_id": chat_id},
            self._clock.now(),
            lambda join: self._import(user.id, query, data, chat_id=chat_id, join=join),
        )
        return self._store.get(user.id, answer["chat_id"])

    def import_job(self, owner_id: str, query: ChatImportQuery, data: bytes, chat_id: str, progress: Progress) -> Chat:
        """The chat of an upload, whose space the upload has counted already.

        It may be called again after a worker died in the middle: with an id that exists already, the chat as it is.
        """
        return self.take(owner_id, query, data, chat_id, counted=False, progress=progress)

    def take(
        self,
        owner_id: str,
        query: ChatImportQuery,
        data: bytes,
        chat_id: str,
        *,
        counted: bool = True,
        progress: Progress = lambda done, total: None,
    ) -> Chat:
        """The chat of a file under an id of the caller's; with an id that exists already, the chat as it is."""
        try:
            return self._store.get(owner_id, chat_id)
        except NotFound:
            self._store.wipe(owner_id, chat_id)
        return self._import(owner_id, query, data, chat_id=chat_id, counted=counted, progress=progress)

    def drop_unfinished(self, owner_id: str, chat_id: str) -> None:
        """Deletes what a chat that was never finished left behind; quiet when it was."""
        try:
            self._store.get_head(owner_id, chat_id)
        except NotFound:
            self._store.wipe(owner_id, chat_id)

    def _import(
        self,
        owner_id: str,
        query: ChatImportQuery,
        data: bytes,
        *,
        chat_id: str,
        counted: bool = True,
        join: Join | None = None,
        progress: Progress = lambda done, total: None,
    ) -> Chat:
        """The chat of a file, which shows up when all of it is written; `progress` hears of (done, total).

        Raises InvalidChat with the line that cannot be read, before anything is written.
        """
        data = _as_lines(data)
        partners = self._partners(owner_id, query)
        head, now = read_head(data), self._clock.now()
        total, last, visible = 0, None, []
        for last in read_messages(data, now=now):  # all of it is checked first
            if not last.hidden:
                visible.append(total)
            total += 1
        progress(0, total)
        branch_id = self._clock.new_id()
        said_at = min(last.chosen.created_at, now) if last else now
        chat = Chat(
            id=chat_id,
            character_id=query.character_id or "",
            group_id=query.group_id,
            title=_title(query.filename) or partners.name,
            preview=preview_of(last.chosen.text) if last else "",
            message_count=total,
            created_at=said_at,
            updated_at=said_at,
            branch_id=branch_id,
            authors_note=head.authors_note,
            authors_note_depth=head.authors_note_depth,
            authors_note_interval=head.authors_note_interval,
            authors_note_place=head.authors_note_place,
            authors_note_role=head.authors_note_role,
            metadata=head.metadata,
        )
        branch = Branch(
            id=branch_id,
            chat_id=chat_id,
            spans=[Span(segment=branch_id, upto=total - 1)],
            created_at=said_at,
            updated_at=said_at,
            timed=by_places(timed, visible, total) if (timed := read_timed(head.metadata)) != Timed() else None,
        )
        if counted:
            self._limits.add_storage(owner_id, len(data))
        messages = self._placed(data, now, chat, partners, head, progress)
        done = False
        try:
            # The chat's row comes last: until then nobody sees any of it, and what fails is wiped.
            self._messages.put_all(owner_id, messages)
            self._store.add(owner_id, chat, branch, stored_bytes=len(data), join=join)
            done = True
        finally:
            if not done:
                self._store.wipe(owner_id, chat.id)
                if counted:
                    self._limits.add_storage(owner_id, -len(data))
        progress(total, total)
        self._news.tell_index(owner_id, chat_id)
        return chat

    def _partners(self, owner_id: str, query: ChatImportQuery) -> _Partners:
        """Raises NotFound, Invalid."""
        if query.character_id and not query.group_id:
            return _Partners(self._characters.get(owner_id, query.character_id).name, query.character_id)
        if not query.group_id or query.character_id:
            raise Invalid(
                "A chat is with a character or with a group.", fields={"character_id": "Name one of the two."}
            )
        group, cast = self._groups.stored(owner_id, query.group_id), self._groups.cast(owner_id, query.group_id)
        return _Partners(
            group.name,
            by_files={one.file: one.character_id for one in group.members if one.file and one.character_id},
            by_names={actor.card.name: actor.id for actor in cast.actors},
        )

    @staticmethod
    def _placed(
        data: bytes, now: datetime, chat: Chat, partners: _Partners, head: FileHead, progress: Progress
    ) -> Iterator[tuple[Message, list[Swipe]]]:
        names = {"user": head.user_name or "You", "assistant": partners.name, "system": partners.name}
        for position, part in enumerate(read_messages(data, now=now)):
            if position and position % _PROGRESS_EVERY == 0:
                progress(position, chat.message_count)
            chosen = part.chosen
            extra = chosen.extra | ({OF_THE_MESSAGE: part.line} if part.line else {})
            message = Message(
                id=f"{chat.branch_id}.{position}",
                chat_id=chat.id,
                role=part.role,
                name=part.name or names[part.role],
                text=chosen.text,
                reasoning=chosen.reasoning,
                hidden=part.hidden,
                character_id=None if part.role == "user" else partners.speaker(part),
                swipe_index=part.swipe_index,
                swipe_count=len(part.swipes),
                reply=chosen.reply,
                created_at=chosen.created_at,
                extra=extra,
            )
            yield message, part.swipes if len(part.swipes) > 1 else []


def _as_lines(data: bytes) -> bytes:
    """The file as SillyTavern's JSONL, also where another program wrote it. Raises InvalidChat for one with several."""
    # Only a file that is one JSON object may be of another program: two lines of JSONL are none.
    if not data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") or b'"mes"' in data[:_LOOKED_BYTES]:
        return data
    try:
        if _begins_with_a_line(data):
            return data
        check_weight(data)
        with _alone:
            found = read_others(json.loads(data))
    except (ValueError, RecursionError):
        return data
    if len(found) > 1:
        raise InvalidChat(
            f"This file holds {len(found)} chats. Bring it in under Settings, Move in.", code="several_chats"
        )
    return found[0].data if found else data


def _begins_with_a_line(data: bytes) -> bool:
    """Whether the first line is JSON for itself, and more comes behind it."""
    end = data.find(b"\n")
    if end < 0 or not data[end : end + _LOOKED_BYTES].strip():
        return False
    check_weight(data[:end])
    try:
        json.loads(data[:end])
    except ValueError:
        return False
    return True


def _title(filename: str) -> str:
    name = re.split(r"[\\/]", filename)[-1]
    return re.sub(r"\.(jsonl|json|txt)$", "", name, flags=re.IGNORECASE).strip()[:200]
