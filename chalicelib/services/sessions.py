"""Sessions: signing in on a device, staying signed in, and being signed out.

An access token lives a quarter of an hour. The refresh token renews it and changes each time: it is made from the
session's nonce and a number that only counts up, so that the successor of a token is always the same. Two tabs that
refresh at once get the same successor; a token older than that means it was stolen, and ends the session.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.clients.clock import Clock
from chalicelib.clients.tokens import ACCESS_TOKEN_LIFE, Tokens
from chalicelib.errors import NotFound, Unauthenticated
from chalicelib.models.users import Person, Session, User
from chalicelib.stores.sessions import KeptSession, SessionStore
from chalicelib.stores.users import UserStore

SESSION_LIFE = timedelta(days=30)
GRACE = timedelta(seconds=30)
"""How long a refresh token still yields its successor after another tab was faster."""
TRUST = timedelta(seconds=10)
"""How long a session once looked up counts as still there."""
TRUSTED_MOST = 10_000


@dataclass(frozen=True)
class Opened:
    """A device that is signed in now."""

    access_token: str
    refresh_token: str
    person: Person
    access_seconds: int = int(ACCESS_TOKEN_LIFE.total_seconds())
    refresh_seconds: int = int(SESSION_LIFE.total_seconds())


class Sessions:
    def __init__(
        self,
        *,
        session_store: SessionStore,
        user_store: UserStore,
        tokens: Tokens,
        refresh_key: bytes,
        close_sockets: Callable[[str, str | None], None],
        clock: Clock,
    ) -> None:
        self._store = session_store
        self._users = user_store
        self._tokens = tokens
        self._key = refresh_key
        self._close_sockets = close_sockets
        self._clock = clock
        self._trusted: dict[str, datetime] = {}

    def open(self, person: Person, *, device: str, address: str) -> Opened:
        """A new session for somebody who has shown who they are. Raises Unauthenticated for the banned and deleted."""
        _let_in(person)
        now = self._clock.now()
        session = Session(
            id=self._clock.new_id(), device=device[:120], address=address, created_at=now, last_seen_at=now
        )
        kept = KeptSession(person.account.id, session, nonce=secrets.token_hex(16), number=1, rotated_at=now)
        self._store.add(kept, expires_at=now + SESSION_LIFE)
        return self._opened(person, kept)

    def refresh(self, refresh_token: str, *, address: str) -> Opened:
        """The next pair of tokens. Raises Unauthenticated."""
        user_id, session_id, number = self._parts(refresh_token)
        now = self._clock.now()
        kept = self._store.find(user_id, session_id, now=now)
        if kept is None or not hmac.compare_digest(self._token(kept, number), refresh_token):
            raise _ended()
        if number == kept.number and not self._store.rotate(
            kept, now=now, expires_at=now + SESSION_LIFE, address=address
        ):
            # Another tab rotated between our reading and writing: what we hold is the previous token now.
            kept = self._store.find(user_id, session_id, now=now)
            if kept is None:
                raise _ended()
        elif number == kept.number:
            kept = KeptSession(user_id, kept.session, kept.nonce, number + 1, now)
        if number != kept.number - 1 or now - kept.rotated_at > GRACE:
            self.end(user_id, session_id)
            raise Unauthenticated("This sign-in was used twice, so it was ended. Sign in again.", code="token_reused")
        person = self._users.find(user_id)
        if person is None:
            raise _ended()
        _let_in(person)
        return self._opened(person, kept)

    def recognise(self, access_token: str) -> User:
        """The user of an access token whose session still stands. Raises Unauthenticated.

        A session seen standing counts for TRUST: so long may an access token outlive it in another process.
        """
        now = self._clock.now()
        user = self._tokens.read(access_token, now=now)
        seen = self._trusted.get(user.session_id)
        if seen is None or not timedelta() <= now - seen < TRUST:
            if self._store.find(user.id, user.session_id, now=now) is None:
                self._trusted.pop(user.session_id, None)
                raise _ended()
            if len(self._trusted) >= TRUSTED_MOST:
                self._trusted.clear()
            self._trusted[user.session_id] = now
        return user

    def sign_out(self, refresh_token: str) -> None:
        """Ends the session of a refresh token, however old; quiet when there is none."""
        try:
            user_id, session_id, number = self._parts(refresh_token)
        except Unauthenticated:
            return
        kept = self._store.find(user_id, session_id, now=self._clock.now())
        if kept is not None and hmac.compare_digest(self._token(kept, number), refresh_token):
            self.end(user_id, session_id)

    def list(self, user: User) -> list[Session]:
        found = self._store.list(user.id, now=self._clock.now())
        return [session.model_copy(update={"current": session.id == user.session_id}) for session in found]

    def end_one(self, user: User, session_id: str) -> None:
        """Signs one device of the user out. Raises NotFound."""
        if not self.end(user.id, session_id):
            raise NotFound("There is no such session.")

    def end(self, user_id: str, session_id: str) -> bool:
        """Ends a session and its sockets; False when there was none."""
        existed = self._store.delete(user_id, session_id)
        self._trusted.pop(session_id, None)
        if existed:
            self._close_sockets(user_id, session_id)
        return existed

    def end_all(self, user_id: str, *, but: str | None = None) -> None:
        """Ends every session of somebody, save one."""
        ended = [session.id for session in self._store.list(user_id, now=self._clock.now()) if session.id != but]
        self._store.delete_all(user_id, but=but)
        for session_id in ended:
            self._trusted.pop(session_id, None)
        if but is None:
            self._close_sockets(user_id, None)
            return
        for session_id in ended:
            self._close_sockets(user_id, session_id)

    def began(self, user: User) -> datetime | None:
        """When the user signed in on this device."""
        kept = self._store.find(user.id, user.session_id, now=self._clock.now())
        return kept.session.created_at if kept else None

    def _opened(self, person: Person, kept: KeptSession) -> Opened:
        user = User(id=person.account.id, role=person.account.role, session_id=kept.session.id)
        access_token = self._tokens.write(user, now=self._clock.now())
        return Opened(access_token, self._token(kept, kept.number), person)

    def _token(self, kept: KeptSession, number: int) -> str:
        name = f"{kept.user_id}.{kept.session.id}.{number}"
        return f"{name}.{hmac.digest(self._key, f'{name}.{kept.nonce}'.encode(), 'sha256').hex()}"

    def _parts(self, refresh_token: str) -> tuple[str, str, int]:
        """User, session and number that a refresh token claims; its signature is checked by comparing it whole."""
        parts = refresh_token.split(".")
        if len(refresh_token) > 300 or not refresh_token.isascii() or len(parts) != 4 or not all(parts):
            raise _ended()
        user_id, session_id, number, _ = parts
        if not number.isdecimal() or len(number) > 9:
            raise _ended()
        return user_id, session_id, int(number)


def _let_in(person: Person) -> None:
    if person.account.banned:
        raise Unauthenticated("This account is banned. Ask the people who run this place.", code="banned")
    if person.deleting:
        raise Unauthenticated("This account is being deleted.", code="deleting")


def _ended() -> Unauthenticated:
    return Unauthenticated("You are signed out. Sign in again.", code="session_ended")
