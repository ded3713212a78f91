"""One's own account: choices, password, devices, usage, export, and leaving."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Routes
from chalicelib.models.jobs import Job
from chalicelib.models.users import (
    Account,
    AccountChange,
    AccountDeletion,
    PasswordChange,
    Session,
    Ticket,
    Usage,
    User,
)

routes = Routes("account")


@routes.get("/account")
def get_account(user: User) -> Account:
    return container().accounts.get(user.id)


@routes.patch("/account")
def change_account(user: User, body: AccountChange) -> Account:
    return container().accounts.change(user, body)


@routes.post("/account/password")
def change_password(user: User, body: PasswordChange) -> None:
    container().limits.check_proof(user.id)
    current, new = body.current.get_secret_value(), body.new.get_secret_value()
    container().accounts.change_password(user, current=current, new=new)


@routes.get("/account/sessions")
def list_sessions(user: User) -> list[Session]:
    return container().sessions.list(user)


@routes.delete("/account/sessions/{session_id}")
def end_session(user: User, session_id: str) -> None:
    container().sessions.end_one(user, session_id)


@routes.post("/account/delete")
def delete_account(user: User, body: AccountDeletion) -> None:
    container().limits.check_proof(user.id)
    container().accounts.delete(user, password=body.password.get_secret_value() if body.password else None)


@routes.post("/account/export", status=202)
def export_account(user: User) -> Job:
    return container().jobs.start_alone(user.id, "export_account")


@routes.post("/account/export-folder", status=202)
def export_folder(user: User) -> Job:
    return container().jobs.start_alone(user.id, "export_folder")


@routes.get("/account/usage")
def get_usage(user: User) -> Usage:
    return container().limits.usage(user.id)


@routes.post("/socket-tickets", status=201)
def issue_socket_ticket(user: User) -> Ticket:
    return container().tickets.issue(user)
