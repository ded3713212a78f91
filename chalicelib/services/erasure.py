"""Erasure: an account that is deleted takes all it ever kept along. A job; broken off, it goes on where it stopped."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from chalicelib.services.jobs import Outcome, Work

if TYPE_CHECKING:
    from chalicelib.services.sessions import Sessions
    from chalicelib.stores.erasure import ErasureStore
    from chalicelib.stores.files import Files
    from chalicelib.stores.users import UserStore


class Erasure:
    def __init__(
        self,
        *,
        erasure_store: "ErasureStore",
        user_store: "UserStore",
        sessions: "Sessions",
        files: "Files",
        stop_all: Callable[[str, str], object],
    ) -> None:
        """`stop_all(owner_id, chat_id)` stops what is running in a chat."""
        self._store, self._users, self._sessions = erasure_store, user_store, sessions
        self._files, self._stop_all = files, stop_all

    def run(self, work: Work) -> Outcome:
        """The job `delete_account`. The account itself goes last: it is what bars signing in while this runs."""
        owner_id = work.owner_id
        if self._users.find(owner_id) is not None:
            self._users.mark_deleting(owner_id)
        self._sessions.end_all(owner_id)
        for chat_id in self._store.list_chats(owner_id):
            self._stop_all(owner_id, chat_id)
        # This job's own row stays to be finished; it holds no data and expires by itself.
        for done in self._store.wipe(owner_id, keep=frozenset({"account", f"job#{work.job_id}"})):
            work.progress(done, None)
        self._files.delete_prefix(f"{owner_id}/")
        self._users.delete(owner_id)
        return Outcome()
