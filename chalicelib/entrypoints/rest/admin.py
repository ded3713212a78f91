"""For those who run the place: people and invitations. Moderators see and ban; admins also give roles and links."""

from chalicelib.container import container
from chalicelib.entrypoints.identity import require_role
from chalicelib.entrypoints.rest.routing import Routes
from chalicelib.errors import Forbidden
from chalicelib.models.shapes import Page
from chalicelib.models.users import Account, Invitation, NewInvitation, ResetLink, Role, User, UserChange, UserQuery

routes = Routes("admin", prefix="/admin")


@routes.get("/users")
def list_users(user: User, query: UserQuery) -> "Page[Account]":
    require_role(user, Role.moderator)
    return container().accounts.list(cursor=query.cursor, limit=query.limit)


@routes.patch("/users/{user_id}")
def change_user(user: User, user_id: str, body: UserChange) -> Account:
    require_role(user, Role.moderator if body.role is None else Role.admin)
    if user_id == user.id:
        raise Forbidden("You cannot change your own role or ban yourself. Ask another admin.")
    if container().accounts.get(user_id).role != Role.user:
        require_role(user, Role.admin)
    return container().accounts.govern(user_id, body)


@routes.post("/users/{user_id}/reset-link", status=201)
def make_reset_link(user: User, user_id: str) -> ResetLink:
    require_role(user, Role.admin)
    return container().accounts.reset_link(user_id)


@routes.get("/invitations")
def list_invitations(user: User, query: UserQuery) -> "Page[Invitation]":
    require_role(user, Role.admin)
    return container().accounts.list_invitations(cursor=query.cursor, limit=query.limit)


@routes.post("/invitations", status=201)
def invite(user: User, body: NewInvitation) -> Invitation:
    require_role(user, Role.admin)
    return container().accounts.invite(days=body.days)
