"""Signed-in devices, in `live`: pk user, sk session#{id}. They expire by themselves when nobody comes back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DeleteError, DoesNotExist, UpdateError

from chalicelib.models.users import Session
from chalicelib.stores.tables import LiveMeta, LiveRow


class SessionRow(LiveRow):
    class Meta(LiveMeta):
        pass

    nonce = UnicodeAttribute()
    number = NumberAttribute(default=1)
    rotated_at = UnicodeAttribute()
    created_at = UnicodeAttribute()
    last_seen_at = UnicodeAttribute()
    device = UnicodeAttribute(default="")
    address = UnicodeAttribute(default="")


@dataclass(frozen=True)
class KeptSession:
    """A session with what its refresh tokens are made from."""

    user_id: str
    session: Session
    nonce: str
    number: int
    """Which refresh token is the current one, counted from 1."""
    rotated_at: datetime


class SessionStore:
    def add(self, kept: KeptSession, *, expires_at: datetime) -> None:
        session = kept.session
        SessionRow(
            kept.user_id,
            f"session#{session.id}",
            nonce=kept.nonce,
            number=kept.number,
            rotated_at=kept.rotated_at.isoformat(),
            created_at=session.created_at.isoformat(),
            last_seen_at=session.last_seen_at.isoformat(),
            device=session.device,
            address=session.address,
            expires_at=int(expires_at.timestamp()),
        ).save()

    def find(self, user_id: str, session_id: str, *, now: datetime) -> KeptSession | None:
        """The session, None when it is gone or over. Expired rows may lie around for days."""
        try:
            row = SessionRow.get(user_id, f"session#{session_id}", consistent_read=True)
        except DoesNotExist:
            return None
        return _kept(row) if (row.expires_at or 0) > now.timestamp() else None

    def rotate(self, kept: KeptSession, *, now: datetime, expires_at: datetime, address: str) -> bool:
        """Makes the next refresh token the current one; False when somebody else just did, or the session ended."""
        row = SessionRow(kept.user_id, f"session#{kept.session.id}")
        try:
            row.update(
                actions=[
                    SessionRow.number.set(kept.number + 1),
                    SessionRow.rotated_at.set(now.isoformat()),
                    SessionRow.last_seen_at.set(now.isoformat()),
                    SessionRow.address.set(address),
                    SessionRow.expires_at.set(int(expires_at.timestamp())),
                ],
                condition=SessionRow.number == kept.number,
            )
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def delete(self, user_id: str, session_id: str) -> bool:
        """Whether there was one to end."""
        try:
            SessionRow(user_id, f"session#{session_id}").delete(condition=SessionRow.pk.exists())
        except DeleteError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def list(self, user_id: str, *, now: datetime) -> list[Session]:
        """All of somebody's devices, the one seen last first."""
        found = [_kept(row).session for row in self._rows(user_id) if (row.expires_at or 0) > now.timestamp()]
        return sorted(found, key=lambda session: session.last_seen_at, reverse=True)

    def delete_all(self, user_id: str, *, but: str | None) -> None:
        """Ends every session of somebody, save one."""
        for row in self._rows(user_id):
            if row.sk != f"session#{but}":
                row.delete()

    def _rows(self, user_id: str) -> Iterator[SessionRow]:
        return SessionRow.query(user_id, SessionRow.sk.startswith("session#"), consistent_read=True)


def _kept(row: SessionRow) -> KeptSession:
    session = Session(
        id=row.sk.removeprefix("session#"),
        device=row.device,
        address=row.address,
        created_at=datetime.fromisoformat(row.created_at),
        last_seen_at=datetime.fromisoformat(row.last_seen_at),
    )
    return KeptSession(
        user_id=row.pk,
        session=session,
        nonce=row.nonce,
        number=int(row.number),
        rotated_at=datetime.fromisoformat(row.rotated_at),
    )
