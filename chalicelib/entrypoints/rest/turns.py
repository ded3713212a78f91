"""Turns and replies: starting, stopping, and reading one where no socket gets through."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Reply, Request, Routes
from chalicelib.models.generations import Generation, NewTurn, TurnStarted
from chalicelib.models.users import User

routes = Routes("turns")


@routes.post("/chats/{chat_id}/turns", status=202)
def start_turn(user: User, chat_id: str, body: NewTurn, request: Request) -> TurnStarted:
    return container().turns.start(user, chat_id, body, request.idempotency_key)


@routes.post("/turns/{turn_id}/stop")
def stop_turn(user: User, turn_id: str) -> None:
    container().generation.stop_turn(user.id, turn_id)


@routes.get("/generations/{generation_id}")
def get_generation(user: User, generation_id: str) -> Generation:
    return container().generation.get(user.id, generation_id)


@routes.get("/generations/{generation_id}/events", text="text/event-stream")
def follow_generation(user: User, generation_id: str, request: Request) -> Reply[None]:
    last = request.headers.get("last-event-id", "")
    text = container().events.wait(user.id, generation_id, last)
    return Reply(None, text=text, content_type="text/event-stream")
