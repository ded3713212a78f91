"""The door of the search."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Routes
from chalicelib.models.search import Found, SearchQuery
from chalicelib.models.users import User

routes = Routes("search")


@routes.get("/search/messages")
def search_messages(user: User, query: SearchQuery) -> Found:
    return container().search.find(user, query)
