"""Explained prompts: why a reply is as it is, its request as it was sent, and what a turn would send."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Reply, Routes
from chalicelib.models.generations import NewTurn
from chalicelib.models.manifests import Explanation
from chalicelib.models.users import User

routes = Routes("manifests")


@routes.get("/generations/{generation_id}/manifest")
def explain_generation(user: User, generation_id: str) -> Explanation:
    return container().manifests.explain(user, generation_id)


@routes.get("/generations/{generation_id}/request", text="application/json")
def get_request(user: User, generation_id: str) -> Reply[None]:
    request = container().manifests.request(user, generation_id)
    headers = {"Content-Disposition": f'attachment; filename="request-{generation_id}.json"'}
    return Reply(None, headers, text=request.decode(), content_type="application/json")


@routes.post("/chats/{chat_id}/preview")
def preview_turn(user: User, chat_id: str, body: NewTurn) -> Explanation:
    return container().previews.preview(user, chat_id, body)
