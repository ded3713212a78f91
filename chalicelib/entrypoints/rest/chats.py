"""Doors of chats and their branches."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Request, Routes
from chalicelib.models.characters import Download
from chalicelib.models.chats import (
    Branch,
    BranchChange,
    Chat,
    ChatChange,
    ChatExportQuery,
    ChatImportQuery,
    ChatQuery,
    ChatSummary,
    NewBranch,
    NewChat,
    OpenQuery,
)
from chalicelib.models.generations import ChatOpened
from chalicelib.models.shapes import Page
from chalicelib.models.users import User

FILE_TYPES = ("application/octet-stream", "application/x-ndjson", "application/jsonl", "application/json", "text/plain")

routes = Routes("chats", prefix="/chats")


@routes.get()
def list_chats(user: User, query: ChatQuery) -> "Page[ChatSummary]":
    return container().chats.list(user, query)


@routes.post(status=201)
def start_chat(user: User, body: NewChat, request: Request) -> Chat:
    return container().chats.start(user, body, request.idempotency_key)


@routes.post("/import", status=201, raw=FILE_TYPES)
def import_chat(user: User, body: bytes, query: ChatImportQuery, request: Request) -> Chat:
    return container().chat_arrivals.import_once(user, body, query, request.idempotency_key)


@routes.get("/{chat_id}")
def open_chat(user: User, chat_id: str, query: OpenQuery) -> ChatOpened:
    return container().chats.open(user, chat_id, query)


@routes.patch("/{chat_id}")
def change_chat(user: User, chat_id: str, body: ChatChange) -> Chat:
    return container().chats.change(user, chat_id, body)


@routes.delete("/{chat_id}")
def delete_chat(user: User, chat_id: str) -> None:
    container().chats.trash(user, chat_id)


@routes.post("/{chat_id}/restore")
def restore_chat(user: User, chat_id: str) -> Chat:
    return container().chats.restore(user, chat_id)


@routes.delete("/{chat_id}/forever")
def delete_chat_forever(user: User, chat_id: str) -> None:
    container().chats.delete_forever(user, chat_id)


@routes.post("/{chat_id}/export")
def export_chat(user: User, chat_id: str, query: ChatExportQuery) -> Download:
    return container().chat_files.export(user, chat_id, query)


@routes.get("/{chat_id}/branches")
def list_branches(user: User, chat_id: str) -> list[Branch]:
    return container().branches.list(user, chat_id)


@routes.post("/{chat_id}/branches", status=201)
def add_branch(user: User, chat_id: str, body: NewBranch, request: Request) -> Branch:
    return container().branches.add(user, chat_id, body, request.idempotency_key)


@routes.patch("/{chat_id}/branches/{branch_id}")
def change_branch(user: User, chat_id: str, branch_id: str, body: BranchChange) -> Branch:
    return container().branches.change(user, chat_id, branch_id, body)


@routes.delete("/{chat_id}/branches/{branch_id}")
def delete_branch(user: User, chat_id: str, branch_id: str) -> None:
    container().branches.delete(user, chat_id, branch_id)
