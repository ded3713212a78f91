"""Tickets: a browser opening a socket cannot send a header, so it shows a pass good for one minute and one use."""

import secrets
from datetime import timedelta

from chalicelib.clients.clock import Clock
from chalicelib.errors import Unauthenticated
from chalicelib.models.users import Role, Ticket, User
from chalicelib.stores.tickets import TicketStore

TICKET_LIFE = timedelta(seconds=60)


class Tickets:
    def __init__(self, *, ticket_store: TicketStore, socket_url: str, clock: Clock) -> None:
        self._store = ticket_store
        self._socket_url = socket_url
        self._clock = clock

    def issue(self, user: User) -> Ticket:
        """A pass for one socket of this session. An empty `url` means the page's own host, under /socket."""
        ticket = secrets.token_urlsafe(32)
        holds = {"user_id": user.id, "role": user.role.value, "session_id": user.session_id}
        self._store.add("ticket", ticket, holds, expires_at=self._clock.now() + TICKET_LIFE)
        return Ticket(ticket=ticket, url=self._socket_url, expires_in_seconds=int(TICKET_LIFE.total_seconds()))

    def redeem(self, ticket: str) -> tuple[str, Role, str]:
        """User, role and session of a ticket, which is used up by this. Raises Unauthenticated."""
        holds = self._store.use_up("ticket", ticket[:100], now=self._clock.now())
        if holds is None:
            raise Unauthenticated("This ticket is used up or expired. Ask for another.", code="ticket_invalid")
        return holds["user_id"], Role(holds["role"]), holds["session_id"]
