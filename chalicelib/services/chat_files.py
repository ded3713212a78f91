"""Chats out as files: SillyTavern's JSONL, and plain text. The way in: chat_arrivals.py."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.chatfiles.parts import FileHead, FileMessage
from chalicelib.chatfiles.writing import write_jsonl, write_text
from chalicelib.errors import NotFound
from chalicelib.leaving.names import safe
from chalicelib.models.characters import Download
from chalicelib.models.chats import Branch, Chat, ChatExportQuery, Message
from chalicelib.models.users import User
from chalicelib.models.worlds import Timed
from chalicelib.presetfiles.metadata import read_timed, read_variables, write_timed
from chalicelib.services.timing import by_messages, timed_of, visible_places
from chalicelib.stores.chat_updates import OF_THE_MESSAGE, chosen_swipe

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.groups import Groups
    from chalicelib.services.variables import VariableSets
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.files import Files
    from chalicelib.stores.messages import MessageStore

NO_FILES: Mapping[str, str] = {}


class ChatFiles:
    def __init__(
        self,
        *,
        store: "ChatStore",
        messages: "MessageStore",
        groups: "Groups",
        variables: "VariableSets",
        files: "Files",
        clock: "Clock",
    ) -> None:
        self._store, self._messages, self._groups = store, messages, groups
        self._variables, self._files, self._clock = variables, files, clock

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


def _line(message: Message, files: Mapping[str, str]) -> dict[str, Any]:
    """What the message's line says besides: in a group also whose picture it shows."""
    line: dict[str, Any] = message.extra.get(OF_THE_MESSAGE, {})
    file = files.get(message.character_id or "")
    return {"original_avatar": file} | line if file else line
