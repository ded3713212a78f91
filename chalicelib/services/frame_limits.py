"""How many sockets a person may have, and how fast frames may come from them.

Every frame is counted in this process, which costs nothing. What reaches the stores is counted for each person as well,
over all their sockets and all processes; a quiet reader's few frames never get so far as to be a request of their own.
"""

from chalicelib.clients.clock import Clock
from chalicelib.clients.sockets import Poster
from chalicelib.errors import QuotaExceeded
from chalicelib.services.limits import Limits
from chalicelib.services.metrics import Metrics
from chalicelib.settings import Settings
from chalicelib.stores.local_rates import LocalRates
from chalicelib.stores.sockets import Sockets
from chalicelib.stores.threads import in_thread

UNCOUNTED_PER_MINUTE = 60
"""Frames of one person that a process obeys before it asks what other processes counted."""


class FrameLimits:
    def __init__(
        self,
        *,
        limits: Limits,
        sockets: Sockets,
        poster: Poster,
        metrics: Metrics,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._limits, self._sockets, self._poster = limits, sockets, poster
        self._metrics, self._clock = metrics, clock
        self._per_minute, self._sockets_most = settings.socket_frames_per_minute, settings.sockets_most
        self._here = LocalRates()

    def check_room(self, user_id: str) -> None:
        """Raises QuotaExceeded when a person has as many sockets as they may."""
        if self._sockets.count(user_id) >= self._sockets_most:
            raise QuotaExceeded("Too many of your pages are connected. Close some, then try again.", quota="sockets")

    def check_socket(self, socket_id: str) -> None:
        """Counts a frame. Raises QuotaExceeded."""
        wait = self._take(f"socket#{socket_id}", self._per_minute)
        if wait > 0:
            raise QuotaExceeded("That was too fast. Wait a moment and try again.", retry_after_seconds=max(1, wait))

    async def check_person(self, user_id: str) -> None:
        """Counts a frame that reaches the stores. Raises QuotaExceeded."""
        if self._take(f"person#{user_id}", UNCOUNTED_PER_MINUTE) > 0:
            await in_thread(self._limits.check_frame, user_id)

    async def heeds(self, socket_id: str) -> bool:
        """Whether a refused frame is answered. Who sends on and on all the same loses the socket."""
        if self._take(f"refused#{socket_id}", self._per_minute) == 0:
            self._metrics.count("FramesRefused")
            return True
        if self._take(f"closed#{socket_id}", 1) == 0:
            await self._poster.close_all([socket_id])
        return False

    def _take(self, name: str, per_minute: int) -> float:
        return self._here.take(name, per_minute=per_minute, now=self._clock.now().timestamp())
