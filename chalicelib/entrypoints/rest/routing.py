"""`Routes`: REST doors whose signature says it all. A door is a function; what it takes and returns is read from it.

    routes = Routes("characters", prefix="/characters")

    @routes.patch("/{character_id}")
    def change_character(user: User, character_id: str, body: CharacterChange) -> Character:
        return container().characters.change(user, character_id, body)

`user: User` makes a door one for signed-in people. `body` is a model, or bytes with `raw=(content types)`; `query` is a
model; `request: Request` is the rest of a request; any other name is an id in the path. What is returned is a model, a
list or union of models, None (204), or a `Reply` around one of them. `text=` names the content type of a door whose
Reply carries text.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from chalice.app import Blueprint, Response

from chalicelib.entrypoints.rest.door import Reply, Request, Route

__all__ = ["Reply", "Request", "Route", "Routes"]

JSON_BYTES_MOST = 1_048_576
RAW_BYTES_MOST = 4_194_304
"""A Lambda's event holds 6 MB, in base64 4.5 MB."""

Handler = TypeVar("Handler", bound=Callable[..., Any])


class Routes(Blueprint):
    """The REST doors of one area, as a Chalice blueprint."""

    def __init__(self, area: str, *, prefix: str = "") -> None:
        super().__init__(f"{__name__}.{area}")
        self.area, self.prefix = area, prefix
        self.doors: list[Route] = []

    def get(self, path: str = "", *, status: int = 200, text: str | None = None) -> Callable[[Handler], Handler]:
        return self._door("GET", path, status=status, text=text)

    def post(
        self, path: str = "", *, status: int = 200, raw: tuple[str, ...] = (), most_bytes: int | None = None
    ) -> Callable[[Handler], Handler]:
        return self._door("POST", path, status=status, raw=raw, most_bytes=most_bytes)

    def put(
        self, path: str = "", *, status: int = 200, raw: tuple[str, ...] = (), most_bytes: int | None = None
    ) -> Callable[[Handler], Handler]:
        return self._door("PUT", path, status=status, raw=raw, most_bytes=most_bytes)

    def patch(
        self, path: str = "", *, status: int = 200, most_bytes: int | None = None
    ) -> Callable[[Handler], Handler]:
        return self._door("PATCH", path, status=status, most_bytes=most_bytes)

    def delete(self, path: str = "", *, status: int = 200) -> Callable[[Handler], Handler]:
        return self._door("DELETE", path, status=status)

    def _door(
        self,
        method: str,
        path: str,
        *,
        status: int,
        raw: tuple[str, ...] = (),
        most_bytes: int | None = None,
        text: str | None = None,
    ) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            most = most_bytes or (RAW_BYTES_MOST if raw else JSON_BYTES_MOST)
            door = Route(self.area, method, self.prefix + path, handler, status, raw, most, text)
            self.doors.append(door)

            def view(**path_ids: str) -> Response:
                return door.answer(self.current_request, path_ids)

            # No content types for Chalice to check: its refusal would have another shape than ours.
            self.route(door.path, methods=[method], name=handler.__name__, content_types=[])(view)
            return handler

        return register
