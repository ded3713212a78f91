"""Doors of moves: what somebody brings along from another program, and what came along inside of chats."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Routes
from chalicelib.models.characters import Download
from chalicelib.models.keepsakes import FileQuery, PictureQuery, PicturesFound
from chalicelib.models.media import Upload
from chalicelib.models.moves import (
    Move,
    MoveLine,
    MoveLook,
    MoveQuery,
    NewLook,
    NewMove,
    NewSlices,
    SlicesThere,
    TakeAgain,
)
from chalicelib.models.shapes import Page
from chalicelib.models.users import User

_LOOK_BYTES_MOST = 5_500_000
"""A function's request holds 6 MB."""

routes = Routes("moves", prefix="/moves")


@routes.get()
def list_moves(user: User) -> list[Move]:
    return container().moves.list(user)


@routes.post("/look", most_bytes=_LOOK_BYTES_MOST)
def look_at_move(user: User, body: NewLook) -> MoveLook:
    return container().moves.look(body)


@routes.post("/pictures")
def find_pictures(user: User, body: PictureQuery) -> PicturesFound:
    return container().moved_pictures.find(user, body)


@routes.post("/files")
def fetch_file(user: User, body: FileQuery) -> Download:
    return container().moved_pictures.fetch(user, body)


@routes.post(status=201)
def start_move(user: User, body: NewMove) -> Move:
    return container().moves.start(user, body)


@routes.get("/{move_id}")
def get_move(user: User, move_id: str) -> Move:
    return container().moves.get(user, move_id)


@routes.get("/{move_id}/slices")
def list_slices(user: User, move_id: str) -> SlicesThere:
    return container().moves.slices(user, move_id)


@routes.post("/{move_id}/slices")
def get_slice_forms(user: User, move_id: str, body: NewSlices) -> list[Upload]:
    return container().moves.slice_forms(user, move_id, body)


@routes.post("/{move_id}/begin", status=202)
def begin_move(user: User, move_id: str) -> Move:
    return container().moves.begin(user, move_id)


@routes.post("/{move_id}/stop")
def stop_move(user: User, move_id: str) -> Move:
    return container().moves.stop(user, move_id)


@routes.get("/{move_id}/lines")
def list_move_lines(user: User, move_id: str, query: MoveQuery) -> "Page[MoveLine]":
    return container().moves.lines(user, move_id, query)


@routes.post("/{move_id}/take", status=202)
def take_again(user: User, move_id: str, body: TakeAgain) -> Move:
    return container().moves.take_again(user, move_id, body)


@routes.post("/{move_id}/report")
def make_report(user: User, move_id: str) -> Download:
    return container().moves.report(user, move_id)


@routes.delete("/{move_id}")
def delete_move(user: User, move_id: str) -> None:
    container().moves.delete(user, move_id)
