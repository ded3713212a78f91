"""Chats in and out as files: SillyTavern's JSONL, and plain text."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.chatfiles.others import read_others
from chalicelib.chatfiles.parts import FileHead, FileMessage
from chalicelib.chatfiles.reading import read_head, read_messages
from chalicelib.chatfiles.writing import write_jsonl, write_text
from chalicelib.errors import Invalid, InvalidChat, NotFound
from chalicelib.leaving.names import safe
from chalicelib.models.characters import Download
from chalicelib.models.chats import Branch, Chat, ChatExportQuery, ChatImportQuery, Message, Span, Swipe
from chalicelib.models.shapes import Asked
from chalicelib.models.users import User
from chalicelib.models.worlds import Timed
from chalicelib.moving.pieces import check_weight
from chalicelib.presetfiles.metadata import read_timed, read_variables, write_timed
from chalicelib.services.timing import by_messages, by_places, timed_of, visible_places
from chalicelib.stores.chat_updates import OF_THE_MESSAGE, chosen_swipe, preview_of
from chalicelib.stores.transactions import Join

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.characters import Characters
    from chalicelib.services.chat_news import ChatNews
    from chalicelib.services.groups import Groups
    from chalicelib.services.limits import Limits
    from chalicelib.services.variables import VariableSets
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.files import Files
    from chalicelib.stores.idempotency import Idempotency
    from chalicelib.stores.messages import MessageStore

Progress = Callable[[int, int | None], None]
_PROGRESS_EVERY = 250
_LOOKED_BYTES = 4_000
NO_FILES: Mapping[str, str] = {}


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


class ChatFiles:
    def __init__(
        self,
        *,
        store: "ChatStore",
        messages: "MessageStore",
        characters: "Characters",
        groups: "Groups",
        variables: "VariableSets",
        files: "Files",
        limits: "Limits",
        news: "ChatNews",
        idempotency: "Idempotency",
        clock: "Clock",
    ) -> None:
        self._store, self._messages, self._characters = store, messages, characters
        self._groups, self._variables = groups, variables
        self._files, self._limits, self._news = files, limits, news
        self._idempotency, self._clock = idempotency, clock

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

    def export(self, user: User, chat_id: str, query: ChatExportQuery) -> Download:
        """One branch of the chat as a file."""
        chat = self._store.get(user.id, chat_id)
        branch = self._store.get_branch(user.id, chat_id, query.branch_id or chat.branch_id)
        if query.format == "text":
            content, kind, ending = write_text(self._lines(user.id, branch)), "text/plain; charset=utf-8", "txt"
        else:
            content, kind, ending = self._jsonl(user.id, chat, branch), "application/x-ndjson", "jsonl"
        key = f"{user.id}/exports/{self._clock.new_id()}.{ending}"
        self._files.put(key, "".join(content).encode(), kind)
        return self._files.download(key, f"{safe(chat.title) or 'chat'}.{ending}")

    def pack(
        self, owner_id: str, chat_id: str, files: Mapping[str, str] = NO_FILES
    ) -> Iterator[tuple[str, Iterator[str]]]:
        """The whole chat: the id of each branch and its file, piece by piece.

        `files` are the names of pictures' files by characters' ids: by them a group's messages name who spoke.
        """
        chat = self._store.get(owner_id, chat_id)
        for branch in self._store.list_branches(owner_id, chat_id):
            yield branch.id, self._jsonl(owner_id, chat, branch, files)

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

    def _jsonl(self, owner_id: str, chat: Chat, branch: Branch, files: Mapping[str, str] = NO_FILES) -> Iterator[str]:
        head = FileHead(
            metadata=self._metadata(owner_id, chat, branch),
            authors_note=chat.authors_note,
            authors_note_depth=chat.authors_note_depth,
            authors_note_interval=chat.authors_note_interval,
            authors_note_place=chat.authors_note_place,
            authors_note_role=chat.authors_note_role,
        )
        lines = self._lines(owner_id, branch, self._files_of(owner_id, chat, files))
        return write_jsonl(head, lines)

    def _metadata(self, owner_id: str, chat: Chat, branch: Branch) -> dict[str, Any]:
        """SillyTavern's `chat_metadata`, with the branch's variables and effects of time as they are by now."""
        metadata, variables = chat.metadata, self._variables.of(owner_id, chat, branch.id).values
        if variables != read_variables(metadata):
            metadata = metadata | {"variables": variables}
        if (timed := timed_of(chat, branch)) != Timed():
            newest_first = self._store.newest_first(owner_id, chat.id, branch.spans)
            timed = by_messages(timed, visible_places(branch.spans, newest_first))
        return metadata if timed == read_timed(metadata) else metadata | {"timedWorldInfo": write_timed(timed)}

    def _files_of(self, owner_id: str, chat: Chat, files: Mapping[str, str]) -> dict[str, str]:
        """Of a chat with a group: by which picture's file each member is named."""
        if chat.group_id is None:
            return {}
        try:
            members = self._groups.stored(owner_id, chat.group_id).members
        except NotFound:
            members = []
        known = {one.character_id: one.file for one in members if one.character_id and one.file}
        return known | dict(files)

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

    def _lines(self, owner_id: str, branch: Branch, files: Mapping[str, str] = NO_FILES) -> Iterator[FileMessage]:
        """The branch's messages, the oldest first, with all their swipes."""
        newest_first = list(self._store.newest_first(owner_id, branch.chat_id, branch.spans))
        swipes = self._messages.swipes_along(owner_id, branch)
        for message in reversed(newest_first):
            chosen = chosen_swipe(message)
            all_of_it = {**swipes.get(message.id, {}), chosen.index: chosen}
            indexes = sorted(all_of_it)
            yield FileMessage(
                role=message.role,
                name=message.name,
                hidden=message.hidden,
                line=_line(message, files),
                swipe_index=indexes.index(chosen.index),
                swipes=[all_of_it[index] for index in indexes],
            )


def _as_lines(data: bytes) -> bytes:
    """The file as SillyTavern's JSONL, also where another program wrote it. Raises InvalidChat for one with several."""
    # Only a file that is one JSON object may be of another program: two lines of JSONL are none.
    if not data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") or b'"mes"' in data[:_LOOKED_BYTES]:
        return data
    check_weight(data)
    try:
        found = read_others(json.loads(data))
    except (ValueError, RecursionError):
        return data
    if len(found) > 1:
        raise InvalidChat(
            f"This file holds {len(found)} chats. Bring it in under Settings, Move in.", code="several_chats"
        )
    return found[0].data if found else data


def _title(filename: str) -> str:
    name = re.split(r"[\\/]", filename)[-1]
    return re.sub(r"\.(jsonl|json|txt)$", "", name, flags=re.IGNORECASE).strip()[:200]


def _line(message: Message, files: Mapping[str, str]) -> dict[str, Any]:
    """What the message's line says besides: in a group also whose picture it shows."""
    line: dict[str, Any] = message.extra.get(OF_THE_MESSAGE, {})
    file = files.get(message.character_id or "")
    return {"original_avatar": file} | line if file else line
