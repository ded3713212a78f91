"""Erasure: an account that is deleted takes all it ever kept along. A job; broken off, it goes on where it stopped.

What others still write for the account is waited for: replies that were just stopped, and requests of processes that
trust a session for a moment after it ended. What they leave is wiped at the end.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.services.jobs import Outcome, Work
from chalicelib.services.sessions import TRUST

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.sessions import Sessions
    from chalicelib.stores.erasure import ErasureStore
    from chalicelib.stores.files import Files
    from chalicelib.stores.users import UserStore

ENDING_MOST = timedelta(seconds=20)
"""How long a reply may take to end: half a second when its worker lives, a lease when it does not."""
_LOOK_SECONDS = 0.2


class Erasure:
    def __init__(
        self,
        *,
        erasure_store: "ErasureStore",
        user_store: "UserStore",
        sessions: "Sessions",
        files: "Files",
        stop_all: Callable[[str, str], object],
        is_writing: Callable[[str, str], bool],
        clock: "Clock",
    ) -> None:
        """`stop_all(owner_id, chat_id)` stops what runs in a chat, `is_writing` tells whether something still does."""
        self._store, self._users, self._sessions = erasure_store, user_store, sessions
        self._files, self._stop_all, self._is_writing = files, stop_all, is_writing
        self._clock = clock

    def run(self, work: Work) -> Outcome:
        """The job `delete_account`. The account itself goes last: it is what bars signing in while this runs."""
        owner_id, began = work.owner_id, self._clock.now()
        if self._users.find(owner_id) is not None:
            self._users.mark_deleting(owner_id)
        self._sessions.end_all(owner_id)
        self._still(owner_id)
        self._wipe(work)
        while self._clock.now() - began < TRUST:
            self._clock.sleep(_LOOK_SECONDS)
        self._still(owner_id)
        self._wipe(work)
        self._users.delete(owner_id)
        return Outcome()

    def _still(self, owner_id: str) -> None:
        """Stops all replies and waits for their ends."""
        chats = list(self._store.list_chats(owner_id))
        for chat_id in chats:
            self._stop_all(owner_id, chat_id)
        began = self._clock.now()
        for chat_id in chats:
            while self._is_writing(owner_id, chat_id) and self._clock.now() - began < ENDING_MOST:
                self._clock.sleep(_LOOK_SECONDS)

    def _wipe(self, work: Work) -> None:
        # This job's own row stays to be finished; it holds no data and expires by itself.
        for done in self._store.wipe(work.owner_id, keep=frozenset({"account", f"job#{work.job_id}"})):
            work.progress(done, None)
        self._files.delete_prefix(f"{work.owner_id}/")
