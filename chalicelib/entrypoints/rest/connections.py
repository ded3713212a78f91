"""Connections to language models: keep them, try them, and find those nearby."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Request, Routes
from chalicelib.models.connections import (
    Connection,
    ConnectionChange,
    ModelInfo,
    NearbyServer,
    NewConnection,
    ProviderInfo,
    TestResult,
)
from chalicelib.models.users import User

routes = Routes("connections", prefix="/connections")


@routes.get()
def list_connections(user: User) -> list[Connection]:
    return container().connections.list_all(user)


@routes.post(status=201)
def add_connection(user: User, body: NewConnection, request: Request) -> Connection:
    return container().connections.add(user, body, request.idempotency_key)


@routes.get("/providers")
def list_providers(user: User) -> list[ProviderInfo]:
    return container().connections.infos()


@routes.get("/nearby")
def find_nearby_servers(user: User) -> list[NearbyServer]:
    return container().trials.nearby()


@routes.get("/{connection_id}")
def get_connection(user: User, connection_id: str) -> Connection:
    return container().connections.get(user, connection_id)


@routes.patch("/{connection_id}")
def change_connection(user: User, connection_id: str, body: ConnectionChange) -> Connection:
    return container().connections.change(user, connection_id, body)


@routes.delete("/{connection_id}")
def delete_connection(user: User, connection_id: str) -> None:
    container().connections.delete(user, connection_id)


@routes.post("/{connection_id}/test")
def test_connection(user: User, connection_id: str) -> TestResult:
    return container().trials.test(user, connection_id)


@routes.get("/{connection_id}/models")
def list_models(user: User, connection_id: str) -> list[ModelInfo]:
    return container().trials.models(user, connection_id)
