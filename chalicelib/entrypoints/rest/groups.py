"""Doors of groups."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Request, Routes
from chalicelib.models.characters import Download
from chalicelib.models.groups import Group, GroupChange, NewGroup
from chalicelib.models.shapes import Page, PageQuery
from chalicelib.models.users import User

PICTURE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif", "application/octet-stream")
FILE_TYPES = ("application/octet-stream", "text/plain")

routes = Routes("groups", prefix="/groups")


@routes.get()
def list_groups(user: User, query: PageQuery) -> "Page[Group]":
    return container().groups.list(user, query)


@routes.post(status=201)
def create_group(user: User, body: NewGroup, request: Request) -> Group:
    return container().groups.add(user, body, request.idempotency_key)


@routes.post("/import", status=201, raw=FILE_TYPES)
def import_group(user: User, body: bytes) -> Group:
    return container().group_files.import_file(user, body)


@routes.get("/{group_id}")
def get_group(user: User, group_id: str) -> Group:
    return container().groups.get(user.id, group_id)


@routes.patch("/{group_id}")
def change_group(user: User, group_id: str, body: GroupChange) -> Group:
    return container().groups.change(user, group_id, body)


@routes.put("/{group_id}/avatar", raw=PICTURE_TYPES)
def set_group_avatar(user: User, group_id: str, body: bytes) -> Group:
    return container().groups.set_avatar(user, group_id, body)


@routes.post("/{group_id}/export")
def export_group(user: User, group_id: str) -> Download:
    return container().group_files.export(user, group_id)


@routes.delete("/{group_id}")
def delete_group(user: User, group_id: str) -> None:
    container().groups.delete(user, group_id)
