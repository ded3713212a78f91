"""Telling a person's other devices: a chat changed, or a session is over. Best effort, after the commit."""

from typing import Literal

from chalicelib.clients.loop import run
from chalicelib.clients.sockets import Poster
from chalicelib.models.frames import Changed
from chalicelib.stores.sockets import Sockets

What = Literal["message", "swipe", "delete", "branch", "chat", "turn"]


class Announcements:
    """A frame that does not arrive is repaired by the revision in the next `follow`."""

    def __init__(self, *, sockets: Sockets, poster: Poster) -> None:
        self._sockets = sockets
        self._poster = poster

    def changed(self, owner_id: str, chat_id: str, what: What, revision: int, message_id: str | None = None) -> None:
        """Tells every socket that follows the chat."""
        followers = self._sockets.followers(owner_id, chat_id)
        if not followers:
            return
        frame = Changed(chat_id=chat_id, what=what, revision=revision, message_id=message_id)
        body = frame.model_dump_json(exclude_none=True).encode()
        run(self._poster.post_to_all(followers, body))

    def close_session(self, user_id: str, session_id: str | None) -> None:
        """Closes the sockets of one session, or with None all of the user's."""
        sockets = self._sockets.of_session(user_id, session_id)
        for socket_id in sockets:
            self._sockets.delete(socket_id)
        if sockets:
            run(self._poster.close_all(sockets))
