"""Doors of quick replies."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Request, Routes
from chalicelib.models.quick_replies import NewQuickSet, QuickSet, QuickSetChange, QuickSetExport, QuickSetFile
from chalicelib.models.shapes import Page, PageQuery
from chalicelib.models.users import User

routes = Routes("quick_replies", prefix="/quick-replies")
_FILE_BYTES_MOST = 4_000_000


@routes.get()
def list_quick_sets(user: User, query: PageQuery) -> "Page[QuickSet]":
    return container().quick_replies.list(user, query)


@routes.post(status=201)
def create_quick_set(user: User, body: NewQuickSet, request: Request) -> QuickSet:
    return container().quick_replies.add(user, body, request.idempotency_key)


@routes.post("/import", status=201, most_bytes=_FILE_BYTES_MOST)
def import_quick_set(user: User, body: QuickSetFile) -> QuickSet:
    return container().quick_replies.take(user, body)


@routes.get("/{set_id}")
def get_quick_set(user: User, set_id: str) -> QuickSet:
    return container().quick_replies.get(user.id, set_id)


@routes.patch("/{set_id}", most_bytes=_FILE_BYTES_MOST)
def change_quick_set(user: User, set_id: str, body: QuickSetChange) -> QuickSet:
    return container().quick_replies.change(user, set_id, body)


@routes.delete("/{set_id}")
def delete_quick_set(user: User, set_id: str) -> None:
    container().quick_replies.delete(user, set_id)


@routes.get("/{set_id}/file")
def export_quick_set(user: User, set_id: str) -> QuickSetExport:
    return container().quick_replies.export(user.id, set_id)
