"""Doors of variables: those of a branch of a chat, and those of everywhere."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Routes
from chalicelib.models.users import User
from chalicelib.models.variables import VariableChange, VariableQuery, VariableSet

routes = Routes("variables")


@routes.get("/variables")
def get_variables(user: User) -> VariableSet:
    return container().variables.everywhere(user.id)


@routes.patch("/variables")
def change_variables(user: User, body: VariableChange) -> VariableSet:
    return container().variables.change(user.id, None, None, body)


@routes.get("/chats/{chat_id}/variables")
def get_chat_variables(user: User, chat_id: str, query: VariableQuery) -> VariableSet:
    return container().variables.get(user.id, chat_id, query.branch_id)


@routes.patch("/chats/{chat_id}/variables")
def change_chat_variables(user: User, chat_id: str, query: VariableQuery, body: VariableChange) -> VariableSet:
    return container().variables.change(user.id, chat_id, query.branch_id, body)
