"""Doors of the search."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Routes
from chalicelib.models.search import Found, FoundChat, SearchQuery, TitleQuery
from chalicelib.models.users import User

routes = Routes("search")


@routes.get("/search/messages")
def search_messages(user: User, query: SearchQuery) -> Found:
    return container().search.find(user, query)


@routes.get("/search/chats")
def search_chats(user: User, query: TitleQuery) -> list[FoundChat]:
    return container().search.find_chats(user, query)
